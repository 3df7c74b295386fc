"""Packets whose home address option names a home address that we know nothing of: the machine hears them.

It may have to tell their sender that there is no binding (RFC 6275 §9.3.1): a correspondent that was started anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TypeAlias

from client.core.errors import DecodeError
from client.core.ipv6 import IPv6Packet, NextHeader
from client.core.machine import Heard6
from client.linux.dataplane.allowance import Allowance
from client.linux.packet_socket import Frame

Hear: TypeAlias = Callable[[Heard6], None]

_HEARD_ANYHOW = (NextHeader.MOBILITY, NextHeader.ICMPV6)  # and ESP, where it is ours


class Strays:
    """Not too many of them."""

    def __init__(self, counters: Counter[str], now: Callable[[], float]) -> None:
        self._counters = counters
        self._allowance = Allowance(now)
        self._hear: Hear | None = None

    def listen(self, hear: Hear | None) -> None:
        """Who hears them from now on; None: nobody."""
        self._hear = hear

    def offer(self, frame: Frame) -> None:
        """A packet came whose home address no tunnel knows."""
        if self._hear is None or not frame.interface:
            return
        try:
            packet = IPv6Packet.unpack(frame.data)
        except DecodeError:
            return
        if packet.home_address is None or packet.next_header in _HEARD_ANYHOW:
            return
        if not self._allowance.take():
            self._counters["strays_not_heard"] += 1
            return
        source = frame.link_layer_source
        self._hear(Heard6(packet=packet, interface=frame.interface, link_layer_source=source, unicast=frame.unicast))
