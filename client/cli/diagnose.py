"""`diagnose`: a run of checks, and a report to give away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from client.cli.commands import Failure
from client.cli.session import Session
from client.control.errors import Exit
from client.control.private_file import write_private_file
from client.core import words
from client.core.checkup import FAILED, OK, SKIPPED, WARNING, Check
from client.core.explain import check_words

PATIENCE = 20.0

_SIGNS = {OK: ("ok", "green"), WARNING: ("!", "yellow"), FAILED: ("x", "red"), SKIPPED: ("-", None)}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--report", type=click.Path(path_type=Path), help="Write a report without keys, names and places.")
@click.pass_obj
def diagnose(session: Session, as_json: bool, report: Path | None) -> None:
    """Check everything from the profile to the tunnel, and say what fails first; exits with 1 if something does."""
    answer = session.call("diagnose", timeout=PATIENCE)
    checks = msgspec.convert(answer["checks"], list[Check])
    if as_json:
        click.echo(msgspec.json.encode({"checks": checks}))
    else:
        _show(session, checks)
    if report:
        _write(report, answer)
    if any(check.result == FAILED for check in checks):
        raise SystemExit(Exit.FAILED)


def _show(session: Session, checks: list[Check]) -> None:
    for check in checks:
        sign, colour = _SIGNS.get(check.result, ("?", None))
        title = words.CHECKS.get(check.id, check.id)
        session.echo(f"{click.style(f'{sign:>2}', fg=colour)}  {title:<18} {check_words(check)}")


def _write(file: Path, answer: dict[str, Any]) -> None:
    try:
        write_private_file(file, answer["report"], new=True)
    except OSError as error:
        raise Failure(f"{file} cannot be written: {error.strerror}", Exit.FAILED) from error
    click.echo(f"The report is in {file}; read it before you give it away.", err=True)
