"""Finishes a checksum that the sending machine left to its network card.

Between namespaces, and from a receiver that merges packets, TCP and UDP come with the sum of the
pseudo-header alone; whoever takes them out of the kernel has to finish it.
"""

from __future__ import annotations

import struct

from client.core.checksum import internet_checksum
from client.core.ipv4 import Protocol

_CHECKSUM_AT = {Protocol.UDP: 6, Protocol.TCP: 16}
_SHORTEST = {Protocol.UDP: 8, Protocol.TCP: 20}
_IPV6_HEADER = 40
_FRAGMENT = 0x3FFF


def filled_in(packet: bytes) -> bytes:
    """The packet with its UDP or TCP checksum right (IPv6: without extension headers); any other as it is."""
    header, total, protocol = _layout(packet)
    if protocol not in _CHECKSUM_AT or not header + _SHORTEST[Protocol(protocol)] <= total <= len(packet):
        return packet
    at = header + _CHECKSUM_AT[Protocol(protocol)]
    cleared = packet[header:at] + b"\0\0" + packet[at + 2 : total]
    checksum = internet_checksum(pseudo_header(packet, len(cleared)) + cleared)
    if protocol == Protocol.UDP:
        checksum = checksum or 0xFFFF
    return packet[:at] + checksum.to_bytes(2, "big") + packet[at + 2 :]


def datagram(packet: bytes, longest: int) -> bytes:
    """The packet; if it is a UDP datagram with the sum of the pseudo-header alone, with its checksum.

    What is longer than `longest` bytes is several datagrams that were left to be cut, nobody tells us where: its
    checksum stays wrong, so that no program takes them for one.
    """
    header, total, protocol = _layout(packet)
    if protocol != Protocol.UDP or not header + 8 <= total <= len(packet) <= longest:
        return packet
    written = int.from_bytes(packet[header + 6 : header + 8], "big")
    if not written or (packet[0] >> 4 == 4 and int.from_bytes(packet[6:8], "big") & _FRAGMENT):
        return packet
    expected = int.from_bytes(pseudo_header(packet, total - header), "big") % 0xFFFF
    return filled_in(packet) if written % 0xFFFF == expected else packet


def pseudo_header(packet: bytes, length: int) -> bytes:
    """What TCP and UDP checksums cover besides the segment of this length (RFC 8200 §8.1 for IPv6)."""
    if packet[0] >> 4 == 6:
        return packet[8:40] + struct.pack("!II", length, packet[6])
    return packet[12:20] + struct.pack("!BBH", 0, packet[9], length)


def _layout(packet: bytes) -> tuple[int, int, int]:
    """Length of the header and of the packet, and the protocol; 0 for what is no packet."""
    if len(packet) >= _IPV6_HEADER and packet[0] >> 4 == 6:
        return _IPV6_HEADER, _IPV6_HEADER + int.from_bytes(packet[4:6], "big"), packet[6]
    header = (packet[0] & 0x0F) * 4 if len(packet) >= 20 and packet[0] >> 4 == 4 else 0
    return header, int.from_bytes(packet[2:4], "big"), packet[9] if header >= 20 else 0
