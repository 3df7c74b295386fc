"""What a person can ask of every mobile node, whatever it speaks."""

from __future__ import annotations

from dataclasses import dataclass

from client.core.machine import Command


@dataclass(frozen=True, slots=True)
class Pause(Command):
    """Deregister and hold nothing in the kernel, until `until` (machine time) or, with None, until Resume."""

    until: float | None = None


@dataclass(frozen=True, slots=True)
class Resume(Command):
    """End a pause."""


@dataclass(frozen=True, slots=True)
class CheckNow(Command):
    """Probe at once, and register again if the last proof is stale."""


@dataclass(frozen=True, slots=True)
class Leave(Command):
    """Deregister before the daemon ends; like a pause that nothing ends."""
