"""What all encapsulations have in common."""

from __future__ import annotations

from typing import Protocol

OUTER_TTL = 64


class Headers(Protocol):
    """The headers of one tunnel."""

    def encapsulate(self, packet: bytes) -> bytes | None:
        """What goes out for this packet, or None if its headers leave no room for ours.

        Total length, header checksum and a missing identification of IPv4 are left to the kernel.
        """


class OuterHeaders:
    """IPv4 headers that stand before the whole packet, ready made for each type of service and don't-fragment bit."""

    def __init__(self, local: bytes, remote: bytes, protocol: int, behind: bytes = b"") -> None:
        """`behind`: bytes between the outer header and the packet, always the same."""
        self._tail = bytes([OUTER_TTL, protocol, 0, 0]) + local + remote + behind
        self._made: dict[int, bytes] = {}

    def encapsulate(self, packet: bytes) -> bytes:
        """The packet in an outer packet (RFC 2003 §3.1): type of service and don't-fragment bit as inside.

        The whole type of service is copied, so a congestion mark may be added on the way (RFC 6040 §4.1).
        The inner time to live stays: where we forward, the kernel has taken one off before.
        """
        return self.before(packet) + packet

    def before(self, packet: bytes) -> bytes:
        """The headers alone."""
        key = packet[1] | (packet[6] & 0x40) << 2
        return self._made.get(key) or self._make(key)

    def _make(self, key: int) -> bytes:
        header = bytes([0x45, key & 0xFF, 0, 0, 0, 0, key >> 2 & 0x40, 0]) + self._tail
        self._made[key] = header
        return header
