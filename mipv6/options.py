"""Mobility options (RFC 6275 §6.2, RFC 3963 §4.3, RFC 4283, RFC 4285): type, length, data, each on its boundary.

    |  Option Type  | Option Length |   Option Data ...

An option that we do not know is skipped, and kept. A known one of a wrong length is not unknown: its message is
malformed. To skip it would give the message another meaning than its sender's, such as another care-of address.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import Any, ClassVar, NamedTuple, Self, TypeAlias, TypeVar

from client.core import ipv6
from client.core.errors import DecodeError

UNIT = 4
"""Lifetimes and intervals on the wire are in units of four seconds (RFC 6275 §6.1.7)."""

_NAI = 1
"""The subtype of a network access identifier (RFC 4283 §3.1)."""


class Alignment(NamedTuple):
    """An option begins at a multiple of `unit` plus `rest`, counted from the mobility header's first byte."""

    unit: int
    rest: int


ANYWHERE = Alignment(1, 0)


@dataclass(frozen=True, slots=True)
class BindingRefreshAdvice:
    """How many seconds from now the home agent wants a new registration (§6.2.4): a multiple of 4."""

    kind: ClassVar = 2
    alignment: ClassVar = Alignment(2, 0)
    FORM: ClassVar = struct.Struct("!H")

    interval: int

    def data(self) -> bytes:
        """Its data on the wire."""
        return self.FORM.pack(self.interval // UNIT)

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Its data as a value, or DecodeError."""
        (interval,) = _fields(cls.FORM, data)
        return cls(interval * UNIT)


@dataclass(frozen=True, slots=True)
class AlternateCareOfAddress:
    """The care-of address, where the packet's source is not it, or is not protected (§6.2.5)."""

    kind: ClassVar = 3
    alignment: ClassVar = Alignment(8, 6)
    FORM: ClassVar = struct.Struct("!16s")

    address: IPv6Address

    def data(self) -> bytes:
        """Its data on the wire."""
        return self.address.packed

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Its data as a value, or DecodeError."""
        (address,) = _fields(cls.FORM, data)
        return cls(IPv6Address(address))


@dataclass(frozen=True, slots=True)
class NonceIndices:
    """Which nonces the correspondent makes the two tokens with (§6.2.6)."""

    kind: ClassVar = 4
    alignment: ClassVar = Alignment(2, 0)
    FORM: ClassVar = struct.Struct("!HH")

    home: int
    care_of: int

    def data(self) -> bytes:
        """Its data on the wire."""
        return self.FORM.pack(self.home, self.care_of)

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Its data as a value, or DecodeError."""
        home, care_of = _fields(cls.FORM, data)
        return cls(home, care_of)


@dataclass(frozen=True, slots=True)
class BindingAuthorizationData:
    """The authenticator by the binding management key (§6.2.7); always last, and nothing behind it.

    Twelve bytes after return routability; other procedures might have others.
    """

    kind: ClassVar = 5
    alignment: ClassVar = Alignment(8, 2)

    authenticator: bytes

    def data(self) -> bytes:
        """Its data on the wire."""
        return self.authenticator

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Its data as a value; any data will do."""
        return cls(data)


@dataclass(frozen=True, slots=True)
class MobileNetworkPrefix:
    """A prefix that is behind the mobile node (RFC 3963 §4.3); `length` is the prefix's, in bits."""

    kind: ClassVar = 6
    alignment: ClassVar = Alignment(8, 4)
    FORM: ClassVar = struct.Struct("!xB16s")

    length: int
    prefix: IPv6Address

    def data(self) -> bytes:
        """Its data on the wire."""
        return self.FORM.pack(self.length, self.prefix.packed)

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Its data as a value, or DecodeError."""
        length, prefix = _fields(cls.FORM, data)
        if length > 128:
            raise DecodeError("an IPv6 prefix has at most 128 bits", data)
        return cls(length, IPv6Address(prefix))


@dataclass(frozen=True, slots=True)
class MobileNodeIdentifier:
    """Who the mobile node is: a network access identifier (RFC 4283 §3.1), at most 254 bytes of UTF-8."""

    kind: ClassVar = 8
    alignment: ClassVar = ANYWHERE

    nai: str

    def data(self) -> bytes:
        """Its data on the wire."""
        return bytes([_NAI]) + self.nai.encode()

    @classmethod
    def read(cls, data: bytes) -> Self | UnknownOption:
        """Its data as a value, or DecodeError; identifiers of another subtype are unknown to us."""
        if not data:
            raise DecodeError("a mobile node identifier without subtype", data)
        if data[0] != _NAI:
            return UnknownOption(cls.kind, data)
        try:
            return cls(data[1:].decode() or _no_nai(data))
        except UnicodeDecodeError:
            return cls(_no_nai(data))


@dataclass(frozen=True, slots=True)
class Authentication:
    """An authenticator by a shared key (RFC 4285 §5); subtype 1 is between mobile node and home agent.

    The RFC asks for a boundary of 4n + 1; at 8n + 5, which is one, nothing has to stand behind its twelve bytes.
    """

    kind: ClassVar = 9
    alignment: ClassVar = Alignment(8, 5)
    FORM: ClassVar = struct.Struct("!BI")

    subtype: int
    spi: int
    authenticator: bytes

    def data(self) -> bytes:
        """Its data on the wire."""
        return self.FORM.pack(self.subtype, self.spi) + self.authenticator

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Its data as a value, or DecodeError."""
        subtype, spi = _fields(cls.FORM, data[: cls.FORM.size])
        return cls(subtype, spi, data[cls.FORM.size :])


@dataclass(frozen=True, slots=True)
class ReplayProtection:
    """The time of day when the message was made (RFC 4285 §6): 64 bits, as NTP writes them."""

    kind: ClassVar = 10
    alignment: ClassVar = Alignment(8, 2)
    FORM: ClassVar = struct.Struct("!Q")

    timestamp: int

    def data(self) -> bytes:
        """Its data on the wire."""
        return self.FORM.pack(self.timestamp)

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Its data as a value, or DecodeError."""
        (timestamp,) = _fields(cls.FORM, data)
        return cls(timestamp)


@dataclass(frozen=True, slots=True)
class UnknownOption:
    """An option that we do not understand, and therefore skip (§6.2.1)."""

    alignment: ClassVar = ANYWHERE

    kind: int
    payload: bytes

    def data(self) -> bytes:
        """Its data on the wire."""
        return self.payload


Option: TypeAlias = (
    BindingRefreshAdvice
    | AlternateCareOfAddress
    | NonceIndices
    | BindingAuthorizationData
    | MobileNetworkPrefix
    | MobileNodeIdentifier
    | Authentication
    | ReplayProtection
    | UnknownOption
)

_READERS: Mapping[int, Callable[[bytes], Option]] = {
    BindingRefreshAdvice.kind: BindingRefreshAdvice.read,
    AlternateCareOfAddress.kind: AlternateCareOfAddress.read,
    NonceIndices.kind: NonceIndices.read,
    BindingAuthorizationData.kind: BindingAuthorizationData.read,
    MobileNetworkPrefix.kind: MobileNetworkPrefix.read,
    MobileNodeIdentifier.kind: MobileNodeIdentifier.read,
    Authentication.kind: Authentication.read,
    ReplayProtection.kind: ReplayProtection.read,
}

T = TypeVar("T", bound=Option)


def find(options: Iterable[Option], kind: type[T]) -> T | None:
    """The first option of a class, or None."""
    return next((option for option in options if isinstance(option, kind)), None)


def pack_options(options: Iterable[Option], offset: int) -> bytes:
    """The bytes of options that begin `offset` bytes into the mobility header: aligned, and padded to its end."""
    packed = b""
    for option in options:
        packed += _padding((option.alignment.rest - offset - len(packed)) % option.alignment.unit)
        data = option.data()
        packed += bytes((option.kind, len(data))) + data
    return packed + _padding((-offset - len(packed)) % 8)


def read_options(body: bytes) -> tuple[Option, ...]:
    """All options but padding, or DecodeError."""
    return tuple(_read(kind, data) for kind, data in ipv6.options(body))


def _read(kind: int, data: bytes) -> Option:
    reader = _READERS.get(kind)
    return reader(data) if reader else UnknownOption(kind, data)


def _padding(size: int) -> bytes:
    """Nothing, Pad1 or PadN (§6.2.2, §6.2.3)."""
    return bytes(size) if size < 2 else bytes((1, size - 2)) + bytes(size - 2)


def _fields(form: struct.Struct, data: bytes) -> tuple[Any, ...]:
    if len(data) != form.size:
        raise DecodeError("a mobility option of a wrong length", data)
    return form.unpack(data)


def _no_nai(data: bytes) -> str:
    raise DecodeError("not a network access identifier", data)
