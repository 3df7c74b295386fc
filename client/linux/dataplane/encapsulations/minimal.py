"""Minimal encapsulation within IP (RFC 2004): the packet's own header is the outer one.

|   Protocol    |S|  reserved   |        Header Checksum        |
|                 Original Destination Address                  |
|            (if present) Original Source Address               |
"""

from __future__ import annotations

from client.core.checksum import internet_checksum
from client.core.ipv4 import Protocol
from client.linux.dataplane.encapsulations.ipip import ipip_headers
from client.linux.dataplane.ip_header import sealed

_PLAIN = 0x45  # version 4, no options
_FRAGMENT = 0x3FFF  # more fragments, or an offset
_SOURCE_PRESENT = 0x80
_SHORT, _LONG = 8, 12


class MinimalHeaders:
    """The headers of one tunnel."""

    def __init__(self, local: bytes, remote: bytes) -> None:
        self._local, self._remote = local, remote
        self._whole = ipip_headers(local, remote)

    def encapsulate(self, packet: bytes) -> bytes:
        """Headers on (RFC 2004 §3). A fragment goes as IP in IP, as it must, and so do options, which it may."""
        if packet[0] != _PLAIN or int.from_bytes(packet[6:8], "big") & _FRAGMENT:
            return self._whole.encapsulate(packet)
        source = packet[12:16]
        forwarding = _forwarding_header(packet[9], packet[16:20], b"" if source == self._local else source)
        addresses = self._local + self._remote
        return packet[:9] + bytes([Protocol.MINIMAL, 0, 0]) + addresses + forwarding + packet[20:]


def minimal_content(outer: bytes) -> bytes | None:
    """Headers off: the original packet (RFC 2004 §3); None: cut short, or a wrong checksum."""
    start = (outer[0] & 0x0F) * 4
    size = forwarding_header_size(outer[start:])
    forwarding = outer[start : start + size]
    if len(forwarding) < size or internet_checksum(forwarding):
        return None
    return sealed(original_header(outer[:start], forwarding, len(outer) - size)) + outer[start + size :]


def forwarding_header_size(data: bytes) -> int:
    """Bytes of the minimal forwarding header that begins here."""
    return _LONG if data[1:2] >= bytes([_SOURCE_PRESENT]) else _SHORT


def original_header(header: bytes, forwarding: bytes, total: int) -> bytearray:
    """The IP header as it was before, but for its checksum."""
    made = bytearray(header)
    made[2:4] = total.to_bytes(2, "big")
    made[9] = forwarding[0]
    made[16:20] = forwarding[4:8]
    if forwarding[1] & _SOURCE_PRESENT:
        made[12:16] = forwarding[8:12]
    return made


def _forwarding_header(protocol: int, destination: bytes, source: bytes) -> bytes:
    flag = bytes([_SOURCE_PRESENT if source else 0])
    checksum = internet_checksum(bytes([protocol]) + flag + destination + source)
    return bytes([protocol]) + flag + checksum.to_bytes(2, "big") + destination + source
