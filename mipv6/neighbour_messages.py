"""Neighbour Solicitation and Advertisement (RFC 4861 §4.3, §4.4)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import ClassVar, Self

from client.core.errors import DecodeError
from client.core.icmp6 import Icmp6Message, Icmp6Type
from client.core.ipv6 import ANY6, IPv6Packet, solicited_node
from mipv6.neighbour_message import HOP_LIMIT, read_neighbour_message
from mipv6.neighbour_options import (
    NeighbourOption,
    SourceLinkLayerAddress,
    TargetLinkLayerAddress,
    find,
    pack_options,
    read_options,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourSolicitation:
    """Asks who has an address, or whether it is still there (RFC 4861 §4.3).

    |                           Reserved                            |
    |                     Target Address (128)                      |
    |   Options ...
    """

    TYPE: ClassVar = Icmp6Type.NEIGHBOUR_SOLICITATION
    FIXED: ClassVar = struct.Struct("!4x16s")

    target: IPv6Address
    link_layer_address: bytes | None = None

    def packet(self, source: IPv6Address, destination: IPv6Address | None = None) -> IPv6Packet:
        """In its packet, to the target's solicited-node group if no destination is given.

        From the unspecified address it must bear no link-layer address.
        """
        options = () if self.link_layer_address is None else (SourceLinkLayerAddress(self.link_layer_address),)
        body = self.FIXED.pack(self.target.packed) + pack_options(options)
        message = Icmp6Message(type=self.TYPE, body=body)
        return message.packet(source, destination or solicited_node(self.target), hop_limit=HOP_LIMIT)

    @classmethod
    def unpack(cls, packet: IPv6Packet) -> Self:
        """A valid solicitation, or DecodeError (RFC 4861 §7.1.1)."""
        target, options = _target(packet, cls.TYPE)
        option = find(options, SourceLinkLayerAddress)
        to_group = packet.destination == solicited_node(target)
        if packet.source.is_unspecified and (option or not to_group):
            raise DecodeError("not how one asks for a duplicate address", packet.payload)
        return cls(target=target, link_layer_address=option.address if option else None)


def duplicate_address_probe(address: IPv6Address) -> IPv6Packet:
    """Asks, from nobody, whether anybody has an address (RFC 4862 §5.4.2)."""
    return NeighbourSolicitation(target=address).packet(ANY6)


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourAdvertisement:
    """Tells who has an address (RFC 4861 §4.4).

    |R|S|O|                     Reserved                            |
    |                     Target Address (128)                      |
    |   Options ...
    """

    TYPE: ClassVar = Icmp6Type.NEIGHBOUR_ADVERTISEMENT
    FIXED: ClassVar = struct.Struct("!B3x16s")

    target: IPv6Address
    router: bool = False
    solicited: bool = False
    override: bool = False
    link_layer_address: bytes | None = None

    def packet(self, source: IPv6Address, destination: IPv6Address) -> IPv6Packet:
        """In its packet; to a group, it must not be solicited."""
        options = () if self.link_layer_address is None else (TargetLinkLayerAddress(self.link_layer_address),)
        flags = self.router << 7 | self.solicited << 6 | self.override << 5
        body = self.FIXED.pack(flags, self.target.packed) + pack_options(options)
        return Icmp6Message(type=self.TYPE, body=body).packet(source, destination, hop_limit=HOP_LIMIT)

    @classmethod
    def unpack(cls, packet: IPv6Packet) -> Self:
        """A valid advertisement, or DecodeError (RFC 4861 §7.1.2)."""
        target, options = _target(packet, cls.TYPE)
        option = find(options, TargetLinkLayerAddress)
        flags = packet.payload[Icmp6Message.HEADER.size]
        if packet.destination.is_multicast and flags & 0x40:
            raise DecodeError("an answer to nobody in particular", packet.payload)
        return cls(
            target=target,
            router=bool(flags & 0x80),
            solicited=bool(flags & 0x40),
            override=bool(flags & 0x20),
            link_layer_address=option.address if option else None,
        )


def _target(packet: IPv6Packet, wanted: Icmp6Type) -> tuple[IPv6Address, tuple[NeighbourOption, ...]]:
    """The target address, the same place in both messages, and the options."""
    size = NeighbourSolicitation.FIXED.size
    body = read_neighbour_message(packet, wanted, size)
    target = IPv6Address(body[4:size])
    if target.is_multicast:
        raise DecodeError("nobody has a group as an address", packet.payload)
    return target, read_options(body[size:])
