"""Packets laid out byte by byte from the RFCs, by no code of ours: what both data planes are held against."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv6Address

DONT_FRAGMENT = 0x4000
MORE_FRAGMENTS = 0x2000


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071), word by word."""
    total: int = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def ip4(
    source: IPv4Address,
    destination: IPv4Address,
    protocol: int,
    payload: bytes,
    *,
    tos: int = 0,
    identification: int = 0,
    fragment: int = DONT_FRAGMENT,
    ttl: int = 63,
    options: bytes = b"",
) -> bytes:
    """An IPv4 packet (RFC 791 §3.1)."""
    size = 20 + len(options)
    head = struct.pack("!BBHHHBB", 0x40 | size // 4, tos, size + len(payload), identification, fragment, ttl, protocol)
    rest = source.packed + destination.packed + options
    return head + struct.pack("!H", checksum(head + b"\0\0" + rest)) + rest + payload


def ip6(
    source: IPv6Address,
    destination: IPv6Address,
    next_header: int,
    payload: bytes,
    *,
    traffic_class: int = 0,
    flow_label: int = 0,
    hop_limit: int = 63,
) -> bytes:
    """An IPv6 packet (RFC 8200 §3)."""
    first = 6 << 28 | traffic_class << 20 | flow_label
    return (
        struct.pack("!IHBB", first, len(payload), next_header, hop_limit) + source.packed + destination.packed + payload
    )


Address = IPv4Address | IPv6Address


def _covered(source: Address, destination: Address, protocol: int, segment: bytes) -> bytes:
    """What a transport's checksum covers (RFC 9293 §3.1, RFC 8200 §8.1)."""
    if isinstance(source, IPv4Address):
        return source.packed + destination.packed + struct.pack("!BBH", 0, protocol, len(segment)) + segment
    return source.packed + destination.packed + struct.pack("!IHBB", len(segment), 0, 0, protocol) + segment


def udp(
    source: Address, destination: Address, ports: tuple[int, int], payload: bytes, *, with_checksum: bool = True
) -> bytes:
    """A UDP datagram (RFC 768)."""
    head = struct.pack("!HHH", *ports, 8 + len(payload))
    right = checksum(_covered(source, destination, 17, head + b"\0\0" + payload)) or 0xFFFF
    return head + struct.pack("!H", right if with_checksum else 0) + payload


def tcp(source: Address, destination: Address, flags: int, options: bytes = b"", payload: bytes = b"") -> bytes:
    """A TCP segment (RFC 9293 §3.1)."""
    head = struct.pack("!HHIIBBH", 40000, 80, 1000, 2000, (20 + len(options)) // 4 << 4, flags, 500)
    rest = b"\0\0" + options + payload
    return head + struct.pack("!H", checksum(_covered(source, destination, 6, head + b"\0\0" + rest))) + rest


def echo(payload: bytes) -> bytes:
    """An ICMP echo request (RFC 792)."""
    rest = struct.pack("!HH", 7, 1) + payload
    return b"\x08\0" + struct.pack("!H", checksum(b"\x08\0\0\0" + rest)) + rest


def segment_size(size: int) -> bytes:
    """TCP's maximum segment size option (RFC 9293 §3.2)."""
    return struct.pack("!BBH", 2, 4, size)


def gre(inner: bytes, *, flags: int = 0, fields: bytes = b"", protocol: int = 0x0800) -> bytes:
    """GRE (RFC 2784 §2.1), with the optional fields that the flags announce (RFC 2890 §2)."""
    return struct.pack("!HH", flags, protocol) + fields + inner


def gre_with_checksum(inner: bytes) -> bytes:
    """GRE with its checksum, which covers header and payload (RFC 2784 §2.3)."""
    return gre(inner, flags=0x8000, fields=struct.pack("!HH", checksum(gre(inner, flags=0x8000, fields=bytes(4))), 0))


def tunnel_data(inner: bytes, *, next_header: int = 4) -> bytes:
    """A MIP tunnel data message (RFC 3519 §3.3)."""
    return bytes([4, next_header, 0, 0]) + inner


def minimal(protocol: int, destination: IPv4Address, source: IPv4Address | None = None) -> bytes:
    """A minimal forwarding header (RFC 2004 §3)."""
    addresses = destination.packed + (source.packed if source else b"")
    first = bytes([protocol, 0x80 if source else 0])
    return first + struct.pack("!H", checksum(first + b"\0\0" + addresses)) + addresses


def home_address_option(next_header: int, home_address: IPv6Address) -> bytes:
    """A destination options header that holds the home address option at 8n+6 (RFC 6275 §6.3)."""
    return bytes([next_header, 2, 1, 2, 0, 0, 0xC9, 16]) + home_address.packed


def type_2_routing(next_header: int, home_address: IPv6Address) -> bytes:
    """A type 2 routing header (RFC 6275 §6.4.1)."""
    return bytes([next_header, 2, 2, 1, 0, 0, 0, 0]) + home_address.packed
