"""Sends what machines say."""

from __future__ import annotations

from client.core.machine import Output, Send
from client.linux.packet_socket import PacketSocket
from client.linux.raw import RoutedSender
from client.linux.traffic import TrafficMeter


class Voice:
    """Speaks for one machine."""

    def __init__(
        self,
        past_tunnel: RoutedSender,
        plain: RoutedSender,
        packets: PacketSocket,
        arp: PacketSocket,
        meter: TrafficMeter,
    ) -> None:
        self._past_tunnel = past_tunnel
        self._plain = plain
        self._packets = packets
        self._arp = arp
        self._meter = meter

    def speak(self, output: Output) -> None:
        """Send one output; what cannot be sent is counted by who tried."""
        if self._sent(output):
            self._meter.sent_ourselves(signalling=not isinstance(output, Send) or output.signalling)

    def _sent(self, output: Output) -> bool:
        if not isinstance(output, Send):
            return self._arp.send_frame(output.interface, output.link_layer_destination, output.arp.pack())
        if output.interface is not None and output.link_layer_destination is not None:
            return self._packets.send_frame(output.interface, output.link_layer_destination, output.packet.pack())
        sender = self._past_tunnel if output.signalling else self._plain
        return sender.send(output.packet.pack(), output.packet.destination, output.interface)
