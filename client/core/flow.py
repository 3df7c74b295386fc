"""Notices that a flow of bytes has stopped: it may have ended, or something in its way swallows long packets."""

from __future__ import annotations

from client.core.machine import NEVER

FLOWING = 20_000.0
"""Bytes a second that make a flow: long packets are in it, or it has nothing to fear."""

FALLEN = 4.0
"""A flow has stopped when its rate is so many times smaller than it was."""

SILENCE = 0.75
"""Seconds without news of a flow, which is told four times a second while anything is sent or received."""


class FlowWatch:
    """Compares the rates of what goes one way."""

    def __init__(self) -> None:
        self._bytes = 0
        self._at: float | None = None
        self._rate = 0.0
        self.deadline = NEVER

    def tell(self, total: int, now: float) -> bool:
        """So many bytes have gone in all; True if a flow has just stopped."""
        passed = total - self._bytes
        seconds = 0.0 if self._at is None else now - self._at
        self._bytes, self._at = total, now
        if seconds <= 0 or passed < 0:
            return False
        before, self._rate = self._rate, passed / seconds
        self.deadline = now + SILENCE if self._rate >= FLOWING else NEVER
        return before >= FLOWING and self._rate < before / FALLEN

    def is_silent(self, now: float) -> bool:
        """Was there a flow, and no word of it since; True once."""
        if now < self.deadline:
            return False
        self.deadline, self._rate = NEVER, 0.0
        return True
