"""IPv6 packets that are longer than the link they must go through: only who makes a packet may fragment it."""

from __future__ import annotations

from collections.abc import Iterator

from client.core.ipv4 import Protocol
from client.linux.dataplane.ipv6_headers import FRAGMENT, HEADER, extensions, with_length
from client.linux.partial_checksum import filled_in

_FRAGMENT_HEADER = 8
_LONGEST = 0xFFFF
_MORE = 1
_PUSH_FIN = 0x09


def fit6(packet: bytes, mtu: int) -> list[bytes] | None:
    """The packet in pieces of at most `mtu` bytes; None if its sender must be told to send shorter ones."""
    if merged6(packet):
        return list(_segments(packet, mtu))
    return [packet] if len(packet) <= mtu else None


def merged6(packet: bytes) -> bool:
    """Whether this is TCP with a checksum that is not finished: of packets that were merged as they came in."""
    if packet[6] != Protocol.TCP or not has_whole_header(packet, HEADER):
        return False
    pseudo_sum = int.from_bytes(packet[8:40], "big") + Protocol.TCP + len(packet) - HEADER
    return int.from_bytes(packet[HEADER + 16 : HEADER + 18], "big") % 0xFFFF == pseudo_sum % 0xFFFF


def has_whole_header(packet: bytes, start: int) -> bool:
    """Whether a TCP header with its options begins there; who sends a packet may write what he likes."""
    return len(packet) >= start + 20 and 20 <= (packet[start + 12] >> 4) * 4 <= len(packet) - start


def _segments(packet: bytes, mtu: int) -> Iterator[bytes]:
    start = HEADER + (packet[HEADER + 12] >> 4) * 4
    step = mtu - start
    if len(packet) <= mtu or step < 8:
        yield filled_in(packet)
        return
    sequence = int.from_bytes(packet[HEADER + 4 : HEADER + 8], "big")
    for offset in range(0, len(packet) - start, step):
        piece = bytearray(packet[:start] + packet[start + offset : start + offset + step])
        piece[HEADER + 4 : HEADER + 8] = ((sequence + offset) & 0xFFFFFFFF).to_bytes(4, "big")
        if start + offset + step < len(packet):
            piece[HEADER + 13] &= ~_PUSH_FIN & 0xFF  # both belong to the last one
        yield filled_in(with_length(piece))


def fragments6(packet: bytes, mtu: int, identification: bytes) -> Iterator[bytes]:
    """Fragments as their maker sends them (RFC 8200 §4.5), each behind the extension headers of the packet.

    A fragment becomes shorter fragments of the same packet, whose identification it has already. Nothing for what
    cannot be sent so: its extension headers leave no room, or it is said to go on behind the longest packet.
    """
    known = extensions(packet)
    named_at, start = (known[-1].start, known[-1].end) if known else (6, HEADER)
    kind, base, more, content = packet[named_at], 0, 0, packet[start:]
    if kind == FRAGMENT and len(content) >= _FRAGMENT_HEADER:
        kind, place, identification = content[0], int.from_bytes(content[2:4], "big"), content[4:8]
        base, more, content = place & ~7, place & _MORE, content[_FRAGMENT_HEADER:]
    front = bytearray(packet[:start])
    front[named_at] = FRAGMENT
    step = (mtu - start - _FRAGMENT_HEADER) & ~7
    if step < 8 or base + len(content) > _LONGEST:
        return
    for offset in range(0, len(content), step):
        last = offset + step >= len(content)
        place = base + offset | (more if last else _MORE)
        header = bytes([kind, 0]) + place.to_bytes(2, "big") + identification
        yield with_length(front + header + content[offset : offset + step])
