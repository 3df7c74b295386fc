"""IP in UDP, through NATs (RFC 3519 §4.2): MIP tunnel data messages on port 434.

|     Type      |  Next Header  |           Reserved            |   type 4
"""

from __future__ import annotations

import struct

from client.core.ipv4 import Protocol
from client.linux.dataplane.encapsulations.headers import OuterHeaders

TUNNEL_DATA = bytes([4, Protocol.IPIP, 0, 0])
_HEADER = struct.Struct("!HHHH")


class UdpHeaders:
    """The headers of one tunnel."""

    def __init__(self, local: bytes, remote: bytes, ports: tuple[int, int]) -> None:
        self._outer = OuterHeaders(local, remote, Protocol.UDP)
        self._ports = ports

    def encapsulate(self, packet: bytes) -> bytes:
        """Headers on. No checksum, which UDP allows (RFC 768): what is inside has its own."""
        length = _HEADER.size + len(TUNNEL_DATA) + len(packet)
        return self._outer.before(packet) + _HEADER.pack(*self._ports, length, 0) + TUNNEL_DATA + packet


def udp_content(message: bytes) -> bytes | None:
    """Tunnel data header off; None: what follows is not IPv4, as all our bindings agree on (RFC 3519 §3.3)."""
    return message[4:] if message[:2] == TUNNEL_DATA[:2] else None
