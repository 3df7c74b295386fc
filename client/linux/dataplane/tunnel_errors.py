"""What ICMP errors about our outer packets mean to the senders of what was inside (RFC 2003 §4, RFC 2473 §8)."""

from __future__ import annotations

from dataclasses import dataclass

from client.core.ipv4 import IPv4Packet, Protocol
from client.linux.dataplane.encapsulations.direct import without_home_address, without_routing
from client.linux.dataplane.encapsulations.gre import gre_header
from client.linux.dataplane.encapsulations.minimal import forwarding_header_size, original_header
from client.linux.dataplane.icmp_errors import (
    FRAGMENTATION_NEEDED,
    HOST_UNREACHABLE,
    LEAST_IPV6,
    NETWORK_UNREACHABLE,
)
from client.linux.dataplane.ip_header import sealed

_UNREACHABLE, _TIME_EXCEEDED = 3, 11
_RELAYED = {0: NETWORK_UNREACHABLE, 1: HOST_UNREACHABLE, 2: HOST_UNREACHABLE}  # §4.1 forbids 3 and 5
_UNREACHABLE_6, _TOO_BIG_6, _TIME_EXCEEDED_6 = 1, 2, 3
_ICMP_HEADER = 8
_HEADER, _HEADER_6 = 20, 40
_PORT = (434).to_bytes(2, "big")
_UDP = 8 + 4  # and the MIP tunnel data header
_LEAST_MTU = 576  # a forged error must not cut packets to nothing; every host takes that much (RFC 1122 §3.3.3)


@dataclass(frozen=True, slots=True)
class Relayed:
    """What to tell the sender of the inner packet, of which `quoted` is the beginning (b"": too little is known)."""

    local: bytes
    remote: bytes
    quoted: bytes
    code: int
    mtu: int = 0  # of outer packets, with FRAGMENTATION_NEEDED


def relayed(error: IPv4Packet) -> Relayed | None:
    """What an ICMP error about an outer packet has to become, or None: not about one, or not to be relayed."""
    outer = error.payload[_ICMP_HEADER:]
    if len(outer) < _HEADER or outer[0] >> 4 != 4:
        return None
    verdict = _verdict(error.payload[0], error.payload[1], int.from_bytes(error.payload[6:8], "big"))
    inner = _inner(outer, (outer[0] & 0x0F) * 4)
    if verdict is None or inner is None:
        return None
    answerable = len(inner) >= _HEADER + _ICMP_HEADER and inner[0] >> 4 == 4
    return Relayed(outer[12:16], outer[16:20], inner if answerable else b"", *verdict)


def relayed6(icmp: bytes) -> Relayed | None:
    """The same of an ICMPv6 message: about IPv6 in IPv6, or about a packet that named a home address."""
    outer = icmp[_ICMP_HEADER:]
    if len(outer) < _HEADER_6 or outer[0] >> 4 != 6:
        return None
    if outer[6] == Protocol.IPV6:
        inner = outer[_HEADER_6:]
    else:
        direct = without_routing(outer) or without_home_address(outer)
        if direct is None:
            return None
        inner = direct.packet
    quoted = inner if len(inner) >= _HEADER_6 + _ICMP_HEADER and inner[0] >> 4 == 6 else b""
    if icmp[0] == _TOO_BIG_6:
        mtu = max(int.from_bytes(icmp[4:8], "big"), LEAST_IPV6)
        return Relayed(outer[8:24], outer[24:40], quoted, FRAGMENTATION_NEEDED, mtu)
    if icmp[0] in (_UNREACHABLE_6, _TIME_EXCEEDED_6):
        return Relayed(outer[8:24], outer[24:40], quoted, HOST_UNREACHABLE)
    return None


def _verdict(kind: int, code: int, mtu: int) -> tuple[int, int] | None:
    if kind == _UNREACHABLE and code == FRAGMENTATION_NEEDED:
        return FRAGMENTATION_NEEDED, max(mtu, _LEAST_MTU)
    if kind == _UNREACHABLE and code in _RELAYED:
        return _RELAYED[code], 0
    return (HOST_UNREACHABLE, 0) if kind == _TIME_EXCEEDED else None


def _inner(outer: bytes, start: int) -> bytes | None:
    """What is left of the inner packet; None: this was no outer packet."""
    content = outer[start:]
    match outer[9]:
        case Protocol.IPIP:
            return content
        case Protocol.GRE:
            return content[gre_header(int.from_bytes(content[:2], "big")) :]
        case Protocol.UDP if _PORT in (content[:2], content[2:4]) and content[8:9] in (b"\x04", b""):
            return content[_UDP:]  # with b"" no more was quoted than ICMP must (RFC 792)
        case Protocol.MINIMAL:
            return _unwrapped(outer, start)
    return None


def _unwrapped(outer: bytes, start: int) -> bytes:
    size = forwarding_header_size(outer[start:])
    forwarding = outer[start : start + size]
    if len(forwarding) < size:
        return b""
    total = int.from_bytes(outer[2:4], "big") - size
    return sealed(original_header(outer[:start], forwarding, max(total, 0))) + outer[start + size :]
