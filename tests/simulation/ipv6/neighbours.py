"""A kernel's neighbour cache for IPv6 (RFC 4861 §7), asked by real messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Address

from client.core.ipv6 import IPv6Packet, group_link_layer_address, solicited_node
from mipv6.neighbour_messages import NeighbourAdvertisement, NeighbourSolicitation
from tests.simulation.lan import Frame, Kind, Port
from tests.simulation.timeline import Timeline

FRESH = 30.0
TRIES = 3
QUEUE = 100


@dataclass(slots=True)
class Entry:
    """What is known, and what waits for it to be known."""

    link_layer_address: bytes | None = None
    confirmed: float = 0.0
    asking: bool = False
    waiting: list[IPv6Packet] = field(default_factory=list)


class Neighbours:
    """Resolves next hops for one host."""

    def __init__(self, timeline: Timeline, sender: Callable[[Port], IPv6Address | None]) -> None:
        self._timeline = timeline
        self._sender = sender
        self._entries: dict[tuple[int, IPv6Address], Entry] = {}

    def known(self, port: Port, address: IPv6Address) -> bytes | None:
        """The link-layer address that this host would use now."""
        entry = self._entries.get((port.index, address))
        return entry.link_layer_address if entry else None

    def forget(self, port: Port) -> None:
        """The port went down."""
        self._entries = {key: entry for key, entry in self._entries.items() if key[0] != port.index}

    def send(self, port: Port, next_hop: IPv6Address, packet: IPv6Packet) -> None:
        """Send a packet to a neighbour, asking for it first where need be."""
        entry = self._entries.setdefault((port.index, next_hop), Entry())
        if entry.link_layer_address is not None:
            transmit(port, entry.link_layer_address, packet)
        else:
            entry.waiting = [*entry.waiting[-QUEUE + 1 :], packet]
        stale = self._timeline.now - entry.confirmed > FRESH
        if not entry.asking and (entry.link_layer_address is None or stale):
            entry.asking = True
            self._ask(port, next_hop, entry, TRIES)

    def _ask(self, port: Port, address: IPv6Address, entry: Entry, tries: int) -> None:
        if not entry.asking or self._entries.get((port.index, address)) is not entry:
            return
        if tries == 0 or port.lan is None:
            del self._entries[port.index, address]
            return
        source = self._sender(port)
        if source is not None:
            question = NeighbourSolicitation(target=address, link_layer_address=port.link_layer_address).packet(source)
            transmit(port, group_link_layer_address(solicited_node(address)), question)
        self._timeline.after(1.0, lambda: self._ask(port, address, entry, tries - 1))

    def asked(self, port: Port, source: IPv6Address, hand: bytes) -> None:
        """Whoever asks for us tells where it is (§7.2.3)."""
        self._learn(port, source, self._entries.setdefault((port.index, source), Entry()), hand)

    def told(self, port: Port, answer: NeighbourAdvertisement) -> None:
        """§7.2.5: who is unknown stays so; without the override flag what is known stays."""
        entry = self._entries.get((port.index, answer.target))
        hand = answer.link_layer_address
        if entry is None or hand is None:
            return
        if entry.link_layer_address in (None, hand) or answer.override:
            self._learn(port, answer.target, entry, hand)

    def _learn(self, port: Port, address: IPv6Address, entry: Entry, hand: bytes) -> None:
        entry.link_layer_address, entry.confirmed, entry.asking = hand, self._timeline.now, False
        waiting, entry.waiting = entry.waiting, []
        for packet in waiting:
            transmit(port, hand, packet)


def transmit(port: Port, destination: bytes, packet: IPv6Packet) -> None:
    """One frame leaves by a port, if it is plugged in."""
    if port.lan is not None:
        port.lan.transmit(port, Frame(port.link_layer_address, destination, Kind.IP, packet.pack()))
