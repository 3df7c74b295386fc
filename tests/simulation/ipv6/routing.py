"""Which way an IPv6 packet goes: policy rules and tables of a plan, and the kernel's main table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network

from client.core.ipv6 import IPv6Packet, NextHeader
from client.core.plan import Address, Plan, Route, Rule, Table


@dataclass(frozen=True, slots=True)
class Way:
    """Out of this interface (ANCHOR: ours), to this gateway or the destination itself."""

    interface: int
    gateway: IPv6Address | None = None
    source: IPv6Address | None = None


Routes = list[tuple[IPv6Network, Way]]


@dataclass(frozen=True, slots=True)
class Lookup:
    """What the rules may look at."""

    packet: IPv6Packet
    marked: bool = False
    arriving_on: int | None = None
    out_of: int | None = None


def find_way(lookup: Lookup, plan: Plan, main: Iterable[tuple[IPv6Network, Way]]) -> Way | None:
    """The first table that has a route, in the order of the rules; the main table comes last."""
    for table in _tables(lookup, plan):
        ours = list(_planned(plan, table))
        way = _longest(lookup, [*ours, *main] if table is Table.MAIN else ours)
        if way is not None:
            return way
    return None


def _tables(lookup: Lookup, plan: Plan) -> Iterator[Table]:
    rules = sorted((item for item in plan if isinstance(item, Rule) and item.version == 6), key=lambda one: one.order)
    yield from (rule.table for rule in rules if _matches(rule, lookup))
    yield Table.MAIN


def _matches(rule: Rule, lookup: Lookup) -> bool:
    packet = lookup.packet
    source_port, destination_port = _ports(packet)
    wanted = (
        (rule.bound_to, packet.source),
        (rule.arriving_on, lookup.arriving_on),
        (rule.protocol, packet.next_header),
        (rule.source_port, source_port),
        (rule.destination_port, destination_port),
    )
    inside = rule.destination is None or packet.destination in rule.destination
    return inside and (lookup.marked or not rule.marked) and all(want is None or want == have for want, have in wanted)


def _ports(packet: IPv6Packet) -> tuple[int | None, int | None]:
    if packet.next_header != NextHeader.UDP or len(packet.payload) < 4:
        return None, None
    return int.from_bytes(packet.payload[:2]), int.from_bytes(packet.payload[2:4])


def _planned(plan: Plan, table: Table) -> Iterator[tuple[IPv6Network, Way]]:
    for item in plan:
        if isinstance(item, Route) and item.table is table and isinstance(item.destination, IPv6Network):
            yield item.destination, Way(item.interface, _address(item.gateway), _address(item.source))


def _address(address: Address | None) -> IPv6Address | None:
    return address if isinstance(address, IPv6Address) else None


def _longest(lookup: Lookup, routes: Routes) -> Way | None:
    fitting = [
        (network.prefixlen, -position, way)
        for position, (network, way) in enumerate(routes)
        if lookup.packet.destination in network and lookup.out_of in (None, way.interface)
    ]
    return max(fitting, key=lambda found: found[:2])[2] if fitting else None
