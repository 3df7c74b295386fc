"""The ICMP errors that a tunnel's entrance sends (RFC 792, RFC 1191, RFC 1122 §3.2.2; RFC 4443 for IPv6)."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv6Address

from client.core.checksum import internet_checksum
from client.core.icmp import IcmpMessage, IcmpType
from client.core.ipv4 import BROADCAST, IPv4Packet, Protocol

FRAGMENTATION_NEEDED = 4
NETWORK_UNREACHABLE, HOST_UNREACHABLE = 0, 1
LEAST_IPV6 = 1280
_QUOTED = 548  # as much as keeps the error within 576 bytes
_QUOTED_IPV6 = LEAST_IPV6 - 48
_ICMP_ERRORS = (3, 4, 5, 11, 12)
_ICMPV6 = 58
_UNREACHABLE_IPV6, _TOO_BIG_IPV6 = 1, 2
_ADDRESS_UNREACHABLE = 3


def icmp_error(packet: bytes, reporter: IPv4Address, code: int, next_hop_mtu: int = 0) -> IPv4Packet | None:
    """ "Destination unreachable" for a packet's sender, or None where an error must not be answered."""
    if not _answerable(packet):
        return None
    body = struct.pack("!HH", 0, next_hop_mtu) + packet[:_QUOTED]
    message = IcmpMessage(type=IcmpType.DESTINATION_UNREACHABLE, code=code, body=body)
    return message.packet(reporter, IPv4Address(packet[12:16]))


def icmp6_error(packet: bytes, reporter: IPv6Address, code: int, mtu: int = 0) -> bytes | None:
    """The same for IPv6 (RFC 2473 §8.2): "packet too big", or "address unreachable" for all other codes."""
    if not _answerable6(packet):
        return None
    too_big = code == FRAGMENTATION_NEEDED
    kind, code = (_TOO_BIG_IPV6, 0) if too_big else (_UNREACHABLE_IPV6, _ADDRESS_UNREACHABLE)
    rest = struct.pack("!I", max(mtu, LEAST_IPV6) if too_big else 0) + packet[:_QUOTED_IPV6]
    addresses = reporter.packed + packet[8:24]
    pseudo_header = addresses + struct.pack("!II", 4 + len(rest), _ICMPV6)
    checksum = internet_checksum(pseudo_header + struct.pack("!BBH", kind, code, 0) + rest)
    header = struct.pack("!IHBB", 0x60000000, 4 + len(rest), _ICMPV6, 64)
    return header + addresses + struct.pack("!BBH", kind, code, checksum) + rest


def _answerable(packet: bytes) -> bool:
    header = (packet[0] & 0x0F) * 4
    source, destination = IPv4Address(packet[12:16]), IPv4Address(packet[16:20])
    if int.from_bytes(packet[6:8], "big") & 0x1FFF or destination.is_multicast or destination == BROADCAST:
        return False
    if source.is_multicast or source.is_unspecified or source.is_loopback or source == BROADCAST:
        return False
    return packet[9] != Protocol.ICMP or packet[header : header + 1] not in [bytes([type_]) for type_ in _ICMP_ERRORS]


def _answerable6(packet: bytes) -> bool:
    """RFC 4443 §2.4 (e), but for "packet too big" to groups, which nobody here sends."""
    source, destination = IPv6Address(packet[8:24]), IPv6Address(packet[24:40])
    if source.is_multicast or source.is_unspecified or destination.is_multicast:
        return False
    return packet[6] != _ICMPV6 or packet[40:41] >= b"\x80"
