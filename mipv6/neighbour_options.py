"""Options of neighbour discovery (RFC 4861 §4.6, RFC 6275 §7.2 to §7.4): type, length in units of 8 bytes, data.

    |     Type      |    Length     |              ...

An option of an unknown type or a wrong length is skipped; a length of zero spoils its whole message (RFC 4861 §4.6).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network
from typing import ClassVar, Self, TypeAlias, TypeVar

from client.core.errors import DecodeError

INFINITE_LIFETIME = 0xFFFF_FFFF
"""A prefix with this lifetime, in seconds, is for ever (RFC 4861 §4.6.2)."""

_ETHERNET = 6


@dataclass(frozen=True, slots=True)
class SourceLinkLayerAddress:
    """The Ethernet address of the sender (RFC 4861 §4.6.1): 6 bytes."""

    kind: ClassVar = 1

    address: bytes

    def data(self) -> bytes:
        """Its data on the wire."""
        return self.address

    @classmethod
    def read(cls, data: bytes) -> Self | None:
        """Its data as a value, if it is one."""
        return cls(data) if len(data) == _ETHERNET else None


@dataclass(frozen=True, slots=True)
class TargetLinkLayerAddress(SourceLinkLayerAddress):
    """The Ethernet address of the target (RFC 4861 §4.6.1): 6 bytes."""

    kind: ClassVar = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefixInformation:
    """A prefix of the link; with `router_address`, `address` is one of the sender's own (RFC 6275 §7.2).

    |     Type 3    |  Length = 4   | Prefix Length |L|A|R|Reserved1|
    |                         Valid Lifetime                        |
    |                       Preferred Lifetime                      |
    |                           Reserved2                           |
    |                         Prefix (128)                          |

    Lifetimes are in seconds; INFINITE_LIFETIME is for ever.
    """

    kind: ClassVar = 3
    FORM: ClassVar = struct.Struct("!BBII4x16s")

    address: IPv6Address
    length: int
    on_link: bool
    autonomous: bool
    router_address: bool = False
    valid_lifetime: int
    preferred_lifetime: int

    @property
    def prefix(self) -> IPv6Network:
        """The first `length` bits."""
        return IPv6Network((self.address, self.length), strict=False)

    def data(self) -> bytes:
        """Its data on the wire."""
        flags = self.on_link << 7 | self.autonomous << 6 | self.router_address << 5
        return self.FORM.pack(self.length, flags, self.valid_lifetime, self.preferred_lifetime, self.address.packed)

    @classmethod
    def read(cls, data: bytes) -> Self | None:
        """Its data as a value, if it is one."""
        if len(data) != cls.FORM.size or data[0] > 128:
            return None
        length, flags, valid_lifetime, preferred_lifetime, address = cls.FORM.unpack(data)
        return cls(
            address=IPv6Address(address),
            length=length,
            on_link=bool(flags & 0x80),
            autonomous=bool(flags & 0x40),
            router_address=bool(flags & 0x20),
            valid_lifetime=valid_lifetime,
            preferred_lifetime=preferred_lifetime,
        )


@dataclass(frozen=True, slots=True)
class LinkMtu:
    """How long packets on this link may be (RFC 4861 §4.6.4), in bytes."""

    kind: ClassVar = 5
    FORM: ClassVar = struct.Struct("!2xI")

    mtu: int

    def data(self) -> bytes:
        """Its data on the wire."""
        return self.FORM.pack(self.mtu)

    @classmethod
    def read(cls, data: bytes) -> Self | None:
        """Its data as a value, if it is one."""
        return cls(*cls.FORM.unpack(data)) if len(data) == cls.FORM.size else None


@dataclass(frozen=True, slots=True)
class AdvertisementInterval:
    """The longest time between two unsolicited advertisements of a router (RFC 6275 §7.3), in seconds."""

    kind: ClassVar = 7
    FORM: ClassVar = struct.Struct("!2xI")

    interval: float

    def data(self) -> bytes:
        """Its data on the wire: milliseconds."""
        return self.FORM.pack(round(self.interval * 1000))

    @classmethod
    def read(cls, data: bytes) -> Self | None:
        """Its data as a value, if it is one."""
        return cls(cls.FORM.unpack(data)[0] / 1000) if len(data) == cls.FORM.size else None


@dataclass(frozen=True, slots=True)
class HomeAgentInformation:
    """How much a home agent wants to be chosen, and for how many seconds it serves (RFC 6275 §7.4).

    |     Type 8    |  Length = 1   |           Reserved            |
    |     Home Agent Preference     |      Home Agent Lifetime      |

    A lifetime of zero must not be used.
    """

    kind: ClassVar = 8
    FORM: ClassVar = struct.Struct("!2xHH")

    preference: int
    lifetime: int

    def data(self) -> bytes:
        """Its data on the wire."""
        return self.FORM.pack(self.preference, self.lifetime)

    @classmethod
    def read(cls, data: bytes) -> Self | None:
        """Its data as a value, if it is one."""
        return cls(*cls.FORM.unpack(data)) if len(data) == cls.FORM.size else None


NeighbourOption: TypeAlias = (
    SourceLinkLayerAddress
    | TargetLinkLayerAddress
    | PrefixInformation
    | LinkMtu
    | AdvertisementInterval
    | HomeAgentInformation
)

_READERS: Mapping[int, Callable[[bytes], NeighbourOption | None]] = {
    SourceLinkLayerAddress.kind: SourceLinkLayerAddress.read,
    TargetLinkLayerAddress.kind: TargetLinkLayerAddress.read,
    PrefixInformation.kind: PrefixInformation.read,
    LinkMtu.kind: LinkMtu.read,
    AdvertisementInterval.kind: AdvertisementInterval.read,
    HomeAgentInformation.kind: HomeAgentInformation.read,
}

T = TypeVar("T", bound=NeighbourOption)


def find_all(options: Iterable[NeighbourOption], kind: type[T]) -> tuple[T, ...]:
    """All options of a class, in their order."""
    return tuple(option for option in options if type(option) is kind)


def find(options: Iterable[NeighbourOption], kind: type[T]) -> T | None:
    """The first option of a class, or None."""
    return next(iter(find_all(options, kind)), None)


def pack_options(options: Iterable[NeighbourOption]) -> bytes:
    """Their bytes, each padded to a multiple of 8."""
    return b"".join(_pack(option.kind, option.data()) for option in options)


def read_options(body: bytes) -> tuple[NeighbourOption, ...]:
    """All that we know and that are well formed, or DecodeError if a length is zero or runs past the end."""
    read = (_READERS[kind](data) for kind, data in _cut(body) if kind in _READERS)
    return tuple(option for option in read if option is not None)


def _cut(body: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place < len(body):
        end = place + 8 * body[place + 1] if place + 1 < len(body) else place
        if end == place or end > len(body):
            raise DecodeError("a neighbour discovery option of length zero, or cut short", body)
        yield body[place], body[place + 2 : end]
        place = end


def _pack(kind: int, data: bytes) -> bytes:
    units = (len(data) + 9) // 8
    return bytes((kind, units)) + data.ljust(8 * units - 2, b"\0")
