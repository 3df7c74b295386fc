"""What ICMP errors about our outer packets mean to the senders of what was inside (RFC 2003 §4)."""

from __future__ import annotations

from dataclasses import dataclass

from client.core.ipv4 import IPv4Packet, Protocol
from client.linux.dataplane.encapsulation import OVERHEAD
from client.linux.dataplane.icmp_errors import FRAGMENTATION_NEEDED, HOST_UNREACHABLE

_UNREACHABLE, _TIME_EXCEEDED = 3, 11
_RELAYED = (0, 1, 2)  # network, host and protocol unreachable; §4.1 forbids 3 and 5
_ICMP_HEADER = 8
_LEAST_MTU = 576  # a forged error must not cut packets to nothing; every host takes that much (RFC 1122 §3.3.3)


@dataclass(frozen=True, slots=True)
class Relayed:
    """What to tell the sender of the inner packet, of which `quoted` is the beginning."""

    local: bytes
    remote: bytes
    quoted: bytes
    code: int
    mtu: int = 0


def relayed(error: IPv4Packet) -> Relayed | None:
    """What an ICMP error about an outer packet has to become, or None: not about one, or not to be relayed."""
    if len(error.payload) < _ICMP_HEADER + OVERHEAD + OVERHEAD + _ICMP_HEADER:
        return None
    kind, code, mtu = error.payload[0], error.payload[1], int.from_bytes(error.payload[6:8], "big")
    outer = error.payload[_ICMP_HEADER:]
    if outer[0] != 0x45 or outer[9] != Protocol.IPIP or outer[OVERHEAD] >> 4 != 4:
        return None
    verdict = _verdict(kind, code, mtu)
    if verdict is None:
        return None
    return Relayed(outer[12:16], outer[16:20], outer[OVERHEAD:], *verdict)


def _verdict(kind: int, code: int, mtu: int) -> tuple[int, int] | None:
    if kind == _UNREACHABLE and code == FRAGMENTATION_NEEDED:
        return FRAGMENTATION_NEEDED, max(mtu, _LEAST_MTU) - OVERHEAD
    if kind == _TIME_EXCEEDED or (kind == _UNREACHABLE and code in _RELAYED):
        return HOST_UNREACHABLE, 0
    return None
