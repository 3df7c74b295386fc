"""`direct-paths`: whether IPv6 packets may go straight to correspondents; a choice of this computer alone."""

from __future__ import annotations

import click

from client.cli.picture6 import peer_words
from client.cli.session import Session, read_status
from client.cli.switches import setting
from client.core.explain import reason_words
from client.core.status import Status


@click.command("direct-paths")
@click.argument("value", required=False, type=click.Choice(["on", "off"]))
@click.option("--no-wait", is_flag=True, help="Do not look whether it is so.")
@click.pass_obj
def direct_paths(session: Session, value: str | None, no_wait: bool) -> None:
    """Let IPv6 packets go straight to those who can (on), or all through home (off); without argument: print which."""
    if value:
        session.call("direct_paths", value=value)
    if value and no_wait:
        click.echo("Asked.")
        return
    now = read_status(session.call("status"))
    click.echo(_describe(now))
    for peer in now.v6.peers if now.v6 else []:
        click.echo(f"  {peer_words(peer)}")


def _describe(status: Status) -> str:
    found = setting(status, "direct_paths", "direct paths")
    if found.wanted == found.applied:
        return f"Direct paths are {found.applied}."
    return f"Direct paths are {found.applied}; {found.wanted} was asked for: {reason_words(found.why)}."
