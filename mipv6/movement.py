"""Did we move, and where are we? From links and routers to one target (RFC 6275 §11.5.1 to §11.5.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv6Address

from client.core.ipv6 import is_unicast_routable
from client.core.links import Address6, Doubt, Link, Links
from client.core.machine import NEVER
from client.core.status import Place
from mipv6.binding import Hop, Target
from mipv6.routers import Router
from mipv6.settings import Settings


@dataclass(frozen=True, slots=True)
class Nowhere:
    """No way to be bound; `reason` says what stands in the way, if it is not merely that nothing is there yet."""

    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """All that the decision rests on."""

    settings: Settings
    home_address: IPv6Address
    links: Links
    routers: tuple[Router, ...]
    now: float
    silent: frozenset[int] = frozenset()  # links where no router advertises anything: DHCPv6, or set by hand
    overlaps: frozenset[tuple[int, int]] = frozenset()  # (index, ups) of links that only look like home
    current: Target | None = None

    def on(self, link: Link) -> tuple[Router, ...]:
        """The routers heard on a link."""
        return tuple(router for router in self.routers if router.interface == link.index)


def locate(around: Surroundings) -> Target | Nowhere:
    """Home first; then the best care-of address, in the order of the links; then nowhere, and why."""
    for link in around.links.up():
        if home := _home(around, link):
            return home
    found = candidates(around)
    if not found:
        return Nowhere(next(_obstacles(around), None))
    first = found[0].hop.interface
    here = [target for target in found if target.hop.interface == first]
    current = around.current
    same = next((target for target in here if current and target.spot == current.spot), None)
    return same if same and not _is_deprecated(around, same) else here[0]


def _home(around: Surroundings, link: Link) -> Target | None:
    """The home prefix is on this link (§11.5.2)."""
    if (link.index, link.ups) in around.overlaps:
        return None
    home_prefix = around.settings.home_prefix
    if not any(router.advertises(home_prefix, around.now) for router in around.on(link)):
        return None
    agents = {
        address: router.link_layer_address
        for router in around.on(link)
        if router.advertisement.home_agent
        for address in router.global_addresses
    }
    hop = _hop(around, link) or Hop(interface=link.index)
    return Target(place=Place.HOME, care_of_address=around.home_address, hop=hop, home_agents=tuple(agents.items()))


def candidates(around: Surroundings) -> list[Target]:
    """The care-of addresses that we could use now, the best first: deprecated ones are last on their link."""
    found = []
    for link in around.links.up():
        own = [address for address in link.addresses6 if refusal(around, address) is None]
        own.sort(key=lambda address: Doubt.DEPRECATED in address.doubts)
        found += [target for address in own if (target := _target(around, link, address))]
    return found


def _target(around: Surroundings, link: Link, address: Address6) -> Target | None:
    """Only where its prefix was advertised since the link came up, or where nobody advertises, and a route leads out.

    §11.5.4: its prefix is one that the default router advertises, if that one advertises any.
    """
    hop = _hop(around, link, address.ip)
    for router in around.on(link):
        if hop and (information := router.prefix_of(address.ip, around.now)):
            lifetime = router.valid_for(information, around.now)
            return Target(place=Place.CO_LOCATED, care_of_address=address.ip, hop=hop, expires_at=around.now + lifetime)
    if link.index in around.silent and link.routed6:
        hop = Hop(interface=link.index, router=link.gateway6)
        return Target(place=Place.CO_LOCATED, care_of_address=address.ip, hop=hop)
    return None


def _hop(around: Surroundings, link: Link, address: IPv6Address | None = None) -> Hop | None:
    """The router for packets from this address: best one that advertises its prefix."""
    default = [router for router in around.on(link) if router.is_default(around.now)]
    own = [router for router in default if address and router.prefix_of(address, around.now)]
    router = next(iter(own or default), None)
    if router is None:
        return None
    return Hop(interface=link.index, router=router.address, link_layer_address=router.link_layer_address)


def _is_deprecated(around: Surroundings, target: Target) -> bool:
    link = around.links.get(target.hop.interface)
    own = link.addresses6 if link else ()
    return any(one.ip == target.care_of_address and Doubt.DEPRECATED in one.doubts for one in own)


def refusal(around: Surroundings, address: Address6) -> str | None:
    """Why an address cannot be a care-of address now, or None if it can."""
    if not address.is_usable:
        return "care-of-duplicate" if Doubt.DUPLICATE in address.doubts else "care-of-tentative"
    if address.ip == around.home_address:
        return "care-of-is-home-address"
    if address.ip in around.settings.home_agents:
        return "care-of-is-home-agent"
    if address.ip in around.settings.home_prefix:
        return "care-of-in-home-network"
    return None if is_unicast_routable(address.ip) else "care-of-not-routable"


def _obstacles(around: Surroundings) -> Iterator[str]:
    """What stands in the way, of addresses whose prefix is on their link: others are of former links."""
    for link in around.links.up():
        for address in link.addresses6:
            here = any(router.prefix_of(address.ip, around.now) for router in around.on(link))
            if here and (reason := refusal(around, address)):
                yield reason


def next_expiry(around: Surroundings) -> float:
    """When a router or a prefix ceases to count; NEVER if nothing does."""
    times = [
        router.heard_at + lifetime
        for router in around.routers
        for lifetime in (router.advertisement.lifetime, *(one.valid_lifetime for one in router.advertisement.prefixes))
    ]
    return min((time for time in times if time > around.now), default=NEVER)
