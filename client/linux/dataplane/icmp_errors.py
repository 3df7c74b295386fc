"""The ICMP errors that a tunnel's entrance sends (RFC 792, RFC 1191, RFC 1122 §3.2.2)."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address

from client.core.icmp import IcmpMessage, IcmpType
from client.core.ipv4 import IPv4Packet, Protocol

FRAGMENTATION_NEEDED = 4
HOST_UNREACHABLE = 1
_QUOTED = 548  # as much as keeps the error within 576 bytes
_ICMP_ERRORS = (3, 4, 5, 11, 12)


def icmp_error(packet: bytes, reporter: IPv4Address, code: int, next_hop_mtu: int = 0) -> IPv4Packet | None:
    """ "Destination unreachable" for a packet's sender, or None where an error must not be answered."""
    if not _answerable(packet):
        return None
    body = struct.pack("!HH", 0, next_hop_mtu) + packet[:_QUOTED]
    message = IcmpMessage(type=IcmpType.DESTINATION_UNREACHABLE, code=code, body=body)
    return message.packet(reporter, IPv4Address(packet[12:16]))


def _answerable(packet: bytes) -> bool:
    header = (packet[0] & 0x0F) * 4
    source, destination = IPv4Address(packet[12:16]), IPv4Address(packet[16:20])
    if int.from_bytes(packet[6:8], "big") & 0x1FFF or destination.is_multicast:
        return False
    if source.is_multicast or source.is_unspecified or source.is_loopback:
        return False
    return packet[9] != Protocol.ICMP or packet[header : header + 1] not in [bytes([type_]) for type_ in _ICMP_ERRORS]
