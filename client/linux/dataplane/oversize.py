"""What to do with a packet that is longer than the link it must go through."""

from __future__ import annotations

from collections.abc import Iterator

from client.core.ipv4 import Protocol
from client.linux.dataplane.ip_header import sealed
from client.linux.dataplane.oversize6 import fit6, has_whole_header, merged6
from client.linux.partial_checksum import filled_in

_TCP = int(Protocol.TCP)
_DONT_FRAGMENT = 0x4000
_MORE_FRAGMENTS = 0x2000
_PUSH_FIN = 0x09


def fit(packet: bytes, mtu: int) -> list[bytes] | None:
    """The packet in pieces of at most `mtu` bytes; None if its sender must be told to send shorter ones.

    A TCP packet whose checksum is the pseudo-header's alone never was so long on any wire: the receiving
    network driver merged several, and they are parted again.
    """
    if packet[0] >> 4 == 6:
        return fit6(packet, mtu)
    if merged(packet):
        return list(_segments(packet, mtu))
    if len(packet) <= mtu:
        return [packet]
    if int.from_bytes(packet[6:8], "big") & _DONT_FRAGMENT or mtu < (packet[0] & 0x0F) * 4 + 8:
        return None
    return list(_fragments(packet, mtu))


def merged(packet: bytes) -> bool:
    """Whether this is TCP with a checksum that is not finished."""
    if packet[0] >= 0x60:
        return merged6(packet)
    if packet[9] != _TCP or int.from_bytes(packet[6:8], "big") & 0x3FFF:
        return False
    header = (packet[0] & 0x0F) * 4
    if not has_whole_header(packet, header):
        return False
    pseudo_sum = int.from_bytes(packet[12:20], "big") + _TCP + len(packet) - header
    return int.from_bytes(packet[header + 16 : header + 18], "big") % 0xFFFF == pseudo_sum % 0xFFFF


def _segments(packet: bytes, mtu: int) -> Iterator[bytes]:
    header = (packet[0] & 0x0F) * 4
    start = header + (packet[header + 12] >> 4) * 4
    step = mtu - start
    if len(packet) <= mtu or step < 8:
        yield filled_in(packet)
        return
    identification = int.from_bytes(packet[4:6], "big")
    sequence = int.from_bytes(packet[header + 4 : header + 8], "big")
    for number, offset in enumerate(range(0, len(packet) - start, step)):
        payload = packet[start + offset : start + offset + step]
        outer = bytearray(packet[:header])
        outer[2:4] = (start + len(payload)).to_bytes(2, "big")
        outer[4:6] = ((identification + number) & 0xFFFF).to_bytes(2, "big")
        inner = bytearray(packet[header:start])
        inner[4:8] = ((sequence + offset) & 0xFFFFFFFF).to_bytes(4, "big")
        if start + offset + step < len(packet):
            inner[13] &= ~_PUSH_FIN & 0xFF  # both belong to the last one
        yield filled_in(sealed(outer) + bytes(inner) + payload)


def _fragments(packet: bytes, mtu: int) -> Iterator[bytes]:
    """Fragments as RFC 791 §3.2 makes them; options stay in the first (none that we meet must be copied)."""
    header = (packet[0] & 0x0F) * 4
    flags = int.from_bytes(packet[6:8], "big")
    step = (mtu - header) & ~7
    for offset in range(header, len(packet), step):
        piece = packet[offset : offset + step]
        fresh = bytearray(packet[:header])
        more = _MORE_FRAGMENTS if offset + step < len(packet) else flags & _MORE_FRAGMENTS
        fresh[2:4] = (header + len(piece)).to_bytes(2, "big")
        fresh[6:8] = ((flags & 0x1FFF) + (offset - header) // 8 | more).to_bytes(2, "big")
        yield sealed(fresh) + piece
