"""Sends what machines say."""

from __future__ import annotations

from client.core.machine import Output, Send, Send6, SendArp
from client.linux.packet_socket import PacketSocket
from client.linux.senders import Senders
from client.linux.traffic import TrafficMeter


class Voice:
    """Speaks for one machine."""

    def __init__(
        self,
        past_tunnel: Senders,
        plain: Senders,
        packets: PacketSocket,
        packets6: PacketSocket,
        arp: PacketSocket,
        meter: TrafficMeter,
    ) -> None:
        self._past_tunnel = past_tunnel
        self._plain = plain
        self._packets = packets
        self._packets6 = packets6
        self._arp = arp
        self._meter = meter

    def speak(self, output: Output) -> None:
        """Send one output; what cannot be sent is counted by who tried."""
        if self._sent(output):
            self._meter.sent_ourselves(signalling=isinstance(output, SendArp) or output.signalling)

    def _sent(self, output: Output) -> bool:
        match output:
            case SendArp():
                return self._arp.send_frame(output.interface, output.link_layer_destination, output.arp.pack())
            case Send(interface=int() as interface, link_layer_destination=bytes() as destination):
                return self._packets.send_frame(interface, destination, output.packet.pack())
            case Send6(interface=int() as interface, link_layer_destination=bytes() as destination):
                return self._packets6.send_frame(interface, destination, output.packet.pack())
        data = output.packet.pack()
        senders = self._past_tunnel if output.signalling else self._plain
        return senders.of(data).send(data, output.packet.destination, output.interface)
