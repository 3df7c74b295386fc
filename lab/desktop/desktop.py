"""An X server in memory with a window manager, a session bus and a panel: to be clicked and photographed."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from lab.desktop.panel_settings import write_panel_settings
from lab.errors import LabError
from lab.identity import identify, stop

Panel = Literal["xfce4-panel", "trayer"]

SIZE = (1280, 800)
"""Pixels of the screen at scale 1."""

PATIENCE = 15.0
"""Seconds until a program of the desktop must have done what it was started for."""


@dataclass(slots=True)
class Desktop:
    """Started by `open`, ended by `close`; all programs are its own, their files in `directory`."""

    directory: Path
    panel: Panel
    scale: int = 1
    dark: bool = False
    environment: dict[str, str] = field(default_factory=dict)
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def open(self) -> None:
        """Start X, the bus, the window manager and the panel; or raise LabError."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.environment = self._environment()
        self.environment["DISPLAY"] = f":{self._x_server()}"
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = self._bus()
        self.start("openbox", ["openbox"])
        self.start("dunst", ["dunst"])
        self.start_panel()

    def close(self) -> None:
        """End all programs, the newest first."""
        for process in reversed(self._processes):
            self.end(process)
        self._processes.clear()

    def start_panel(self) -> subprocess.Popen[bytes]:
        """The panel; also again, after its end."""
        if self.panel == "trayer":
            edge = ["--edge", "bottom", "--align", "left", "--widthtype", "pixel", "--width", str(320 * self.scale)]
            colour = ["--tint", "0x202020" if self.dark else "0xe8e8e8", "--alpha", "0", "--transparent", "true"]
            return self.start("panel", ["trayer", *edge, "--height", str(32 * self.scale), *colour])
        write_panel_settings(Path(self.environment["XDG_CONFIG_HOME"]), self.scale, dark=self.dark)
        return self.start("panel", ["xfce4-panel", "--disable-wm-check"])

    def start(self, name: str, command: Sequence[str | Path], **variables: str) -> subprocess.Popen[bytes]:
        """Start a program on this desktop; its output goes to a file called like it."""
        with (self.directory / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**self.environment, **variables},
                start_new_session=True,
            )
        self._processes.append(process)
        return process

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """End a program and its children."""
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            stop([identity] if (identity := identify(process.pid)) else [])

    def tool(self, *words: str | Path) -> str:
        """What a program on this desktop prints; LabError if it fails."""
        command = [str(word) for word in words]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=30, check=False)
        if done.returncode:
            raise LabError(f"{command[0]} failed: {(done.stderr or done.stdout).strip()}")
        return done.stdout

    def picture(self, file: Path) -> None:
        """Everything that is on the screen."""
        file.parent.mkdir(parents=True, exist_ok=True)
        self.tool("import", "-window", "root", file)

    def click(self, x: int, y: int, button: int = 1) -> None:
        """A click where a person would click."""
        self.tool("xdotool", "mousemove", str(x), str(y), "click", str(button))

    def keys(self, *names: str) -> None:
        """Keys, one after the other: Down, Return, ctrl+2, ..."""
        self.tool("xdotool", "key", "--delay", "60", *names)

    def window(self, title: str) -> str:
        """The X window whose title holds these words, as xdotool names it; waits for it."""
        end = time.monotonic() + PATIENCE
        while True:
            words = ["xdotool", "search", "--onlyvisible", "--name", title]
            done = subprocess.run(words, env=self.environment, capture_output=True, text=True, check=False)
            if found := done.stdout.split():
                return found[-1]
            if time.monotonic() > end:
                raise LabError(f"there is no window {title!r}")
            time.sleep(0.1)

    def _environment(self) -> dict[str, str]:
        home = self.directory / "home"
        folders = {"HOME": home, "XDG_CONFIG_HOME": home / "config", "XDG_RUNTIME_DIR": self.directory / "run"}
        for folder in (*folders.values(), home / "cache", home / "share"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
        scaled = {"QT_SCALE_FACTOR": str(self.scale), "GDK_SCALE": str(self.scale)}
        caches = {"XDG_CACHE_HOME": str(home / "cache"), "XDG_DATA_HOME": str(home / "share"), "NO_AT_BRIDGE": "1"}
        return {**kept, **caches, **scaled, **{name: str(folder) for name, folder in folders.items()}}

    def _x_server(self) -> int:
        """Start it on a display that it chooses; the display's number."""
        read, write = os.pipe()
        width, height = (side * self.scale for side in SIZE)
        words = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"]
        with (self.directory / "xvfb.log").open("ab") as log:
            process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=[write], start_new_session=True
            )
        self._processes.append(process)
        os.close(write)
        with os.fdopen(read) as told:
            number = told.readline().strip()
        if not number:
            raise LabError("Xvfb does not start")
        return int(number)

    def _bus(self) -> str:
        """Start a session bus; its address."""
        address = f"unix:path={self.directory}/bus"
        self.start("bus", ["dbus-daemon", "--session", "--nofork", "--nopidfile", f"--address={address}"])
        end = time.monotonic() + PATIENCE
        while not (self.directory / "bus").exists():
            if time.monotonic() > end:
                raise LabError("dbus-daemon does not start")
            time.sleep(0.05)
        return address
