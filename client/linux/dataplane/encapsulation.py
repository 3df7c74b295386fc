"""IP encapsulation within IP (RFC 2003): headers on, headers off, and what makes a packet unfit for either."""

from __future__ import annotations

from ipaddress import IPv4Address

from client.core.ipv4 import Protocol

OVERHEAD = 20
OUTER_TTL = 64
_CONGESTION_EXPERIENCED = 0b11


class OuterHeaders:
    """The outer headers of one tunnel, ready made for each type of service and don't-fragment bit.

    Total length, identification and checksum are left zero: the kernel fills them in.
    """

    def __init__(self, local: IPv4Address, remote: IPv4Address) -> None:
        self._tail = bytes([OUTER_TTL, Protocol.IPIP, 0, 0]) + local.packed + remote.packed
        self._made: dict[int, bytes] = {}

    def encapsulate(self, packet: bytes) -> bytes:
        """The packet in an outer packet (RFC 2003 §3.1): type of service and don't-fragment bit as inside.

        The whole type of service is copied, so a congestion mark may be added on the way (RFC 6040 §4.1).
        The inner time to live stays: where we forward, the kernel has taken one off before.
        """
        key = packet[1] | (packet[6] & 0x40) << 2
        return (self._made.get(key) or self._make(key)) + packet

    def _make(self, key: int) -> bytes:
        header = bytes([0x45, key & 0xFF, 0, 0, 0, 0, key >> 2 & 0x40, 0]) + self._tail
        self._made[key] = header
        return header


def inner_packet(outer: bytes) -> bytes | None:
    """What a whole outer packet holds, if it is an IPv4 packet with a right header and a time to live."""
    inner = outer[(outer[0] & 0x0F) * 4 :]
    if len(inner) < 20 or inner[0] >> 4 != 4:
        return None
    header = (inner[0] & 0x0F) * 4
    total = inner[2] << 8 | inner[3]
    if not 20 <= header <= total <= len(inner) or int.from_bytes(inner[:header], "big") % 0xFFFF or not inner[8]:
        return None
    return inner if total == len(inner) else inner[:total]


def with_congestion(outer: bytes, inner: bytes) -> bytes | None:
    """The inner packet after an outer one that routers marked "congestion experienced" (RFC 6040 §4.2).

    None: it cannot carry the mark and is dropped, as the router would have done.
    """
    if outer[1] & 0b11 != _CONGESTION_EXPERIENCED or inner[1] & 0b11 == _CONGESTION_EXPERIENCED:
        return inner
    if inner[1] & 0b11 == 0:
        return None
    return with_header(inner, type_of_service=inner[1] | _CONGESTION_EXPERIENCED)


def forwarded(packet: bytes) -> bytes | None:
    """The packet with one less time to live, or None if that was its last."""
    return with_header(packet, ttl=packet[8] - 1) if packet[8] > 1 else None


def with_header(
    packet: bytes,
    *,
    ttl: int | None = None,
    type_of_service: int | None = None,
) -> bytes:
    """The packet with these fields changed and its header checksum right."""
    header = bytearray(packet[: (packet[0] & 0x0F) * 4])
    if ttl is not None:
        header[8] = ttl
    if type_of_service is not None:
        header[1] = type_of_service
    return sealed(header) + packet[len(header) :]


def sealed(header: bytearray) -> bytes:
    """The header with its checksum put in."""
    header[10:12] = b"\0\0"
    header[10:12] = (int.from_bytes(header, "big") % 0xFFFF ^ 0xFFFF).to_bytes(2, "big")
    return bytes(header)
