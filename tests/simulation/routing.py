"""Which way a packet goes: the kernel's policy rules and tables, with those of a plan before its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address

from client.core.ipv4 import IPv4Packet, Protocol
from client.core.plan import Address, Network, Plan, Route, Rule, Table
from tests.simulation.lan import Port


@dataclass(frozen=True, slots=True)
class Way:
    """Out of this interface (ANCHOR: ours), to this gateway or the destination itself, with this source by default."""

    interface: int
    gateway: IPv4Address | None
    source: IPv4Address | None = None


@dataclass(frozen=True, slots=True)
class Static:
    """A route of the main table that an administrator wrote."""

    destination: IPv4Network
    interface: int
    gateway: IPv4Address | None


@dataclass(frozen=True, slots=True)
class Lookup:
    """What the rules may look at."""

    packet: IPv4Packet
    marked: bool = False
    arriving_on: int | None = None
    out_of: int | None = None


def find_way(lookup: Lookup, plan: Plan, ports: Iterable[Port], statics: Iterable[Static]) -> Way | None:
    """The first table that has a route, in the order of the rules; the main table comes last."""
    main = list(_main_table(ports, statics))
    for table in _tables(lookup, plan):
        routes = main if table is Table.MAIN else _our_table(plan, table)
        way = _longest(lookup, routes)
        if way is not None:
            return way
    return None


def _tables(lookup: Lookup, plan: Plan) -> Iterator[Table]:
    rules = sorted((item for item in plan if isinstance(item, Rule)), key=lambda rule: rule.order)
    yield from (rule.table for rule in rules if _matches(rule, lookup))
    yield Table.MAIN


def _matches(rule: Rule, lookup: Lookup) -> bool:
    source_port, destination_port = _ports_of(lookup.packet)
    wanted = (
        (rule.bound_to, lookup.packet.source),
        (rule.arriving_on, lookup.arriving_on),
        (rule.protocol, lookup.packet.protocol),
        (rule.source_port, source_port),
        (rule.destination_port, destination_port),
    )
    return (lookup.marked or not rule.marked) and all(want is None or want == have for want, have in wanted)


def _ports_of(packet: IPv4Packet) -> tuple[int | None, int | None]:
    if packet.protocol != Protocol.UDP or len(packet.payload) < 4:
        return None, None
    return int.from_bytes(packet.payload[:2], "big"), int.from_bytes(packet.payload[2:4], "big")


_Routes = list[tuple[IPv4Network, Way]]


def _main_table(ports: Iterable[Port], statics: Iterable[Static]) -> Iterator[tuple[IPv4Network, Way]]:
    everywhere = IPv4Network("0.0.0.0/0")
    for port in ports:
        if port.lan is not None:
            for address in port.addresses:
                yield address.network, Way(port.index, None, address.ip)
            if port.gateway is not None:
                yield everywhere, Way(port.index, port.gateway, port.addresses[0].ip if port.addresses else None)
    for static in statics:
        yield static.destination, Way(static.interface, static.gateway)


def _our_table(plan: Plan, table: Table) -> _Routes:
    routes = [item for item in plan if isinstance(item, Route) and item.table is table]
    return [
        (_network(route.destination), Way(route.interface, _address(route.gateway), _address(route.source)))
        for route in routes
    ]


def _network(network: Network) -> IPv4Network:
    assert isinstance(network, IPv4Network), "this world has no IPv6"
    return network


def _address(address: Address | None) -> IPv4Address | None:
    assert not isinstance(address, IPv6Address), "this world has no IPv6"
    return address


def _longest(lookup: Lookup, routes: _Routes) -> Way | None:
    fitting = [
        (network.prefixlen, -position, way)
        for position, (network, way) in enumerate(routes)
        if lookup.packet.destination in network and lookup.out_of in (None, way.interface)
    ]
    return max(fitting, key=lambda found: found[:2])[2] if fitting else None
