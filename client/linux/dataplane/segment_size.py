"""TCP is told to send segments that fit a tunnel: the maximum segment size option (RFC 9293 §3.7.1) of a SYN."""

from __future__ import annotations

from client.core.ipv4 import Protocol

_IPV4_AND_TCP, _IPV6_AND_TCP = 40, 60  # headers without options, which the option does not count
_TCP_HEADER = 20
_LEAST = 88  # no segment below this, whatever the path: a forged error must not cut connections to nothing
_SYN = 0x02
_END, _NOTHING, _SEGMENT_SIZE = 0, 1, 2


def clamped(packet: bytes, mtu: int, *, partial: bool = False) -> bytes:
    """The packet; if it is a SYN that asks for segments too long for this MTU, asking for shorter ones.

    `partial`: its TCP checksum is the pseudo-header's alone, which does not cover the option.
    """
    start, most = _tcp(packet, mtu)
    if not start:
        return packet
    found = _option(packet, start)
    if not found or int.from_bytes(packet[found : found + 2], "big") <= most:
        return packet
    made = bytearray(packet)
    made[found : found + 2] = most.to_bytes(2, "big")
    if not partial:
        made[start + 16 : start + 18] = _checksum(packet, made, start, found)
    return bytes(made)


def _tcp(packet: bytes, mtu: int) -> tuple[int, int]:
    """Where a SYN's TCP header begins (0: this is none), and the longest segment."""
    if packet[0] >> 4 == 4:
        start, most = (packet[0] & 0x0F) * 4, mtu - _IPV4_AND_TCP
        fits = packet[9] == Protocol.TCP and not int.from_bytes(packet[6:8], "big") & 0x1FFF
    else:
        start, most = 40, mtu - _IPV6_AND_TCP
        fits = packet[6] == Protocol.TCP
    fits = fits and len(packet) >= start + _TCP_HEADER and bool(packet[start + 13] & _SYN)
    return (start if fits else 0), max(most, _LEAST)


def _option(packet: bytes, start: int) -> int:
    """Where the maximum segment size stands among the options; 0 if it does not."""
    place, end = start + _TCP_HEADER, min(start + (packet[start + 12] >> 4) * 4, len(packet))
    while place + 4 <= end:
        kind = packet[place]
        if kind == _END:
            return 0
        if kind == _NOTHING:
            place += 1
            continue
        if packet[place + 1] < 2:
            return 0
        if kind == _SEGMENT_SIZE and packet[place + 1] == 4:
            return place + 2
        place += packet[place + 1]
    return 0


def _checksum(before: bytes, after: bytearray, start: int, changed: int) -> bytes:
    """The checksum after two bytes changed (RFC 1624 §3: HC' = ~(~HC + ~m + m')); an odd place swaps the bytes."""
    first = changed - (changed - start) % 2
    last = changed + 2 + (changed - start) % 2
    total = int.from_bytes(before[start + 16 : start + 18], "big") ^ 0xFFFF
    for place in range(first, last, 2):
        old, new = (int.from_bytes(data[place : place + 2], "big") for data in (before, after))
        total += (old ^ 0xFFFF) + new
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return (total ^ 0xFFFF).to_bytes(2, "big")
