from __future__ import annotations

from ipaddress import IPv4Network

from lab.topology import HOME, HOME_ADDRESS, HOME_AGENT, NETWORKS, all_ports, static_routes

DOCUMENTATION = [IPv4Network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]


PRIVATE = IPv4Network("10.0.0.0/8")


def test_all_addresses_are_for_documentation_or_private_behind_a_nat() -> None:
    addresses = [port.address.ip for port in all_ports() if port.address]
    hidden = [network.prefix for network in NETWORKS.values() if network.hidden]
    assert all(any(address in network for network in [*DOCUMENTATION, *hidden]) for address in addresses)
    assert all(prefix.subnet_of(PRIVATE) for prefix in hidden)


def test_every_port_has_addresses_of_its_own() -> None:
    ports = all_ports()
    link_layer = [port.link_layer_address for port in ports]
    addresses = [port.address.ip for port in ports if port.address]
    assert len(set(link_layer)) == len(ports)
    assert len(set(addresses)) == len(addresses)


def test_networks_do_not_overlap() -> None:
    prefixes = [network.prefix for network in NETWORKS.values()]
    assert not any(a.overlaps(b) for a in prefixes for b in prefixes if a is not b)


def test_home_address_is_at_home() -> None:
    assert HOME_ADDRESS in HOME.prefix
    assert HOME.router.address is not None
    assert HOME.router.address.ip == HOME_AGENT


def test_leases_lie_in_their_network_and_leave_the_router_alone() -> None:
    for network in NETWORKS.values():
        if network.leases and network.router.address:
            first, last = network.leases
            assert first in network.prefix
            assert last in network.prefix
            assert not first <= network.router.address.ip <= last


def test_the_middle_knows_every_network_but_no_home_address_and_none_behind_a_nat() -> None:
    known = {route.destination for route in static_routes() if route.node == "router"}
    assert known == {network.prefix for network in NETWORKS.values() if not network.hidden}
