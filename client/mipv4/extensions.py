"""Extensions of registration messages: type, length, data (RFC 5944 §1.8, §1.9)."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from enum import IntEnum

from client.core.errors import DecodeError

FIRST_SKIPPABLE = 128
AUTHENTICATION_HEADER = 6
"""Type, length and SPI: what an authenticator covers of its own extension (RFC 5944 §3.5.1)."""


class ExtensionType(IntEnum):
    """Extensions of messages on UDP port 434 that we understand."""

    PADDING = 0
    MOBILE_HOME_AUTHENTICATION = 32
    MOBILE_FOREIGN_AUTHENTICATION = 33
    FOREIGN_HOME_AUTHENTICATION = 34
    UDP_TUNNEL_REPLY = 44  # RFC 3519
    NAI = 131  # RFC 2794
    UDP_TUNNEL_REQUEST = 144  # RFC 3519


KNOWN = frozenset(ExtensionType)


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension, and where in its message it began.

    |     Type      |    Length     |    Data ...
    """

    type: int
    data: bytes
    offset: int = field(default=0, compare=False)

    def pack(self) -> bytes:
        """Its bytes; at most 255 of data."""
        return bytes((self.type, len(self.data))) + self.data

    @property
    def end(self) -> int:
        """The offset of the first byte behind it."""
        return self.offset + 2 + len(self.data)


def read_extensions(message: bytes, offset: int, known: Container[int] = KNOWN) -> tuple[Extension, ...]:
    """The known extensions of a message from `offset` to its end.

    Unknown ones are skipped if their type says so (128-255); the others, and lengths that run past the
    end, raise DecodeError: the message is to be discarded (RFC 5944 §1.8). Padding is left out.
    """
    found = []
    while offset < len(message):
        extension = _read_one(message, offset)
        offset = extension.end if extension.type != ExtensionType.PADDING else offset + 1
        if extension.type in known:
            found.append(extension)
        elif extension.type < FIRST_SKIPPABLE:
            raise DecodeError(f"unknown extension {extension.type}", message)
    return tuple(extension for extension in found if extension.type != ExtensionType.PADDING)


def _read_one(message: bytes, offset: int) -> Extension:
    if message[offset] == ExtensionType.PADDING:
        return Extension(ExtensionType.PADDING, b"", offset)
    if offset + 2 > len(message) or offset + 2 + message[offset + 1] > len(message):
        raise DecodeError("an extension runs past the end of its message", message)
    return Extension(message[offset], message[offset + 2 : offset + 2 + message[offset + 1]], offset)


def of_type(extensions: Iterable[Extension], wanted: int) -> list[Extension]:
    """All extensions of one type, in their order."""
    return [extension for extension in extensions if extension.type == wanted]


def read_nai(extensions: Iterable[Extension]) -> str | None:
    """The network access identifier (RFC 2794), or None without one; DecodeError if it is not UTF-8 or empty."""
    for extension in of_type(extensions, ExtensionType.NAI):
        try:
            return extension.data.decode() or _no_nai(extension)
        except UnicodeDecodeError:
            _no_nai(extension)
    return None


def _no_nai(extension: Extension) -> str:
    raise DecodeError("not a network access identifier", extension.data)


def nai_extension(nai: str) -> Extension:
    """The NAI extension of a mobile node (RFC 2794 §2)."""
    return Extension(ExtensionType.NAI, nai.encode())
