"""Searches the offered rate of packets at which most arrive: above it, packets that are lost cost others their time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

Measure: TypeAlias = Callable[[float], float]
"""Takes an offered rate in packets a second, and gives the delivered rate."""

_FIRST = 10_000.0
_STEP = 1.5  # of the first search
_WORSE = 0.75  # of the best: further up it is only worse
_NEARBY = (1 / 1.15, 1.0, 1.15)
_STEPS = 12


@dataclass
class Search:
    """The best offered rate so far, of one system."""

    best: float | None = field(default=None)

    def sample(self, measure: Measure) -> float:
        """The best delivered rate near the best offered one, which is followed from time to time."""
        best = self._climb(measure) if self.best is None else self.best
        delivered = {best * factor: 0.0 for factor in _NEARBY}
        for offered in delivered:
            delivered[offered] = measure(offered)
        self.best = max(delivered, key=lambda offered: delivered[offered])
        return delivered[self.best]

    def _climb(self, measure: Measure) -> float:
        """Up from a low rate, until it gets clearly worse."""
        offered, found = _FIRST, {_FIRST: measure(_FIRST)}
        for _ in range(_STEPS):
            offered *= _STEP
            found[offered] = measure(offered)
            if found[offered] < _WORSE * max(found.values()):
                break
        return max(found, key=lambda rate: found[rate])
