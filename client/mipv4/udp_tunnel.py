"""Tunnels through a NAT: the extensions that ask for one and grant it (RFC 3519 §3.1, §3.2)."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Self

from client.core.errors import DecodeError
from client.mipv4.extensions import Extension, ExtensionType, of_type

WILL_TUNNEL = 0
DECLINED = 64
FIRST_DECLINING = 64
_FIRST_BIT, _SECOND_BIT = 0x80, 0x40


@dataclass(frozen=True, slots=True, kw_only=True)
class UdpTunnelRequest:
    """The sender can take tunnel data messages (RFC 3519 §3.1).

    |     Type      |    Length     |    Sub-Type   |   Reserved 1  |
    |F|R| Reserved 2| Encapsulation |          Reserved 3           |
    """

    LAYOUT: ClassVar = struct.Struct("!BBBBH")

    force: bool = False
    through_agent: bool = False
    encapsulation: int = 0  # as an IP protocol number; 0: as the M and G bits say
    reserved: int = 0  # Reserved 3: whoever sets it wants what we do not know

    def extension(self) -> Extension:
        """The extension, to stand before the Mobile-Home Authentication Extension (or after it, from an agent)."""
        flags = _FIRST_BIT * self.force | _SECOND_BIT * self.through_agent
        return Extension(
            ExtensionType.UDP_TUNNEL_REQUEST, self.LAYOUT.pack(0, 0, flags, self.encapsulation, self.reserved)
        )

    @classmethod
    def read(cls, extensions: Iterable[Extension]) -> Self | None:
        """The first one, or None without one (or with one of another sub-type); DecodeError if it is malformed."""
        for extension in of_type(extensions, ExtensionType.UDP_TUNNEL_REQUEST):
            if extension.data[:1] != b"\0":
                continue
            _, _, flags, encapsulation, reserved = _read(cls.LAYOUT, extension)
            return cls(
                force=bool(flags & _FIRST_BIT),
                through_agent=bool(flags & _SECOND_BIT),
                encapsulation=encapsulation,
                reserved=reserved,
            )
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class UdpTunnelReply:
    """Whether the home agent sends tunnel data messages (RFC 3519 §3.2).

    |     Type      |    Length     |    Sub-Type   |  Reply Code   |
    |F|        Reserved             |     Keepalive Interval        |
    """

    LAYOUT: ClassVar = struct.Struct("!BBHH")

    code: int = WILL_TUNNEL
    forced: bool = False
    keepalive: int = 0  # seconds; 0: the mobile node's own default

    @property
    def will_tunnel(self) -> bool:
        """Is the binding's data in UDP?"""
        return self.code < FIRST_DECLINING

    def extension(self) -> Extension:
        """The extension, to stand before the authenticators."""
        data = self.LAYOUT.pack(0, self.code, 0x8000 * self.forced, self.keepalive)
        return Extension(ExtensionType.UDP_TUNNEL_REPLY, data)

    @classmethod
    def read(cls, extensions: Iterable[Extension]) -> Self | None:
        """The first one, or None without one; DecodeError if it is malformed or of an unknown sub-type."""
        for extension in of_type(extensions, ExtensionType.UDP_TUNNEL_REPLY):
            sub_type, code, flags, keepalive = _read(cls.LAYOUT, extension)
            if sub_type:
                raise DecodeError(f"unknown UDP tunnel reply {sub_type}", extension.data)
            return cls(code=code, forced=bool(flags & 0x8000), keepalive=keepalive)
        return None


def _read(layout: struct.Struct, extension: Extension) -> tuple[int, ...]:
    if len(extension.data) != layout.size:
        raise DecodeError("a UDP tunnel extension of a wrong length", extension.data)
    return layout.unpack(extension.data)
