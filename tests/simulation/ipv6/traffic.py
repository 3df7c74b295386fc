"""Programs' packets, numbered, both ways between the home address and each correspondent."""

from __future__ import annotations

import struct
from collections.abc import Callable
from ipaddress import IPv6Address

from client.core.ipv6 import IPv6Packet, NextHeader, upper_layer_checksum
from tests.simulation.ipv6.host import Host
from tests.simulation.timeline import Timeline

PAUSE = 0.5
_UDP = struct.Struct("!HHHHQ")
PORT = 4000


class Traffic:
    """One conversation."""

    def __init__(
        self,
        mobile: Host,
        correspondent: Host,
        home_address: IPv6Address,
        address: IPv6Address,
        timeline: Timeline,
        strange: Callable[[IPv6Address], None],
    ) -> None:
        self.address = address
        self.up: list[float] = []  # when packets of the mobile node arrived
        self.down: list[float] = []
        self.sent = 0
        self._mobile = mobile
        self._correspondent = correspondent
        self._home_address = home_address
        self._timeline = timeline
        self._strange = strange
        correspondent.application = self._arrived_up
        timeline.after(PAUSE, self._talk)

    def both_since(self, since: float) -> bool:
        """Has each side heard the other?"""
        return all(bool(times) and times[-1] > since for times in (self.up, self.down))

    def arrived_down(self, packet: IPv6Packet) -> bool:
        """A packet at the mobile node: is it of this conversation?"""
        if packet.source != self.address or not is_whole(packet):
            return False
        self.judge(packet.destination)
        self.down = [*self.down[-9:], self._timeline.now]
        return True

    def _arrived_up(self, packet: IPv6Packet) -> None:
        if packet.next_header != NextHeader.UDP or not is_whole(packet):
            return
        self.judge(packet.source)
        self.up = [*self.up[-9:], self._timeline.now]

    def judge(self, mobile: IPv6Address) -> None:
        """Programs know the mobile node by its home address alone."""
        if mobile != self._home_address:
            self._strange(mobile)

    def _talk(self) -> None:
        self.sent += 1
        if self._home_address in set(self._mobile.local_addresses()):
            self._mobile.send(datagram(self._home_address, self.address, self.sent))
        self._correspondent.send(datagram(self.address, self._home_address, self.sent))
        self._timeline.after(PAUSE, self._talk)


def datagram(source: IPv6Address, destination: IPv6Address, number: int) -> IPv6Packet:
    """A numbered packet with a right checksum."""
    plain = _UDP.pack(PORT, PORT, _UDP.size, 0, number)
    checksum = upper_layer_checksum(source, destination, NextHeader.UDP, plain)
    payload = _UDP.pack(PORT, PORT, _UDP.size, checksum, number)
    return IPv6Packet(source=source, destination=destination, next_header=NextHeader.UDP, payload=payload)


def is_whole(packet: IPv6Packet) -> bool:
    """The transport's checksum, over the addresses that it sees: a care-of address among them would make it wrong."""
    return not upper_layer_checksum(packet.source, packet.destination, packet.next_header, packet.payload)
