"""ESP with mobile nodes whose keys were set by hand: in, out, and what may not come in clear (RFC 3776 §3).

Home registration and prefix discovery go in transport mode; home tests, and all other mobility headers that we pass on
to a node or from it, in tunnel mode.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from ipaddress import IPv6Address

from agents.home6.bindings import Bindings6
from agents.home6.residents import Residents
from agents.nodes import Node
from client.core.errors import DecodeError
from client.core.ipv6 import IPv6Packet, NextHeader, is_unicast_routable
from client.core.machine import Heard6, Output, Random, Send6
from mipv6.esp import Association, Sealer, spi_of, unseal
from mipv6.home_signalling import is_from_home_agent, is_from_mobile_node
from mipv6.mobility_header import LONGEST


@dataclass(frozen=True, slots=True)
class Opened:
    """A packet as it was before ESP, and under whose key (None: in clear). `onward`: it is to be passed on."""

    heard: Heard6
    node: Node | None = None
    onward: bool = False


class Protection:
    """Between a home agent's machine and the network. Only nodes that have ESP are concerned."""

    def __init__(self, residents: Residents, bindings: Bindings6, random: Random, counters: Counter[str]) -> None:
        self._residents = residents
        self._bindings = bindings
        self._random = random
        self._counters = counters
        self._sealers: dict[Association, Sealer] = {}

    # --- out ----------------------------------------------------------------------------------------

    def seal(self, output: Output) -> Output:
        """What we say to a node alone goes in ESP, if it has that."""
        if not isinstance(output, Send6) or not is_from_home_agent(output.packet):
            return output
        sealer = self._sealer(output.packet.receiver)
        return replace(output, packet=sealer.seal(output.packet)) if sealer else output

    def pass_on(self, packet: IPv6Packet) -> Send6 | None:
        """In ESP to the node that it is for; None if this is not ours to do: the tunnel takes it, or nobody."""
        binding, sealer = self._bindings.of(packet.destination), self._sealer(packet.destination)
        if not _is_mobility_header(packet) or packet.routing is not None or not binding or not sealer:
            return None
        return Send6(packet=sealer.tunnel(packet, binding.home_agent, binding.care_of_address))

    def _sealer(self, home_address: IPv6Address) -> Sealer | None:
        node = self._residents.at(home_address)
        if node is None or node.v6 is None or node.v6.esp is None:
            return None
        outbound = node.v6.esp.outbound
        return self._sealers.setdefault(outbound, Sealer(outbound, self._random))

    # --- in -----------------------------------------------------------------------------------------

    def open(self, heard: Heard6) -> Opened | None:
        """None if it is not ours, or should have come in ESP."""
        packet = heard.packet
        if packet.next_header == NextHeader.ESP:
            return self._opened(heard)
        if is_from_mobile_node(packet) and self._sealer(packet.sender) is not None:
            self._counters["unprotected"] += 1
            return None
        return Opened(heard)

    def _opened(self, heard: Heard6) -> Opened | None:
        try:
            found = self._unsealed(heard)
        except DecodeError:
            found = "esp-not-authentic"
        if isinstance(found, str):
            self._counters[found] += 1
            return None
        return found

    def _unsealed(self, heard: Heard6) -> Opened | str:
        """What was in it, or why that is worth nothing."""
        node = self._residents.nodes.protected_by(spi_of(heard.packet))
        if node is None or node.v6 is None or node.v6.esp is None:
            return "esp-unknown"
        opened = replace(heard, packet=unseal(heard.packet, node.v6.esp.inbound))
        if opened.packet.next_header == NextHeader.IPV6:
            return self._from_tunnel(opened, node)
        if not is_from_mobile_node(opened.packet):
            return "esp-not-home-signalling"
        return Opened(opened, node) if self._speaks_for_itself(opened.packet, node) else "esp-for-another"

    def _from_tunnel(self, opened: Heard6, node: Node) -> Opened | str:
        """From where the node is bound (RFC 6275 §10.4.5), and one hop further."""
        inner = IPv6Packet.unpack(opened.packet.payload)
        if not _is_mobility_header(inner) or is_from_mobile_node(inner) or inner.hop_limit <= 1:
            return "esp-not-home-signalling"
        if not is_unicast_routable(inner.destination) or inner.routing is not None:
            return "esp-not-to-be-passed-on"
        if not self._speaks_for_itself(inner, node) or inner.home_address is not None:
            return "esp-for-another"
        binding = self._bindings.of(inner.source)
        if binding is None or binding.care_of_address != opened.packet.source:
            return "esp-not-from-care-of-address"
        return Opened(replace(opened, packet=one_hop_on(inner)), node, onward=True)

    def _speaks_for_itself(self, packet: IPv6Packet, node: Node) -> bool:
        """Under its key a node may speak for itself alone: the check value covers no address (RFC 6275 §10.3.1)."""
        return self._residents.at(packet.sender) is node


def _is_mobility_header(packet: IPv6Packet) -> bool:
    """Of a length that one can have: with the headers around it, anything longer might not fit into a packet."""
    return packet.next_header == NextHeader.MOBILITY and len(packet.payload) <= LONGEST


def one_hop_on(packet: IPv6Packet) -> IPv6Packet:
    """As a router passes it on."""
    return replace(packet, hop_limit=packet.hop_limit - 1)
