"""From a click in the panel to the bit on the wire, with the real program, daemon and home agent."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.captures import path
from lab.impairment import Impairment
from lab.obstacles import cut_tunnel
from lab.plug import move
from lab.profiles import Value
from lab.site import named
from lab.topology import CAFE, CORRESPONDENT
from lab.world import World
from tests.gui.on_bus import session_bus, until
from tests.gui.tray.panel import Panel, panel
from tests.gui.tray.real_program import program, screen

pytestmark = pytest.mark.lab

SLOW = Impairment(delay=1.0)
"""A request and its reply need two seconds."""

BUSY_AGE = 8.0
"""Seconds of sending without an answer, after which nobody may be told that it works (UX §2.1)."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A laptop in the café, and what its panel shows."""

    world: World
    panel: Panel

    def line(self, start: str) -> tuple[str, bool, bool]:
        """A line of the menu: its label, whether it is ticked, and whether it can be clicked."""
        for label, line in self.panel.lines().items():
            if label.startswith(start):
                return label, line.get("toggle-state") == 1, line.get("enabled", True)
        return "", False, False

    @property
    def headline(self) -> str:
        return next(iter(self.panel.lines()))


@contextmanager
def desk(folder: Path, *, agent: Mapping[str, Value] | None = None, slow: bool = False) -> Iterator[Desk]:
    """Everything, until the menu says that it works in the café."""
    with ExitStack() as parts:
        world = World(named(f"gui{os.getpid()}"), agent)
        parts.callback(world.down)
        world.build(ours=True, impairment=SLOW if slow else None, on=["cafe"])
        world.start_captures()
        world.start()
        move(world.site, "cafe")
        world.wait_attached("cafe", timeout=60.0)
        bus, display = parts.enter_context(session_bus()), parts.enter_context(screen())
        shown = parts.enter_context(panel(bus))
        parts.enter_context(program(folder, bus, display, str(world.laptop.socket)))
        until(lambda: shown.items)
        found = Desk(world, shown)
        until(lambda: found.headline.startswith("Working"))
        yield found


def requests(world: World) -> list[tuple[float, str]]:
    """Time and T bit of the registration requests that left the café, as tshark reads them."""
    file = path(world.captures, "network-cafe")
    command = ["tshark", "-n", "-r", str(file), "-Y", "mip.type == 1", "-T", "fields", "-e", "frame.time_epoch"]
    done = subprocess.run([*command, "-e", "mip.t"], capture_output=True, text=True, check=True)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    return [(float(at), bit) for at, bit in rows]


def asked_since(desk: Desk, clicked: float) -> str:
    """The T bit of the first request after a click."""
    return until(lambda: next((bit for at, bit in requests(desk.world) if at > clicked), ""))


def turns(found: Desk, on: bool) -> None:
    """A click: the menu says what is asked for, the wire carries it, and the grant brings the tick."""
    word = "on" if on else "off"
    clicked = time.time()
    found.panel.click("Reverse tunnel")
    until(lambda: found.line("Reverse tunnel") == (f"Reverse tunnel - turning {word}...", on, False))
    assert asked_since(found, clicked) in (("1", "True") if on else ("0", "False"))
    settings = found.world.status()["settings"]["reverse_tunnel"]
    assert settings["pending"], "the menu was read between request and reply"
    until(lambda: found.line("Reverse tunnel") == ("Reverse tunnel", on, True))


def test_a_click_on_the_reverse_tunnel_is_asked_for_then_granted(tmp_path: Path) -> None:
    with desk(tmp_path, slow=True) as found:
        until(lambda: found.line("Reverse tunnel") == ("Reverse tunnel", True, True))
        turns(found, on=False)
        turns(found, on=True)


def test_an_agent_that_refuses_brings_the_tick_back_with_the_reason(tmp_path: Path) -> None:
    with desk(tmp_path, agent={"reverse_tunnel": "refused"}) as found:
        until(lambda: found.line("Reverse tunnel")[1:] == (False, True))
        clicked = time.time()
        found.panel.click("Reverse tunnel")
        assert asked_since(found, clicked) in ("1", "True")
        until(lambda: found.line("Reverse tunnel") == ("Reverse tunnel - not offered here", False, True))
        until(lambda: found.headline.startswith("Working"))


def test_nobody_is_told_that_it_works_while_the_tunnel_is_cut(tmp_path: Path) -> None:
    with desk(tmp_path) as found:
        found.world.laptop.node.start("ping", ["ping", "-q", "-i", "0.2", str(CORRESPONDENT)])
        time.sleep(2)
        cut_tunnel(found.world.site, CAFE)
        cut = time.monotonic()
        until(lambda: not found.headline.startswith("Working"))
        assert time.monotonic() - cut < BUSY_AGE
        assert found.headline.startswith(("Stalled", "Checking"))


def test_a_daemon_that_is_killed_and_started_again_is_told_of(tmp_path: Path) -> None:
    with desk(tmp_path) as found:
        found.world.laptop.kill()
        until(lambda: found.headline.startswith("Not running"))
        found.world.laptop.start()
        until(lambda: found.headline.startswith("Working"))
