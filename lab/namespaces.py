"""Network namespaces: making them, working inside one, removing them."""

from __future__ import annotations

import ctypes
import os
import subprocess
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from lab.errors import LabError

DIRECTORY = Path("/run/netns")
_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def ip_batch(commands: Iterable[str], namespace: str | None = None) -> None:
    """Run many `ip` commands in one process, all or an error."""
    lines = "\n".join(commands) + "\n"
    where = ["-n", namespace] if namespace else []
    done = subprocess.run(["ip", *where, "-batch", "-"], input=lines, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"the kernel refused to build the lab: {done.stderr.strip()}")


def create(names: Iterable[str]) -> None:
    """Make named namespaces, as `ip netns` shows them."""
    ip_batch(f"netns add {name}" for name in names)


def remove(names: Iterable[str]) -> None:
    """Remove those of them that exist, and all links in them."""
    there = [name for name in names if (DIRECTORY / name).exists()]
    if there:
        ip_batch(f"netns delete {name}" for name in there)


def work_inside(namespace: str, work: Callable[[], None]) -> None:
    """Do `work` in a namespace, in a thread: only that thread is moved there."""
    failures: list[Exception] = []

    def run() -> None:
        try:
            _enter(namespace)
            work()
        except (OSError, LabError) as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failures:
        raise LabError(f"cannot work in namespace {namespace}: {failures[0]}") from failures[0]


def _enter(namespace: str) -> None:
    descriptor = os.open(DIRECTORY / namespace, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if _libc.setns(descriptor, _CLONE_NEWNET):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    finally:
        os.close(descriptor)
