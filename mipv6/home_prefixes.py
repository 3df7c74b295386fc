"""What becomes of the home prefix while we are away (RFC 6275 §11.4.2, §11.4.3): mobile prefix discovery."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network

from client.core.errors import DecodeError
from client.core.ipv6 import IPv6Packet
from client.core.machine import NEVER, Random, Send6
from mipv6.binding import Binding
from mipv6.neighbour_options import INFINITE_LIFETIME
from mipv6.pacing import LONGEST_WAIT
from mipv6.prefix_messages import PrefixAdvertisement, PrefixSolicitation
from mipv6.renumbering import successor

FIRST_WAIT = 3.0
"""INITIAL_SOLICIT_TIMER (§12)."""

FRESH = 0.8
"""After this part of what is left of a lifetime we ask what has become of it."""

SHORTEST_REFRESH = 10.0


@dataclass(frozen=True, slots=True)
class _Asked:
    identifier: int
    wait: float


class HomePrefixes:
    """Asks the home agent, and remembers how long the home prefix lives."""

    def __init__(self, home_prefix: IPv6Network, home_address: IPv6Address, random: Random, counters: Counter[str]):
        self._home_prefix = home_prefix
        self._home_address = home_address
        self._random = random
        self._counters = counters
        self._binding: Binding | None = None
        self._asked: _Asked | None = None
        self._next_at = NEVER
        self._asked_at = -NEVER
        self.valid_until = NEVER
        self.preferred_until = NEVER
        self.successor: IPv6Network | None = None  # where hosts at home form addresses when ours are gone

    @property
    def deadline(self) -> float:
        """When to ask (again), or when the home address is to be another one."""
        return min(self._next_at, self.valid_until) if self.successor else self._next_at

    def replaced(self, now: float) -> IPv6Network | None:
        """The prefix to go on with, once ours is valid no more."""
        return self.successor if now >= self.valid_until else None

    def follow(self, binding: Binding | None) -> None:
        """This binding is in force: it says whom to ask, and from where. None: nobody can be asked."""
        self._binding = binding
        if binding is None:
            self._asked, self._next_at = None, NEVER

    def solicit(self, now: float) -> list[Send6]:
        """Ask, unless we are asking already."""
        if self._asked is not None or now < self._asked_at + FIRST_WAIT:
            return []
        return self._solicit(FIRST_WAIT, now)

    def _solicit(self, wait: float, now: float) -> list[Send6]:
        binding = self._binding
        if binding is None:
            return []
        self._asked = _Asked(int(self._random() * 0x10000), wait)
        self._asked_at, self._next_at = now, now + wait
        packet = PrefixSolicitation(identifier=self._asked.identifier).packet(
            binding.care_of_address, binding.home_agent, self._home_address
        )
        return [Send6(packet=packet)]

    def timeout(self, now: float) -> list[Send6]:
        """The deadline: nobody answered, or what we know grows old."""
        if now < self._next_at:
            return []
        self._next_at = NEVER
        return self._solicit(FIRST_WAIT if self._asked is None else min(self._asked.wait * 2, LONGEST_WAIT), now)

    def hear(self, packet: IPv6Packet, now: float) -> list[Send6]:
        """Take what may be a Mobile Prefix Advertisement; an unsolicited one is discarded, and asked about."""
        binding = self._binding
        if binding is None or not self._is_addressed(packet, binding):
            self._counters["prefix_advertisements_dropped"] += 1
            return []
        try:
            advertisement = PrefixAdvertisement.unpack(packet)
        except DecodeError:
            self._counters["prefix_advertisements_dropped"] += 1
            return []
        if self._asked is None or advertisement.identifier != self._asked.identifier:
            self._counters["prefix_advertisements_unsolicited"] += 1
            return self.solicit(now)
        self._asked = None
        self._learn(advertisement, now)
        return []

    def _is_addressed(self, packet: IPv6Packet, binding: Binding) -> bool:
        """§11.4.3: from the home agent that has our binding, by a type 2 routing header."""
        expected = (binding.home_agent, binding.care_of_address, self._home_address)
        return (packet.source, packet.destination, packet.routing) == expected

    def _learn(self, advertisement: PrefixAdvertisement, now: float) -> None:
        own = [one for one in advertisement.prefixes if one.prefix == self._home_prefix]
        for information in own:
            self.valid_until = now + _lifetime(information.valid_lifetime)
            self.preferred_until = now + _lifetime(information.preferred_lifetime)
        self.successor = successor(advertisement.prefixes, self._home_prefix)
        left = self.valid_until - now
        self._next_at = NEVER if left == NEVER else now + max(FRESH * left, SHORTEST_REFRESH)


def _lifetime(seconds: int) -> float:
    return NEVER if seconds == INFINITE_LIFETIME else float(seconds)
