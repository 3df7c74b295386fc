"""`import` and `profile`: what the home agent's owner gave, and which one is in use."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import msgspec

from client.cli.commands import Failure
from client.cli.looking import FINE
from client.cli.picture import headline
from client.cli.session import Session, statuses_for
from client.control.errors import Exit, RpcError
from client.control.private_file import LONGEST, read_private_file
from client.core.errors import ProfileError
from client.core.explain import limit_words
from client.core.profile import not_acted_on
from client.core.profile_summary import summarise
from client.core.profile_text import read_profile
from client.core.status import State, Status

UP_TIME = 30.0
"""Seconds for a new profile to get home: DHCP, discovery, registration, proof."""

_UP_EXITS = {State.NO_NETWORK: Exit.NO_NETWORK, State.PORTAL: Exit.NO_NETWORK, State.REFUSED: Exit.REFUSED}


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--up", is_flag=True, help="Use it at once, and wait until it works.")
@click.option("--no-wait", is_flag=True, help="With --up: do not wait.")
@click.option("--name", help="Another name for it.")
@click.pass_obj
def import_(session: Session, file: Path, up: bool, no_wait: bool, name: str | None) -> None:
    """Give a profile FILE to the service ("-": standard input)."""
    text = _read(file)
    read_profile(text)  # what is wrong is told here, with the service or without
    answer = session.call("import", text=text, up=up, name=name, timeout=30.0)
    click.echo(f"Imported {answer['id']}.")
    _show(answer["summary"])
    if up and not no_wait:
        _wait_until_up(session)
    elif answer.get("in_use"):
        click.echo("It is in use; `mobilenode status` says when it works.")
    else:
        click.echo(f"Use it with: mobilenode profile use {answer['id']}")


def _read(file: Path) -> str:
    if str(file) == "-":
        return _read_standard_input()
    # Root may import what the user who called sudo owns.
    caller = os.environ.get("SUDO_UID", "") if os.geteuid() == 0 else ""
    return read_private_file(file, owners=[int(caller)] if caller.isdigit() else [])


def _read_standard_input() -> str:
    status = os.fstat(sys.stdin.fileno())
    if stat.S_ISREG(status.st_mode) and status.st_mode & 0o077:
        raise ProfileError("others can read the file on standard input, and it holds a key; first: chmod 600 FILE")
    data = sys.stdin.buffer.read(LONGEST + 1)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ProfileError("standard input is not text in UTF-8") from error


def _show(summary: Mapping[str, Any]) -> None:
    rows = {
        "Name": summary.get("name"),
        "Identity": summary.get("nai"),
        "Home": summary.get("home_address"),
        "Agents": ", ".join(summary.get("home_agents", ())),
        "Prefixes": ", ".join(summary.get("tunnelled") or ()),
        "Keys": ", ".join(f"{name} (fingerprint {digits})" for name, digits in summary.get("keys", {}).items()),
    }
    for name, value in rows.items():
        if value:
            click.echo(f"  {name:<9}{value}")


def _wait_until_up(session: Session) -> None:
    last: Status | None = None
    shown = ""
    with session.connect() as client:
        for last in statuses_for(client, UP_TIME):
            if headline(last) != shown:
                shown = headline(last)
                click.echo(shown, err=last.state not in FINE)
            if last.state in FINE:
                return
            if last.state is State.REFUSED:
                break
    exit_code = _UP_EXITS.get(last.state, Exit.TIMED_OUT) if last else Exit.TIMED_OUT
    raise Failure("the profile is in use, but it does not work yet", exit_code, "mobilenode status")


@click.group()
def profile() -> None:
    """List, choose, show, change, remove and check profiles."""


@profile.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@click.pass_obj
def list_(session: Session, as_json: bool) -> None:
    """List the service's profiles; * marks the one in use."""
    profiles = session.call("profile.list")
    if as_json:
        click.echo(msgspec.json.encode(profiles))
        return
    for entry in profiles:
        click.echo(f"{'*' if entry['active'] else ' '} {entry['id']}  {entry['name']} (serial {entry['serial']})")
    if not profiles:
        click.echo("No profile yet: mobilenode import FILE --up", err=True)


@profile.command()
@click.argument("profile_id", metavar="ID")
@click.pass_obj
def use(session: Session, profile_id: str) -> None:
    """Use the profile ID; the one in use is deregistered first."""
    session.call("profile.use", id=profile_id, timeout=30.0)
    click.echo(f"{profile_id} is in use; `mobilenode status` says when it works.")


@profile.command()
@click.argument("profile_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def show(session: Session, profile_id: str, as_json: bool) -> None:
    """Show the profile ID as it is stored; keys are never shown, only their fingerprints."""
    found = session.call("profile.show", id=profile_id)
    if as_json:
        click.echo(msgspec.json.encode(found))
        return
    click.echo(found["text"], nl=False)
    for name, digits in found["summary"]["keys"].items():
        click.echo(f"# secret {name}: fingerprint {digits}")


@profile.command()
@click.argument("profile_id", metavar="ID")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True), required=False)
@click.pass_obj
def edit(session: Session, profile_id: str, file: Path | None) -> None:
    """Change the profile ID in your editor, or put the text of FILE in its place.

    Keys stay as they are; a new one is written into a section [secrets], and never shown again.
    """
    if file:
        _put(session, profile_id, _read(file))
        return
    text = str(session.call("profile.show", id=profile_id)["text"])
    while (edited := click.edit(text, extension=".toml")) is not None:
        try:
            _put(session, profile_id, edited)
        except RpcError as error:
            if error.exit_code is not Exit.BAD_PROFILE or not _again(error):
                raise
            text = edited
        else:
            return
    click.echo("Nothing is changed.")


def _put(session: Session, profile_id: str, text: str) -> None:
    answer = session.call("profile.edit", id=profile_id, text=text, timeout=30.0)
    click.echo(f"{profile_id} is changed.")
    _show(answer["summary"])


def _again(error: RpcError) -> bool:
    click.echo(f"mobilenode: {error.message}", err=True)
    return sys.stdin.isatty() and click.confirm("Edit it again?", default=True)


@profile.command()
@click.argument("profile_id", metavar="ID")
@click.pass_obj
def remove(session: Session, profile_id: str) -> None:
    """Forget the profile ID and its keys; one in use is deregistered first."""
    session.call("profile.remove", id=profile_id, timeout=30.0)
    click.echo(f"{profile_id} is removed, and its keys with it.")


@profile.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
def validate(file: Path) -> None:
    """Say whether FILE is a profile, without importing it."""
    found = read_profile(_read(file))
    click.echo(f"{found.id}, serial {found.serial}: a good profile.")
    _show(summarise(found))
    for limit in not_acted_on(found):
        click.echo(f"  note: {limit_words(limit.id, limit.detail)}", err=True)
