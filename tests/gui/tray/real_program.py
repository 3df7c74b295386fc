"""The real program as a process of its own, on a screen without a monitor."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def screen() -> Iterator[str]:
    """The name of an X server of our own: Qt's offscreen platform has no tray."""
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1000x700x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        try:
            yield f":{process.stdout.readline().strip()}"
        finally:
            process.terminate()


@contextmanager
def program(folder: Path, bus: str, display: str, socket: str) -> Iterator[subprocess.Popen[bytes]]:
    """mobilenode-gui at this bus and screen; `folder` is the person's runtime directory."""
    places = {"DISPLAY": display, "DBUS_SESSION_BUS_ADDRESS": bus, "XDG_RUNTIME_DIR": str(folder), "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", "gui.main", "--tray", "--socket", socket]
    with subprocess.Popen(command, env=os.environ | places | {"QT_QPA_PLATFORM": "xcb"}) as process:
        try:
            yield process
        finally:
            process.terminate()
