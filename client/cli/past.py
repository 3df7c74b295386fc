"""`handovers`, `events`, `explain`: what happened, and what it means."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence

import click
import msgspec

from client.cli.clock import clock_time, read_since
from client.cli.commands import Failure
from client.cli.session import Session
from client.control.errors import Exit, NotRunningError
from client.core import explain as dictionary
from client.core.status import Handover, LogEntry

PHASES = ("link", "address", "discovery", "registration", "data")


@click.command()
@click.option("-n", "count", type=click.IntRange(1, 1000), help="Only the last N.")
@click.option("--csv", "as_csv", is_flag=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@click.pass_obj
def handovers(session: Session, count: int | None, as_csv: bool, as_json: bool) -> None:
    """List the moves from network to network, with their phases."""
    raw = session.call("handovers", n=count)
    if as_json:
        click.echo(msgspec.json.encode(raw))
    elif as_csv:
        _write_csv(msgspec.convert(raw, list[Handover]))
    else:
        for handover in msgspec.convert(raw, list[Handover]):
            click.echo(_line(handover))


def _write_csv(moves: Sequence[Handover]) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(
        ["at", "from", "to", "place", "total_ms", "requests", *(f"{phase}_ms" for phase in PHASES), "family"]
    )
    for move in moves:
        phases = {phase.name: phase.ms for phase in move.phases}
        row = [move.at, move.origin or "", move.to, move.place.value, move.total_ms, move.requests]
        writer.writerow([*row, *(phases.get(phase, "") for phase in PHASES), move.family])


def _line(move: Handover) -> str:
    slowest = max(move.phases, key=lambda phase: phase.ms, default=None)
    detail = f" (slowest: {slowest.name} {slowest.ms:.0f} ms)" if slowest else ""
    family = " IPv6" if move.family == "ipv6" else ""
    return f"{clock_time(move.at)}{family} {move.origin or 'start'} > {move.to} {move.total_ms:.0f} ms{detail}"


@click.command()
@click.option("-f", "--follow", is_flag=True, help="Go on until Ctrl-C.")
@click.option("--since", metavar="TIME", help="From a time (ISO 8601), or from 15m, 1h, ... ago.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def events(session: Session, follow: bool, since: str | None, as_json: bool) -> None:
    """Tell what happened."""
    start = read_since(since) if since else None
    with session.connect() as client:
        for raw in client.call("events.follow" if follow else "events", since=start):
            _tell(raw, as_json=as_json)
        if follow:
            for method, raw in client.notifications():
                if method == "event":
                    _tell(raw, as_json=as_json)
            raise NotRunningError("the service hung up")


def _tell(raw: object, *, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode(raw))
        return
    entry = msgspec.convert(raw, LogEntry)
    click.echo(f"{clock_time(entry.at)} {dictionary.event_words(entry)}")


@click.command()
@click.argument("code")
@click.option("--json", "as_json", is_flag=True)
def explain(code: str, as_json: bool) -> None:
    """Say what a CODE means (v4:131, v6:144), or a state or event."""
    try:
        found = dictionary.explain(code)
    except dictionary.UnknownIdError as error:
        hint = f"mobilenode explain v4:{code}" if code.isdigit() else ""
        raise Failure(str(error), Exit.USAGE, hint) from error
    if as_json:
        click.echo(msgspec.json.encode(found))
        return
    click.echo(f"{found.id}: {found.meaning}")
    if found.action:
        click.echo(f"{found.action}{' (automatic)' if found.automatic else ''}")
