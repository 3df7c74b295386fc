"""When the next Binding Update may go, and when it should (RFC 6275 §11.8, §13)."""

from __future__ import annotations

from collections import deque

from client.core.machine import Random

FIRST_WAIT_UNBOUND = 1.5
"""InitialBindackTimeoutFirstReg: the home agent looks for duplicates of the home address first."""

FIRST_WAIT = 1.0
LONGEST_WAIT = 32.0
MAX_UPDATE_RATE = 3
SHORTEST_REFRESH = 10.0
"""Seconds: an advice of less would have us do little else."""


def next_wait(wait: float) -> float:
    """After `wait` seconds without an answer."""
    return min(wait * 2, LONGEST_WAIT)


def renewal_time(sent_at: float, lifetime: float, advice: float | None, random: Random) -> float:
    """Well before expiry and jittered; earlier if the home agent advises it (§11.7.3)."""
    usual = lifetime * (0.7 + 0.1 * random())
    return sent_at + (usual if advice is None else min(usual, max(advice, SHORTEST_REFRESH)))


class Pace:
    """At most MAX_UPDATE_RATE updates within a second."""

    def __init__(self) -> None:
        self._sent: deque[float] = deque(maxlen=MAX_UPDATE_RATE)

    def earliest(self, now: float) -> float:
        """When an update may go at the earliest."""
        return max(now, self._sent[0] + 1.0) if len(self._sent) == MAX_UPDATE_RATE else now

    def sent(self, now: float) -> None:
        """An update has gone."""
        self._sent.append(now)
