"""A computer of the lab: starting programs on it, running commands on it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lab.errors import LabError
from lab.identity import identify
from lab.site import Site

PROJECT = Path(__file__).resolve().parent.parent
_BIND = """
while [ "$1" != -- ]; do
    if [ -e "$2" ]; then mount --bind "$1" "$2" || exit; fi
    shift 2
done
shift
exec "$@"
"""
"""Puts files of the lab over those of the system, seen by this program and its children alone."""


@dataclass(frozen=True, slots=True)
class Node:
    """One namespace of a lab, and the files that its programs see in place of the system's."""

    site: Site
    name: str
    binds: Mapping[Path, Path] = field(default_factory=dict)  # system's path -> the lab's

    def command(self, arguments: Sequence[str | Path]) -> list[str]:
        """The command line that runs another one here. It becomes the program: one process, one pid."""
        pairs = [str(part) for system, ours in self._binds().items() for part in (ours, system)]
        namespace = self.site.namespace(self.name)
        return ["ip", "netns", "exec", namespace, "sh", "-c", _BIND, "sh", *pairs, "--", *map(str, arguments)]

    def _binds(self) -> dict[Path, Path]:
        return {Path("/etc/resolv.conf"): self.directory / "resolv.conf", **self.binds}

    @property
    def directory(self) -> Path:
        """Its files: sockets, state, logs."""
        return self.site.directory / self.name

    def prepare(self) -> None:
        """Make its directory and its own resolv.conf."""
        self.directory.mkdir(parents=True, exist_ok=True)
        (self.directory / "resolv.conf").touch()

    def start(self, what: str, arguments: Sequence[str | Path], **variables: str) -> subprocess.Popen[bytes]:
        """Start a program that goes on; its output goes to a log beside its files."""
        with (self.directory / f"{what}.log").open("ab") as log:
            process = subprocess.Popen(
                self.command(arguments),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment(variables),
                start_new_session=True,
            )
        _children.append(process)
        if identity := identify(process.pid):
            self.site.record(identity, f"{self.name}: {what}")
        return process

    def run(self, arguments: Sequence[str | Path], timeout: float = 30.0) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; its exit code is the caller's business."""
        try:
            return subprocess.run(
                self.command(arguments),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=timeout,
                env=environment({}),
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise LabError(f"on {self.name}: {_shown(arguments)} did not end within {timeout:.0f} s") from error

    def must(self, arguments: Sequence[str | Path], timeout: float = 30.0) -> str:
        """Run a command that must succeed; its output."""
        done = self.run(arguments, timeout)
        if done.returncode:
            words = (done.stderr or done.stdout).strip().splitlines()[-3:]
            raise LabError(f"on {self.name}: {_shown(arguments)} failed ({done.returncode}): {' | '.join(words)}")
        return done.stdout

    def log(self, what: str) -> str:
        """The last lines that a program wrote."""
        path = self.directory / f"{what}.log"
        return "\n".join(path.read_text(errors="replace").splitlines()[-8:]) if path.exists() else ""


_children: list[subprocess.Popen[bytes]] = []


def reap() -> None:
    """Take leave of the programs that were started here and have ended, so that no zombie stays."""
    _children[:] = [process for process in _children if process.poll() is None]


def python(module: str, *arguments: str | Path) -> list[str | Path]:
    """The command line of one of our programs."""
    return [sys.executable, "-m", module, *arguments]


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """What programs of the lab see: ours to import, and the places where Debian keeps servers."""
    path = os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/local/sbin:/usr/sbin:/sbin"
    modules = os.pathsep.join(filter(None, (str(PROJECT), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PATH": path, "PYTHONPATH": modules, "PYTHONUNBUFFERED": "1", **variables}


def _shown(arguments: Sequence[str | Path]) -> str:
    return " ".join(str(argument) for argument in arguments if argument != sys.executable)
