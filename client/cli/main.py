"""The commands of `mobilenode`, put together."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from client.cli.asking import check, leave, pause, resume
from client.cli.commands import Commands
from client.cli.diagnose import diagnose
from client.cli.direct_paths import direct_paths
from client.cli.looking import status, wait
from client.cli.past import events, explain, handovers
from client.cli.prefixes import prefixes
from client.cli.profiles import import_, profile
from client.cli.session import DEFAULT_SOCKET, Session
from client.cli.switches import broadcasts, reverse_tunnel
from client.cli.traffic import traffic
from client.control.errors import Exit


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--socket",
    type=click.Path(path_type=Path),
    default=DEFAULT_SOCKET,
    envvar="MOBILENODE_SOCKET",
    show_default=True,
    show_envvar=True,
    help="Where the service listens.",
)
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
@click.pass_context
def mobilenode(context: click.Context, socket: Path, color: str) -> None:
    """Keep one home address and all open connections while you move between networks."""
    context.obj = Session(socket, color)


for command in (
    import_,
    profile,
    status,
    wait,
    pause,
    resume,
    check,
    reverse_tunnel,
    broadcasts,
    direct_paths,
    prefixes,
    handovers,
    events,
    explain,
    diagnose,
    leave,
    traffic,
):
    mobilenode.add_command(command)


def main() -> None:
    """Run the command line; exits with the codes of `client.control.errors.Exit`."""
    try:
        mobilenode(prog_name="mobilenode")
    except KeyboardInterrupt:  # before or after the command itself
        sys.exit(Exit.INTERRUPTED)
