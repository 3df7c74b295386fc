"""The prefixes of the home link, and how long they last (RFC 6275 §10.3.1, §10.6.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv6Address

from agents.home6.settings import FOR_EVER, HomePrefix
from client.core.links import Link
from client.core.machine import Command
from mipv6.neighbour_options import PrefixInformation

UNIT = 4
"""Lifetimes are compared in units of four seconds (RFC 6275 §10.3.1)."""


@dataclass(frozen=True, slots=True)
class PrefixesChanged(Command):
    """A person renumbered the home link: these are its prefixes now."""

    prefixes: tuple[HomePrefix, ...]


class HomePrefixes:
    """The list, from the moment that it was read."""

    def __init__(self, prefixes: tuple[HomePrefix, ...]) -> None:
        self.all = prefixes
        self._since: float | None = None

    def begin(self, now: float) -> None:
        """The first moment of which we know: lifetimes count down from here."""
        if self._since is None:
            self._since = now

    def adopt(self, prefixes: tuple[HomePrefix, ...], now: float) -> frozenset[HomePrefix]:
        """Another list from now on; returns the entries that are new in it, or in which something is."""
        changed = frozenset(prefixes) - frozenset(self.all)
        self.all, self._since = prefixes, now
        return changed

    def of(self, home_address: IPv6Address, now: float) -> HomePrefix | None:
        """The valid prefix that an address lies in."""
        fitting = (home for home in self.all if home_address in home.prefix)
        return next((home for home in fitting if self.valid(home, now) >= UNIT), None)

    def valid(self, home: HomePrefix, now: float) -> int:
        """Seconds that are left, or FOR_EVER."""
        return self._left(home.valid, home, now)

    def preferred(self, home: HomePrefix, now: float) -> int:
        """Seconds that are left, or FOR_EVER."""
        return self._left(home.preferred, home, now)

    def limit(self, home: HomePrefix, lifetime: int, now: float) -> int:
        """A binding lasts no longer than the prefix of its home address (RFC 6275 §10.3.1); whole units."""
        return min(lifetime, self.valid(home, now)) // UNIT * UNIT

    def needs_discovery(self, home: HomePrefix, lifetime: int, now: float) -> bool:
        """Will the prefix be deprecated within the lifetime of a binding, or invalid at its end (§10.3.1)?"""
        preferred, valid = self.preferred(home, now), self.valid(home, now)
        deprecated = preferred != FOR_EVER and preferred // UNIT < lifetime // UNIT
        return deprecated or (valid != FOR_EVER and valid // UNIT <= lifetime // UNIT)

    def information(self, link: Link | None, home_agent: IPv6Address, now: float) -> Iterator[PrefixInformation]:
        """As they are advertised: with our own address wherever we have one (the R bit, RFC 6275 §7.2)."""
        own = [home_agent, *(address.ip for address in (link.addresses6 if link else ()))]
        for home in self.all:
            address = next((each for each in own if each in home.prefix), None)
            yield PrefixInformation(
                address=home.prefix.network_address if address is None else address,
                length=home.prefix.prefixlen,
                on_link=True,
                autonomous=home.autonomous,
                router_address=address is not None,
                valid_lifetime=self.valid(home, now),
                preferred_lifetime=self.preferred(home, now),
            )

    def hold(self, addresses: Iterable[IPv6Address]) -> Iterator[IPv6Address]:
        """Those addresses that lie in one of them."""
        return (address for address in addresses if any(address in home.prefix for home in self.all))

    def _left(self, lifetime: int, home: HomePrefix, now: float) -> int:
        if lifetime == FOR_EVER or not home.counts_down or self._since is None:
            return lifetime
        return max(0, int(lifetime - (now - self._since)))
