"""Which process is meant: a pid alone may belong to another one by now."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec


class ProcessIdentity(msgspec.Struct, frozen=True):
    """A process, named by its pid and its start time in clock ticks since boot."""

    pid: int
    started: int

    @property
    def alive(self) -> bool:
        """Does it run still (a zombie does not)?"""
        return _stat(self.pid) == (self.started, True)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, if it is still the same process."""
        try:
            descriptor = os.pidfd_open(self.pid)
        except OSError:
            return
        try:
            # Only now is it certain that the pid is not given to another one between the look and the signal.
            if self.alive:
                signal.pidfd_send_signal(descriptor, number)
        except ProcessLookupError:
            pass
        finally:
            os.close(descriptor)


def identify(pid: int) -> ProcessIdentity | None:
    """The process that has this pid now."""
    stat = _stat(pid)
    return ProcessIdentity(pid, stat[0]) if stat else None


def _stat(pid: int) -> tuple[int, bool] | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return int(fields[19]), fields[0] not in "ZX"


def inside(namespaces: Iterable[Path]) -> list[ProcessIdentity]:
    """All processes whose network is one of these namespaces."""
    wanted = {_inode(path) for path in namespaces} - {None}
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    found = [identify(pid) for pid in pids if _inode(Path(f"/proc/{pid}/ns/net")) in wanted]
    return [process for process in found if process]


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except OSError:
        return None


def stop(processes: Iterable[ProcessIdentity], patience: float = 2.0) -> None:
    """End processes: asked first, forced after `patience` seconds."""
    rest = [process for process in processes if process.alive]
    for number, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, 2.0)):
        for process in rest:
            process.send(number)
        rest = _wait(rest, seconds)


def _wait(processes: list[ProcessIdentity], seconds: float) -> list[ProcessIdentity]:
    end = time.monotonic() + seconds
    while processes and time.monotonic() < end:
        processes = [process for process in processes if process.alive]
        if processes:
            time.sleep(0.02)
    return processes
