"""Proxy neighbour discovery: the home agent answers for those who are away (RFC 6275 §10.4.1)."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv6Address

from agents.home6.bindings import Bindings6
from client.core.ipv6 import ALL_NODES, ANY6, group_link_layer_address
from client.core.links import Link
from client.core.machine import Heard6, Send6
from mipv6.neighbour_messages import NeighbourAdvertisement, NeighbourSolicitation


def proxy_reply(
    heard: Heard6,
    solicitation: NeighbourSolicitation,
    link: Link,
    bindings: Bindings6,
    seen_at_home: Mapping[IPv6Address, bytes],
) -> list[Send6]:
    """Our link-layer address for an address that is away; nothing for any other question.

    A probe (from ::) for the home address is always answered: a stranger may not have it, and the node itself asks
    so for our link-layer address when it comes home (§11.5.5). One for its link-local address is not, if the node
    itself makes it: its kernel wants to know whether it may use that. The override flag is for those who own an
    address (RFC 4861 §7.2.4).
    """
    target = solicitation.target
    binding = bindings.defending(target)
    if binding is None or heard.link_layer_source == link.link_layer_address:
        return []
    probing = heard.packet.source == ANY6
    if probing and target.is_link_local and seen_at_home.get(binding.home_address) == heard.link_layer_source:
        return []
    reply = NeighbourAdvertisement(target=target, solicited=not probing, link_layer_address=link.link_layer_address)
    source = link.link_local or target
    packet = reply.packet(source, ALL_NODES if probing else heard.packet.source)
    link_layer_destination = group_link_layer_address(ALL_NODES) if probing else heard.link_layer_source
    return [Send6(packet=packet, interface=link.index, link_layer_destination=link_layer_destination)]
