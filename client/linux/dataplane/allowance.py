"""How many ICMP errors we send: a few at once, and not many a second (RFC 1812 §4.3.2.8)."""

from __future__ import annotations

from collections.abc import Callable


class Allowance:
    """A bucket that fills with time."""

    def __init__(self, now: Callable[[], float], *, burst: int = 50, per_second: float = 100.0) -> None:
        self._now = now
        self._burst, self._per_second = burst, per_second
        self._left = float(burst)
        self._at = now()

    def take(self) -> bool:
        """Whether one more is allowed."""
        now = self._now()
        self._left = min(self._burst, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
