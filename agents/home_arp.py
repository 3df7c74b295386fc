"""Proxy ARP: the home agent answers for those who are away, and only for them (RFC 5944 §4.6)."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address

from agents.bindings import Bindings
from client.core.arp import ArpOperation, ArpPacket
from client.core.ipv4 import ANY
from client.core.links import Link
from client.core.machine import ArpHeard, SendArp


def proxy_arp_reply(
    heard: ArpHeard, home_link: Link | None, bindings: Bindings, seen_at_home: Mapping[IPv4Address, bytes]
) -> list[SendArp]:
    """Our link-layer address for a home address that is away; nothing for any other question.

    A gratuitous ARP asks nothing. A probe (sender 0.0.0.0) by a stranger is answered, since the address is
    taken; one by the node itself is not: it is coming home.
    """
    arp = heard.arp
    if home_link is None or heard.interface != home_link.index or arp.operation != ArpOperation.REQUEST:
        return []
    if not bindings.of(arp.target_address) or arp.sender_address == arp.target_address:
        return []
    if heard.link_layer_source == home_link.link_layer_address:
        return []  # our own kernel asks; it reaches the node by the tunnel
    if arp.sender_address == ANY and seen_at_home.get(arp.target_address) == heard.link_layer_source:
        return []
    reply = ArpPacket(
        operation=ArpOperation.REPLY,
        sender_link_layer_address=home_link.link_layer_address,
        sender_address=arp.target_address,
        target_link_layer_address=arp.sender_link_layer_address,
        target_address=arp.sender_address,
    )
    return [SendArp(arp=reply, interface=heard.interface, link_layer_destination=heard.link_layer_source)]
