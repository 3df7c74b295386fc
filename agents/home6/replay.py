"""Which updates are fresh: the timestamps of RFC 4285 §6."""

from __future__ import annotations

from ipaddress import IPv6Address

from agents.replay import ntp_timestamp, seconds_after
from client.core.machine import WallClock

_LOW_32_BITS = 0xFFFF_FFFF


class Timestamps:
    """Remembers, for each home address, the greatest timestamp accepted.

    What was accepted before a restart is not remembered: every timestamp older than our own start is refused.
    """

    def __init__(self, wall_clock: WallClock, tolerance: float) -> None:
        self._wall_clock = wall_clock
        self._tolerance = tolerance
        self._start = self._clock()
        self._accepted: dict[IPv6Address, int] = {}

    def is_fresh(self, home_address: IPv6Address, timestamp: int) -> bool:
        """Near our clock, not older than we are, and greater than all that were accepted from this node?"""
        last = self._accepted.get(home_address)
        near = abs(seconds_after(timestamp, self._clock())) <= self._tolerance
        newer = last is None or seconds_after(timestamp, last) > 0
        return near and newer and seconds_after(timestamp, self._start) >= 0

    def accept(self, home_address: IPv6Address, timestamp: int) -> None:
        """From now on only greater ones are fresh."""
        self._accepted[home_address] = timestamp

    def mismatch(self, timestamp: int) -> int:
        """What answers one that is not fresh: our clock's high 32 bits, the update's low ones."""
        return self._clock() & ~_LOW_32_BITS | timestamp & _LOW_32_BITS

    def _clock(self) -> int:
        return ntp_timestamp(self._wall_clock())
