"""Takes a captured frame apart, as far as the figures need it. Total: what it does not know it leaves out."""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

from lab.analysis.pcap import Record

ARP = 0x0806
IPV4 = 0x0800
ICMP, IPIP, TCP, UDP = 1, 4, 6, 17
SYN, ACK = 0x02, 0x10


@dataclass(frozen=True, slots=True)
class Ip:
    """An IPv4 packet; `inner` is the packet in it, if it is IP-in-IP."""

    source: bytes
    destination: bytes
    protocol: int
    ttl: int
    length: int
    body: bytes
    inner: Ip | None = None


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
    return Frame(record.at, destination, source, ip, arp)


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
    inner = _ip(body) if data[9] == IPIP else None
    return Ip(data[12:16], data[16:20], data[9], data[8], length, body, inner)


def segment(ip: Ip) -> Segment | None:
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
