"""By which path programs' packets went, seen at the router's port towards a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lab.analysis.frames import Frame, between, innermost
from lab.analysis.moves import is_of_program
from lab.topology import CORRESPONDENT


@dataclass(frozen=True, slots=True)
class Outward:
    """How many packets from the home address to the correspondent came out of a network."""

    tunnelled: int
    plain: int

    @property
    def path(self) -> str:
        """In the words of the status: by the reverse tunnel, or by the triangle."""
        if self.tunnelled and self.plain:
            return "both"
        return "reverse" if self.tunnelled else "triangle" if self.plain else "none"


def outward(frames: Sequence[Frame], start: int, end: int) -> Outward:
    """Count them in [start, end)."""
    tunnelled = plain = 0
    for frame in between(frames, start, end):
        inner = innermost(frame.ip) if frame.ip else None
        if frame.ip and inner and is_of_program(inner) and inner.destination == CORRESPONDENT.packed:
            tunnelled += frame.ip.inner is not None
            plain += frame.ip.inner is None
    return Outward(tunnelled, plain)
