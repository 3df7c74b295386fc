"""Registration Request and Reply (RFC 5944 §3.3, §3.4): the fixed part and its extensions."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntFlag
from ipaddress import IPv4Address
from typing import ClassVar, Self

from client.core.errors import DecodeError
from client.mipv4.extensions import Extension, read_extensions

PORT = 434
INFINITE_LIFETIME = 0xFFFF
LOW_32_BITS = 0xFFFF_FFFF


class RequestFlags(IntFlag):
    """The bits of a Registration Request. The bits r and x are sent as zero and ignored when read."""

    SIMULTANEOUS = 0x80
    BROADCAST = 0x40
    DECAPSULATION = 0x20
    MINIMAL = 0x10
    GRE = 0x08
    REVERSE_TUNNEL = 0x02  # RFC 3024


_MEANINGFUL = 0xFA


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationRequest:
    """Asks the home agent to forward to a care-of address (RFC 5944 §3.3).

    |     Type      |S|B|D|M|G|r|T|x|          Lifetime             |
    |                          Home Address                         |
    |                          Home Agent                           |
    |                        Care-of Address                        |
    |                        Identification (64)                    |
    | Extensions ...
    """

    TYPE: ClassVar = 1
    HEADER: ClassVar = struct.Struct("!BBH4s4s4sQ")

    flags: RequestFlags
    lifetime: int
    home_address: IPv4Address
    home_agent: IPv4Address
    care_of_address: IPv4Address
    identification: int
    extensions: tuple[Extension, ...] = ()

    def pack(self) -> bytes:
        """The bytes; an authentication extension is appended by whoever signs them."""
        fixed = self.HEADER.pack(
            self.TYPE,
            self.flags,
            self.lifetime,
            self.home_address.packed,
            self.home_agent.packed,
            self.care_of_address.packed,
            self.identification,
        )
        return fixed + b"".join(extension.pack() for extension in self.extensions)

    @classmethod
    def unpack(cls, data: bytes) -> Self:
        """Read a request, or raise DecodeError. Nothing is authenticated here."""
        if len(data) < cls.HEADER.size or data[0] != cls.TYPE:
            raise DecodeError("not a registration request", data)
        _, flags, lifetime, home, agent, care_of, identification = cls.HEADER.unpack_from(data)
        return cls(
            flags=RequestFlags(flags & _MEANINGFUL),
            lifetime=lifetime,
            home_address=IPv4Address(home),
            home_agent=IPv4Address(agent),
            care_of_address=IPv4Address(care_of),
            identification=identification,
            extensions=read_extensions(data, cls.HEADER.size),
        )

    @property
    def is_deregistration(self) -> bool:
        """A lifetime of zero asks to forget a binding (RFC 5944 §3.3)."""
        return self.lifetime == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationReply:
    """Tells the mobile node what became of its request (RFC 5944 §3.4).

    |     Type      |     Code      |           Lifetime            |
    |                          Home Address                         |
    |                          Home Agent                           |
    |                        Identification (64)                    |
    | Extensions ...
    """

    TYPE: ClassVar = 3
    HEADER: ClassVar = struct.Struct("!BBH4s4sQ")

    code: int
    lifetime: int
    home_address: IPv4Address
    home_agent: IPv4Address
    identification: int
    extensions: tuple[Extension, ...] = ()

    def pack(self) -> bytes:
        """The bytes; authentication extensions are appended by whoever signs them."""
        fixed = self.HEADER.pack(
            self.TYPE,
            self.code,
            self.lifetime,
            self.home_address.packed,
            self.home_agent.packed,
            self.identification,
        )
        return fixed + b"".join(extension.pack() for extension in self.extensions)

    @classmethod
    def unpack(cls, data: bytes) -> Self:
        """Read a reply, or raise DecodeError. Nothing is authenticated here."""
        if len(data) < cls.HEADER.size or data[0] != cls.TYPE:
            raise DecodeError("not a registration reply", data)
        _, code, lifetime, home, agent, identification = cls.HEADER.unpack_from(data)
        return cls(
            code=code,
            lifetime=lifetime,
            home_address=IPv4Address(home),
            home_agent=IPv4Address(agent),
            identification=identification,
            extensions=read_extensions(data, cls.HEADER.size),
        )

    def echoes(self, request: RegistrationRequest) -> bool:
        """Do the low 32 bits of its identification match the request's (RFC 5944 §3.6.2.1)?"""
        return (self.identification ^ request.identification) & LOW_32_BITS == 0
