"""What all messages of neighbour discovery must satisfy (RFC 4861 §6.1, §7.1)."""

from __future__ import annotations

from client.core.errors import DecodeError
from client.core.icmp6 import Icmp6Message, Icmp6Type
from client.core.ipv6 import IPv6Packet

HOP_LIMIT = 255
"""What no router can have left: such a packet came from this very link."""


class OffLinkError(DecodeError):
    """It cannot have come from this link, or not from a router on it: forged or strayed."""


def read_neighbour_message(packet: IPv6Packet, wanted: Icmp6Type, size: int) -> bytes:
    """The body of a message of this type with at least `size` bytes, behind type, code and checksum."""
    message = Icmp6Message.unpack(packet)
    if message.type != wanted or message.code or len(message.body) < size:
        raise DecodeError(f"not a valid {wanted.name.lower().replace('_', ' ')}", packet.payload)
    if packet.hop_limit != HOP_LIMIT:
        raise OffLinkError("a message of neighbour discovery that a router has forwarded", packet.payload)
    return message.body
