"""Takes packets out of minimal encapsulation (RFC 2004), which neither tshark nor scapy knows."""

from __future__ import annotations

from scapy.all import Ether  # checksums are computed by who did not make the packets
from scapy.layers.inet import IP
from scapy.utils import checksum

PROTOCOL = 55
_SOURCE_PRESENT = 0x80


def is_minimal(frame: bytes) -> bool:
    """Does an Ethernet frame hold such a packet?"""
    return len(frame) >= 34 and frame[12:14] == b"\x08\x00" and frame[23] == PROTOCOL


def restored(frame: bytes) -> bytes | None:
    """The frame with the packet that was encapsulated in place of the outer one; None: it was not done rightly.

    The inner packet's own header checksum did not travel and is computed here; that of what it carries
    covers the addresses, so whoever verifies it sees whether the header was restored rightly.
    """
    outer = IP(frame[14:])
    body = frame[14 + outer.ihl * 4 : 14 + outer.len]
    size = 12 if len(body) > 1 and body[1] & _SOURCE_PRESENT else 8
    header = body[:size]
    if len(header) < size or header[1] & ~_SOURCE_PRESENT or checksum(header):
        return None
    outer.proto, outer.dst = header[0], ".".join(map(str, header[4:8]))
    if size == 12:
        outer.src = ".".join(map(str, header[8:12]))
    outer.remove_payload()
    del outer.len, outer.chksum
    return bytes(Ether(frame[:14]) / outer / body[size:])
