"""Turns what the packet sockets receive into events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from client.core.arp import ArpPacket
from client.core.errors import DecodeError
from client.core.icmp import IcmpType
from client.core.icmp6 import Icmp6Type
from client.core.ipv4 import IPv4Packet, Protocol
from client.core.ipv6 import IPv6Packet, NextHeader
from client.core.machine import ArpHeard, Event, Heard, Heard6, PathMtuLearnt
from client.core.plan import ANCHOR
from client.linux.ownership import Owner
from client.linux.packet_socket import Frame, PacketSocket
from client.linux.traffic import TrafficMeter

_LOOPBACK = "lo"
_TIME_EXCEEDED = 11
_ECHO_REPLY = bytes([Icmp6Type.ECHO_REPLY])


class Ears:
    """Hears for one machine."""

    def __init__(
        self,
        owner: Owner,
        counters: Counter[str],
        meter: TrafficMeter,
        feed: Callable[[Event], None],
        tunnel_error: Callable[[IPv4Packet], PathMtuLearnt | None],
    ) -> None:
        self._anchor = owner.anchor
        self._ours = frozenset((_LOOPBACK, *owner.segmenter))
        self._counters = counters
        self._meter = meter
        self._feed = feed
        self._tunnel_error = tunnel_error

    def signalling(self, packets: PacketSocket) -> None:
        """Feed what waits in the IPv4 socket."""
        for frame in packets.receive():
            interface = self._interface(frame)
            if interface is None:
                continue
            try:
                packet = IPv4Packet.unpack(frame.data)
            except DecodeError:
                self._counters["malformed_packet"] += 1
                continue
            if packet.protocol != Protocol.IGMP or interface == ANCHOR:  # a link's own memberships are not ours
                self._hear(packet, interface, frame.link_layer_source)

    def signalling6(self, packets: PacketSocket) -> None:
        """Feed what waits in the IPv6 socket."""
        for frame in packets.receive():
            interface = self._interface(frame)
            if interface is None:
                continue
            try:
                packet = IPv6Packet.unpack(frame.data)
            except DecodeError:
                self._counters["malformed_packet6"] += 1
                continue
            if packet.next_header in (NextHeader.MOBILITY, NextHeader.ICMPV6, NextHeader.ESP):
                self._hear6(packet, interface, frame)

    def _hear6(self, packet: IPv6Packet, interface: int, frame: Frame) -> None:
        echo_reply = packet.next_header == NextHeader.ICMPV6 and packet.payload[:1] == _ECHO_REPLY
        self._meter.received_ourselves(interface, echo_reply=echo_reply)
        source = frame.link_layer_source
        self._feed(Heard6(packet=packet, interface=interface, link_layer_source=source, unicast=frame.unicast))

    def arp(self, packets: PacketSocket) -> None:
        """Feed what waits in the ARP socket."""
        for frame in packets.receive():
            interface = self._interface(frame)
            if interface is None:
                continue
            self._meter.received_ourselves(interface, echo_reply=False)
            try:
                arp = ArpPacket.unpack(frame.data)
            except DecodeError:
                self._counters["malformed_arp"] += 1
                continue
            self._feed(
                ArpHeard(
                    arp=arp,
                    interface=interface,
                    link_layer_source=frame.link_layer_source,
                    unicast=frame.unicast,
                )
            )

    def _hear(self, packet: IPv4Packet, interface: int, link_layer_source: bytes) -> None:
        kind = packet.payload[0] if packet.protocol == Protocol.ICMP and packet.payload else None
        self._meter.received_ourselves(interface, echo_reply=kind == IcmpType.ECHO_REPLY)
        if kind in (IcmpType.DESTINATION_UNREACHABLE, _TIME_EXCEEDED):
            learnt = self._tunnel_error(packet)
            if learnt is not None:
                self._feed(learnt)
        if kind != _TIME_EXCEEDED:
            self._feed(Heard(packet=packet, interface=interface, link_layer_source=link_layer_source))

    def _interface(self, frame: Frame) -> int | None:
        """The link as machines know it, or None for what never came in from outside."""
        if frame.name == self._anchor:
            return ANCHOR
        return None if frame.name in self._ours or not frame.interface else frame.interface
