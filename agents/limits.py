"""How often strangers are answered (threats T12, F21): bounded in rate and in memory."""

from __future__ import annotations

from collections.abc import Hashable

REMEMBERED = 1024
"""Askers remembered at one time; the one who asked least recently is forgotten first."""


class Allowance:
    """For each asker `burst` answers at once, and `rate` a second after that."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = burst
        self._askers: dict[Hashable, tuple[float, float]] = {}  # tokens left, and when

    def take(self, asker: Hashable, now: float) -> bool:
        """May this asker be answered now? If so, it is counted."""
        tokens, since = self._askers.pop(asker, (float(self._burst), now))
        tokens = min(self._burst, tokens + max(0.0, now - since) * self._rate)
        allowed = tokens >= 1
        self._askers[asker] = (tokens - 1 if allowed else tokens, now)
        if len(self._askers) > REMEMBERED:
            del self._askers[next(iter(self._askers))]
        return allowed
