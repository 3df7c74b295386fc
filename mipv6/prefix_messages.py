"""Mobile Prefix Solicitation and Advertisement (RFC 6275 §6.7, §6.8)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import ClassVar, Self

from client.core.errors import DecodeError
from client.core.icmp6 import Icmp6Message, Icmp6Type
from client.core.ipv6 import IPv6Packet
from mipv6.neighbour_options import PrefixInformation, find_all, pack_options, read_options


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefixSolicitation:
    """A mobile node asks its home agent for the prefixes of the home link (§6.7).

    |          Identifier           |            Reserved           |
    """

    TYPE: ClassVar = Icmp6Type.PREFIX_SOLICITATION
    FIXED: ClassVar = struct.Struct("!H2x")

    identifier: int

    def packet(self, care_of_address: IPv6Address, home_agent: IPv6Address, home_address: IPv6Address) -> IPv6Packet:
        """In its packet, with a home address option."""
        message = Icmp6Message(type=self.TYPE, body=self.FIXED.pack(self.identifier))
        return message.packet(care_of_address, home_agent, home_address=home_address)

    @classmethod
    def unpack(cls, packet: IPv6Packet) -> Self:
        """Read a solicitation, or raise DecodeError; options mean nothing yet, and are skipped."""
        body = _body(packet, cls.TYPE, cls.FIXED.size)
        return cls(identifier=cls.FIXED.unpack_from(body)[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefixAdvertisement:
    """A home agent tells an absent mobile node of the prefixes of the home link (§6.8).

    |          Identifier           |M|O|        Reserved           |
    |           Options ...
    """

    TYPE: ClassVar = Icmp6Type.PREFIX_ADVERTISEMENT
    FIXED: ClassVar = struct.Struct("!HH")

    identifier: int
    managed: bool = False
    other: bool = False
    prefixes: tuple[PrefixInformation, ...]

    def packet(self, home_agent: IPv6Address, care_of_address: IPv6Address, home_address: IPv6Address) -> IPv6Packet:
        """In its packet, with a type 2 routing header."""
        body = self.FIXED.pack(self.identifier, self.managed << 15 | self.other << 14) + pack_options(self.prefixes)
        return Icmp6Message(type=self.TYPE, body=body).packet(home_agent, care_of_address, routing=home_address)

    @classmethod
    def unpack(cls, packet: IPv6Packet) -> Self:
        """Read an advertisement, or raise DecodeError."""
        body = _body(packet, cls.TYPE, cls.FIXED.size)
        identifier, flags = cls.FIXED.unpack_from(body)
        return cls(
            identifier=identifier,
            managed=bool(flags & 0x8000),
            other=bool(flags & 0x4000),
            prefixes=find_all(read_options(body[cls.FIXED.size :]), PrefixInformation),
        )


def _body(packet: IPv6Packet, wanted: Icmp6Type, size: int) -> bytes:
    message = Icmp6Message.unpack(packet)
    if message.type != wanted or len(message.body) < size:
        raise DecodeError(f"not a {wanted.name.lower().replace('_', ' ')}", packet.payload)
    return message.body
