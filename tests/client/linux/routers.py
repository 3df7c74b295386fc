"""Router Advertisements for tests, laid out by hand (RFC 4861 §4.2, §4.6)."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network

from client.core.icmp6 import Icmp6Message, Icmp6Type
from client.core.ipv6 import ALL_NODES, group_link_layer_address
from client.core.machine import Send6
from tests.client.linux.namespaces import Namespace

ROUTER = IPv6Address("fe80::1")


def advertised(router: Namespace, prefix: IPv6Network, lifetime: int = 1800) -> Send6:
    """An advertisement of this prefix (on-link, autonomous), to all nodes; `lifetime` of the router and the prefix."""
    head = b"\x40\0" + lifetime.to_bytes(2, "big") + bytes(8)
    of_prefix = b"\x03\x04" + bytes([prefix.prefixlen, 0xC0]) + 2 * lifetime.to_bytes(4, "big") + bytes(4)
    source = b"\x01\x01" + router.link_layer_address
    body = head + of_prefix + prefix.network_address.packed + source
    message = Icmp6Message(type=Icmp6Type.ROUTER_ADVERTISEMENT, body=body)
    return Send6(
        packet=message.packet(ROUTER, ALL_NODES, hop_limit=255),
        interface=router.interface,
        link_layer_destination=group_link_layer_address(ALL_NODES),
    )
