"""`reverse-tunnel` and `broadcasts`: switches that take effect when the home agent agrees."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import click

from client.cli.clock import read_duration
from client.cli.commands import Failure
from client.cli.session import Session, read_status, statuses_for
from client.control.client import Client
from client.control.errors import Exit
from client.core.explain import reason_words
from client.core.status import Setting, State, Status

ANSWER_TIME = "10s"
"""For the reply to the re-registration, repetitions included; the old binding holds meanwhile."""

PROOF_TIME = 5.0


@dataclass(frozen=True, slots=True)
class _Switch:
    key: str  # of the method and in the status
    name: str  # in the middle of a sentence
    verb: str
    stays: str

    def read(self, status: Status) -> Setting:
        return setting(status, self.key, self.name)

    def describe(self, found: Setting) -> str:
        subject = f"{self.name[:1].upper()}{self.name[1:]} {self.verb} {found.applied}"
        if found.wanted in ("auto", found.applied):
            return f"{subject}{' (auto)' if found.wanted == 'auto' else ''}."
        why = "on its way" if found.pending else reason_words(found.why) or "from the next registration"
        return f"{subject}; {found.wanted} was asked for: {why}."


_REVERSE_TUNNEL = _Switch("reverse_tunnel", "reverse tunnel", "is", "the reverse tunnel stays")
_BROADCASTS = _Switch("broadcasts", "home broadcasts", "are", "home broadcasts stay")


def _waiting(command: Callable[..., None]) -> Callable[..., None]:
    """The options of a command that waits for the home agent."""
    timeout = click.option(
        "--timeout",
        type=read_duration,
        metavar="TIME",
        default=ANSWER_TIME,
        show_default=True,
        help="Give up waiting after 30, 90s, 5m, ...",
    )
    no_wait = click.option("--no-wait", is_flag=True, help="Do not wait for the home agent's answer.")
    return no_wait(timeout(command))


@click.command("reverse-tunnel")
@click.argument("value", required=False, type=click.Choice(["on", "off", "auto"]))
@_waiting
@click.pass_obj
def reverse_tunnel(session: Session, value: str | None, no_wait: bool, timeout: float) -> None:
    """Send through home what programs send (on), or straight out (off); without argument: print which."""
    _turn(session, _REVERSE_TUNNEL, value, no_wait=no_wait, timeout=timeout)


@click.command()
@click.argument("value", required=False, type=click.Choice(["on", "off"]))
@_waiting
@click.pass_obj
def broadcasts(session: Session, value: str | None, no_wait: bool, timeout: float) -> None:
    """Take, while away, what is sent to all of the home network, or not; without argument: print which."""
    _turn(session, _BROADCASTS, value, no_wait=no_wait, timeout=timeout)


def _turn(session: Session, switch: _Switch, value: str | None, *, no_wait: bool, timeout: float) -> None:
    if value is None:
        click.echo(switch.describe(switch.read(read_status(session.call("status")))))
        return
    with session.connect() as client:
        before = read_status(client.call("status"))
        asked = time.monotonic()
        client.call(switch.key, value=value)
        if no_wait:
            click.echo(f"Asked for {switch.name} {value}.")
            return
        _follow(client, switch, before, asked, timeout)


def _follow(client: Client, switch: _Switch, before: Status, asked: float, timeout: float) -> None:
    agent = before.v4.home_agent if before.v4 and before.v4.home_agent else "the home agent"
    changing = False
    for now in statuses_for(client, timeout):
        found = switch.read(now)
        if not changing and (found.pending or found.applied != switch.read(before).applied):
            click.echo(f"Asking {agent} ... ", nl=False)
            changing = True
        if found.pending:
            continue
        _settle(switch, found, asked, changing=changing, agent=agent)
        if changing:
            _await_proof(client, asked, min(timeout, PROOF_TIME))
        click.echo(switch.describe(found))
        return
    click.echo("no answer")
    raise Failure(
        f"{agent} did not answer within {timeout:g} s; until it does, all stays as it was",
        Exit.TIMED_OUT,
        "mobilenode status",
    )


def _settle(switch: _Switch, found: Setting, asked: float, *, changing: bool, agent: str) -> None:
    agreed = found.wanted in ("auto", found.applied)
    if not agreed and found.why not in (None, "home"):
        click.echo("refused" if changing else f"Asking {agent} ... refused")
        raise Failure(
            f"{switch.stays} {found.applied}: {reason_words(found.why)}; you are still connected",
            Exit.REFUSED,
            f"mobilenode explain {found.why}" if found.why and ":" in found.why else "mobilenode status",
        )
    if agreed and changing:
        click.echo(f"accepted ({(time.monotonic() - asked) * 1000:.0f} ms)")


def _await_proof(client: Client, asked: float, timeout: float) -> None:
    """A proof that is younger than our question: the service has forgotten that of a path which is another now."""
    click.echo("Checking data ... ", nl=False)
    for now in statuses_for(client, timeout):
        if now.proof and now.proof.age_ms <= (time.monotonic() - asked) * 1000:
            round_trip = f" ({now.proof.rtt_ms:.0f} ms)" if now.proof.rtt_ms is not None else ""
            click.echo(f"ok{round_trip}")
            return
    click.echo("nothing came back")
    raise Failure("the home agent accepted, but no data comes back", Exit.TIMED_OUT, "mobilenode status")


def setting(status: Status, key: str, name: str) -> Setting:
    """A switch in the status, or Failure if there is none now."""
    if status.state is State.NO_PROFILE:
        raise Failure("no profile is in use", Exit.BAD_PROFILE, "mobilenode import FILE --up")
    if key not in status.settings:
        raise Failure(f"the service says nothing about the {name} now", Exit.FAILED, "mobilenode status")
    return status.settings[key]
