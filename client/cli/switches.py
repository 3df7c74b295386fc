"""`reverse-tunnel`: a switch that takes effect when the home agent agrees."""

from __future__ import annotations

import time

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

SLACK_MS = 50
"""How long ago the acceptance may have been when we hear of it."""


@click.command("reverse-tunnel")
@click.argument("value", required=False, type=click.Choice(["on", "off", "auto"]))
@click.option("--no-wait", is_flag=True, help="Do not wait for the home agent's answer.")
@click.option(
    "--timeout",
    type=read_duration,
    metavar="TIME",
    default=ANSWER_TIME,
    show_default=True,
    help="Give up waiting after 30, 90s, 5m, ...",
)
@click.pass_obj
def reverse_tunnel(session: Session, value: str | None, no_wait: bool, timeout: float) -> None:
    """Send through home what programs send (on), or straight out (off); without argument: print which."""
    if value is None:
        click.echo(_describe(_setting(read_status(session.call("status")))))
        return
    with session.connect() as client:
        before = read_status(client.call("status"))
        asked = time.monotonic()
        client.call("reverse_tunnel", value=value)
        if no_wait:
            click.echo(f"Asked for reverse tunnel {value}.")
            return
        _follow(client, before, asked, timeout)


def _follow(client: Client, before: Status, asked: float, timeout: float) -> None:
    agent = before.v4.home_agent if before.v4 and before.v4.home_agent else "the home agent"
    changing = False
    for now in statuses_for(client, timeout):
        setting = _setting(now)
        if setting.pending:
            if not changing:
                click.echo(f"Asking {agent} ... ", nl=False)
            changing = True
            continue
        changing = changing or setting.applied != _setting(before).applied
        _settle(setting, asked, changing=changing, agent=agent)
        if changing:
            _await_proof(client, time.monotonic(), min(timeout, PROOF_TIME))
        click.echo(_describe(setting))
        return
    click.echo("no answer")
    raise Failure(
        f"{agent} did not answer within {timeout:g} s; until it does, all stays as it was",
        Exit.TIMED_OUT,
        "mobilenode status",
    )


def _settle(setting: Setting, asked: float, *, changing: bool, agent: str) -> None:
    agreed = setting.wanted in ("auto", setting.applied)
    if not agreed and setting.why not in (None, "home"):
        click.echo("refused" if changing else f"Asking {agent} ... refused")
        raise Failure(
            f"the reverse tunnel stays {setting.applied}: {reason_words(setting.why)}; you are still connected",
            Exit.REFUSED,
            f"mobilenode explain {setting.why}" if setting.why and ":" in setting.why else "mobilenode status",
        )
    if agreed and changing:
        click.echo(f"accepted ({(time.monotonic() - asked) * 1000:.0f} ms)")


def _await_proof(client: Client, accepted: float, timeout: float) -> None:
    click.echo("Checking data ... ", nl=False)
    for now in statuses_for(client, timeout):
        if now.proof and now.proof.age_ms <= (time.monotonic() - accepted) * 1000 + SLACK_MS:
            round_trip = f" ({now.proof.rtt_ms:.0f} ms)" if now.proof.rtt_ms is not None else ""
            click.echo(f"ok{round_trip}")
            return
    click.echo("nothing came back")
    raise Failure("the home agent accepted, but no data comes back", Exit.TIMED_OUT, "mobilenode status")


def _setting(status: Status) -> Setting:
    if status.state is State.NO_PROFILE:
        raise Failure("no profile is in use", Exit.BAD_PROFILE, "mobilenode import FILE --up")
    if "reverse_tunnel" not in status.settings:
        raise Failure("the service says nothing about the reverse tunnel now", Exit.FAILED, "mobilenode status")
    return status.settings["reverse_tunnel"]


def _describe(setting: Setting) -> str:
    if setting.wanted in ("auto", setting.applied):
        by_itself = " (auto)" if setting.wanted == "auto" else ""
        return f"Reverse tunnel is {setting.applied}{by_itself}."
    why = "on its way" if setting.pending else reason_words(setting.why) or "from the next registration"
    return f"Reverse tunnel is {setting.applied}; {setting.wanted} was asked for: {why}."
