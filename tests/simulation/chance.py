"""Chance that a seed decides: splitmix64, the same in every Python, so that seeds stay good for ever."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

_MASK = 2**64 - 1


class Chance:
    """Draws numbers; one generator per purpose, so that one more draw here changes nothing there."""

    def __init__(self, seed: int, purpose: str) -> None:
        self._seed = seed
        self._state = int.from_bytes(hashlib.sha256(f"{seed}/{purpose}".encode()).digest()[:8], "big")

    def draw(self) -> float:
        """A number in [0, 1)."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return ((mixed ^ (mixed >> 31)) >> 11) / 2**53

    def between(self, low: float, high: float) -> float:
        """A number in [low, high)."""
        return low + (high - low) * self.draw()

    def below(self, bound: int) -> int:
        """An integer in [0, bound)."""
        return int(self.draw() * bound)

    def happens(self, probability: float) -> bool:
        """True this often."""
        return self.draw() < probability

    def wait(self, mean: float) -> float:
        """Seconds until the next of events that come at random, `mean` apart."""
        return -mean * math.log(1.0 - self.draw())

    def pick(self, among: Sequence[T]) -> T:
        """One of these."""
        return among[self.below(len(among))]

    def bytes(self, length: int) -> bytes:
        """This many bytes."""
        return bytes(self.below(256) for _ in range(length))
