"""At home again: finding the home agent's link-layer address, and answering for the home address (RFC 6275 §11.5.5)."""

from __future__ import annotations

from ipaddress import IPv6Address

from client.core.errors import DecodeError
from client.core.icmp6 import Icmp6Type
from client.core.ipv6 import ALL_NODES, ANY6, group_link_layer_address, solicited_node
from client.core.links import Link
from client.core.machine import NEVER, Heard6, Send6
from mipv6.neighbour_messages import NeighbourAdvertisement, NeighbourSolicitation, duplicate_address_probe

ANNOUNCEMENTS = 3
INTERVAL = 1.0
"""MAX_NEIGHBOR_ADVERTISEMENT and RETRANS_TIMER (RFC 4861 §10)."""

SEARCHES = 2
"""So often we ask who defends the home address; then the home agent is found as any neighbour is."""


class ReturningHome:
    """What is said and heard on the home link about the home address."""

    def __init__(self, home_address: IPv6Address) -> None:
        self._home_address = home_address
        self._announcements = 0
        self._announce_at = NEVER

    @property
    def deadline(self) -> float:
        """When the next announcement is due."""
        return self._announce_at

    def search(self, interface: int) -> Send6:
        """From nobody, for our own address: the home agent that defends it answers to all (§11.5.5).

        No other source may be used: the address is not ours alone yet.
        """
        group = solicited_node(self._home_address)
        return Send6(
            packet=duplicate_address_probe(self._home_address),
            interface=interface,
            link_layer_destination=group_link_layer_address(group),
        )

    def found(self, heard: Heard6, own: bytes) -> bytes | None:
        """The link-layer address of who defends the home address, if this is its answer."""
        try:
            answer = NeighbourAdvertisement.unpack(heard.packet)
        except DecodeError:
            return None
        hand = answer.link_layer_address or heard.link_layer_source
        return None if answer.target != self._home_address or answer.solicited or hand == own else hand

    def begin(self, now: float) -> None:
        """The home agent has let go of the home address: all the link is told that it is here."""
        self._announcements, self._announce_at = ANNOUNCEMENTS, now

    def end(self) -> None:
        """Not at home any more."""
        self._announcements, self._announce_at = 0, NEVER

    def due(self, link: Link | None, now: float) -> list[Send6]:
        """What is to be announced now."""
        if now < self._announce_at:
            return []
        self._announcements -= 1
        self._announce_at = now + INTERVAL if self._announcements > 0 else NEVER
        return [] if link is None else [self._announcement(link)]

    def _announcement(self, link: Link) -> Send6:
        """Unsolicited, overriding what neighbours' caches hold: S = 0, O = 1."""
        announcement = NeighbourAdvertisement(
            target=self._home_address, override=True, link_layer_address=link.link_layer_address
        )
        return Send6(
            packet=announcement.packet(self._home_address, ALL_NODES),
            interface=link.index,
            link_layer_destination=group_link_layer_address(ALL_NODES),
        )

    def answer(self, heard: Heard6, link: Link) -> list[Send6]:
        """A neighbour solicitation for the home address, once the home agent was told that we are here.

        It goes to the sender's own link-layer address. Who asks from nobody looks for a duplicate, and all hear it.
        """
        if heard.packet.payload[:1] != bytes([Icmp6Type.NEIGHBOUR_SOLICITATION]):
            return []
        try:
            question = NeighbourSolicitation.unpack(heard.packet)
        except DecodeError:
            return []
        if question.target != self._home_address or heard.link_layer_source == link.link_layer_address:
            return []
        asker = heard.packet.source
        if asker == ANY6:
            return [self._announcement(link)]
        answer = NeighbourAdvertisement(
            target=self._home_address, solicited=True, override=True, link_layer_address=link.link_layer_address
        )
        return [
            Send6(
                packet=answer.packet(self._home_address, asker),
                interface=link.index,
                link_layer_destination=question.link_layer_address or heard.link_layer_source,
            )
        ]
