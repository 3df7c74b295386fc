"""The real program and a panel, over a real bus."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.gui.fake_daemon import FakeDaemon, daemon
from tests.gui.tray.panel import panel, session_bus, until

pytestmark = pytest.mark.lab


@pytest.fixture
def bus() -> Iterator[str]:
    with session_bus() as address:
        yield address


@pytest.fixture
def screen() -> Iterator[str]:
    """An X server of our own: Qt's offscreen platform has no tray."""
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1000x700x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        try:
            yield f":{process.stdout.readline().strip()}"
        finally:
            process.terminate()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[FakeDaemon]:
    with daemon(tmp_path / "control.sock") as fake:
        yield fake


@contextmanager
def program(folder: Path, bus: str, screen: str) -> Iterator[subprocess.Popen[bytes]]:
    places = {"DISPLAY": screen, "DBUS_SESSION_BUS_ADDRESS": bus, "XDG_RUNTIME_DIR": str(folder), "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", "gui.main", "--tray", "--socket", str(folder / "control.sock")]
    with subprocess.Popen(command, env=os.environ | places | {"QT_QPA_PLATFORM": "xcb"}) as process:
        try:
            yield process
        finally:
            process.terminate()


def test_a_panel_reads_the_menu_and_clicks_it(tmp_path: Path, bus: str, screen: str, service: FakeDaemon) -> None:
    with panel(bus) as shown, program(tmp_path, bus, screen) as process:
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
    with program(tmp_path, bus, screen):
        until((tmp_path / "mobilenode-gui.sock").exists)
        for _start in range(3):
            with panel(bus) as shown:
                until(lambda: shown.items)
                until(lambda: "Reverse tunnel" in shown.lines())
                assert len(shown.items) == 1
