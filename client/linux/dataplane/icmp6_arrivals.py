"""ICMPv6 errors to this host, among them those about outer packets (RFC 2473 §8)."""

from __future__ import annotations

import socket
import struct
from collections import Counter
from collections.abc import Callable

from client.linux.dataplane.arrivals import LONGEST, SocketArrivals

_ICMP6_FILTER = 1
_ERRORS = (1, 2, 3)  # destination unreachable, packet too big, time exceeded


class Icmp6Arrivals(SocketArrivals):
    """From a raw socket; the kernel has verified the checksum."""

    def __init__(self, error: Callable[[bytes], None], counters: Counter[str]) -> None:
        made = socket.socket(socket.AF_INET6, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.IPPROTO_ICMPV6)
        made.setsockopt(socket.IPPROTO_ICMPV6, _ICMP6_FILTER, _blocking_all_but(_ERRORS))
        super().__init__(made, counters)
        self._error = error

    def _take(self) -> None:
        self._error(self._socket.recv(LONGEST))


def _blocking_all_but(types: tuple[int, ...]) -> bytes:
    """struct icmp6_filter (RFC 3542 §3.2): a bit that is set blocks a type."""
    words = [0xFFFFFFFF] * 8
    for type_ in types:
        words[type_ >> 5] &= ~(1 << (type_ & 31))
    return struct.pack("=8I", *words)
