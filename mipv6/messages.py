"""The eight messages of the mobility header (RFC 6275 §6.1), with their options.

    | Payload Proto |  Header Len   |   MH Type     |   Reserved    |
    |           Checksum            |       Message Data ...

Lifetimes are seconds here, and units of four seconds on the wire. `mobility_header.unpack` reads messages.
"""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import ClassVar, Self, TypeAlias

from client.core.ipv6 import IPv6Packet, NextHeader, upper_layer_checksum
from mipv6.options import UNIT, Option, pack_options

HEADER = struct.Struct("!BBBxH")
"""Payload proto, header length in units of 8 bytes without the first, type, checksum; then the message data."""

LONGEST_LIFETIME = 0xFFFF * UNIT
"""The longest lifetime of a binding that can be written, in seconds."""


def with_checksum(header: bytes, source: IPv6Address, destination: IPv6Address) -> bytes:
    """A mobility header, whose checksum field is zero, with its checksum (§6.1.1)."""
    checksum = upper_layer_checksum(source, destination, NextHeader.MOBILITY, header)
    return header[:4] + checksum.to_bytes(2) + header[6:]


@dataclass(frozen=True, slots=True, kw_only=True)
class MobilityMessage(ABC):
    """What all have in common. `TYPE` is the MH Type, `DATA` the fixed part of the message data."""

    TYPE: ClassVar[int]
    DATA: ClassVar[struct.Struct]

    options: tuple[Option, ...] = ()

    @abstractmethod
    def data(self) -> bytes:
        """The fixed part of the message data."""

    @classmethod
    @abstractmethod
    def read(cls, data: bytes, options: tuple[Option, ...]) -> Self:
        """The message of a fixed part of `DATA.size` bytes, and options."""

    def pack_without_checksum(self) -> bytes:
        """The whole mobility header, the checksum being zero: what authenticators are computed over."""
        data = self.data()
        body = data + pack_options(self.options, HEADER.size + len(data))
        return HEADER.pack(NextHeader.NONE, (HEADER.size + len(body)) // 8 - 1, self.TYPE, 0) + body

    def pack(self, source: IPv6Address, destination: IPv6Address) -> bytes:
        """The bytes, their checksum over the pseudo-header of these addresses.

        They are the home address where the packet has a home address option (§6.1.1), and the final destination where
        it has a routing header (RFC 8200 §8.1); `packet` sees to that.
        """
        return with_checksum(self.pack_without_checksum(), source, destination)

    def packet(
        self,
        source: IPv6Address,
        destination: IPv6Address,
        *,
        home_address: IPv6Address | None = None,
        routing: IPv6Address | None = None,
    ) -> IPv6Packet:
        """The message in its packet; it speaks for `home_address` and to `routing`, where these are given."""
        return IPv6Packet(
            source=source,
            destination=destination,
            next_header=NextHeader.MOBILITY,
            payload=self.pack(home_address or source, routing or destination),
            home_address=home_address,
            routing=routing,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingRefreshRequest(MobilityMessage):
    """A correspondent asks for a new Binding Update (§6.1.2).

    |          Reserved             |
    """

    TYPE: ClassVar = 0
    DATA: ClassVar = struct.Struct("!2x")

    def data(self) -> bytes:
        """The fixed part of the message data."""
        return self.DATA.pack()

    @classmethod
    def read(cls, data: bytes, options: tuple[Option, ...]) -> Self:
        """The message of a fixed part and options."""
        return cls(options=options)


@dataclass(frozen=True, slots=True, kw_only=True)
class _TestInit(MobilityMessage):
    """
    |           Reserved            |
    |                    Init Cookie (64)                           |
    """

    DATA: ClassVar = struct.Struct("!2x8s")

    cookie: bytes

    def data(self) -> bytes:
        """The fixed part of the message data."""
        return self.DATA.pack(self.cookie)

    @classmethod
    def read(cls, data: bytes, options: tuple[Option, ...]) -> Self:
        """The message of a fixed part and options."""
        (cookie,) = cls.DATA.unpack(data)
        return cls(cookie=cookie, options=options)


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeTestInit(_TestInit):
    """Asks a correspondent for a home keygen token, by way of the home agent (§6.1.3); the cookie has 8 bytes."""

    TYPE: ClassVar = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CareOfTestInit(_TestInit):
    """Asks a correspondent for a care-of keygen token, directly (§6.1.4); the cookie has 8 bytes."""

    TYPE: ClassVar = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Test(MobilityMessage):
    """
    |         Nonce Index           |
    |                    Init Cookie (64)                           |
    |                    Keygen Token (64)                          |
    """

    DATA: ClassVar = struct.Struct("!H8s8s")

    nonce_index: int
    cookie: bytes
    keygen_token: bytes

    def data(self) -> bytes:
        """The fixed part of the message data."""
        return self.DATA.pack(self.nonce_index, self.cookie, self.keygen_token)

    @classmethod
    def read(cls, data: bytes, options: tuple[Option, ...]) -> Self:
        """The message of a fixed part and options."""
        nonce_index, cookie, keygen_token = cls.DATA.unpack(data)
        return cls(nonce_index=nonce_index, cookie=cookie, keygen_token=keygen_token, options=options)


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeTest(_Test):
    """Answers a Home Test Init, by way of the home agent (§6.1.5); cookie and token have 8 bytes."""

    TYPE: ClassVar = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class CareOfTest(_Test):
    """Answers a Care-of Test Init, directly (§6.1.6); cookie and token have 8 bytes."""

    TYPE: ClassVar = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingUpdate(MobilityMessage):
    """Tells a home agent or a correspondent of a care-of address (§6.1.7).

    |          Sequence #           |
    |A|H|L|K|        Reserved       |           Lifetime            |

    `lifetime` is in seconds, a multiple of 4 (others are rounded down), at most LONGEST_LIFETIME; zero deletes. Bits
    that we do not know are sent as zero and ignored when read.
    """

    TYPE: ClassVar = 5
    DATA: ClassVar = struct.Struct("!HHH")

    sequence: int
    acknowledge: bool = True
    home_registration: bool = False
    link_local: bool = False
    key_management: bool = False
    lifetime: int

    def data(self) -> bytes:
        """The fixed part of the message data."""
        flags = (
            self.acknowledge << 15 | self.home_registration << 14 | self.link_local << 13 | self.key_management << 12
        )
        return self.DATA.pack(self.sequence, flags, self.lifetime // UNIT)

    @classmethod
    def read(cls, data: bytes, options: tuple[Option, ...]) -> Self:
        """The message of a fixed part and options."""
        sequence, flags, lifetime = cls.DATA.unpack(data)
        return cls(
            sequence=sequence,
            acknowledge=bool(flags & 0x8000),
            home_registration=bool(flags & 0x4000),
            link_local=bool(flags & 0x2000),
            key_management=bool(flags & 0x1000),
            lifetime=lifetime * UNIT,
            options=options,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingAcknowledgement(MobilityMessage):
    """Tells the mobile node what became of its Binding Update (§6.1.8).

    |    Status     |K|  Reserved   |
    |           Sequence #          |           Lifetime            |

    `lifetime` is as in a Binding Update.
    """

    TYPE: ClassVar = 6
    DATA: ClassVar = struct.Struct("!BBHH")

    status: int
    key_management: bool = False
    sequence: int
    lifetime: int

    def data(self) -> bytes:
        """The fixed part of the message data."""
        return self.DATA.pack(self.status, self.key_management << 7, self.sequence, self.lifetime // UNIT)

    @classmethod
    def read(cls, data: bytes, options: tuple[Option, ...]) -> Self:
        """The message of a fixed part and options."""
        status, flags, sequence, lifetime = cls.DATA.unpack(data)
        return cls(
            status=status,
            key_management=bool(flags & 0x80),
            sequence=sequence,
            lifetime=lifetime * UNIT,
            options=options,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingError(MobilityMessage):
    """A correspondent says that it has no binding, or does not know a type (§6.1.9).

    |     Status    |   Reserved    |
    |                     Home Address (128)                        |
    """

    TYPE: ClassVar = 7
    DATA: ClassVar = struct.Struct("!Bx16s")

    status: int
    home_address: IPv6Address

    def data(self) -> bytes:
        """The fixed part of the message data."""
        return self.DATA.pack(self.status, self.home_address.packed)

    @classmethod
    def read(cls, data: bytes, options: tuple[Option, ...]) -> Self:
        """The message of a fixed part and options."""
        status, home_address = cls.DATA.unpack(data)
        return cls(status=status, home_address=IPv6Address(home_address), options=options)


Message: TypeAlias = (
    BindingRefreshRequest
    | HomeTestInit
    | CareOfTestInit
    | HomeTest
    | CareOfTest
    | BindingUpdate
    | BindingAcknowledgement
    | BindingError
)
