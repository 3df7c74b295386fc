from __future__ import annotations

from ipaddress import IPv6Network

from lab.captures import points
from lab.topology import NODES, all_ports
from lab.topology6 import (
    ADDRESSES,
    CORRESPONDENTS,
    HOME6,
    HOME_ADDRESS6,
    HOME_AGENTS_ANYCAST,
    NETWORKS6,
    NODES6,
    SECOND_AGENT_PORT,
    STOCK_TRUNK,
    router_port,
    static_routes6,
)

DOCUMENTATION = IPv6Network("2001:db8::/32")
PORTS = (*all_ports(), STOCK_TRUNK.near, STOCK_TRUNK.far, SECOND_AGENT_PORT)


def test_all_ipv6_addresses_are_for_documentation_and_belong_to_one_card() -> None:
    assert all(address.ip in DOCUMENTATION for address in ADDRESSES.values())
    assert len({address.ip for address in ADDRESSES.values()}) == len(ADDRESSES)
    assert set(ADDRESSES) <= {(port.node, port.interface) for port in PORTS}


def test_ipv6_cards_have_link_layer_addresses_of_their_own() -> None:
    assert len({port.link_layer_address for port in PORTS}) == len(PORTS)


def test_ipv6_networks_do_not_overlap_and_their_routers_are_in_them() -> None:
    prefixes = [network.prefix for network in NETWORKS6.values()]
    assert not any(a.overlaps(b) for a in prefixes for b in prefixes if a is not b)
    assert all(ADDRESSES[router_port(network)].network == network.prefix for network in NETWORKS6.values())


def test_ipv6_home_addresses_are_at_home() -> None:
    assert HOME_ADDRESS6 in HOME6.prefix
    assert HOME_ADDRESS6 not in {address.ip for address in ADDRESSES.values()}
    assert int(HOME_AGENTS_ANYCAST) - int(HOME6.prefix.network_address) == 0xFDFF_FFFF_FFFF_FFFE


def test_the_middle_knows_every_ipv6_network() -> None:
    known = {route.destination for route in static_routes6() if route.node == "router"}
    assert known == {network.prefix for network in NETWORKS6.values()}


def test_every_ipv6_gateway_is_a_neighbour() -> None:
    for route in static_routes6():
        own = [address.network for (node, _), address in ADDRESSES.items() if node == route.node]
        assert any(route.gateway in network for network in own), route


def test_every_correspondent_is_captured_at_its_own_card() -> None:
    captured = {point.name: point.node for point in points(ipv6=True)}
    assert all(captured[one.capture] == one.node for one in CORRESPONDENTS)


def test_a_lab_without_ipv6_has_none_of_its_nodes() -> None:
    assert not set(NODES6) & {point.node for point in points()}
    assert not set(NODES6) & set(NODES)
