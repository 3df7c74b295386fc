"""Judges a run by the RFC alone: it sees what machines hear, send and want, and shares no code with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

from client.core.ipv4 import IPv4Packet
from client.core.machine import Output, Send, SendArp
from client.core.plan import Plan
from tests.simulation.home_rules import HomeRules
from tests.simulation.journal import Journal
from tests.simulation.mobile_rules import MobileRules
from tests.simulation.process import Process
from tests.simulation.timeline import Timeline
from tests.simulation.wire import Datagram, Key, is_advertisement, read_datagram, read_request


@dataclass(frozen=True, slots=True)
class Roles:
    """Who is who."""

    home_address: IPv4Address
    keys: tuple[Key, ...]
    home_agent_address: IPv4Address
    mobile_node: str = "mobile"
    home_agent: str = "home"


class Oracle:
    """Gives each rule book what it has to look at."""

    def __init__(self, roles: Roles, timeline: Timeline, journal: Journal) -> None:
        self._roles = roles
        self.home = HomeRules(roles.home_address.packed, roles.keys, timeline, journal)
        self.mobile = MobileRules(roles.home_address.packed, roles.keys, timeline, journal, self.home.expiry_of)

    def started(self, process: Process) -> None:
        """A daemon starts."""
        if process.name == self._roles.mobile_node:
            self.mobile.started()
        elif process.name == self._roles.home_agent:
            self.home.started(process.clocks.wall(), process.memory)

    def heard(self, process: Process, packet: IPv4Packet) -> None:
        """What arrives is what a machine may build on."""
        if process.name == self._roles.mobile_node and is_advertisement(packet.pack()):
            self._advertised(process, packet)
        datagram = self._read(packet) if packet.protocol == 17 else None
        if datagram is None:
            return
        if process.name == self._roles.home_agent:
            self.home.heard(datagram, process.clocks.wall())
        elif process.name == self._roles.mobile_node:
            self.mobile.heard(datagram)

    def _advertised(self, process: Process, packet: IPv4Packet) -> None:
        if packet.source == self._roles.home_agent_address and packet.ttl == 1:
            self.mobile.home_heard = _visit_home(process)

    def acted(self, process: Process, plan: Plan, outputs: Sequence[Output]) -> None:
        """Signals first, then the plan: what was agreed on is what may stand."""
        for output in outputs:
            if isinstance(output, Send):
                self._sent(process, output)
            elif (
                isinstance(output, SendArp)
                and process.name == self._roles.mobile_node
                and is_gratuitous(output, self._roles.home_address)
            ):
                self.mobile.announced(_visit_home(process))
        if process.name == self._roles.home_agent:
            self.home.planned(process, plan)
        elif process.name == self._roles.mobile_node:
            self.mobile.planned(process, plan)

    def _sent(self, process: Process, output: Send) -> None:
        packet = output.packet
        if process.name == self._roles.mobile_node and packet.protocol == 1 and packet.payload[0] == 10:
            self.mobile.solicited(packet, output.interface or 0)
        datagram = self._read(packet) if packet.protocol == 17 else None
        if datagram is None:
            return
        if process.name == self._roles.home_agent:
            self.home.sent(datagram, process.clocks.wall())
        elif process.name == self._roles.mobile_node:
            self.mobile.sent(datagram, packet.ttl, output.interface or 0)
            request = read_request(datagram, ())
            if request is not None and request.lifetime == 0 and request.source == request.home_address:
                self.mobile.deregistered(_visit_home(process))

    def _read(self, packet: IPv4Packet) -> Datagram | None:
        return read_datagram(packet.pack())


def _visit_home(process: Process) -> tuple[int, int]:
    """The card on the home link, and how often it has come up."""
    at_home = (port for port in process.host.ports.values() if port.lan is not None and port.lan.name == "home")
    return next(((port.index, port.ups) for port in at_home), (0, 0))


def is_gratuitous(output: SendArp, address: IPv4Address) -> bool:
    """Does it tell a whole link where this address is?"""
    return (
        output.arp.sender_address == output.arp.target_address == address and output.link_layer_destination[0] & 1 == 1
    )
