"""Dynamic home agent address discovery: its anycast address and its two messages (RFC 6275 §6.5, §6.6)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network
from typing import ClassVar, Self

from client.core.errors import DecodeError
from client.core.icmp6 import Icmp6Message, Icmp6Type
from client.core.ipv6 import IPv6Packet

_ANYCAST_IDENTIFIER = 0x7E  # RFC 2526 §3; the seven lowest bits
_GLOBAL_BIT = 1 << 57  # zero in a 64-bit interface identifier, since this one is nobody's own


def home_agents_anycast(prefix: IPv6Network) -> IPv6Address:
    """The address that all home agents of a prefix have in common (RFC 2526 §2), for prefixes up to 121 bits.

    All bits of the interface identifier but the last seven are set; with a prefix of 64 bits, also but the one that
    says "globally unique": fdff:ffff:ffff:fffe.
    """
    identifier = (1 << 128 - prefix.prefixlen) - 0x80 | _ANYCAST_IDENTIFIER
    if prefix.prefixlen == 64:
        identifier ^= _GLOBAL_BIT
    return IPv6Address(int(prefix.network_address) | identifier)


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeAgentRequest:
    """Asks for the addresses of the home agents of a link (§6.5).

    |          Identifier           |            Reserved           |
    """

    TYPE: ClassVar = Icmp6Type.HOME_AGENT_REQUEST
    FIXED: ClassVar = struct.Struct("!H2x")

    identifier: int

    def packet(self, source: IPv6Address, destination: IPv6Address) -> IPv6Packet:
        """In its packet: from a care-of address to the anycast address."""
        return Icmp6Message(type=self.TYPE, body=self.FIXED.pack(self.identifier)).packet(source, destination)

    @classmethod
    def unpack(cls, packet: IPv6Packet) -> Self:
        """Read a request, or raise DecodeError."""
        body = _body(packet, cls.TYPE)
        return cls(identifier=cls.FIXED.unpack_from(body)[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeAgentReply:
    """The addresses of the home agents of a link, the most preferred first (§6.6).

    |           Identifier          |             Reserved          |
    |                  Home Agent Addresses (128 each) ...
    """

    TYPE: ClassVar = Icmp6Type.HOME_AGENT_REPLY
    FIXED: ClassVar = struct.Struct("!H2x")

    identifier: int
    home_agents: tuple[IPv6Address, ...]

    def packet(self, source: IPv6Address, destination: IPv6Address) -> IPv6Packet:
        """In its packet: from a home agent's own address to where the request came from."""
        body = self.FIXED.pack(self.identifier) + b"".join(agent.packed for agent in self.home_agents)
        return Icmp6Message(type=self.TYPE, body=body).packet(source, destination)

    @classmethod
    def unpack(cls, packet: IPv6Packet) -> Self:
        """Read a reply, or raise DecodeError."""
        body = _body(packet, cls.TYPE)
        addresses = body[cls.FIXED.size :]
        if len(addresses) % 16:
            raise DecodeError("half an address in a home agent address discovery reply", body)
        agents = (IPv6Address(addresses[place : place + 16]) for place in range(0, len(addresses), 16))
        return cls(identifier=cls.FIXED.unpack_from(body)[0], home_agents=tuple(agents))


def _body(packet: IPv6Packet, wanted: Icmp6Type) -> bytes:
    message = Icmp6Message.unpack(packet)
    if message.type != wanted or len(message.body) < HomeAgentRequest.FIXED.size:
        raise DecodeError(f"not a {wanted.name.lower().replace('_', ' ')}", packet.payload)
    return message.body
