"""Losses and silences of the numbered packets, from the notes of both ends."""

from __future__ import annotations

import struct
from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

_RECORD = struct.Struct("!QQ")
_MILLISECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Flow:
    """One direction: what one end sent, what the other end got; each a number and a time in nanoseconds."""

    sent: list[tuple[int, int]]
    arrived: list[tuple[int, int]]

    def lost(self, start: int, end: int) -> int:
        """How many of those sent in [start, end) never arrived."""
        there = {number for number, _ in self.arrived}
        return sum(1 for number, at in self.sent if start <= at < end and number not in there)

    def longest_silence(self, start: int, end: int) -> float:
        """The longest time in ms between two arrivals that touches [start, end), cut off at `end`."""
        times = sorted(at for _, at in self.arrived)
        first = max(bisect_left(times, start) - 1, 0)
        last = bisect_left(times, end)
        window = [*times[first:last], end] if first < last else [start, end]
        return max(later - earlier for earlier, later in pairwise(window)) / _MILLISECOND


def read(path: Path) -> list[tuple[int, int]]:
    """The records of a file of services/numbered.py; half a record at the end is left out."""
    data = path.read_bytes()
    return [(number, at) for number, at in _RECORD.iter_unpack(data[: len(data) - len(data) % _RECORD.size])]
