"""Where a program is attached to an interface, by whichever way the kernel offers."""

from __future__ import annotations

from enum import Enum
from typing import Protocol


class Direction(Enum):
    """Which packets of an interface a program sees."""

    INGRESS = "ingress"
    EGRESS = "egress"


class Hook(Protocol):
    """A program while it is attached."""

    def close(self) -> None:
        """Detach it; nothing remains, also when the interface is gone."""


class Attacher(Protocol):
    """A way to attach programs."""

    name: str

    def attach(self, program: str, descriptor: int, interface: int, direction: Direction) -> Hook:
        """Attach the program with this name and descriptor to an interface. Raises KernelError."""
