"""A UDP datagram (RFC 768) over IPv4."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import ClassVar, Self

from client.core.checksum import internet_checksum
from client.core.errors import DecodeError
from client.core.ipv4 import IPv4Packet, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class UdpDatagram:
    """
    |          Source Port          |       Destination Port        |
    |            Length             |           Checksum            |
    """

    HEADER: ClassVar = struct.Struct("!HHHH")

    source_port: int
    destination_port: int
    payload: bytes

    def pack(self, source: IPv4Address, destination: IPv4Address) -> bytes:
        """The bytes, their checksum over the pseudo-header of these two addresses."""
        length = self.HEADER.size + len(self.payload)
        body = self.HEADER.pack(self.source_port, self.destination_port, length, 0) + self.payload
        checksum = internet_checksum(_pseudo_header(source, destination, length) + body) or 0xFFFF
        return body[:6] + checksum.to_bytes(2, "big") + body[8:]

    def packet(self, source: IPv4Address, destination: IPv4Address, *, ttl: int = 64) -> IPv4Packet:
        """The datagram in its IPv4 packet."""
        payload = self.pack(source, destination)
        return IPv4Packet(source=source, destination=destination, protocol=Protocol.UDP, payload=payload, ttl=ttl)

    @classmethod
    def unpack(cls, packet: IPv4Packet) -> Self:
        """Read the datagram in a packet, or raise DecodeError; a non-zero checksum must be right."""
        data = packet.payload
        if packet.protocol != Protocol.UDP or len(data) < cls.HEADER.size:
            raise DecodeError("not a UDP datagram", data)
        source_port, destination_port, length, checksum = cls.HEADER.unpack_from(data)
        if not cls.HEADER.size <= length <= len(data):
            raise DecodeError("wrong UDP length", data)
        data = data[:length]
        if checksum and internet_checksum(_pseudo_header(packet.source, packet.destination, length) + data):
            raise DecodeError("wrong UDP checksum", data)
        return cls(source_port=source_port, destination_port=destination_port, payload=data[cls.HEADER.size :])


def _pseudo_header(source: IPv4Address, destination: IPv4Address, length: int) -> bytes:
    return source.packed + destination.packed + struct.pack("!BBH", 0, Protocol.UDP, length)
