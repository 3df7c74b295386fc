"""IPv6 in IPv6 (RFC 2473)."""

from __future__ import annotations

from client.core.ipv4 import Protocol
from client.linux.dataplane.encapsulations.headers import OUTER_TTL


class Ipv6Headers:
    """The headers of one tunnel."""

    def __init__(self, local: bytes, remote: bytes) -> None:
        self._tail = bytes([Protocol.IPV6, OUTER_TTL]) + local + remote

    def encapsulate(self, packet: bytes) -> bytes:
        """Headers on (RFC 2473 §5.1): traffic class as inside (RFC 6040 §4.1), and no flow label (RFC 2473 §6.5)."""
        return bytes([packet[0], packet[1] & 0xF0, 0, 0]) + len(packet).to_bytes(2, "big") + self._tail + packet
