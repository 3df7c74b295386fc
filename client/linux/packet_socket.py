"""Packet sockets (AF_PACKET): what arrives with its link-layer source, and frames past routing and ARP."""

from __future__ import annotations

import errno
import socket
import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from client.linux import packet_filter
from client.linux.partial_checksum import filled_in

ETH_P_IP = 0x0800
ETH_P_ARP = 0x0806
ETH_P_IPV6 = 0x86DD
ALL_HOSTS = b"\xff" * 6
MULTICAST_ADDRESSES = tuple(b"\x01\x00\x5e\x00\x00" + bytes([last]) for last in (1, 2, 11))  # 224.0.0.1, .2, .11

_SOL_PACKET = 263
_ADD_MEMBERSHIP = 1
_AUXDATA = 8
_AUXDATA_LAYOUT = struct.Struct("=IIIHHHH")  # tpacket_auxdata: status, len, snaplen, mac, net, vlan tci, vlan tpid
_CHECKSUM_NOT_READY = 1 << 3
_MEMBERSHIP = struct.Struct("=iHH8s")  # packet_mreq: index, type, address length, address
_MEMBERSHIP_MULTICAST = 0
_LONGEST = 65535
_PER_WAKE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What arrived, without its link-layer header."""

    data: bytes
    interface: int  # 0: it went away meanwhile
    name: str
    link_layer_source: bytes
    unicast: bool


class PacketSocket:
    """One protocol on all links, as far as a filter in the kernel lets through."""

    def __init__(self, protocol: int, code: bytes, counters: Counter[str]) -> None:
        self._protocol = protocol
        self._counters = counters
        kind = socket.SOCK_DGRAM | socket.SOCK_NONBLOCK
        self._socket = socket.socket(socket.AF_PACKET, kind, socket.htons(protocol))
        self._socket.setsockopt(_SOL_PACKET, _AUXDATA, 1)
        # Packets have been coming in since the line above: stop them, throw them away, then begin.
        packet_filter.attach(self._socket, packet_filter.nothing())
        _drain(self._socket)
        packet_filter.attach(self._socket, code)

    @classmethod
    def for_signalling(cls, counters: Counter[str]) -> PacketSocket:
        """The one for IPv4: UDP port 434 and ICMP."""
        return cls(ETH_P_IP, packet_filter.signalling(), counters)

    @classmethod
    def for_signalling6(cls, counters: Counter[str]) -> PacketSocket:
        """The one for IPv6: mobility headers and ICMPv6."""
        return cls(ETH_P_IPV6, packet_filter.signalling6(), counters)

    @classmethod
    def for_arp(cls, counters: Counter[str]) -> PacketSocket:
        """The one for ARP."""
        return cls(ETH_P_ARP, packet_filter.arp(), counters)

    @classmethod
    def for_packets_to_many(cls, counters: Counter[str]) -> PacketSocket:
        """The one for what IPv4 hosts send to all and to groups."""
        return cls(ETH_P_IP, packet_filter.to_many(), counters)

    @classmethod
    def for_home_addresses(cls, counters: Counter[str]) -> PacketSocket:
        """The one for IPv6 packets that may name a home address."""
        return cls(ETH_P_IPV6, packet_filter.home_addresses(), counters)

    def fileno(self) -> int:
        """For the event loop."""
        return self._socket.fileno()

    def receive(self) -> Iterator[Frame]:
        """What has arrived, up to a batch."""
        for _ in range(_PER_WAKE):
            try:
                data, ancillary, _, address = self._socket.recvmsg(_LONGEST, socket.CMSG_SPACE(_AUXDATA_LAYOUT.size))
            except BlockingIOError:
                return
            except OSError as error:  # ENETDOWN: a link went down; the socket lives on
                self._counters[f"receive_{errno.errorcode.get(error.errno or 0, 'unknown').lower()}"] += 1
                continue
            if _checksum_not_ready(ancillary):
                data = filled_in(data)
            yield _frame(data, address)

    def hear(self, code: bytes) -> None:
        """Take from now on what this filter lets through."""
        packet_filter.attach(self._socket, code)

    def join(self, interface: int) -> None:
        """Hear the multicast addresses of agents on this link; a link that is gone has nothing to hear."""
        for address in MULTICAST_ADDRESSES:
            request = _MEMBERSHIP.pack(interface, _MEMBERSHIP_MULTICAST, len(address), address)
            try:
                self._socket.setsockopt(_SOL_PACKET, _ADD_MEMBERSHIP, request)
            except OSError:
                self._counters["join_failed"] += 1

    def send_frame(self, interface: int, link_layer_destination: bytes, data: bytes) -> bool:
        """Send one frame; False if it could not be sent, which is counted: the medium may lose one anyway."""
        try:
            self.transmit(interface, link_layer_destination, data)
        except OSError as error:
            self._counters[f"send_{errno.errorcode.get(error.errno or 0, 'unknown').lower()}"] += 1
            return False
        return True

    def transmit(self, interface: int, link_layer_destination: bytes, data: bytes) -> None:
        """Send one frame, or raise OSError (EMSGSIZE: longer than the link takes)."""
        name = socket.if_indextoname(interface)
        self._socket.sendto(data, (name, self._protocol, 0, 0, link_layer_destination))

    def close(self) -> None:
        """Give the socket back."""
        self._socket.close()


def multicast_address(group: bytes) -> bytes:
    """The Ethernet address of an IPv4 group (RFC 1112 §6.4)."""
    return b"\x01\x00\x5e" + bytes([group[1] & 0x7F]) + group[2:]


def _drain(sock: socket.socket) -> None:
    try:
        while True:
            sock.recv(1)
    except BlockingIOError:
        return


def _frame(data: bytes, address: tuple[str, int, int, int, bytes]) -> Frame:
    name, _, packet_type, _, source = address
    try:
        interface = socket.if_nametoindex(name)
    except OSError:
        interface = 0
    return Frame(
        data=data,
        interface=interface,
        name=name,
        link_layer_source=source,
        unicast=packet_type == packet_filter.HOST,
    )


def _checksum_not_ready(ancillary: list[tuple[int, int, bytes]]) -> bool:
    """Whether the packet was made on this machine and its checksum left to a network card that never saw it."""
    return any(
        level == _SOL_PACKET and type_ == _AUXDATA and _AUXDATA_LAYOUT.unpack_from(data)[0] & _CHECKSUM_NOT_READY
        for level, type_, data in ancillary
    )
