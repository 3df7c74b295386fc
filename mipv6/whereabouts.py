"""Where the mobile node is: what routers say, what the kernel has, and what has turned out to be otherwise."""

from __future__ import annotations

from collections import Counter
from ipaddress import IPv6Address, IPv6Network

from client.core.links import Links
from client.core.machine import NEVER, Heard6, Send6
from mipv6.binding import Target
from mipv6.movement import Nowhere, Surroundings, candidates, locate, next_expiry
from mipv6.router_discovery import RouterDiscovery
from mipv6.settings import Settings


class Whereabouts:
    """Looks at the links after each event."""

    def __init__(self, settings: Settings, counters: Counter[str]) -> None:
        self._settings = settings
        self._counters = counters
        self._now = 0.0
        self._expiry = NEVER
        self._overlaps: frozenset[tuple[int, int]] = frozenset()  # links that only look like home
        self._confirmed: frozenset[tuple[int, int]] = frozenset()  # and those where the home agent signed that they are
        self.discovery = RouterDiscovery(counters)
        self.place: Target | Nowhere = Nowhere()
        self.addresses: frozenset[IPv6Address] = frozenset()  # care-of addresses that we could use now

    @property
    def deadline(self) -> float:
        """When to look again."""
        return min(self.discovery.deadline, self._expiry)

    def change_links(self, links: Links, now: float) -> list[Send6]:
        """The links are these."""
        visits = {(link.index, link.ups) for link in links.up()}
        self._overlaps, self._confirmed = self._overlaps & visits, self._confirmed & visits
        return self.discovery.change_links(links, now)

    def hear(self, heard: Heard6, now: float) -> list[Send6]:
        """A Router Advertisement or a neighbour advertisement."""
        return self.discovery.hear(heard, now)

    def tick(self, now: float) -> list[Send6]:
        """The deadline."""
        return self.discovery.tick(now)

    def forget(self) -> None:
        """A pause: afterwards all is asked anew."""
        self.discovery = RouterDiscovery(self._counters)
        self.place, self.addresses, self._expiry = Nowhere(), frozenset(), NEVER

    def locate(self, links: Links, current: Target | None, now: float) -> Target | Nowhere:
        """Where are we now?"""
        around = Surroundings(
            settings=self._settings,
            home_address=self._settings.home_address,
            links=links,
            routers=self.discovery.routers,
            silent=self.discovery.silent,
            overlaps=self._overlaps,
            current=current,
            now=now,
        )
        self._now = now
        self._expiry = next_expiry(around)
        self.addresses = frozenset(target.care_of_address for target in candidates(around))
        self.place = locate(around)
        return self.place

    def doubt_home(self, target: Target, links: Links) -> bool:
        """Nobody answers at this home: unless it was confirmed since the link came up, it is none."""
        visit = _visit(target, links)
        if visit is None or visit in self._confirmed:
            return False
        self._overlaps |= {visit}
        return True

    def confirm_home(self, target: Target, links: Links) -> None:
        """The home agent has signed that we are home."""
        visit = _visit(target, links)
        self._confirmed |= {visit} if visit else set()

    def doubt_router(self, target: Target | None, now: float) -> list[Send6]:
        """Nothing comes back: is the router in force still there?"""
        routers = self.discovery.routers
        key = (target.hop.interface, target.hop.router) if target else None
        return [output for router in routers if router.key == key for output in self.discovery.doubt(router, now)]

    def is_on_link(self, interface: int, address: IPv6Address) -> bool:
        """Is it an address of that very link?"""
        return any(address in prefix for prefix in self.prefixes(interface))

    def prefixes(self, interface: int) -> tuple[IPv6Network, ...]:
        """The on-link prefixes of a link."""
        found = dict.fromkeys(
            one.prefix
            for router in self.discovery.routers
            if router.interface == interface
            for one in router.advertisement.prefixes
            if one.on_link and router.valid_for(one, self._now) > 0
        )
        return tuple(found)


def _visit(target: Target, links: Links) -> tuple[int, int] | None:
    link = links.get(target.hop.interface)
    return (link.index, link.ups) if link else None
