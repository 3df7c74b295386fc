"""What a mobile node says in ARP: at home to all, away to its foreign agents alone (RFC 5944 §4.6)."""

from __future__ import annotations

from collections.abc import Container
from ipaddress import IPv4Address

from client.core.announcements import Announcements
from client.core.arp import ArpOperation, ArpPacket
from client.core.links import Link
from client.core.machine import ArpHeard, SendArp
from client.mipv4.movement import AtHome, Attachment
from client.mipv4.target import Target


class ArpDuty:
    """Tells the home link that we are back, and nobody else anything."""

    def __init__(self) -> None:
        self._announcements = Announcements()

    @property
    def deadline(self) -> float:
        """When to say it again."""
        return self._announcements.deadline

    def due(self, now: float) -> list[SendArp]:
        """What is to be said again now."""
        return self._announcements.due(now)

    def stop(self, home_address: IPv4Address | None) -> None:
        """Say nothing more."""
        if home_address:
            self._announcements.stop(home_address)

    def move(
        self, before: Attachment, after: Attachment, home_address: IPv4Address | None, now: float
    ) -> list[SendArp]:
        """Home again: first tell the link, then the home agent. (The plan lets the kernel answer ARP before both.)"""
        here, there = certain_home(after), certain_home(before)
        if here is None or home_address is None:
            self.stop(home_address)
            return []
        link = here.link
        if there and (there.link.index, there.link.ups) == (link.index, link.ups):
            return []
        return self._announcements.announce(home_address, link.link_layer_address, link.index, now)


def certain_home(attachment: Attachment) -> AtHome | None:
    """The attachment, if it is to the home link and nothing is in doubt."""
    return attachment if isinstance(attachment, AtHome) and attachment.certain else None


def agents_of(*targets: Target | None) -> frozenset[tuple[int, bytes]]:
    """The agents behind these targets: the link that each one is on, and its link-layer address there."""
    away = (target for target in targets if target and not target.at_home)
    found = ((target.link[0], target.agent_link_layer_address) for target in away)
    return frozenset((index, link_layer) for index, link_layer in found if link_layer)


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
