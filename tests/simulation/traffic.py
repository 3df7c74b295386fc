"""A correspondent and a program on the mobile node talk all the time: what is delivered, and to whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from client.core.ipv4 import ANY, IPv4Packet
from tests.simulation.host import Host
from tests.simulation.timeline import Timeline

PROTOCOL = 253  # RFC 3692: for experiments
INTERVAL = 2.0


@dataclass(slots=True)
class Flow:
    """Numbered packets one way."""

    sent: int = 0
    arrived: dict[int, float] = field(default_factory=dict)


class Traffic:
    """Inbound: correspondent to home address. Outbound: a program that binds nothing, to the correspondent."""

    def __init__(self, timeline: Timeline, mobile: Host, correspondent: Host, home_address: IPv4Address) -> None:
        self._timeline = timeline
        self._mobile = mobile
        self._correspondent = correspondent
        self.home_address = home_address
        self._address = correspondent.ports[2].addresses[0].ip
        self.inbound = Flow()
        self.outbound = Flow()
        self.strangers = 0
        mobile.application = lambda packet: self._arrive(self.inbound, packet)
        correspondent.application = self._arrive_outbound
        timeline.after(INTERVAL, self._tick)

    def _tick(self) -> None:
        self._send(self.inbound, self._correspondent, self._address, self.home_address)
        self._send(self.outbound, self._mobile, ANY, self._address)
        self._timeline.after(INTERVAL, self._tick)

    @staticmethod
    def _send(flow: Flow, host: Host, source: IPv4Address, destination: IPv4Address) -> None:
        flow.sent += 1
        payload = flow.sent.to_bytes(4, "big")
        host.send(IPv4Packet(source=source, destination=destination, protocol=PROTOCOL, payload=payload))

    def _arrive_outbound(self, packet: IPv4Packet) -> None:
        if packet.source == self.home_address:
            self._arrive(self.outbound, packet)
        elif packet.protocol == PROTOCOL:
            self.strangers += 1

    def _arrive(self, flow: Flow, packet: IPv4Packet) -> None:
        if packet.protocol == PROTOCOL and len(packet.payload) == 4:
            flow.arrived.setdefault(int.from_bytes(packet.payload, "big"), self._timeline.now)
            while len(flow.arrived) > 100:
                del flow.arrived[next(iter(flow.arrived))]

    def both_since(self, time: float) -> bool:
        """Has a packet that was sent lately arrived each way since then?"""
        return all(any(arrived > time for arrived in flow.arrived.values()) for flow in (self.inbound, self.outbound))
