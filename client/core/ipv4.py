"""An IPv4 packet (RFC 791), as far as signalling and tunnels need it."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address
from typing import ClassVar, Self

from client.core.checksum import internet_checksum
from client.core.errors import DecodeError

ANY = IPv4Address("0.0.0.0")
BROADCAST = IPv4Address("255.255.255.255")
ALL_SYSTEMS = IPv4Address("224.0.0.1")
ALL_ROUTERS = IPv4Address("224.0.0.2")
ALL_MOBILITY_AGENTS = IPv4Address("224.0.0.11")


class Protocol(IntEnum):
    """Protocol numbers that we speak."""

    ICMP = 1
    IGMP = 2
    IPIP = 4
    TCP = 6
    UDP = 17
    IPV6 = 41
    GRE = 47
    MINIMAL = 55


@dataclass(frozen=True, slots=True, kw_only=True)
class IPv4Packet:
    """One whole packet: never a fragment, its options skipped when read.

    |Version|  IHL  |Type of Service|          Total Length         |
    |         Identification        |Flags|      Fragment Offset    |
    |  Time to Live |    Protocol   |         Header Checksum       |
    |                       Source Address                          |
    |                    Destination Address                        |
    """

    HEADER: ClassVar = struct.Struct("!BBHHHBBH4s4s")
    DONT_FRAGMENT: ClassVar = 0x4000

    source: IPv4Address
    destination: IPv4Address
    protocol: int
    payload: bytes
    ttl: int = 64
    type_of_service: int = 0
    identification: int = 0
    dont_fragment: bool = False

    def pack(self) -> bytes:
        """The bytes with a 20-byte header and its checksum."""
        fields = [
            0x45,
            self.type_of_service,
            self.HEADER.size + len(self.payload),
            self.identification,
            self.DONT_FRAGMENT if self.dont_fragment else 0,
            self.ttl,
            self.protocol,
            0,
            self.source.packed,
            self.destination.packed,
        ]
        fields[7] = internet_checksum(self.HEADER.pack(*fields))
        return self.HEADER.pack(*fields) + self.payload

    @classmethod
    def unpack(cls, data: bytes) -> Self:
        """Read a packet, or raise DecodeError. Bytes behind the total length (link padding) are dropped."""
        if len(data) < cls.HEADER.size:
            raise DecodeError("shorter than an IPv4 header", data)
        fields = cls.HEADER.unpack_from(data)
        version, tos, total, identification, fragment, ttl, protocol, _, source, destination = fields
        header = (version & 0x0F) * 4
        if version >> 4 != 4 or not cls.HEADER.size <= header <= total <= len(data):
            raise DecodeError("not an IPv4 packet, or cut short", data)
        if internet_checksum(data[:header]):
            raise DecodeError("wrong IPv4 header checksum", data)
        if fragment & 0x3FFF:
            raise DecodeError("an IPv4 fragment", data)
        return cls(
            source=IPv4Address(source),
            destination=IPv4Address(destination),
            protocol=protocol,
            payload=data[header:total],
            ttl=ttl,
            type_of_service=tos,
            identification=identification,
            dont_fragment=bool(fragment & cls.DONT_FRAGMENT),
        )
