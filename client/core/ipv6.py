"""An IPv6 packet (RFC 8200), as signalling needs it: the headers that name a home address, and the payload."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from ipaddress import IPv6Address, IPv6Network
from typing import ClassVar, Self

from client.core.checksum import internet_checksum
from client.core.errors import DecodeError

ANY6 = IPv6Address("::")
ALL_NODES = IPv6Address("ff02::1")
ALL_ROUTERS6 = IPv6Address("ff02::2")

_NOWHERE = IPv6Network("::/8")  # unspecified, loopback, IPv4 in disguise
_SITE_LOCAL = IPv6Network("fec0::/10")
_HOME_ADDRESS_OPTION = 0xC9
_HOME_ADDRESS_HEADER = b"\x02\x01\x02\0\0\xc9\x10"  # 24 bytes in all; PadN of four; the option at 8n + 6
_TYPE_2_HEADER = b"\x02\x02\x01\0\0\0\0"  # 24 bytes in all, type 2, one segment left, reserved


class NextHeader(IntEnum):
    """Protocol numbers that we speak, and extension headers."""

    HOP_BY_HOP = 0
    TCP = 6
    UDP = 17
    IPV6 = 41
    ROUTING = 43
    FRAGMENT = 44
    ESP = 50
    ICMPV6 = 58
    NONE = 59
    DESTINATION_OPTIONS = 60
    MOBILITY = 135


class UnknownOptionError(DecodeError):
    """An option that its sender wants refused if it is not understood (RFC 8200 §4.2)."""


PREFIX_LENGTH = 64
"""Bits of a prefix in which hosts form addresses (RFC 4291 §2.5.4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IPv6Packet:
    """One whole packet: never a fragment.

    |Version| Traffic Class |              Flow Label               |
    |         Payload Length        |  Next Header  |   Hop Limit   |
    |                       Source Address                          |
    |                    Destination Address                        |
    |          type 2 routing header, 24 bytes, if any              |
    |   destination options with a home address, 24 bytes, if any   |

    `home_address` is what the home address option says (RFC 6275 §6.3): whose packet it is, while `source` is
    where it came from. `routing` is what the type 2 routing header says (§6.4): whom it is for, while `destination`
    is where it goes. `next_header` is that of the payload. Other options and hop-by-hop options are skipped when read.
    """

    HEADER: ClassVar = struct.Struct("!IHBB16s16s")

    source: IPv6Address
    destination: IPv6Address
    next_header: int
    payload: bytes
    hop_limit: int = 64
    traffic_class: int = 0
    home_address: IPv6Address | None = None
    routing: IPv6Address | None = None

    @property
    def sender(self) -> IPv6Address:
        """Who speaks: what checksums are computed over (RFC 6275 §11.3.1), and what upper layers see."""
        return self.source if self.home_address is None else self.home_address

    @property
    def receiver(self) -> IPv6Address:
        """Who is spoken to: the same for the other side."""
        return self.destination if self.routing is None else self.routing

    def pack(self) -> bytes:
        """The bytes."""
        kind, body = self.next_header, self.payload
        if self.home_address is not None:
            body = bytes([kind]) + _HOME_ADDRESS_HEADER + self.home_address.packed + body
            kind = NextHeader.DESTINATION_OPTIONS
        if self.routing is not None:
            body = bytes([kind]) + _TYPE_2_HEADER + self.routing.packed + body
            kind = NextHeader.ROUTING
        first = 6 << 28 | self.traffic_class << 20
        addresses = (self.source.packed, self.destination.packed)
        return self.HEADER.pack(first, len(body), kind, self.hop_limit, *addresses) + body

    @classmethod
    def unpack(cls, data: bytes) -> Self:
        """Read a packet, or raise DecodeError. Bytes behind the payload length (link padding) are dropped."""
        if len(data) < cls.HEADER.size:
            raise DecodeError("shorter than an IPv6 header", data)
        first, length, kind, hop_limit, source, destination = cls.HEADER.unpack_from(data)
        body = data[cls.HEADER.size : cls.HEADER.size + length]
        if first >> 28 != 6 or len(body) != length:
            raise DecodeError("not an IPv6 packet, or cut short", data)
        packet = cls(
            source=IPv6Address(source),
            destination=IPv6Address(destination),
            next_header=kind,
            payload=body,
            hop_limit=hop_limit,
            traffic_class=first >> 20 & 0xFF,
        )
        return packet._behind_extensions()

    def _behind_extensions(self) -> Self:
        packet = self
        while packet.next_header in _EXTENSIONS:
            packet = packet._behind_one()
        return packet

    def _behind_one(self) -> Self:
        header, rest = _cut(self.payload)
        inner = replace(self, next_header=header[0], payload=rest)
        match self.next_header:
            case NextHeader.ROUTING if header[3] or header[2] == 2:
                return replace(inner, routing=_routed_to(header, self))
            case NextHeader.DESTINATION_OPTIONS:
                return replace(inner, home_address=_home_address(header, self))
            case NextHeader.FRAGMENT:
                raise DecodeError("an IPv6 fragment", self.payload)
        return inner


_EXTENSIONS = frozenset(
    (NextHeader.HOP_BY_HOP, NextHeader.ROUTING, NextHeader.FRAGMENT, NextHeader.DESTINATION_OPTIONS)
)


def upper_layer_checksum(source: IPv6Address, destination: IPv6Address, next_header: int, data: bytes) -> int:
    """The checksum over the IPv6 pseudo-header (RFC 8200 §8.1) and `data`; 0 over data that holds its right one."""
    pseudo = source.packed + destination.packed + struct.pack("!IxxxB", len(data), next_header)
    return internet_checksum(pseudo + data)


def interface_identifier(address: IPv6Address) -> int:
    """The part of an address that its host chose (RFC 4291 §2.5.1)."""
    return int(address) & (1 << 128 - PREFIX_LENGTH) - 1


def is_unicast_routable(address: IPv6Address) -> bool:
    """What RFC 6275 §3.1 calls a unicast routable address: of one node, of more than one link."""
    return not (address.is_multicast or address.is_link_local or address in _SITE_LOCAL or address in _NOWHERE)


def solicited_node(address: IPv6Address) -> IPv6Address:
    """The group that neighbour solicitations for an address go to (RFC 4291 §2.7.1)."""
    return IPv6Address(b"\xff\x02" + bytes(9) + b"\x01\xff" + address.packed[13:])


def group_link_layer_address(group: IPv6Address) -> bytes:
    """The Ethernet address of an IPv6 group (RFC 2464 §7)."""
    return b"\x33\x33" + group.packed[12:]


def options(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and data of the options in an extension header, padding left out; raises DecodeError where they break."""
    place = 0
    while place < len(body):
        kind = body[place]
        size = body[place + 1] if kind and place + 1 < len(body) else -1
        data = body[place + 2 : place + 2 + size] if kind else b""
        if kind and (size < 0 or len(data) < size):
            raise DecodeError("an IPv6 option runs past its header", body)
        if kind > 1:
            yield kind, data
        place += 2 + size


def _cut(payload: bytes) -> tuple[bytes, bytes]:
    size = 8 * (payload[1] + 1) if len(payload) >= 8 else 0
    if not size or len(payload) < size:
        raise DecodeError("an IPv6 extension header runs past its packet", payload)
    return payload[:size], payload[size:]


def _routed_to(header: bytes, packet: IPv6Packet) -> IPv6Address:
    """RFC 6275 §6.4: exactly one address, one segment left; others are not for us."""
    if packet.routing is not None or header[1:4] != _TYPE_2_HEADER[:3]:
        raise DecodeError("a routing header that is not for us", header)
    return _of_one_node(header[8:24])


def _home_address(header: bytes, packet: IPv6Packet) -> IPv6Address | None:
    """RFC 6275 §6.3: at most one in a packet."""
    found = packet.home_address
    for kind, data in options(header[2:]):
        if kind == _HOME_ADDRESS_OPTION:
            if found is not None or len(data) != 16:
                raise DecodeError("a wrong home address option", header)
            found = _of_one_node(data)
        elif kind >> 6:
            raise UnknownOptionError(f"destination option {kind}", header)
    return found


def _of_one_node(packed: bytes) -> IPv6Address:
    address = IPv6Address(packed)
    if not is_unicast_routable(address):
        raise DecodeError("a home address that no node can have", packed)
    return address
