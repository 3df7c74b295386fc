"""How often one correspondent may hear from us (RFC 6275 §11.8)."""

from __future__ import annotations

from collections import deque

from mipv6.messages import Message

MAX_UPDATE_RATE = 3
"""Messages of one type to one correspondent within a second (§12)."""


class Pace:
    """Of one correspondent."""

    def __init__(self) -> None:
        self._sent: dict[type[Message], deque[float]] = {}

    def earliest(self, kind: type[Message], now: float) -> float:
        """When a message of this type may go."""
        sent = self._sent.get(kind)
        return max(now, sent[0] + 1.0) if sent is not None and len(sent) == MAX_UPDATE_RATE else now

    def sent(self, kind: type[Message], now: float) -> None:
        """One has gone."""
        self._sent.setdefault(kind, deque(maxlen=MAX_UPDATE_RATE)).append(now)
