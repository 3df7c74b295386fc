"""Outer packets as they come in, one class for each kind of socket; each takes out what they hold."""

from __future__ import annotations

import errno
import socket
import struct
import sys
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from typing import Protocol, TypeAlias

from client.core import ipv4
from client.core.plan import Encapsulation
from client.linux.dataplane.encapsulations.choice import CONTENTS
from client.linux.dataplane.encapsulations.direct import without_home_address, without_routing
from client.linux.dataplane.encapsulations.udp import udp_content
from client.linux.dataplane.exits import WAYS, Way
from client.linux.dataplane.ip_header import whole_packet, whole_packet6
from client.linux.dataplane.ipv6_headers import MOBILITY, upper_layer
from client.linux.packet_socket import Frame, PacketSocket
from client.linux.raw import tunnel_receiver

Leave: TypeAlias = Callable[[Way, bytes, int, bytes], None]
"""Takes way, path, the outer header's congestion mark, and the inner packet."""

PER_WAKE = 64  # so that signalling gets its turn
LONGEST = 65535
_IP_PKTINFO, _IP_TOS = 8, 1
_PKTINFO = struct.Struct("=i4s4s")  # in_pktinfo: interface, local address, destination
_ANCILLARY = 128


class Arrivals(Protocol):
    """Where packets come in."""

    def fileno(self) -> int:
        """For the event loop."""

    def receive(self) -> None:
        """Take what has arrived, up to a batch."""

    def close(self) -> None:
        """Give the socket back."""


class SocketArrivals(ABC):
    """A socket that packets come by."""

    def __init__(self, arriving: socket.socket, counters: Counter[str]) -> None:
        self._socket = arriving
        self._counters = counters

    def fileno(self) -> int:
        """For the event loop."""
        return self._socket.fileno()

    def receive(self) -> None:
        """Take what has arrived, up to a batch."""
        for _ in range(PER_WAKE):
            try:
                self._take()
            except BlockingIOError:
                return
            except OSError as error:  # an ICMP error of the tunnel's path
                self._counters[f"receive_{errno.errorcode.get(error.errno or 0, 'unknown').lower()}"] += 1

    def close(self) -> None:
        """Give the socket back."""
        self._socket.close()

    @abstractmethod
    def _take(self) -> None:
        """Take one packet. Raises OSError."""


class Ipv4Arrivals(SocketArrivals):
    """Whole outer packets of one protocol, from a raw socket."""

    def __init__(self, protocol: ipv4.Protocol, leave: Leave, counters: Counter[str]) -> None:
        super().__init__(tunnel_receiver(protocol), counters)
        encapsulation, self._content = CONTENTS[protocol]
        self._way = WAYS[encapsulation]
        self._leave = leave

    def take(self, outer: bytes) -> None:
        """Hand on what this packet holds."""
        content = self._content(outer)
        inner = None if content is None else whole_packet(content)
        if inner is None:
            self._counters["malformed_inner"] += 1
        else:
            self._leave(self._way, outer[12:20], outer[1] & 3, inner)

    def _take(self) -> None:
        self.take(self._socket.recv(LONGEST))


class UdpArrivals(SocketArrivals):
    """Tunnel data messages to port 434 (RFC 3519 §3.3); the kernel has verified a checksum that is not zero."""

    def __init__(self, port: socket.socket, leave: Leave, counters: Counter[str]) -> None:
        super().__init__(port, counters)
        self._leave = leave

    def _take(self) -> None:
        message, ancillary, _, (address, port) = self._socket.recvmsg(LONGEST, _ANCILLARY)
        content = udp_content(message)
        inner = None if content is None else whole_packet(content)
        if inner is None:
            self._counters["malformed_inner"] += 1
            return
        told = {type_: data for _, type_, data in ancillary}
        destination = _PKTINFO.unpack_from(told.get(_IP_PKTINFO, bytes(_PKTINFO.size)))[2]
        path = socket.inet_aton(address) + destination + port.to_bytes(2, "big")
        self._leave(WAYS[Encapsulation.UDP], path, told.get(_IP_TOS, b"\0")[0] & 3, inner)


class Ipv6Arrivals(SocketArrivals):
    """IPv6 in IPv6, from a raw socket, which keeps the outer header to itself (RFC 3542)."""

    def __init__(self, leave: Leave, counters: Counter[str]) -> None:
        super().__init__(tunnel_receiver(ipv4.Protocol.IPV6, socket.AF_INET6), counters)
        self._leave = leave

    def _take(self) -> None:
        content, ancillary, _, address = self._socket.recvmsg(LONGEST, _ANCILLARY)
        inner = whole_packet6(content)
        if inner is None:
            self._counters["malformed_inner"] += 1
            return
        told = {type_: data for _, type_, data in ancillary}
        source = socket.inet_pton(socket.AF_INET6, address[0].partition("%")[0])
        path = source + told.get(socket.IPV6_PKTINFO, bytes(16))[:16]
        traffic_class = int.from_bytes(told.get(socket.IPV6_TCLASS, b"\0\0\0\0"), sys.byteorder) & 0xFF
        self._leave(WAYS[Encapsulation.IPIP], path, traffic_class & 3, inner)


class DirectArrivals:
    """IPv6 packets with a type 2 routing header or a home address option, seen before the kernel refuses them."""

    def __init__(
        self, leave: Leave, knows_home: Callable[[bytes], bool], stray: Callable[[Frame], None], counters: Counter[str]
    ) -> None:
        """`stray` takes packets from a home address that `knows_home` does not know."""
        self._packets = PacketSocket.for_home_addresses(counters)
        self._leave = leave
        self._knows_home = knows_home
        self._stray = stray

    def fileno(self) -> int:
        """For the event loop."""
        return self._packets.fileno()

    def receive(self) -> None:
        """Take what has arrived, up to a batch; what names no home address is the kernel's."""
        for frame in self._packets.receive():
            outer = whole_packet6(frame.data)
            if outer is None or upper_layer(outer) == MOBILITY:  # that is signalling: nobody but the machine takes it
                continue
            routed = without_routing(outer)
            direct = routed or without_home_address(outer)
            if direct is None:
                continue
            if routed is None and not self._knows_home(direct.home_address):
                self._stray(frame)
            self._leave(WAYS[Encapsulation.DIRECT], outer[8:40], 0, direct.packet)

    def close(self) -> None:
        """Give the socket back."""
        self._packets.close()
