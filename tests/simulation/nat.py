"""A network address and port translator, as homes and hotels have them: UDP goes out, and answers come back."""

from __future__ import annotations

from ipaddress import IPv4Address

from client.core.errors import DecodeError
from client.core.ipv4 import IPv4Packet
from client.core.udp import UdpDatagram

FIRST_PORT = 40_000
PORTS = 20_000


class Nat:
    """Mappings do not end by time; `forget` ends them all, and new ones have other ports."""

    def __init__(self, outside: IPv4Address, inside_port: int) -> None:
        self.outside = outside
        self.inside_port = inside_port
        self._next = 0
        self._ports: dict[tuple[IPv4Address, int], int] = {}

    def forget(self) -> None:
        """As after a restart, or when too many others needed the room."""
        self._ports.clear()

    def outbound(self, packet: IPv4Packet) -> IPv4Packet | None:
        """With our address and a port of ours; None for what we cannot translate."""
        datagram = _datagram(packet)
        if datagram is None:
            return None
        key = (packet.source, datagram.source_port)
        if key not in self._ports:
            self._ports[key] = FIRST_PORT + self._next % PORTS
            self._next += 1
        translated = UdpDatagram(
            source_port=self._ports[key], destination_port=datagram.destination_port, payload=datagram.payload
        )
        return translated.packet(self.outside, packet.destination, ttl=packet.ttl)

    def inbound(self, packet: IPv4Packet) -> IPv4Packet | None:
        """To the host inside that spoke first; None if nobody did."""
        datagram = _datagram(packet)
        for (address, port), ours in self._ports.items():
            if datagram is not None and datagram.destination_port == ours:
                translated = UdpDatagram(
                    source_port=datagram.source_port, destination_port=port, payload=datagram.payload
                )
                return translated.packet(packet.source, address, ttl=packet.ttl)
        return None


def _datagram(packet: IPv4Packet) -> UdpDatagram | None:
    try:
        return UdpDatagram.unpack(packet)
    except DecodeError:
        return None
