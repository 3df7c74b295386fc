"""What a bad network does to frames, decided by a seed: the same seed, the same fate for each frame."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Impairment:
    """Times in seconds, the rest as probabilities for each frame."""

    delay: float = 0.0
    jitter: float = 0.0  # up to so much more, evenly distributed; frames keep their order
    loss: float = 0.0
    duplication: float = 0.0
    reordering: float = 0.0  # a frame so chosen is held back for another delay and is overtaken
    seed: int = 1

    def __post_init__(self) -> None:
        if not all(0.0 <= value <= 1.0 for value in (self.loss, self.duplication, self.reordering)):
            raise ValueError("loss, duplication and reordering are probabilities between 0 and 1")
        if min(self.delay, self.jitter) < 0:
            raise ValueError("delay and jitter are not negative")

    @property
    def any(self) -> bool:
        """Does it do anything at all?"""
        return bool(self.delay or self.jitter or self.loss or self.duplication or self.reordering)


_DRAWS = 2**32

SHORTEST_HOLD = 0.005
"""A frame that is to be overtaken waits at least so long, also on a network without delay."""


class Fate:
    """Decides, frame by frame, for one direction of one cable."""

    def __init__(self, impairment: Impairment, direction: str) -> None:
        self._impairment = impairment
        self._key = f"{impairment.seed} {direction}".encode()
        self._count = 0
        self._latest = 0.0

    def of_next(self, now: float) -> list[float]:
        """When to let out the copies of the next frame: none if it is lost, two if it is doubled."""
        what = self._impairment
        lost, doubled, held, jitter = self._draw()
        if lost < what.loss:
            return []
        if held < what.reordering:
            due = now + what.delay + max(what.delay, SHORTEST_HOLD)
        else:
            due = self._latest = max(self._latest, now + what.delay + jitter * what.jitter)
        return [due, due] if doubled < what.duplication else [due]

    def _draw(self) -> tuple[float, float, float, float]:
        """Four even numbers in [0, 1) that depend on nothing but the seed, the direction and the frame's number."""
        self._count += 1
        digest = hashlib.blake2b(self._count.to_bytes(8, "big"), key=self._key[:64], digest_size=16).digest()
        first, second, third, fourth = struct.unpack("!IIII", digest)
        return first / _DRAWS, second / _DRAWS, third / _DRAWS, fourth / _DRAWS
