"""Mobility headers laid out by hand, in packets; their checksums are made by scapy, never by us."""

from __future__ import annotations

from ipaddress import IPv6Address

from scapy.layers.inet6 import IPv6, in6_chksum

from client.core.ipv6 import IPv6Packet, NextHeader

HOME = IPv6Address("2001:db8:1::23")
HOME_AGENT = IPv6Address("2001:db8:1::1")
CARE_OF = IPv6Address("2001:db8:2::7")
CORRESPONDENT = IPv6Address("2001:db8:3::99")
COOKIE = bytes.fromhex("c0c1c2c3c4c5c6c7")
TOKEN = bytes.fromhex("d0d1d2d3d4d5d6d7")


def checksum(data: bytes, source: IPv6Address, destination: IPv6Address, kind: int = NextHeader.MOBILITY) -> bytes:
    """What scapy computes over these bytes and the pseudo-header of these addresses."""
    return int(in6_chksum(kind, IPv6(src=str(source), dst=str(destination)), data)).to_bytes(2)


def with_checksum(header: bytes, source: IPv6Address, destination: IPv6Address) -> bytes:
    """A mobility header, whose checksum field is zero, with the right one."""
    return header[:4] + checksum(header, source, destination) + header[6:]


def carried(header: bytes, source: IPv6Address = CARE_OF, destination: IPv6Address = CORRESPONDENT) -> IPv6Packet:
    """A mobility header, whose checksum field is zero, in a packet, with the right one."""
    payload = with_checksum(header, source, destination)
    return IPv6Packet(source=source, destination=destination, next_header=NextHeader.MOBILITY, payload=payload)
