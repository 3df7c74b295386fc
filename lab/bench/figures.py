"""What a set of samples says: a median, how sure it is, and whether it reaches what was wanted."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from statistics import median
from typing import Protocol

import msgspec

RESAMPLES = 5_000
CONFIDENCE = 0.95
MET, NOT_SHOWN = "met", "not shown"


class Wanted(Protocol):
    """A figure to reach."""

    def reached(self, interval: tuple[float, float]) -> bool:
        """Whether the whole interval is on its right side."""


class AtLeast(msgspec.Struct, frozen=True):
    """More is better."""

    figure: float

    def reached(self, interval: tuple[float, float]) -> bool:
        """The interval's lower end must reach it."""
        return interval[0] >= self.figure

    def __str__(self) -> str:
        return f">= {self.figure:g}"


class AtMost(msgspec.Struct, frozen=True):
    """Less is better."""

    figure: float

    def reached(self, interval: tuple[float, float]) -> bool:
        """The interval's upper end must not exceed it."""
        return interval[1] <= self.figure

    def __str__(self) -> str:
        return f"<= {self.figure:g}"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table and of bench.json."""

    name: str
    unit: str
    median: float
    interval: tuple[float, float]
    wanted: str | None
    verdict: str | None
    samples: list[float]


def row(name: str, unit: str, samples: Sequence[float], wanted: Wanted | None = None) -> Row:
    """The row of these samples (at least one)."""
    ends = interval(samples)
    verdict = None if wanted is None else MET if wanted.reached(ends) else NOT_SHOWN
    return Row(
        name=name,
        unit=unit,
        median=median(samples),
        interval=ends,
        wanted=None if wanted is None else str(wanted),
        verdict=verdict,
        samples=list(samples),
    )


def interval(samples: Sequence[float], seed: int = 1) -> tuple[float, float]:
    """Where the median lies with 95 % confidence, by bootstrap (percentiles); the same samples, the same ends."""
    size = len(samples)
    draws = hashlib.shake_256(f"{seed}".encode()).digest(4 * size * RESAMPLES)
    picks = struct.iter_unpack(f"={size}I", draws)
    medians = sorted(median(samples[pick % size] for pick in picked) for picked in picks)
    tail = int((1 - CONFIDENCE) / 2 * RESAMPLES)
    return medians[tail], medians[-1 - tail]


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Pair by pair."""
    return [mine / other for mine, other in zip(ours, theirs, strict=True)]


def percentile(samples: Sequence[float], part: float) -> float:
    """The smallest sample that at least this part of the samples does not exceed."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, max(0, -int(-part * len(ordered) // 1) - 1))]
