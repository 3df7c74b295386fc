"""Packets that overtook the registration request of the place they come from.

A laptop that has just moved may send through its new care-of address right behind its request. Until the home agent has
granted that, its packets come from an address that no binding knows: they wait, and nothing is forwarded before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from client.linux.dataplane.exits import Way

LONGEST = 0.020
"""Seconds that a packet waits: reading and granting a request takes a few milliseconds."""
MOST = 64
"""Packets of one home address that wait."""
MOST_OF_ALL = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """An inner packet, and how it came."""

    way: Way
    path: bytes
    congestion: int
    packet: bytes


class HeldPackets:
    """What waits, by home address, in the order in which it came."""

    def __init__(self, give_up: Callable[[Held], None]) -> None:
        """`give_up` hears of each packet that waited in vain."""
        self._loop = asyncio.get_running_loop()
        self._give_up = give_up
        self._waiting: dict[bytes, dict[Held, asyncio.TimerHandle]] = {}
        self._count = 0

    def hold(self, home_address: bytes, held: Held) -> bool:
        """Let a packet wait; False if there is no room."""
        waiting = self._waiting.get(home_address, {})
        if len(waiting) >= MOST or self._count >= MOST_OF_ALL:
            return False
        waiting[held] = self._loop.call_later(LONGEST, self._expire, home_address, held)
        self._waiting[home_address] = waiting
        self._count += 1
        return True

    def take(self, home_address: bytes, fits: Callable[[Held], bool]) -> list[Held]:
        """Those that need wait no longer."""
        taken = [held for held in self._waiting.get(home_address, {}) if fits(held)]
        for held in taken:
            self._remove(home_address, held).cancel()
        return taken

    def close(self) -> None:
        """Forget all."""
        for waiting in self._waiting.values():
            for timer in waiting.values():
                timer.cancel()
        self._waiting.clear()
        self._count = 0

    def _expire(self, home_address: bytes, held: Held) -> None:
        self._remove(home_address, held)
        self._give_up(held)

    def _remove(self, home_address: bytes, held: Held) -> asyncio.TimerHandle:
        waiting = self._waiting[home_address]
        timer = waiting.pop(held)
        if not waiting:
            del self._waiting[home_address]
        self._count -= 1
        return timer
