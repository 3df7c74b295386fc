"""When the next request may go, and when it should (RFC 5944 §3.6.3)."""

from __future__ import annotations

from dataclasses import dataclass, field

from client.core.machine import Random

SHORTEST_GAP = 1.0
"""Seconds between two requests to a home agent on the wire (RFC 5944 §3.6.3)."""

FIRST_WAIT = 1.0
EARLY_LONGEST_WAIT = 4.0
"""For the first minute: a stated deviation from pure doubling, so that two lost packets cost seconds, not a minute."""
EARLY = 60.0
LATE_LONGEST_WAIT = 60.0


def next_wait(wait: float, asking_for: float) -> float:
    """After `wait` seconds without an answer, `asking_for` seconds after the first request: 1, 2, 4, 4 ... 60."""
    longest = EARLY_LONGEST_WAIT if asking_for < EARLY else LATE_LONGEST_WAIT
    return min(wait * 2, longest)


def renewal_time(sent_at: float, lifetime: float, random: Random) -> float:
    """Well before expiry and jittered, so that some losses do no harm and laptops do not march in step."""
    return sent_at + lifetime * (0.7 + 0.1 * random())


@dataclass(slots=True)
class Pace:
    """Holds requests a second apart, except for the first one after a link-layer move (§3.6)."""

    gap: float = SHORTEST_GAP
    last_sent: float = -1e9
    _before_last: float = field(default=-1e9)
    _last_link: tuple[int, int] | None = None

    def earliest(self, link: tuple[int, int], now: float) -> float:
        """When a request from this link may go at the earliest; a flapping link gets one exception a second."""
        moved = link != self._last_link
        return max(now, (self._before_last if moved else self.last_sent) + self.gap)

    def sent(self, link: tuple[int, int], now: float) -> None:
        """A request has gone."""
        self._before_last, self.last_sent, self._last_link = self.last_sent, now, link
