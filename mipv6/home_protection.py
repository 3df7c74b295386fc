"""The mobile node's home signalling into ESP and out of it (RFC 3776 §3.1, §3.3); nothing in clear is believed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv6Address

from client.core.errors import DecodeError
from client.core.ipv6 import IPv6Packet, NextHeader
from client.core.machine import Heard6, Output, Send6
from mipv6.esp import Associations, Sealer, spi_of, unseal
from mipv6.home_signalling import is_from_home_agent, is_from_mobile_node


class HomeProtection:
    """Between the machine and the network. Without associations all passes as it is, but for ESP: none is ours."""

    def __init__(
        self, associations: Associations | None, is_home_agent: Callable[[IPv6Address], bool], counters: Counter[str]
    ) -> None:
        self._associations = associations
        self._sealer = Sealer(associations.outbound) if associations else None
        self._is_home_agent = is_home_agent
        self._counters = counters

    def seal(self, output: Output) -> Output:
        """What the home agent alone is to hear goes in ESP."""
        if self._sealer is None or not isinstance(output, Send6) or not is_from_mobile_node(output.packet):
            return output
        return replace(output, packet=self._sealer.seal(output.packet))

    def open(self, heard: Heard6) -> Heard6 | None:
        """As it was before ESP; None if it is not ours, or should have come in ESP."""
        packet = heard.packet
        if packet.next_header == NextHeader.ESP:
            opened = self._opened(packet)
            return None if opened is None else replace(heard, packet=opened)
        if self._associations is not None and is_from_home_agent(packet) and self._is_home_agent(packet.source):
            self._counters["unprotected"] += 1
            return None
        return heard

    def _opened(self, packet: IPv6Packet) -> IPv6Packet | None:
        """Only what home agents say: programs' packets and neighbour discovery have no business in there."""
        if self._associations is None:
            return None
        try:
            if spi_of(packet) != self._associations.inbound.spi:
                return None
            opened = unseal(packet, self._associations.inbound)
        except DecodeError:
            self._counters["esp-not-authentic"] += 1
            return None
        if is_from_home_agent(opened) and self._is_home_agent(opened.source):
            return opened
        self._counters["esp-not-home-signalling"] += 1
        return None
