"""Identification by timestamps: 64 bits in NTP's format, and how they are kept fresh (RFC 5944 §5.7.1, RFC 4285 §6)."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

from client.core.machine import Random

NTP_EPOCH = 2_208_988_800
"""Seconds from 1900 to 1970 (RFC 5905 §6)."""

EARLIEST_TIME = 1_767_225_600.0
"""2026-01-01: a clock before the year this was written is not set, and must not sign anything (threat T5)."""

LATEST_TIME = float(2**32 - NTP_EPOCH - 86_400)
"""A day before NTP's 32-bit seconds roll over in 2036: greater numbers cannot be written behind that.

A request from a far future could also be stored and played when its time has come (RELIABILITY: pre-play).
"""

_CLOCK_BITS = 22  # a float of today's time has about this many fractional bits; the rest is drawn at random
_RANDOM_BITS = 32 - _CLOCK_BITS


def to_ntp(unix_time: float, random: Random) -> int:
    """The 64-bit NTP timestamp of a time, with random bits below the clock's resolution."""
    ticks = int((unix_time + NTP_EPOCH) * (1 << _CLOCK_BITS))
    return ((ticks << _RANDOM_BITS) | int(random() * (1 << _RANDOM_BITS))) & 0xFFFF_FFFF_FFFF_FFFF


def is_plausible(unix_time: float) -> bool:
    """Can it be this late? Requests with other times are never sent (threat T5)."""
    return EARLIEST_TIME <= unix_time <= LATEST_TIME


def from_ntp(identification: int) -> float:
    """Seconds since 1970 of an NTP timestamp."""
    return identification / (1 << 32) - NTP_EPOCH


@dataclass(slots=True)
class Identifications:
    """Makes identifications that the home agent will take as fresh.

    `offset` is what the home agent's clock is ahead of ours, learnt from authenticated replies alone and
    never put into the system clock. `floor` is the highest identification that the home agent accepted.
    """

    random: Random
    offset: float = 0.0
    floor: int = 0
    last_sent: int = 0

    def next(self, wall_clock: float) -> int | None:
        """A fresh identification, greater than all before it; None while the clock is implausible."""
        if not is_plausible(wall_clock + self.offset) and is_plausible(wall_clock):
            self.offset = 0.0  # somebody has set the clock right since we learnt this
        time = wall_clock + self.offset
        if not is_plausible(time):
            return None
        # A clock that stepped back still yields a greater number: the home agent answers 133 if it is too old.
        above = max(self.floor, self.last_sent) + 1 + int(self.random() * 0xFFFF)
        self.last_sent = max(to_ntp(time, self.random), above)
        return self.last_sent

    def accept(self, identification: int) -> None:
        """The home agent accepted this one."""
        self.floor = max(self.floor, identification)

    def resynchronise(self, home_agents: int, wall_clock: float) -> None:
        """Take the home agent's clock from an authenticated reply (133; IPv6: 144) that echoes our low 32 bits.

        Its high 32 bits are whole seconds, so the middle of that second is the best guess.
        """
        theirs = (home_agents >> 32) - NTP_EPOCH + 0.5
        self.offset = theirs - wall_clock
        self.last_sent = 0
        self.floor = min(self.floor, (home_agents >> 32) << 32)

    def pack(self) -> bytes:
        """What must outlive a restart, as JSON."""
        return json.dumps({"offset": self.offset, "floor": self.floor}).encode()

    def restore(self, memory: bytes) -> None:
        """Take up what `pack` made; anything else is ignored, since it only costs one more request."""
        try:
            stored = json.loads(memory)
            offset, floor = float(stored["offset"]), int(stored["floor"])
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
            return
        if math.isfinite(offset) and floor >= 0 and is_plausible(from_ntp(floor) if floor else EARLIEST_TIME):
            self.offset, self.floor = offset, floor
