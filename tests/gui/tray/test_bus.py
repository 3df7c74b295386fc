"""The real program and a panel, over a real bus."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gui.fake_daemon import FakeDaemon, daemon
from tests.gui.on_bus import session_bus, until
from tests.gui.tray.panel import panel
from tests.gui.tray.real_program import program, screen

pytestmark = pytest.mark.lab


@pytest.fixture
def bus() -> Iterator[str]:
    with session_bus() as address:
        yield address


@pytest.fixture(name="screen")
def _screen() -> Iterator[str]:
    with screen() as name:
        yield name


@pytest.fixture
def service(tmp_path: Path) -> Iterator[FakeDaemon]:
    with daemon(tmp_path / "control.sock") as fake:
        yield fake


def test_a_panel_reads_the_menu_and_clicks_it(tmp_path: Path, bus: str, screen: str, service: FakeDaemon) -> None:
    with panel(bus) as shown, program(tmp_path, bus, screen, str(tmp_path / "control.sock")) as process:
        until(lambda: shown.items)
        until(lambda: "Reverse tunnel" in shown.lines())
        lines = shown.lines()
        assert next(iter(lines)).startswith("Working - Cafe-Guest, own address behind NAT")
        assert lines["Reverse tunnel"]["toggle-type"] == "checkmark"
        before = lines["Reverse tunnel"]["toggle-state"]
        shown.click("Reverse tunnel")
        until(lambda: any(method == "reverse_tunnel" for method, _ in service.calls))
        assert shown.lines()["Reverse tunnel"]["toggle-state"] == before
        until(lambda: "Home" in shown.lines())
        assert shown.lines()["Home"]["toggle-state"] == 1
        shown.press("SecondaryActivate")
        until(lambda: ("check", {}) in service.calls)
        shown.click("Quit")
        assert process.wait(30) == 0


def test_the_icon_comes_when_the_panel_comes_late_and_again_after_a_restart(
    tmp_path: Path, bus: str, screen: str, service: FakeDaemon
) -> None:
    with program(tmp_path, bus, screen, str(tmp_path / "control.sock")):
        until((tmp_path / "mobilenode-gui.sock").exists)
        for _start in range(3):
            with panel(bus) as shown:
                until(lambda: shown.items)
                until(lambda: "Reverse tunnel" in shown.lines())
                assert len(shown.items) == 1
