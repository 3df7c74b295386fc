"""Echo requests of a wanted size along a path, and their answers."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace

from client.core.envelope import enveloped
from client.core.errors import DecodeError
from client.core.icmp import IcmpMessage, IcmpType
from client.core.ipv4 import IPv4Packet
from client.core.machine import Random, Send
from client.core.overhead import overhead
from client.core.paths import Path4
from client.core.plan import Encapsulation, Tunnel

OUTER_SIZES = (1500, 1492, 1472, 1460, 1420, 1400, 1380, 1340, 1280, 1200, 1006, 576)
"""Bytes of outer packets that links usually carry; below the last one no ICMP error makes us go."""

_ECHO = struct.Struct("!HHQ")
_IDENTIFIER = 0x4D49  # as in Proof
_IPV4_HEADER, _ICMP_HEADER = 20, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A path, the bytes of an inner packet that its links allow, and our tunnel on it, if we send into one."""

    path: Path4
    limit: int
    tunnel: Tunnel | None

    @property
    def overhead(self) -> int:
        """Bytes of the outer headers; of a foreign agent's tunnel we suppose IP-in-IP."""
        return overhead(self.tunnel.encapsulation if self.tunnel else Encapsulation.IPIP)

    def sizes(self, most: int, least: int = 0) -> tuple[int, ...]:
        """`most`, the usual inner sizes below it, and at last `least`, if that is given."""
        usual = [size - self.overhead for size in OUTER_SIZES]
        return (most, *(size for size in usual if least < size < most), *([least] if least else []))


class Probes:
    """Makes probes and knows the answers to those that were made not too long ago."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._sent: dict[int, tuple[int, float]] = {}  # by nonce: size, when

    def make(self, way: Way, size: int, now: float) -> Send:
        """An echo request of `size` bytes that may not be fragmented; in our tunnel's outer packet, if there is one."""
        nonce = (int(self._random() * 2**32) << 32) | int(self._random() * 2**32)
        self._sent[nonce] = size, now
        padding = bytes(max(0, size - _IPV4_HEADER - _ICMP_HEADER - _ECHO.size))
        message = IcmpMessage(
            type=IcmpType.ECHO_REQUEST, body=_ECHO.pack(_IDENTIFIER, len(self._sent) & 0xFFFF, nonce) + padding
        )
        packet = replace(message.packet(way.path.source, way.path.target), dont_fragment=True)
        if way.tunnel is None:
            return Send(packet=packet, signalling=False)
        return Send(packet=enveloped(packet, way.tunnel), interface=way.tunnel.interface)

    def answered(
        self, way: Way, packet: IPv4Packet, interface: int, link_layer_source: bytes
    ) -> tuple[int, float] | None:
        """The size of the probe that this answers, whole and by the right way, and when it was sent."""
        path = way.path
        if (packet.source, packet.destination, interface) != (path.target, path.source, path.interface):
            return None
        if path.link_layer_source not in (None, link_layer_source):
            return None
        nonce = _nonce(packet)
        size, sent_at = self._sent.get(nonce, (0, 0.0)) if nonce is not None else (0, 0.0)
        if nonce is None or len(packet.payload) + _IPV4_HEADER != size:
            return None
        del self._sent[nonce]
        return size, sent_at

    def forget(self, before: float) -> None:
        """Answers to what was sent before count no more."""
        self._sent = {nonce: sent for nonce, sent in self._sent.items() if sent[1] >= before}


def _nonce(packet: IPv4Packet) -> int | None:
    try:
        message = IcmpMessage.unpack(packet)
    except DecodeError:
        return None
    if message.type != IcmpType.ECHO_REPLY or len(message.body) < _ECHO.size:
        return None
    nonce: int = _ECHO.unpack_from(message.body)[2]
    return nonce
