"""A kernel's neighbour table: who has which address on a link, asked by real ARP frames."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from client.core.arp import NO_LINK_LAYER_ADDRESS, ArpOperation, ArpPacket
from tests.simulation.lan import BROADCAST, Frame, Kind, Port
from tests.simulation.timeline import Timeline

FRESH = 45.0
TRIES = 3
QUEUE = 100  # Linux keeps 212,992 bytes


@dataclass(slots=True)
class Entry:
    """What is known, and what waits for it to be known."""

    link_layer_address: bytes | None = None
    confirmed: float = 0.0
    asking: bool = False
    waiting: list[bytes] = field(default_factory=list)


class Neighbours:
    """Resolves next hops for one host."""

    def __init__(self, timeline: Timeline, sender_address: Callable[[Port, IPv4Address], IPv4Address | None]) -> None:
        self._timeline = timeline
        self._sender_address = sender_address
        self._entries: dict[tuple[int, IPv4Address], Entry] = {}

    def known(self, port: Port, address: IPv4Address) -> bytes | None:
        """The link-layer address that this host would use now."""
        entry = self._entries.get((port.index, address))
        return entry.link_layer_address if entry else None

    def forget(self, port: Port) -> None:
        """The port went down."""
        self._entries = {key: entry for key, entry in self._entries.items() if key[0] != port.index}

    def send(self, port: Port, next_hop: IPv4Address, local: IPv4Address, packet: bytes) -> None:
        """Send a packet to a neighbour, asking for it first where need be. `local`: whom the packet is from."""
        entry = self._entries.setdefault((port.index, next_hop), Entry())
        if entry.link_layer_address is not None:
            transmit(port, entry.link_layer_address, packet)
        else:
            entry.waiting = [*entry.waiting[-QUEUE + 1 :], packet]
        stale = self._timeline.now - entry.confirmed > FRESH
        if not entry.asking and (entry.link_layer_address is None or stale):
            entry.asking = True
            self._ask(port, next_hop, local, TRIES)

    def _ask(self, port: Port, address: IPv4Address, local: IPv4Address, tries: int) -> None:
        entry = self._entries.get((port.index, address))
        if entry is None or not entry.asking:
            return
        if tries == 0 or port.lan is None:
            del self._entries[port.index, address]
            return
        sender = self._sender_address(port, local)
        if sender is not None:
            send_arp(port, request(port, sender, address), BROADCAST)
        self._timeline.after(1.0, lambda: self._ask(port, address, local, tries - 1))

    def heard(self, port: Port, arp: ArpPacket, *, to_us: bool) -> None:
        """Learn from an ARP packet: update what is known, add it only if it was meant for us (RFC 826)."""
        key = (port.index, arp.sender_address)
        if key not in self._entries and not to_us:
            return
        entry = self._entries.setdefault(key, Entry())
        entry.link_layer_address = arp.sender_link_layer_address
        entry.confirmed = self._timeline.now
        entry.asking = False
        waiting, entry.waiting = entry.waiting, []
        for packet in waiting:
            transmit(port, arp.sender_link_layer_address, packet)


def transmit(port: Port, destination: bytes, packet: bytes) -> None:
    """One frame with an IPv4 packet leaves by a port, if it is plugged in."""
    if port.lan is not None:
        port.lan.transmit(port, Frame(port.link_layer_address, destination, Kind.IP, packet))


def send_arp(port: Port, arp: ArpPacket, destination: bytes) -> None:
    """One ARP frame leaves by a port, if it is plugged in."""
    if port.lan is not None:
        port.lan.transmit(port, Frame(port.link_layer_address, destination, Kind.ARP, arp.pack()))


def request(port: Port, sender: IPv4Address, target: IPv4Address) -> ArpPacket:
    """Who has `target`?"""
    return ArpPacket(
        operation=ArpOperation.REQUEST,
        sender_link_layer_address=port.link_layer_address,
        sender_address=sender,
        target_link_layer_address=NO_LINK_LAYER_ADDRESS,
        target_address=target,
    )
