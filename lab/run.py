"""Runs one scenario from the first line on the screen to the exit code."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec
from rich.console import Console

from lab import interruption, lab
from lab.errors import LabError
from lab.impairment import Impairment
from lab.result import Result
from lab.scenarios.catalogue import SCENARIOS
from lab.scenarios.options import Options
from lab.site import Site
from lab.view import table
from lab.view.lines import Lines
from lab.view.picture import Picture
from lab.view.scene import Screen

OK, FAILED, INTERRUPTED = 0, 1, 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to run, and how to show it."""

    site: Site
    scenario: str
    as_json: bool
    pcap: Path | None
    moves: int | None
    impairment: Impairment
    impaired: tuple[str, ...]
    encapsulations: tuple[str, ...] = ()


def run(request: Request) -> int:
    """Run it; the exit code. Whatever happens, the lab is removed."""
    console = Console(stderr=request.as_json)
    screen = _screen(request, console)
    options = Options(
        site=request.site,
        screen=screen,
        impairment=request.impairment,
        impaired=request.impaired if request.impairment.any else (),
        moves=request.moves,
        keep_captures=request.pcap,
        encapsulations=request.encapsulations,
    )
    interruption.listen()
    try:
        result = _attempt(request.scenario, options)
    except KeyboardInterrupt:
        screen.close()  # else the words would stand above the picture
        console.print("interrupted: removing the lab")
        return INTERRUPTED
    finally:
        screen.close()
        _remove(request.site)
    result.judge()
    _show(result, request.as_json, console)
    return OK if result.ok else FAILED


def _attempt(name: str, options: Options) -> Result:
    """A scenario that cannot even take place is a failed one."""
    lab.make_room(options.site)
    try:
        return SCENARIOS[name](options)
    except LabError as error:
        return Result(scenario=name, problems=[str(error)])


def _remove(site: Site) -> None:
    """Only our own lab is removed."""
    interruption.refuse()
    if lab.is_ours(site):
        lab.down(site)


def _screen(request: Request, console: Console) -> Screen:
    if console.is_terminal and not request.as_json:
        return Picture(console)
    return Lines(sys.stderr if request.as_json else sys.stdout)


def _show(result: Result, as_json: bool, console: Console) -> None:
    if as_json:
        print(msgspec.json.encode(result).decode(), flush=True)
    else:
        table.show(result, console)
