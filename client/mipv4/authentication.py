"""Mobility security associations and the authenticators they make (RFC 5944 §3.5, §5.1)."""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from client.core.secret import Secret
from client.mipv4.extensions import AUTHENTICATION_HEADER, Extension, of_type

FIRST_FREE_SPI = 256
"""SPIs 0-255 are reserved (RFC 5944 §1.6)."""

SHORTEST_KEY = 16
"""Keys have 128 bits or more (RFC 5944 §5.1)."""

_SPI = struct.Struct("!I")


class Algorithm(Enum):
    """How an authenticator is computed; always told by the association, never by the wire (threat T18)."""

    HMAC_MD5 = "hmac-md5"  # the default, RFC 5944 §3.5.1
    MD5_PREFIX_SUFFIX = "md5-prefix-suffix"  # RFC 2002 §3.5.1, for old peers


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityAssociation:
    """What two nodes share: an SPI that names it, an algorithm, a key."""

    spi: int
    key: Secret
    algorithm: Algorithm = Algorithm.HMAC_MD5

    def __post_init__(self) -> None:
        if not FIRST_FREE_SPI <= self.spi < 2**32:
            raise ValueError(f"SPI {self.spi} is not between 256 and 4294967295")
        if len(self.key) < SHORTEST_KEY:
            raise ValueError(f"the key of SPI {self.spi} is shorter than 128 bits")

    def authenticator(self, covered: bytes) -> bytes:
        """The 16 bytes over the message, all prior extensions, and this one's type, length and SPI."""
        key = self.key.reveal()
        if self.algorithm is Algorithm.MD5_PREFIX_SUFFIX:
            return hashlib.md5(key + covered + key, usedforsecurity=True).digest()
        return hmac.digest(key, covered, "md5")

    def sign(self, message: bytes, extension_type: int) -> bytes:
        """The message with an authentication extension of this type appended."""
        covered = message + bytes((extension_type, _SPI.size + 16)) + _SPI.pack(self.spi)
        return covered + self.authenticator(covered)

    def verifies(self, message: bytes, extension: Extension) -> bool:
        """Is this extension of `message` signed by us? Compared in constant time."""
        if read_spi(extension) != self.spi:
            return False
        covered = message[: extension.offset + AUTHENTICATION_HEADER]
        return hmac.compare_digest(self.authenticator(covered), extension.data[_SPI.size :])


def read_spi(extension: Extension) -> int | None:
    """The SPI of an authentication extension, or None if it is too short to hold one."""
    if len(extension.data) < _SPI.size:
        return None
    return int(_SPI.unpack_from(extension.data)[0])


def find_association(associations: Iterable[SecurityAssociation], extension: Extension) -> SecurityAssociation | None:
    """The association that an authentication extension names by its SPI."""
    spi = read_spi(extension)
    return next((association for association in associations if association.spi == spi), None)


def authenticates(
    message: bytes,
    extensions: Iterable[Extension],
    extension_type: int,
    associations: Iterable[SecurityAssociation],
) -> bool:
    """Does exactly one extension of this type stand there, and does its association verify it (RFC 5944 §3.6.2.1)?"""
    found = of_type(extensions, extension_type)
    if len(found) != 1:
        return False
    association = find_association(associations, found[0])
    return association is not None and association.verifies(message, found[0])
