"""mobilityagent: the command line of the network side."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, ParamSpec, TypeVar

import click

from agents.configuration import read_configuration
from agents.enrolling import AUTO, Asked, Enrolled, enrol
from agents.enrolment import profile_text
from agents.node_file import DYNAMIC, check_nai
from agents.node_store import NodeStore
from agents.nodes import Node
from agents.paths import CONFIGURATION, MEMORY, SOCKET, STATE
from agents.site import Site, read_site, site_of
from agents.tables import table
from client.control.client import Client
from client.control.errors import Exit, NotRunningError, RpcError, TimedOutError
from client.core.both import memories
from client.core.errors import ProfileError
from client.linux import state_file
from client.mipv4.authentication import Algorithm

P = ParamSpec("P")
R = TypeVar("R")


def main() -> None:
    """Run the command line."""
    command(prog_name="mobilityagent")


def _told(function: Callable[P, R]) -> Callable[P, R]:
    """Errors become a sentence and an exit code."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except NotRunningError as error:
            _fail(f"{error}. Is mobilityagentd running?", Exit.NOT_RUNNING)
        except TimedOutError as error:
            _fail(str(error), Exit.TIMED_OUT)
        except RpcError as error:
            _fail(str(error), error.exit_code)
        except ProfileError as error:
            _fail(str(error), Exit.FAILED)
        except PermissionError as error:
            _fail(f"{error.filename}: you may not do that; try sudo", Exit.NOT_PERMITTED)
        except OSError as error:
            _fail(f"{error.filename or 'output'}: {error.strerror}", Exit.FAILED)

    return run


def _fail(sentence: str, code: Exit) -> NoReturn:
    click.echo(f"mobilityagent: {sentence}", err=True)
    sys.exit(code)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--socket",
    type=click.Path(path_type=Path),
    default=SOCKET,
    envvar="MOBILITYAGENT_SOCKET",
    show_envvar=True,
    show_default=True,
    help="The daemon's control socket.",
)
@click.pass_context
def command(context: click.Context, socket: Path) -> None:
    """Enrol mobile nodes at a home agent, and look at what an agent does."""
    context.obj = socket


_config = click.option(
    "--config", type=click.Path(path_type=Path), help=f"Do not ask the daemon, read this file. [{CONFIGURATION}]"
)
_state = click.option(
    "--state",
    type=click.Path(path_type=Path),
    help=f"Where the nodes' entries are, if the daemon is not asked. [{STATE}]",
)


@command.command("add-node")
@click.argument("nai")
@click.option(
    "--home-address",
    default=AUTO,
    show_default=True,
    help="An address of the home network; auto: a free one of the pool; dynamic: the home agent gives one each laptop;"
    " none: no IPv4.",
)
@click.option(
    "--v6",
    default=AUTO,
    show_default=True,
    help="An address of the IPv6 home prefix; auto: a free one, if the agent is a home agent for IPv6; none: no IPv6.",
)
@click.option("--discover", is_flag=True, help="The laptop finds its IPv6 home agent itself (by the anycast address).")
@click.option(
    "--key-algorithm",
    type=click.Choice([algorithm.value for algorithm in Algorithm]),
    default=Algorithm.HMAC_MD5.value,
    show_default=True,
    help="For IPv4; with IPv6 it is HMAC-SHA1.",
)
@click.option(
    "--protection",
    type=click.Choice(["rfc4285", "esp"]),
    default="rfc4285",
    show_default=True,
    help="Of IPv6 home signalling: a signature, or IPsec ESP with a key set by hand.",
)
@click.option("--show", is_flag=True, help="Write the profile, with its key, to a terminal.")
@_config
@_state
@click.pass_obj
@_told
def add_node(
    socket: Path,
    nai: str,
    home_address: str,
    v6: str,
    discover: bool,
    key_algorithm: str,
    protection: str,
    show: bool,
    config: Path | None,
    state: Path | None,
) -> None:
    """Make the entry of a mobile node, live at once, and write the laptop's profile to standard output."""
    if sys.stdout.isatty() and not show:
        _fail(f"the profile holds a key: write `> {nai.partition('@')[0]}.mobilenode`, or give --show", Exit.USAGE)
    site = _find_site(socket, config, state)
    store = NodeStore(Path(site.state))
    algorithm, esp = Algorithm(key_algorithm), protection == "esp"
    asked = Asked(home_address=home_address, v6=v6, algorithm=algorithm, discover=discover, esp=esp)
    with store.changing():
        enrolled = enrol(site, store.load().nodes, check_nai(nai), asked)
        store.add(enrolled.node)
        _hand_over(store, enrolled.node, profile_text(enrolled.node, int(time.time()), *enrolled.tables))
    live = _reload(socket)
    _summary(enrolled, live=live)


def _hand_over(store: NodeStore, node: Node, text: str) -> None:
    """A node whose profile could not be written is not kept: nobody would have its key."""
    try:
        if stat.S_ISREG(os.fstat(sys.stdout.fileno()).st_mode):
            os.fchmod(sys.stdout.fileno(), 0o600)
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError:
        store.remove(node.nai)
        raise


def _summary(enrolled: Enrolled, *, live: bool) -> None:
    click.echo(f"Added     {enrolled.node.nai}", err=True)
    for line in enrolled.lines:
        click.echo(line, err=True)
    state = "The home agent knows it now." if live else "mobilityagentd does not run; it will know it when it starts."
    click.echo(state, err=True)


@command.command()
@click.argument("nai")
@_config
@_state
@click.pass_obj
@_told
def revoke(socket: Path, nai: str, config: Path | None, state: Path | None) -> None:
    """Remove a mobile node: its key is worth nothing from now on, and its binding ends."""
    store = NodeStore(Path(_find_site(socket, config, state).state))
    with store.changing():
        if not store.remove(nai):
            raise ProfileError(f"{nai} has no entry")
    live = _reload(socket)
    click.echo(f"{nai} is revoked." if live else f"{nai} is revoked; mobilityagentd does not run.")


@command.command()
@click.pass_obj
@_told
def reload(socket: Path) -> None:
    """Have the daemon read the nodes' entries again, and the prefixes of its home link ([home6] prefixes)."""
    if not _reload(socket):
        _fail("mobilityagentd does not run; it will read them when it starts", Exit.NOT_RUNNING)
    click.echo("The daemon has read its nodes and prefixes again.")


@command.command()
@click.option("--json", "as_json", is_flag=True)
@_config
@_state
@click.pass_obj
@_told
def nodes(socket: Path, as_json: bool, config: Path | None, state: Path | None) -> None:
    """List the mobile nodes that are enrolled. No key is shown."""
    loaded = NodeStore(Path(_find_site(socket, config, state).state)).load()
    rows = [_node_row(node) for node in loaded.nodes]
    for problem in loaded.problems:
        click.echo(f"mobilityagent: {problem}", err=True)
    _print(rows, as_json=as_json, nothing="No mobile node is enrolled.")


def _node_row(node: Node) -> dict[str, Any]:
    return {
        "nai": node.nai,
        "home_address": str(node.home_address or DYNAMIC) if node.associations else None,
        "home_agent": str(node.home_agent or "any"),
        "home_address6": str(node.v6.home_address) if node.v6 else None,
        "spis": node.spis,
    }


@command.command()
@click.argument("what", type=click.Choice(["bindings", "visitors", "status"]))
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@_told
def show(socket: Path, what: str, as_json: bool) -> None:
    """Show the mobile nodes that are away, the visitors that are here, or everything."""
    with Client(socket) as client:
        status = client.call("status" if what == "status" else what)
    if what == "status":
        click.echo(json.dumps(status, indent=None if as_json else 2))
        return
    nothing = {"bindings": "No mobile node is away.", "visitors": "No visitor is here."}[what]
    _print(status, as_json=as_json, nothing=nothing)


def _print(rows: list[dict[str, Any]], *, as_json: bool, nothing: str) -> None:
    click.echo(json.dumps(rows) if as_json else table(rows) or nothing)


def _find_site(socket: Path, config: Path | None, state: Path | None) -> Site:
    """From the daemon, unless a person names the files, or it does not run."""
    if config is None and state is None:
        with contextlib.suppress(NotRunningError), Client(socket) as client:
            return read_site(client.call("site"))
    directory = state or STATE
    memory, _ = memories(state_file.load(directory / MEMORY))
    return site_of(read_configuration(config or CONFIGURATION), directory, memory)


def _reload(socket: Path) -> bool:
    """Tell the daemon of the change; says if it runs."""
    try:
        with Client(socket) as client:
            answer = client.call("reload")
    except NotRunningError:
        return False
    for problem in answer["problems"]:
        click.echo(f"mobilityagent: {problem}", err=True)
    return True


if __name__ == "__main__":
    main()
