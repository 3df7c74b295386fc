"""`pause`, `resume`, `check`, `leave`: what a person asks the service to do."""

from __future__ import annotations

import time
from typing import NoReturn

import click

from client.cli.clock import clock_time, read_duration
from client.cli.commands import Failure
from client.cli.picture import headline
from client.cli.session import Session, read_status, statuses_for
from client.control.errors import Exit
from client.core.status import State, Status

CHECK_TIME = "8s"
"""A whole series of probes, a registration in between, and a little."""

LEAVE_TIME = 15.0

_HOPELESS = {
    State.NO_NETWORK: Exit.NO_NETWORK,
    State.PORTAL: Exit.NO_NETWORK,
    State.REFUSED: Exit.REFUSED,
    State.NO_PROFILE: Exit.BAD_PROFILE,
    State.PAUSED: Exit.FAILED,
}


@click.command()
@click.argument("duration", metavar="[15m|1h|network]", required=False)
@click.pass_obj
def pause(session: Session, duration: str | None) -> None:
    """Deregister, for a time, while on this network, or until `mobilenode resume`."""
    network = duration == "network"
    seconds = read_duration(duration) if duration and not network else None
    session.call("pause", seconds=seconds, network=network)
    until = f"for {duration}" if seconds else "while you are on this network" if network else "until you resume"
    click.echo(f"Paused {until}; your home address is not reachable.")


@click.command()
@click.pass_obj
def resume(session: Session) -> None:
    """End a pause."""
    session.call("resume")
    click.echo("Resumed; `mobilenode status` says when it works.")


@click.command()
@click.option(
    "--timeout",
    type=read_duration,
    metavar="TIME",
    default=CHECK_TIME,
    show_default=True,
    help="Give up after 30, 90s, 5m, ...",
)
@click.pass_obj
def check(session: Session, timeout: float) -> None:
    """Make sure, now, that data flows; registers again if it does not."""
    asked = time.monotonic()
    with session.connect() as client:
        client.call("check")
        last: Status | None = None
        for last in statuses_for(client, timeout):
            if last.state in _HOPELESS:
                break
            if last.proof and last.proof.age_ms <= (time.monotonic() - asked) * 1000:
                round_trip = f" in {last.proof.rtt_ms:.0f} ms" if last.proof.rtt_ms is not None else ""
                click.echo(f"{headline(last)}: answered{round_trip}.")
                return
    _give_up(last, timeout)


def _give_up(last: Status | None, timeout: float) -> NoReturn:
    if last is None:
        raise Failure("the service said nothing", Exit.TIMED_OUT)
    if last.state in _HOPELESS:
        raise Failure(headline(last), _HOPELESS[last.state], "mobilenode status")
    raise Failure(f"nothing came back within {timeout:g} s; {headline(last)}", Exit.TIMED_OUT, "mobilenode status")


@click.command()
@click.pass_obj
def leave(session: Session) -> None:
    """Deregister for good, before the laptop is given away or mobilenode removed."""
    with session.connect() as client:
        before = read_status(client.call("status"))
        answer = client.call("leave", timeout=LEAVE_TIME)
    if answer["confirmed"]:
        paths = [family.path for family in (before.v4, before.v6) if family]
        away = "triangle" in paths or "reverse" in paths
        click.echo(f"Left cleanly: {'your home agent confirmed' if away else 'nothing was registered away from home'}.")
        return
    lapses_at = answer.get("lapses_at")
    when = f"at {clock_time(lapses_at)}" if lapses_at else "soon"
    raise Failure(f"your home agent did not answer; the registration will lapse {when} by itself", Exit.TIMED_OUT)
