"""ESP with mobile nodes whose keys were set by hand: in, out, and what may not come in clear (RFC 3776 §3.1, §3.3)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from ipaddress import IPv6Address

from agents.nodes import Node, Nodes
from client.core.errors import DecodeError
from client.core.ipv6 import IPv6Packet, NextHeader
from client.core.machine import Heard6, Output, Send6
from mipv6.esp import Association, Associations, Sealer, spi_of, unseal
from mipv6.home_signalling import is_from_home_agent, is_from_mobile_node


@dataclass(frozen=True, slots=True)
class Opened:
    """A packet as it was before ESP, and whose key it was under (None: it came in clear)."""

    heard: Heard6
    node: Node | None = None


class Protection:
    """Between a home agent's machine and the network. Only nodes that have ESP are concerned."""

    def __init__(self, nodes: Nodes, counters: Counter[str]) -> None:
        self.nodes = nodes
        self._counters = counters
        self._sealers: dict[Association, Sealer] = {}

    def open(self, heard: Heard6) -> Opened | None:
        """None if it is not ours, or should have come in ESP."""
        if heard.packet.next_header == NextHeader.ESP:
            return self._opened(heard)
        if is_from_mobile_node(heard.packet) and self._associations(heard.packet.sender) is not None:
            self._counters["unprotected"] += 1
            return None
        return Opened(heard)

    def seal(self, output: Output) -> Output:
        """What a node alone is to hear goes in ESP, if it has that."""
        if not isinstance(output, Send6) or not is_from_home_agent(output.packet):
            return output
        associations = self._associations(output.packet.receiver)
        if associations is None:
            return output
        sealer = self._sealers.setdefault(associations.outbound, Sealer(associations.outbound))
        return replace(output, packet=sealer.seal(output.packet))

    def _associations(self, home_address: IPv6Address) -> Associations | None:
        node = self.nodes.living_at6(home_address)
        return node.v6.esp if node and node.v6 else None

    def _opened(self, heard: Heard6) -> Opened | None:
        """Under a node's key it may speak for that node alone: the check value covers no address (RFC 6275 §10.3.1)."""
        try:
            node = self.nodes.protected_by(spi_of(heard.packet))
            if node is None or node.v6 is None or node.v6.esp is None:
                self._counters["esp-unknown"] += 1
                return None
            packet = unseal(heard.packet, node.v6.esp.inbound)
        except DecodeError:
            self._counters["esp-not-authentic"] += 1
            return None
        return self._judged(replace(heard, packet=packet), node, node.v6.home_address)

    def _judged(self, heard: Heard6, node: Node, home_address: IPv6Address) -> Opened | None:
        packet: IPv6Packet = heard.packet
        if not is_from_mobile_node(packet):
            self._counters["esp-not-home-signalling"] += 1
            return None
        if packet.sender != home_address:
            self._counters["esp-for-another"] += 1
            return None
        return Opened(heard, node)
