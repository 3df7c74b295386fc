"""Routers as a mobile node knows them: what they advertised, since when, and how long it holds (RFC 4861 §6.3.4)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network

from client.core.machine import NEVER
from mipv6.neighbour_options import INFINITE_LIFETIME, PrefixInformation
from mipv6.router_advertisement import RouterAdvertisement

MISSED = 3
"""So many advertisements of a router that tells its interval must fail to come before we ask if it is still there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Router:
    """A router on one of our links; `visit` says during which stay on the link it was heard (`Link.ups`)."""

    interface: int
    visit: int
    address: IPv6Address  # link-local
    link_layer_address: bytes
    advertisement: RouterAdvertisement
    heard_at: float  # its advertisement: lifetimes count from then
    seen_at: float  # any sign of it

    @property
    def key(self) -> tuple[int, IPv6Address]:
        """One router per link and address."""
        return (self.interface, self.address)

    @property
    def missed_at(self) -> float:
        """When its silence becomes strange (RFC 6275 §11.5.1)."""
        interval = self.advertisement.interval
        return NEVER if not interval else self.seen_at + MISSED * interval

    def is_default(self, now: float) -> bool:
        """Does it take packets to everywhere?"""
        return now < self.heard_at + self.advertisement.lifetime

    def prefix_of(self, address: IPv6Address, now: float) -> PrefixInformation | None:
        """The advertised and still valid prefix that an address lies in."""
        for information in self.advertisement.prefixes:
            usable = information.on_link or information.autonomous
            if usable and address in information.prefix and self.valid_for(information, now) > 0:
                return information
        return None

    def valid_for(self, information: PrefixInformation, now: float) -> float:
        """Seconds for which a prefix is valid yet."""
        if information.valid_lifetime == INFINITE_LIFETIME:
            return NEVER
        return self.heard_at + information.valid_lifetime - now

    def is_on_link(self, address: IPv6Address, now: float) -> bool:
        """Is this address one of the link's own, as far as this router says?"""
        prefixes = (one for one in self.advertisement.prefixes if one.on_link and self.valid_for(one, now) > 0)
        return any(address in one.prefix for one in prefixes)

    def advertises(self, prefix: IPv6Network, now: float) -> bool:
        """Is this very prefix on the link?"""
        mine = (one for one in self.advertisement.prefixes if one.on_link and one.prefix == prefix)
        return any(self.valid_for(one, now) > 0 for one in mine)

    @property
    def global_addresses(self) -> tuple[IPv6Address, ...]:
        """Its own addresses, as it tells them (the R bit, RFC 6275 §7.2)."""
        return tuple(one.address for one in self.advertisement.prefixes if one.router_address)
