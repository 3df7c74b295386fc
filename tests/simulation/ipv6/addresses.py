"""A kernel's IPv6 addresses: formed from advertised prefixes, tested for duplicates, kept over a change of link."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Interface

from client.core.links import Address6, Doubt
from mipv6.neighbour_options import PrefixInformation

TESTING = 1.0
"""Seconds of duplicate address detection (RFC 4862 §5.4)."""


@dataclass(slots=True, eq=False)
class Held:
    """One address of an interface. `tested_at`: when it is known that nobody else has it."""

    ip: IPv6Address
    length: int
    tested_at: float
    valid_until: float = float("inf")
    preferred_until: float = float("inf")
    optimistic: bool = False
    duplicate: bool = False

    def is_tentative(self, now: float) -> bool:
        """Is it under test?"""
        return now < self.tested_at

    def is_usable(self, now: float) -> bool:
        """May packets bear it?"""
        return not self.duplicate and (self.optimistic or not self.is_tentative(now))

    def doubts(self, now: float) -> Doubt:
        """As netlink tells them."""
        found = Doubt(0)
        if self.is_tentative(now):
            found |= Doubt.OPTIMISTIC if self.optimistic else Doubt.TENTATIVE
        if self.duplicate:
            found |= Doubt.DUPLICATE
        if now >= self.preferred_until:
            found |= Doubt.DEPRECATED
        return found


class Addresses:
    """Those of one interface; Linux keeps them while it is unplugged, and does not test them again."""

    def __init__(self, link_layer_address: bytes) -> None:
        self.held: list[Held] = []
        self._identifier = interface_identifier(link_layer_address)

    def add(self, text: str) -> None:
        """One that an administrator wrote."""
        interface = IPv6Interface(text)
        self.held.append(Held(interface.ip, interface.network.prefixlen, 0.0))

    def link_local(self, now: float) -> Held:
        """The interface's own, made when it comes up first."""
        ip = IPv6Address(b"\xfe\x80" + bytes(6) + self._identifier)
        found = self.find(ip)
        if found is None:
            found = Held(ip, 64, now + TESTING)
            self.held.append(found)
        return found

    def advertised(self, prefix: PrefixInformation, now: float, *, optimistic: bool) -> Held | None:
        """Take a prefix (RFC 4862 §5.5.3); returns an address that is new."""
        if not prefix.autonomous or prefix.length != 64 or prefix.address.is_link_local:
            return None
        ip = IPv6Address(prefix.prefix.network_address.packed[:8] + self._identifier)
        known = self.find(ip)
        made = known or Held(ip, 64, now + TESTING, optimistic=optimistic)
        made.valid_until, made.preferred_until = now + prefix.valid_lifetime, now + prefix.preferred_lifetime
        if known is None and prefix.valid_lifetime:
            self.held.append(made)
            return made
        return None

    def find(self, ip: IPv6Address) -> Held | None:
        """This address."""
        return next((one for one in self.held if one.ip == ip), None)

    def expire(self, now: float) -> None:
        """What is valid no more goes."""
        self.held = [one for one in self.held if now < one.valid_until]

    def told(self, now: float) -> tuple[Address6, ...]:
        """Those that are not link-local, as netlink tells them."""
        own = (one for one in self.held if not one.ip.is_link_local)
        return tuple(Address6(IPv6Interface((one.ip, one.length)), one.doubts(now)) for one in own)

    def usable(self, now: float) -> Iterator[IPv6Address]:
        """Those that packets may bear."""
        return (one.ip for one in self.held if one.is_usable(now))


def interface_identifier(link_layer_address: bytes) -> bytes:
    """RFC 2464 §4."""
    first = bytes([link_layer_address[0] ^ 2])
    return first + link_layer_address[1:3] + b"\xff\xfe" + link_layer_address[3:]
