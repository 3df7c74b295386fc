"""Raw sockets for both families: IPv6's is opened when the first IPv6 packet is to be sent."""

from __future__ import annotations

import socket
from collections import Counter

from client.linux.raw import RoutedSender


class Senders:
    """Whole packets go out here."""

    def __init__(self, ipv4: RoutedSender, counters: Counter[str]) -> None:
        self._ipv4 = ipv4
        self._ipv6: RoutedSender | None = None
        self._counters = counters
        self.mark = ipv4.mark

    def of(self, packet: bytes) -> RoutedSender:
        """The one for a packet's family. Raises OSError where the kernel has no IPv6."""
        if packet[0] < 0x60:
            return self._ipv4
        if self._ipv6 is None:
            self._ipv6 = RoutedSender(self.mark, self._counters, socket.AF_INET6)
        return self._ipv6

    def close(self) -> None:
        """Give back what was opened here."""
        if self._ipv6 is not None:
            self._ipv6.close()
