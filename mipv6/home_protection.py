"""The mobile node's home signalling into ESP and out of it (RFC 3776 §3); nothing in clear is believed.

Binding Updates and Mobile Prefix Solicitations go in transport mode, Home Tests and all other mobility headers of the
home address in tunnel mode.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv6Address

from client.core.errors import DecodeError
from client.core.ipv6 import IPv6Packet, NextHeader
from client.core.machine import Heard6, Output, Random, Send6
from client.core.plan import ANCHOR
from mipv6.esp import Associations, Sealer, spi_of, unseal
from mipv6.handover import Way
from mipv6.home_signalling import is_from_home_agent, is_from_mobile_node


class HomeProtection:
    """Between the machine and the network. Without associations all passes as it is, but for ESP: none is ours."""

    def __init__(
        self,
        associations: Associations | None,
        home_address: IPv6Address,
        is_home_agent: Callable[[IPv6Address], bool],
        random: Random,
        counters: Counter[str],
    ) -> None:
        self._associations = associations
        self._sealer = Sealer(associations.outbound, random) if associations else None
        self._home_address = home_address
        self._is_home_agent = is_home_agent
        self._counters = counters

    def seal(self, output: Output, way: Way | None) -> Output:
        """What the home agent is to hear or to pass on goes in ESP; `way` is the tunnel, while there is one."""
        if self._sealer is None or not isinstance(output, Send6):
            return output
        packet = output.packet
        if is_from_mobile_node(packet):
            return replace(output, packet=self._sealer.seal(packet))
        is_tunnelled = packet.next_header == NextHeader.MOBILITY and packet.source == self._home_address
        return self._tunnelled(packet, way, self._sealer) if way and is_tunnelled else output

    def _tunnelled(self, packet: IPv6Packet, way: Way, sealer: Sealer) -> Send6:
        hop = way.target.hop
        outer = sealer.tunnel(packet, way.target.care_of_address, way.home_agent)
        return Send6(packet=outer, interface=hop.interface, link_layer_destination=hop.link_layer_address)

    def open(self, heard: Heard6) -> Heard6 | None:
        """As it was before ESP; None if it is not ours, or should have come in ESP."""
        packet = heard.packet
        if packet.next_header == NextHeader.ESP:
            return self._opened(heard)
        if self._associations is not None and self._should_be_in_esp(heard):
            self._counters["unprotected"] += 1
            return None
        return heard

    def _should_be_in_esp(self, heard: Heard6) -> bool:
        packet = heard.packet
        if heard.interface == ANCHOR:
            return packet.next_header == NextHeader.MOBILITY
        return is_from_home_agent(packet) and self._is_home_agent(packet.source)

    def _opened(self, heard: Heard6) -> Heard6 | None:
        if self._associations is None:
            return None
        try:
            if spi_of(heard.packet) != self._associations.inbound.spi:
                return None
            found = self._inside(replace(heard, packet=unseal(heard.packet, self._associations.inbound)))
        except DecodeError:
            self._counters["esp-not-authentic"] += 1
            return None
        if found is None:
            self._counters["esp-not-home-signalling"] += 1
        return found

    def _inside(self, opened: Heard6) -> Heard6 | None:
        """Only what home agents say or pass on: programs' packets and neighbour discovery are not for in there."""
        packet = opened.packet
        if not self._is_home_agent(packet.source):
            return None
        if packet.next_header == NextHeader.IPV6:
            inner = IPv6Packet.unpack(packet.payload)
            return replace(opened, packet=inner, interface=ANCHOR) if self._is_passed_on(inner) else None
        return opened if is_from_home_agent(packet) else None

    def _is_passed_on(self, inner: IPv6Packet) -> bool:
        """Anybody can have the home agent pass something on: only not in its own name."""
        for_us = inner.next_header == NextHeader.MOBILITY and inner.destination == self._home_address
        return for_us and not self._is_home_agent(inner.source)
