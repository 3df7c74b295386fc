"""What lay between a machine's word and the wire, of late."""

from __future__ import annotations

MEMORY = 5.0
"""Seconds for which a lag is remembered: longer than the intervals that it must not shorten."""

LONGEST = 0.25
"""Seconds; a machine that is slower than that has other worries."""


class Lag:
    """The longest lag of the last seconds."""

    def __init__(self) -> None:
        self._lag = 0.0
        self._noted_at = 0.0

    def note(self, lag: float, now: float) -> None:
        """Packets left this long after they were decided on."""
        if lag >= self.longest(now):
            self._lag, self._noted_at = min(lag, LONGEST), now

    def longest(self, now: float) -> float:
        """Seconds by which the last packets may have been late."""
        return self._lag if now - self._noted_at <= MEMORY else 0.0
