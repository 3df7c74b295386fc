"""What a correspondent without Mobile IPv6 says of a mobility header (RFC 6275 §11.3.5, RFC 4443 §3.4)."""

from __future__ import annotations

from client.core.errors import DecodeError
from client.core.icmp6 import Icmp6Message, Icmp6Type
from client.core.ipv6 import IPv6Packet, NextHeader

_UNKNOWN_NEXT_HEADER = 1
_POINTER = 4  # bytes before the packet in error


def refused_mobility_header(message: Icmp6Message) -> IPv6Packet | None:
    """The packet whose mobility header its receiver does not know, or None: the message says something else."""
    if message.type != Icmp6Type.PARAMETER_PROBLEM or message.code != _UNKNOWN_NEXT_HEADER:
        return None
    pointer, quoted = int.from_bytes(message.body[:_POINTER]), message.body[_POINTER:]
    if pointer >= len(quoted) or quoted[pointer] != NextHeader.MOBILITY:
        return None
    try:
        packet = IPv6Packet.unpack(quoted)
    except DecodeError:
        return None
    return packet if packet.next_header == NextHeader.MOBILITY else None
