"""What an outer header's congestion mark means for the packet inside (RFC 6040 §4.2)."""

from __future__ import annotations

from client.linux.dataplane.ip_header import with_header

NOT_CAPABLE, CAPABLE_1, CAPABLE_0, EXPERIENCED = range(4)  # Not-ECT, ECT(1), ECT(0), CE


def with_congestion(outer: int, packet: bytes) -> bytes | None:
    """The packet that came inside an outer one with this mark (0 to 3).

    None: the way was congested and the packet cannot say so, and is dropped, as the router would have done.
    """
    ipv6 = packet[0] >> 4 == 6
    inner = packet[1] >> 4 & 3 if ipv6 else packet[1] & 3
    if outer == EXPERIENCED and inner == NOT_CAPABLE:
        return None
    if (outer == EXPERIENCED and inner != EXPERIENCED) or (outer == CAPABLE_1 and inner == CAPABLE_0):
        return _marked(packet, outer, ipv6=ipv6)
    return packet


def _marked(packet: bytes, mark: int, *, ipv6: bool) -> bytes:
    if ipv6:
        return packet[:1] + bytes([packet[1] & 0xCF | mark << 4]) + packet[2:]
    return with_header(packet, type_of_service=packet[1] & 0xFC | mark)
