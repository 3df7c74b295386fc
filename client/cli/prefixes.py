"""`prefixes`: which packets use the home address; a choice of this computer alone, so nobody is asked."""

from __future__ import annotations

import click

from client.cli.commands import Failure
from client.cli.session import Session, read_status
from client.cli.switches import setting
from client.control.errors import Exit
from client.core.profile_checks import prefixes as read_prefixes

ALL = "all"


@click.command()
@click.argument("values", metavar="[all | PREFIX...]", nargs=-1)
@click.option("--no-wait", is_flag=True, help="Do not look whether it is so.")
@click.pass_obj
def prefixes(session: Session, values: tuple[str, ...], no_wait: bool) -> None:
    """Use the home address for all packets, or only for those to some PREFIXes; without argument: print which."""
    if values:
        session.call("prefixes", prefixes=None if values == (ALL,) else _checked(values))
    if values and no_wait:
        click.echo("Asked.")
        return
    click.echo(_describe(setting(read_status(session.call("status")), "prefixes", "prefixes").applied))


def _checked(values: tuple[str, ...]) -> list[str]:
    try:
        return [str(network) for network in read_prefixes("prefixes", values)]
    except ValueError as error:
        raise Failure(str(error).removeprefix("prefixes: "), Exit.USAGE, "mobilenode prefixes 10.0.0.0/8") from None


def _describe(applied: str) -> str:
    if applied == ALL:
        return "All packets use the home address."
    return f"Only packets to {', '.join(applied.split())} use the home address."
