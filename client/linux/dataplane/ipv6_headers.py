"""The extension headers of an IPv6 packet (RFC 8200 §4), as far as tunnels need them."""

from __future__ import annotations

from dataclasses import dataclass

HEADER = 40
HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION_OPTIONS = 0, 43, 44, 60
MOBILITY = 135


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension header: which kind, where its kind is named, and where it is itself."""

    kind: int
    named_at: int
    start: int
    end: int


def extensions(packet: bytes) -> list[Extension]:
    """The extension headers before a fragment header and the payload, as far as they are whole."""
    found: list[Extension] = []
    named_at, start = 6, HEADER
    while packet[named_at] in (HOP_BY_HOP, ROUTING, DESTINATION_OPTIONS) and start + 8 <= len(packet):
        end = start + 8 * (packet[start + 1] + 1)
        if end > len(packet):
            break
        found.append(Extension(packet[named_at], named_at, start, end))
        named_at, start = start, end
    return found


def upper_layer(packet: bytes) -> int:
    """What stands behind them."""
    headers = extensions(packet)
    return packet[headers[-1].start if headers else 6]


def with_length(packet: bytearray) -> bytes:
    """The packet with its payload length right."""
    packet[4:6] = (len(packet) - HEADER).to_bytes(2, "big")
    return bytes(packet)
