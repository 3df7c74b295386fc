"""Whole IP packets as bytes: which are fit to be handed on, and small changes to their headers."""

from __future__ import annotations

_IPV4_HEADER, _IPV6_HEADER = 20, 40


def whole_packet(data: bytes) -> bytes | None:
    """The IPv4 packet at the beginning of these bytes, if its header is right and it has a time to live."""
    if len(data) < _IPV4_HEADER or data[0] >> 4 != 4:
        return None
    header = (data[0] & 0x0F) * 4
    total = data[2] << 8 | data[3]
    if not _IPV4_HEADER <= header <= total <= len(data):
        return None
    if int.from_bytes(data[:header], "big") % 0xFFFF or not data[8]:
        return None
    return data if total == len(data) else data[:total]


def whole_packet6(data: bytes) -> bytes | None:
    """The IPv6 packet at the beginning of these bytes, if it has a hop limit (no jumbograms, RFC 2675)."""
    if len(data) < _IPV6_HEADER or data[0] >> 4 != 6:
        return None
    total = _IPV6_HEADER + (data[4] << 8 | data[5])
    if total > len(data) or not data[7]:
        return None
    return data if total == len(data) else data[:total]


def forwarded(packet: bytes) -> bytes | None:
    """The packet with one less time to live or hop limit, or None if that was its last."""
    if packet[0] >> 4 == 6:
        return packet[:7] + bytes([packet[7] - 1]) + packet[8:] if packet[7] > 1 else None
    return with_header(packet, ttl=packet[8] - 1) if packet[8] > 1 else None


def with_header(
    packet: bytes,
    *,
    ttl: int | None = None,
    type_of_service: int | None = None,
) -> bytes:
    """The IPv4 packet with these fields changed and its header checksum right."""
    header = bytearray(packet[: (packet[0] & 0x0F) * 4])
    if ttl is not None:
        header[8] = ttl
    if type_of_service is not None:
        header[1] = type_of_service
    return sealed(header) + packet[len(header) :]


def sealed(header: bytearray) -> bytes:
    """The IPv4 header with its checksum put in."""
    header[10:12] = b"\0\0"
    header[10:12] = (int.from_bytes(header, "big") % 0xFFFF ^ 0xFFFF).to_bytes(2, "big")
    return bytes(header)
