"""Watches the ARP frames of the mobile node: away from home none may name the home address (RFC 5944 §4.6).

A neighbour on each link asks for the home address again and again, to see who answers.
"""

from __future__ import annotations

from ipaddress import IPv4Address

from client.core.arp import NO_LINK_LAYER_ADDRESS, ArpOperation, ArpPacket
from tests.simulation.host import Host
from tests.simulation.journal import Journal
from tests.simulation.lan import BROADCAST, Frame, Kind, Lan, Port
from tests.simulation.topology import AGENT_LANS, HOME_ADDRESS, Topology

HOME = HOME_ADDRESS.ip.packed
REPLY = 2
NOSY = b"\x02\x55\x55\x55\x55\x55"


class QuietLinks:
    """A tap on every link where the laptop may be."""

    def __init__(self, mobile: Host, topology: Topology, journal: Journal) -> None:
        self._mobile = mobile
        self._topology = topology
        self._journal = journal
        for lan in topology.lans.values():
            lan.taps.append(self._tap)

    def ask(self, lan: Lan) -> None:
        """Who has the home address? To all on the link."""
        question = ArpPacket(
            operation=ArpOperation.REQUEST,
            sender_link_layer_address=NOSY,
            sender_address=IPv4Address("10.66.0.1"),
            target_link_layer_address=NO_LINK_LAYER_ADDRESS,
            target_address=HOME_ADDRESS.ip,
        )
        lan.inject(Frame(NOSY, BROADCAST, Kind.ARP, question.pack()))

    def _tap(self, lan: Lan, port: Port, frame: Frame) -> bool:
        if port.owner == self._mobile.name and frame.kind is Kind.ARP and lan.name != "home":
            self._check_foreign(lan, frame)
        return False

    def _check_foreign(self, lan: Lan, frame: Frame) -> None:
        sender, target = frame.payload[14:18], frame.payload[24:28]
        named = HOME in (sender, target)
        allowed = not named or (frame.payload[7] == REPLY and frame.destination == self._agent(lan))
        self._journal.check("ARP", allowed, f"an ARP frame names the home address on {lan.name}")

    def _agent(self, lan: Lan) -> bytes | None:
        if lan.name not in AGENT_LANS:
            return None
        return self._topology.foreign_agents[lan.name].ports[3].link_layer_address
