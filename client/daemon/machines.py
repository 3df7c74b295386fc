"""The mobile nodes of a profile: one for IPv4, one for IPv6, or both in one world."""

from __future__ import annotations

from dataclasses import dataclass

from client.core.both import Both, memories
from client.core.errors import DecodeError
from client.core.history import History
from client.core.machine import NEVER, Machine, Random, WallClock
from client.mipv4.mobile_node import MobileNode
from client.mipv4.settings import Settings as Settings4
from mipv6.mobile_node import MobileNode6
from mipv6.settings import Settings as Settings6


@dataclass(frozen=True, slots=True, kw_only=True)
class Families:
    """What is to run; at least one of them."""

    v4: Settings4 | None = None
    v6: Settings6 | None = None


class Machines:
    """The machines, and what they say together."""

    def __init__(self, families: Families, wall_clock: WallClock, random: Random, memory: bytes) -> None:
        first, second = _memories(memory, families)
        self.v4 = MobileNode(families.v4, wall_clock, random, first) if families.v4 else None
        self.v6 = MobileNode6(families.v6, wall_clock, random, second) if families.v6 else None

    @property
    def all(self) -> tuple[MobileNode | MobileNode6, ...]:
        """Those that there are."""
        return tuple(one for one in (self.v4, self.v6) if one is not None)

    @property
    def machine(self) -> Machine:
        """What the driver drives."""
        first, *others = self.all
        return Both(first, *others) if others else first

    @property
    def histories(self) -> tuple[History, ...]:
        """What happened in each family."""
        return tuple(one.history for one in self.all)

    @property
    def left(self) -> bool:
        """Is nothing bound any more, on purpose?"""
        return all(one.left for one in self.all)

    @property
    def parted_cleanly(self) -> bool:
        """Did every home agent confirm the last farewell, or had nothing bound?"""
        return all(one.parted_cleanly for one in self.all)

    @property
    def binding_ends(self) -> float:
        """When the last home agent will have forgotten us by itself, in machine time; NEVER if nothing is bound."""
        bindings = (one.registration.binding for one in self.all)
        times = [one.expires_at for one in bindings if one is not None and one.lifetime]
        return max((time for time in times if time != NEVER), default=NEVER)


def _memories(memory: bytes, families: Families) -> tuple[bytes, bytes]:
    """What each of them remembered; one that was alone has all of it."""
    try:
        first, second = memories(memory)
    except DecodeError:
        return b"", b""
    alone = families.v4 is None and first == memory
    return (b"", first) if alone else (first, second)
