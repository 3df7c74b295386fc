"""IPv6 without a tunnel, between a mobile node and a correspondent (RFC 6275): a header that names the home address.

What the mobile node sends bears its care-of address as source, and the home address option:

|  Next Header  | Hdr Ext Len=2 | PadN, 4 bytes in all ...
|               ...             |   Type=0xC9   |   Length=16   |
|                      Home Address, 16 bytes ...

What it is sent bears its care-of address as destination, and the type 2 routing header:

|  Next Header  | Hdr Ext Len=2 | Routing Type=2|Segments Left=1|
|                            Reserved                           |
|                      Home Address, 16 bytes ...
"""

from __future__ import annotations

from dataclasses import dataclass

from client.linux.dataplane.ipv6_headers import (
    DESTINATION_OPTIONS,
    HEADER,
    HOP_BY_HOP,
    ROUTING,
    Extension,
    extensions,
    with_length,
)

_ADDED = 24
_OPTION = b"\x02\x01\x02\0\0\xc9\x10"  # length 2, PadN of four bytes, then the option at 8n + 6 (RFC 6275 §6.3)
_TYPE_2 = b"\x02\x02\x01\0\0\0\0"  # length 2, type 2, one segment left (RFC 6275 §6.4)
_SOURCE, _DESTINATION = slice(8, 24), slice(24, 40)


class HomeAddressOption:
    """What the mobile node adds on the way to a correspondent."""

    def __init__(self, local: bytes) -> None:
        self._local = local

    def encapsulate(self, packet: bytes) -> bytes | None:
        """The option in, the care-of address as source (RFC 6275 §6.3, §11.3.1)."""
        made = _inserted(packet, DESTINATION_OPTIONS, _OPTION + packet[_SOURCE])
        return made and made[:8] + self._local + made[24:]


class TypeTwoRouting:
    """What a correspondent adds on the way to a mobile node."""

    def __init__(self, remote: bytes) -> None:
        self._remote = remote

    def encapsulate(self, packet: bytes) -> bytes | None:
        """The routing header in, the care-of address as destination (RFC 6275 §6.4, §9.3.2)."""
        if ROUTING in (header.kind for header in extensions(packet)):
            return None  # where such a packet goes first is not for us to change
        made = _inserted(packet, ROUTING, _TYPE_2 + packet[_DESTINATION])
        return made and made[:24] + self._remote + made[40:]


@dataclass(frozen=True, slots=True)
class Direct:
    """A packet that came without a tunnel, as its sender's programs made it, and whose home address it named."""

    packet: bytes
    home_address: bytes


def without_routing(packet: bytes) -> Direct | None:
    """Turn a packet with a type 2 routing header back, or None: it has none, or one that is wrong."""
    for header in extensions(packet):
        if header.kind == ROUTING:
            data = packet[header.start : header.end]
            if len(data) != _ADDED or data[1:4] != _TYPE_2[:3]:
                return None
            home = data[8:]
            return Direct(_removed(packet[:24] + home + packet[40:], header), home)
    return None


def without_home_address(packet: bytes) -> Direct | None:
    """Turn a packet with a home address option back, or None: it has none, or one that is wrong."""
    for header in extensions(packet):
        if header.kind == DESTINATION_OPTIONS:
            home, others = _options(packet[header.start + 2 : header.end])
            if home is not None:
                plain = packet[:8] + home + packet[24:]
                return Direct(_removed(plain, header) if not others else _blanked(plain, header), home)
    return None


def _inserted(packet: bytes, kind: int, rest: bytes) -> bytes | None:
    """The packet with one more extension header: behind hop-by-hop options and what belongs to a routing header."""
    place = 0
    headers = extensions(packet)
    for number, header in enumerate(headers, 1):
        if header.kind in (HOP_BY_HOP, ROUTING):
            place = number
    named_at, start = (headers[place - 1].start, headers[place - 1].end) if place else (6, HEADER)
    if len(packet) + _ADDED > 0xFFFF + HEADER:
        return None
    made = bytearray(packet)
    made[start:start] = bytes([packet[named_at]]) + rest
    made[named_at] = kind
    return with_length(made)


def _removed(packet: bytes, header: Extension) -> bytes:
    made = bytearray(packet)
    made[header.named_at] = packet[header.start]
    del made[header.start : header.end]
    return with_length(made)


def _blanked(packet: bytes, header: Extension) -> bytes:
    """The packet with its home address option made padding, since other options stand beside it."""
    made = bytearray(packet)
    place = header.start + 2
    while made[place] != _OPTION[5]:
        place += 1 if not made[place] else 2 + made[place + 1]
    made[place : place + 18] = b"\x01\x10" + bytes(16)  # PadN
    return bytes(made)


def _options(options: bytes) -> tuple[bytes | None, bool]:
    """The home address among destination options, and whether there are others than padding."""
    home, others, place = None, False, 0
    while place < len(options):
        kind = options[place]
        size = options[place + 1] if kind and place + 1 < len(options) else -1
        data = options[place + 2 : place + 2 + size]
        if kind and (size < 0 or len(data) < size):
            return None, others
        if kind == _OPTION[5]:
            if size != 16 or home is not None:
                return None, others
            home = data
        elif kind > 1:
            others = True
        place += 2 + size
    return home, others
