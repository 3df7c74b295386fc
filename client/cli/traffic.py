"""`traffic`: how much goes through."""

from __future__ import annotations

import time
from typing import NoReturn

import click
import msgspec

from client.cli.session import Session
from client.core.traffic import Totals, amount, rates

EVERY = 1.0
"""Seconds from line to line."""


@click.command()
@click.option("--watch", is_flag=True, help="A line a second, until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object (with --watch: one a line).")
@click.pass_obj
def traffic(session: Session, watch: bool, as_json: bool) -> None:
    """Say how much has come and gone by the path in force since the service began."""
    if watch:
        _watch(session, as_json=as_json)
    raw = session.call("traffic")
    if as_json:
        click.echo(msgspec.json.encode(raw))
        return
    totals = msgspec.convert(raw, Totals)
    click.echo(f"In   {amount(totals.received_bytes)}, {totals.received} packets")
    click.echo(f"Out  {amount(totals.sent_bytes)}, {totals.sent} packets")


def _watch(session: Session, *, as_json: bool) -> NoReturn:
    with session.connect() as client:
        raw, at = client.call("traffic"), time.monotonic()
        while True:
            if as_json:
                click.echo(msgspec.json.encode(raw))
            time.sleep(EVERY)
            before, then = raw, at
            raw, at = client.call("traffic"), time.monotonic()
            found = rates(msgspec.convert(before, Totals), msgspec.convert(raw, Totals), at - then)
            if found and not as_json:
                click.echo(f"in {amount(found[0])}/s, out {amount(found[1])}/s")
