"""An ICMPv6 message (RFC 4443) of any type: its four fixed bytes and the rest."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv6Address
from typing import ClassVar, Self

from client.core.errors import DecodeError
from client.core.ipv6 import IPv6Packet, NextHeader, upper_layer_checksum


class Icmp6Type(IntEnum):
    """The types that mobility cares about."""

    DESTINATION_UNREACHABLE = 1
    PACKET_TOO_BIG = 2
    TIME_EXCEEDED = 3
    PARAMETER_PROBLEM = 4
    ECHO_REQUEST = 128
    ECHO_REPLY = 129
    LISTENER_QUERY = 130
    LISTENER_REPORT = 131
    LISTENER_DONE = 132
    ROUTER_SOLICITATION = 133
    ROUTER_ADVERTISEMENT = 134
    NEIGHBOUR_SOLICITATION = 135
    NEIGHBOUR_ADVERTISEMENT = 136
    LISTENER_REPORT_2 = 143
    HOME_AGENT_REQUEST = 144  # home agent address discovery (RFC 6275 §6.5 to §6.8)
    HOME_AGENT_REPLY = 145
    PREFIX_SOLICITATION = 146
    PREFIX_ADVERTISEMENT = 147


@dataclass(frozen=True, slots=True, kw_only=True)
class Icmp6Message:
    """
    |     Type      |     Code      |           Checksum            |
    |                            body ...
    """

    HEADER: ClassVar = struct.Struct("!BBH")

    type: int
    code: int = 0
    body: bytes = b""

    def pack(self, source: IPv6Address, destination: IPv6Address) -> bytes:
        """The bytes, their checksum over the pseudo-header of these two addresses."""
        plain = self.HEADER.pack(self.type, self.code, 0) + self.body
        checksum = upper_layer_checksum(source, destination, NextHeader.ICMPV6, plain)
        return self.HEADER.pack(self.type, self.code, checksum) + self.body

    def packet(
        self,
        source: IPv6Address,
        destination: IPv6Address,
        *,
        hop_limit: int = 64,
        home_address: IPv6Address | None = None,
        routing: IPv6Address | None = None,
    ) -> IPv6Packet:
        """The message in its packet; it speaks for `home_address` and to `routing`, where these are given."""
        return IPv6Packet(
            source=source,
            destination=destination,
            next_header=NextHeader.ICMPV6,
            payload=self.pack(home_address or source, routing or destination),
            hop_limit=hop_limit,
            home_address=home_address,
            routing=routing,
        )

    @classmethod
    def unpack(cls, packet: IPv6Packet) -> Self:
        """Read the message in a packet, or raise DecodeError; the checksum must be right."""
        data = packet.payload
        if packet.next_header != NextHeader.ICMPV6 or len(data) < cls.HEADER.size:
            raise DecodeError("not an ICMPv6 message", data)
        if upper_layer_checksum(packet.sender, packet.receiver, NextHeader.ICMPV6, data):
            raise DecodeError("wrong ICMPv6 checksum", data)
        type_, code, _ = cls.HEADER.unpack_from(data)
        return cls(type=type_, code=code, body=data[cls.HEADER.size :])
