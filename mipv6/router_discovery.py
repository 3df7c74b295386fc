"""Who routes on the links that we are on: solicited at once, remembered, and asked again (RFC 6275 §11.5.1).

Linux keeps addresses and routes while a link is unplugged. What counts is therefore what was heard since the link
came up: a Router Advertisement, or a neighbour advertisement of a router that was here before (RFC 6059).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv6Address

from client.core.errors import DecodeError
from client.core.icmp6 import Icmp6Type
from client.core.ipv6 import ALL_ROUTERS6, ANY6, group_link_layer_address
from client.core.links import Link, Links
from client.core.machine import NEVER, Heard6, Send6
from mipv6.neighbour_message import OffLinkError
from mipv6.neighbour_messages import NeighbourAdvertisement, NeighbourSolicitation
from mipv6.router_advertisement import RouterAdvertisement, RouterSolicitation
from mipv6.routers import Router

SOLICITATIONS = 3
SOLICITATION_INTERVAL = 4.0
"""RFC 4861 §10. The first one goes at once: the random delay before it would be most of a handover."""

PROBES = 3
PROBE_INTERVAL = 1.0
"""Neighbour unreachability detection (RFC 4861 §10)."""

MOST_ROUTERS = 8
MOST_FORMER = 6
"""Per link; the second one is of RFC 6059 §5.5.3."""


@dataclass(slots=True)
class _Visit:
    """A stay on one link, from when it came up until it goes down."""

    ups: int
    solicited: int = 0
    next_at: float = NEVER

    @property
    def is_over(self) -> bool:
        """Have we asked as often as we may?"""
        return self.next_at == NEVER


@dataclass(slots=True)
class _Probing:
    """A router that may be gone: asked so often, and again at."""

    tries: int
    next_at: float


class RouterDiscovery:
    """Hears Router Advertisements and asks for them; says which routers are here now."""

    def __init__(self, counters: Counter[str]) -> None:
        self._counters = counters
        self._links = Links()
        self._visits: dict[int, _Visit] = {}
        self._routers: dict[tuple[int, IPv6Address], Router] = {}
        self._former: dict[int, dict[bytes, Router]] = {}  # by link-layer address, the latest last
        self._probing: dict[tuple[int, IPv6Address], _Probing] = {}

    @property
    def deadline(self) -> float:
        """When to ask again."""
        visits = (visit.next_at for visit in self._visits.values())
        probes = (probing.next_at for probing in self._probing.values())
        silences = (router.missed_at for router in self._routers.values() if router.key not in self._probing)
        return min((*visits, *probes, *silences), default=NEVER)

    @property
    def routers(self) -> tuple[Router, ...]:
        """Those that are here, in the order in which they were first heard."""
        return tuple(self._routers.values())

    @property
    def silent(self) -> frozenset[int]:
        """The links where nobody advertises anything, although we asked."""
        talking = {interface for interface, _ in self._routers}
        return frozenset(index for index, visit in self._visits.items() if visit.is_over and index not in talking)

    def change_links(self, links: Links, now: float) -> list[Send6]:
        """The links are these: whoever came up is asked about, and whom we knew there."""
        self._links = links
        up = {link.index: link for link in links.up()}
        for index in [index for index, visit in self._visits.items() if index not in up or up[index].ups != visit.ups]:
            self._leave(index)
        return [output for link in up.values() if link.index not in self._visits for output in self._arrive(link, now)]

    def _leave(self, interface: int) -> None:
        del self._visits[interface]
        former = self._former.setdefault(interface, {})
        for key in [key for key in self._routers if key[0] == interface]:
            self._probing.pop(key, None)
            router = self._routers.pop(key)
            former.pop(router.link_layer_address, None)
            former[router.link_layer_address] = router
        for stale in list(former)[:-MOST_FORMER]:
            del former[stale]

    def _arrive(self, link: Link, now: float) -> list[Send6]:
        self._visits[link.index] = visit = _Visit(link.ups)
        former = self._former.get(link.index, {}).values()
        probes = [self._solicit_router(link, router) for router in former] if link.link_local else []
        return [*probes, self._solicit(link, visit, now)]

    def _solicit(self, link: Link, visit: _Visit, now: float) -> Send6:
        """RFC 6059 §5.6.2: without our link-layer address, so that an answer may come to the group as well."""
        visit.solicited += 1
        visit.next_at = now + SOLICITATION_INTERVAL
        return Send6(
            packet=RouterSolicitation().packet(link.link_local or ANY6),
            interface=link.index,
            link_layer_destination=group_link_layer_address(ALL_ROUTERS6),
        )

    def _solicit_router(self, link: Link, router: Router) -> Send6:
        question = NeighbourSolicitation(target=router.address, link_layer_address=link.link_layer_address)
        return Send6(
            packet=question.packet(link.link_local or ANY6, router.address),
            interface=link.index,
            link_layer_destination=router.link_layer_address,
        )

    def hear(self, heard: Heard6, now: float) -> list[Send6]:
        """Take a Router Advertisement or a neighbour advertisement."""
        visit = self._visits.get(heard.interface)
        if visit is None or not heard.packet.payload:
            return []
        try:
            if heard.packet.payload[0] == Icmp6Type.ROUTER_ADVERTISEMENT:
                return self._hear_router(heard, visit, now)
            if heard.packet.payload[0] == Icmp6Type.NEIGHBOUR_ADVERTISEMENT:
                self._hear_neighbour(heard, visit, now)
        except OffLinkError:
            self._counters["advertisements_off_link"] += 1
        except DecodeError:
            self._counters["advertisements_malformed"] += 1
        return []

    def _hear_router(self, heard: Heard6, visit: _Visit, now: float) -> list[Send6]:
        advertisement = RouterAdvertisement.unpack(heard.packet)
        router = Router(
            interface=heard.interface,
            visit=visit.ups,
            address=heard.packet.source,
            link_layer_address=advertisement.link_layer_address or heard.link_layer_source,
            advertisement=advertisement,
            heard_at=now,
            seen_at=now,
        )
        visit.next_at = NEVER
        is_new = router.key not in self._routers
        if is_new and sum(key[0] == heard.interface for key in self._routers) >= MOST_ROUTERS:
            self._counters["advertisements_of_too_many_routers"] += 1
            return []
        self._routers[router.key] = router
        self._probing.pop(router.key, None)
        self._former.get(heard.interface, {}).pop(router.link_layer_address, None)
        return self._doubt_others(router, now) if is_new else []

    def _doubt_others(self, router: Router, now: float) -> list[Send6]:
        """A new router with other prefixes: are those whom we know still here (RFC 6275 §11.5.1)?"""
        prefixes = {one.prefix for one in router.advertisement.prefixes}
        others = [other for other in self._routers.values() if other.interface == router.interface]
        strangers = [other for other in others if prefixes.isdisjoint(p.prefix for p in other.advertisement.prefixes)]
        return [output for other in strangers if other is not router for output in self.doubt(other, now)]

    def _hear_neighbour(self, heard: Heard6, visit: _Visit, now: float) -> None:
        """RFC 6059 §5.7.1: only an answer, and only if both of the router's addresses are those that we know."""
        answer = NeighbourAdvertisement.unpack(heard.packet)
        hand = answer.link_layer_address or heard.link_layer_source
        if not answer.solicited:
            return
        key = (heard.interface, answer.target)
        known = self._routers.get(key)
        if known and known.link_layer_address == hand:
            self._probing.pop(key, None)
            self._routers[key] = replace(known, seen_at=now)
            return
        former = self._former.get(heard.interface, {}).get(hand)
        if former and former.address == answer.target:
            del self._former[heard.interface][hand]
            visit.next_at = NEVER
            self._routers[key] = replace(former, visit=visit.ups, seen_at=now)

    def doubt(self, router: Router, now: float) -> list[Send6]:
        """Is it still there? Asked like this only if nobody is asking yet."""
        if router.key in self._probing or router.key not in self._routers:
            return []
        self._probing[router.key] = _Probing(0, now)
        return list(self._probe(now))

    def tick(self, now: float) -> list[Send6]:
        """The deadline: solicit again, ask after silent routers, and give up those that do not answer."""
        outputs: list[Send6] = []
        for index, visit in self._visits.items():
            link = self._links.get(index)
            if now < visit.next_at or link is None:
                continue
            if visit.solicited < SOLICITATIONS:
                outputs.append(self._solicit(link, visit, now))
            else:
                visit.next_at = NEVER
        for router in [router for router in self._routers.values() if now >= router.missed_at]:
            outputs += self.doubt(router, now)
        return [*outputs, *self._probe(now)]

    def _probe(self, now: float) -> Iterator[Send6]:
        for key, probing in list(self._probing.items()):
            router, link = self._routers[key], self._links.get(key[0])
            if now < probing.next_at or link is None:
                continue
            if probing.tries >= PROBES:
                del self._probing[key], self._routers[key]
                continue
            probing.tries += 1
            probing.next_at = now + PROBE_INTERVAL
            yield self._solicit_router(link, router)
