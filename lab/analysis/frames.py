"""Takes a captured frame apart, as far as the figures need it. Total: what it does not know it leaves out."""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

from lab.analysis.frames6 import IPV6, Ip6, decode6
from lab.analysis.pcap import Record

ARP = 0x0806
IPV4 = 0x0800
ICMP, IGMP, IPIP, TCP, UDP, GRE, MINIMAL = 1, 2, 4, 6, 17, 47, 55
TUNNELS = {IPIP: "ipip", GRE: "gre", MINIMAL: "minimal", UDP: "udp"}
"""What an encapsulation is called in the status and in the profile, by the protocol number of the outer packet."""

_TUNNEL_PORT = (434).to_bytes(2, "big")
_TUNNEL_DATA = bytes((4, 4))  # a MIP tunnel data message that holds IPv4 (RFC 3519 §3.3)
_GRE_CHECKSUM, _GRE_KEY, _GRE_SEQUENCE, _GRE_REST = 0x8000, 0x2000, 0x1000, 0x4FFF
_SOURCE_PRESENT = 0x80
SYN, ACK = 0x02, 0x10


@dataclass(frozen=True, slots=True)
class Ip:
    """An IPv4 packet; `inner` is the packet in it, if it is a tunnel's (TUNNELS)."""

    source: bytes
    destination: bytes
    protocol: int
    ttl: int
    length: int
    body: bytes
    inner: Ip | None = None

    @property
    def nesting(self) -> tuple[str, ...]:
        """The tunnels that it is in, the outermost first."""
        return (TUNNELS[self.protocol], *self.inner.nesting) if self.inner else ()


@dataclass(frozen=True, slots=True)
class Arp:
    """An ARP packet."""

    operation: int
    sender: bytes
    target: bytes


@dataclass(frozen=True, slots=True)
class Frame:
    """A captured Ethernet frame. `at`: nanoseconds since 1970."""

    at: int
    destination: bytes
    source: bytes
    ip: Ip | None = None
    arp: Arp | None = None
    ip6: Ip6 | None = None

    @property
    def to_all(self) -> bool:
        """Broadcast or multicast?"""
        return bool(self.destination[0] & 1)


@dataclass(frozen=True, slots=True)
class Segment:
    """A TCP segment's header."""

    source_port: int
    destination_port: int
    sequence: int
    acknowledgement: int
    flags: int


def decode(record: Record) -> Frame | None:
    """The frame of a record, or None if it is too short to be one."""
    data = record.frame
    if len(data) < 14:
        return None
    destination, source, kind = data[:6], data[6:12], int.from_bytes(data[12:14], "big")
    ip = _ip(data[14:]) if kind == IPV4 else None
    arp = _arp(data[14:]) if kind == ARP else None
    ip6 = decode6(data[14:]) if kind == IPV6 else None
    return Frame(record.at, destination, source, ip, arp, ip6)


def _arp(data: bytes) -> Arp | None:
    if len(data) < 28:
        return None
    return Arp(int.from_bytes(data[6:8], "big"), data[14:18], data[24:28])


def _ip(data: bytes) -> Ip | None:
    if len(data) < 20 or data[0] >> 4 != 4:
        return None
    header = (data[0] & 15) * 4
    length = int.from_bytes(data[2:4], "big")
    fragment = int.from_bytes(data[6:8], "big") & 0x1FFF
    body = data[header:length] if not fragment else b""
    inner = None if fragment else _inner(data, body)
    return Ip(data[12:16], data[16:20], data[9], data[8], length, body, inner)


def _inner(outer: bytes, body: bytes) -> Ip | None:
    protocol = outer[9]
    if protocol == MINIMAL:
        return _in_minimal(outer, body)
    take_out = {IPIP: _ip, GRE: _in_gre, UDP: _in_udp}.get(protocol)
    return take_out(body) if take_out else None


def _in_gre(body: bytes) -> Ip | None:
    """RFC 2784, with the key and sequence number of RFC 2890."""
    flags, protocol = int.from_bytes(body[:2], "big"), int.from_bytes(body[2:4], "big")
    if protocol != IPV4 or flags & _GRE_REST:
        return None
    fields = sum(bool(flags & flag) for flag in (_GRE_CHECKSUM, _GRE_KEY, _GRE_SEQUENCE))
    return _ip(body[4 + 4 * fields :])


def _in_minimal(outer: bytes, body: bytes) -> Ip | None:
    """RFC 2004: the inner header is the outer one, but for what the forwarding header holds."""
    if len(body) < 8:
        return None
    has_source = bool(body[1] & _SOURCE_PRESENT)
    size = 12 if has_source else 8
    if len(body) < size:
        return None
    length = int.from_bytes(outer[2:4], "big") - (outer[0] & 15) * 4 - size + 20
    source, destination = body[8:12] if has_source else outer[12:16], body[4:8]
    lengths = length.to_bytes(2, "big")
    return _ip(b"\x45" + outer[1:2] + lengths + outer[4:9] + body[:1] + b"\0\0" + source + destination + body[size:])


def _in_udp(body: bytes) -> Ip | None:
    """RFC 3519 §3.3: from or to port 434, whatever a NAT makes of the other."""
    if _TUNNEL_PORT not in (body[:2], body[2:4]) or body[8:10] != _TUNNEL_DATA:
        return None
    return _ip(body[12:])


def segment(ip: Ip | Ip6) -> Segment | None:
    """The TCP header of a packet."""
    if ip.protocol != TCP or len(ip.body) < 20:
        return None
    source, destination, sequence, acknowledgement, _, flags = struct.unpack_from("!HHIIBB", ip.body)
    return Segment(source, destination, sequence, acknowledgement, flags)


def udp(ip: Ip) -> tuple[int, int, bytes] | None:
    """Source port, destination port and payload of a UDP packet."""
    if ip.protocol != UDP or len(ip.body) < 8:
        return None
    source, destination = struct.unpack_from("!HH", ip.body)
    return source, destination, ip.body[8:]


def innermost(ip: Ip) -> Ip:
    """The packet that a program sent, out of all tunnels."""
    return innermost(ip.inner) if ip.inner else ip


def address(packed: bytes) -> str:
    """Dots for people."""
    return str(IPv4Address(packed))


def between(frames: Sequence[Frame], start: int, end: int) -> Sequence[Frame]:
    """Those of a capture's frames whose time is in [start, end)."""
    first = bisect_left(frames, start, key=lambda frame: frame.at)
    return frames[first : bisect_left(frames, end, key=lambda frame: frame.at)]
