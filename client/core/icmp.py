"""An ICMP message (RFC 792) of any type: its four fixed bytes and the rest."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address
from typing import ClassVar, Self

from client.core.checksum import internet_checksum
from client.core.errors import DecodeError
from client.core.ipv4 import IPv4Packet, Protocol


class IcmpType(IntEnum):
    """The types that mobility cares about."""

    ECHO_REPLY = 0
    DESTINATION_UNREACHABLE = 3
    ECHO_REQUEST = 8
    ROUTER_ADVERTISEMENT = 9
    ROUTER_SOLICITATION = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class IcmpMessage:
    """
    |     Type      |     Code      |           Checksum            |
    |                            body ...
    """

    HEADER: ClassVar = struct.Struct("!BBH")

    type: int
    code: int = 0
    body: bytes = b""

    def pack(self) -> bytes:
        """The bytes with their checksum."""
        checksum = internet_checksum(self.HEADER.pack(self.type, self.code, 0) + self.body)
        return self.HEADER.pack(self.type, self.code, checksum) + self.body

    def packet(self, source: IPv4Address, destination: IPv4Address, *, ttl: int = 64) -> IPv4Packet:
        """The message in its IPv4 packet."""
        return IPv4Packet(source=source, destination=destination, protocol=Protocol.ICMP, payload=self.pack(), ttl=ttl)

    @classmethod
    def unpack(cls, packet: IPv4Packet) -> Self:
        """Read the message in a packet, or raise DecodeError; the checksum must be right."""
        data = packet.payload
        if packet.protocol != Protocol.ICMP or len(data) < 8:
            raise DecodeError("not an ICMP message", data)
        if internet_checksum(data):
            raise DecodeError("wrong ICMP checksum", data)
        type_, code, _ = cls.HEADER.unpack_from(data)
        return cls(type=type_, code=code, body=data[cls.HEADER.size :])
