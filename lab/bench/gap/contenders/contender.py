"""What the measurement needs of each contender."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from lab.errors import LabError
from lab.site import Site


class Contender(Protocol):
    """Keeps the laptop's home address reachable; the laptop is on its first access network when it starts."""

    name: str

    def start(self, site: Site) -> None:
        """Start both ends and return when packets pass."""


def until(what: str, met: Callable[[], bool], timeout: float = 15.0) -> None:
    """Wait for something, or raise LabError."""
    end = time.monotonic() + timeout
    while not met():
        if time.monotonic() > end:
            raise LabError(f"waited {timeout:.0f} s in vain for {what}")
        time.sleep(0.05)
