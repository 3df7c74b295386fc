"""What a mobile node and its home agent say to each other alone: ESP protects it (RFC 6275 §5.1, RFC 3776 §3)."""

from __future__ import annotations

from client.core.icmp6 import Icmp6Type
from client.core.ipv6 import IPv6Packet, NextHeader
from mipv6.messages import HEADER, BindingAcknowledgement, BindingUpdate

_FLAGS = 8
"""Where a Binding Update's flags are, counted from the mobility header's first byte (RFC 6275 §6.1.7)."""

_HOME_REGISTRATION = 0x40


def is_from_mobile_node(packet: IPv6Packet) -> bool:
    """A Binding Update for a home registration, or a Mobile Prefix Solicitation."""
    if packet.next_header == NextHeader.ICMPV6:
        return packet.payload[:1] == bytes([Icmp6Type.PREFIX_SOLICITATION])
    return packet.next_header == NextHeader.MOBILITY and is_home_registration(packet.payload)


def is_from_home_agent(packet: IPv6Packet) -> bool:
    """A Binding Acknowledgement (correspondents send these, too) or a Mobile Prefix Advertisement."""
    if packet.next_header == NextHeader.ICMPV6:
        return packet.payload[:1] == bytes([Icmp6Type.PREFIX_ADVERTISEMENT])
    return packet.next_header == NextHeader.MOBILITY and _kind(packet.payload) == BindingAcknowledgement.TYPE


def is_home_registration(header: bytes) -> bool:
    """A look ahead into a mobility header; whoever gets it reads it properly."""
    return _kind(header) == BindingUpdate.TYPE and len(header) > _FLAGS and bool(header[_FLAGS] & _HOME_REGISTRATION)


def _kind(header: bytes) -> int | None:
    return int(HEADER.unpack_from(header)[2]) if len(header) >= HEADER.size else None
