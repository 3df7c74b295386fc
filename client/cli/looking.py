"""`status` and `wait`: what is, and waiting until it is so."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NoReturn

import click
import msgspec

from client.cli.clock import clock_time, read_duration
from client.cli.commands import Failure
from client.cli.picture import headline, picture
from client.cli.session import Session, read_status, statuses
from client.control.client import Client
from client.control.errors import Exit, NotRunningError, TimedOutError
from client.core.status import State, Status

FINE = frozenset({State.WORKING, State.HOME, State.LIMITED})
"""The states in which the home address works."""

REDRAW = 1.0
"""Seconds: ages grow on the screen without the service having to say so."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object (with --watch: one a line).")
@click.option("--watch", is_flag=True, help="Go on until Ctrl-C.")
@click.option("--check", is_flag=True, help="Exit with 0 only if it works.")
@click.pass_obj
def status(session: Session, as_json: bool, watch: bool, check: bool) -> None:
    """Say where you are and whether it works."""
    try:
        if watch:
            _watch(session, as_json=as_json)
        raw = session.call("status")
    except NotRunningError:
        if as_json:
            click.echo(msgspec.json.encode(_no_daemon()))
        raise
    if as_json:
        click.echo(msgspec.json.encode(raw))
    now = read_status(raw)
    if not as_json:
        session.echo(picture(now))
    if check and now.state not in FINE:
        click.get_current_context().exit(Exit.FAILED)


def _no_daemon() -> Status:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return Status(state=State.NO_DAEMON, since=now.replace("+00:00", "Z"))


def _watch(session: Session, *, as_json: bool) -> NoReturn:
    with session.connect() as client:
        if as_json:
            for raw in statuses(client):
                click.echo(msgspec.json.encode(raw))
        elif sys.stdout.isatty():
            _watch_on_terminal(session, client)
        else:
            _watch_headlines(client)
    raise NotRunningError("the service hung up")


def _watch_headlines(client: Client) -> None:
    last = None
    for raw in statuses(client):
        line = headline(read_status(raw))
        if line != last:
            last = line
            click.echo(f"{datetime.now().astimezone():%H:%M:%S} {line}")


def _watch_on_terminal(session: Session, client: Client) -> None:
    lines = 0
    for now in _ageing(client):
        text = picture(now)
        if lines:
            click.echo(f"\x1b[{lines}F\x1b[J", nl=False)
        session.echo(text)
        lines = text.count("\n") + 1


def _ageing(client: Client) -> Iterator[Status]:
    """The status at each change, and each second with its ages grown."""
    now, seen = read_status(client.call("subscribe")), time.monotonic()
    while True:
        yield _aged(now, time.monotonic() - seen)
        try:
            method, params = next(client.notifications(time.monotonic() + REDRAW))
        except TimedOutError:
            continue
        if method == "status":
            now, seen = read_status(params), time.monotonic()


def _aged(now: Status, seconds: float) -> Status:
    if now.proof:
        proof = msgspec.structs.replace(now.proof, age_ms=now.proof.age_ms + int(seconds * 1000))
        now = msgspec.structs.replace(now, proof=proof)
    if now.v4 and now.v4.expires_s is not None:
        v4 = msgspec.structs.replace(now.v4, expires_s=max(0, int(now.v4.expires_s - seconds)))
        now = msgspec.structs.replace(now, v4=v4)
    if now.v6 and now.v6.expires_s is not None:
        v6 = msgspec.structs.replace(now.v6, expires_s=max(0, int(now.v6.expires_s - seconds)))
        now = msgspec.structs.replace(now, v6=v6)
    return now


@click.command()
@click.argument(
    "states",
    metavar="STATE...",
    nargs=-1,
    required=True,
    type=click.Choice([state.value for state in State if state is not State.NO_DAEMON]),
)
@click.option("--timeout", type=read_duration, metavar="TIME", help="Give up after 30, 90s, 5m, ...")
@click.pass_obj
def wait(session: Session, states: tuple[str, ...], timeout: float | None) -> None:
    """Wait until the state is STATE (or one of several)."""
    now: Status | None = None
    try:
        with session.connect() as client:
            for raw in statuses(client, None if timeout is None else time.monotonic() + timeout):
                now = read_status(raw)
                if now.state.value in states:
                    click.echo(f"{clock_time(now.since)} {headline(now)}")
                    return
    except TimedOutError:
        found = f"; it is {now.state.value}" if now else ""
        raise Failure(
            f"not {' or '.join(states)} within {timeout:g} s{found}", Exit.TIMED_OUT, "mobilenode status"
        ) from None
