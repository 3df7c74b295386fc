"""What the kernel of a correspondent holds: a route and a tunnel for each binding (RFC 6275 §9.3.2)."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv6Address, IPv6Network
from itertools import chain

from client.core.links import Link, Links
from client.core.plan import (
    ANCHOR,
    EMPTY,
    Anchor,
    Encapsulation,
    End,
    Item,
    MobilityHeaders,
    Plan,
    Route,
    Table,
    Tunnel,
)
from mipv6.correspondent_cache import CachedBinding, CorrespondentCache, Former, Key


class CorrespondentPlan:
    """Follows the cache; what has not changed stays the same object."""

    def __init__(self, cache: CorrespondentCache, anchor_mtu: int) -> None:
        self._cache = cache
        self._links = Links()
        self._anchor = Anchor(mtu=anchor_mtu)
        self._headers = MobilityHeaders()
        self._groups: dict[Key, Plan] = {}
        self._plan: Plan | None = None

    def adopt(self, links: Links) -> None:
        """The links are now these: packets may have to leave by others."""
        self._links = links
        self._cache.changed.update(self._groups, (binding.key for binding in self._cache))

    def current(self) -> Plan:
        """The plan; the same object while nothing changes."""
        changed = [key for key in self._cache.changed if self._renew(key)]
        self._cache.changed.clear()
        if changed or self._plan is None:
            self._plan = self._whole()
        return self._plan

    def _whole(self) -> Plan:
        if not self._groups:
            return (self._headers,)
        routes = {item.key: item for item in chain.from_iterable(self._groups.values())}
        return (self._headers, self._anchor, *routes.values())

    def _renew(self, key: Key) -> bool:
        items = tuple(self._items(key))
        if self._groups.get(key, EMPTY) == items:
            return False
        self._groups.pop(key, None)
        if items:
            self._groups[key] = items
        return True

    def _items(self, key: Key) -> Iterator[Item]:
        if not is_own(self._links, key[1]):
            return
        binding = self._cache.get(key)
        if binding is not None:
            yield self._tunnel(key, binding, sends=True)
            yield Route(
                destination=IPv6Network(binding.home_address),
                interface=ANCHOR,
                source=binding.correspondent,
                table=Table.MAIN,
            )
        for former in self._cache.formers(key):
            yield self._tunnel(key, former, sends=False)

    def _tunnel(self, key: Key, place: CachedBinding | Former, *, sends: bool) -> Tunnel:
        home_address, correspondent = key
        towards = link_towards(self._links, place.care_of_address)
        return Tunnel(
            end=End.HOME,
            home_address=home_address,
            local=correspondent,
            remote=place.care_of_address,
            encapsulation=Encapsulation.DIRECT,
            sends=sends,
            interface=towards.index if towards else place.interface,
        )


def is_own(links: Links, address: IPv6Address) -> bool:
    """Is this one of our addresses, and usable?"""
    return any(each.ip == address and each.is_usable for link in links.links for each in link.addresses6)


def link_towards(links: Links, address: IPv6Address) -> Link | None:
    """The link that packets to an address leave by: one that it is on, or the first that leads everywhere."""
    up = links.up()
    near = (link for link in up if any(address in each.interface.network for each in link.addresses6))
    return next(near, None) or next((link for link in up if link.routed6), None)
