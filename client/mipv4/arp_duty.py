"""To whom a mobile node away from home tells its home address by ARP: to its foreign agents alone (RFC 5944 §4.6)."""

from __future__ import annotations

from collections.abc import Container
from ipaddress import IPv4Address

from client.core.arp import ArpOperation, ArpPacket
from client.core.links import Link
from client.core.machine import ArpHeard, SendArp
from client.mipv4.target import Target


def agents_of(*targets: Target | None) -> frozenset[tuple[int, bytes]]:
    """The agents behind these targets: the link that each one is on, and its link-layer address there."""
    away = (target for target in targets if target and not target.at_home)
    return frozenset(
        (target.link[0], target.agent_link_layer_address) for target in away if target.agent_link_layer_address
    )


def unicast_answer(
    heard: ArpHeard, home_address: IPv4Address, agents: Container[tuple[int, bytes]], link: Link
) -> list[SendArp]:
    """The answer to an agent that asked by unicast, by unicast; nothing for anybody else."""
    request = heard.arp
    if not heard.unicast or (heard.interface, heard.link_layer_source) not in agents:
        return []
    if request.operation != ArpOperation.REQUEST or request.target_address != home_address:
        return []
    answer = ArpPacket(
        operation=ArpOperation.REPLY,
        sender_link_layer_address=link.link_layer_address,
        sender_address=home_address,
        target_link_layer_address=request.sender_link_layer_address,
        target_address=request.sender_address,
    )
    return [SendArp(arp=answer, interface=heard.interface, link_layer_destination=heard.link_layer_source)]
