"""A host's kernel: interfaces, ARP, routing and forwarding, and the plan that a machine asks it to hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface

from client.core.arp import ArpOperation, ArpPacket
from client.core.errors import DecodeError
from client.core.icmp import IcmpMessage, IcmpType
from client.core.ipv4 import ANY, BROADCAST, IPv4Packet, Protocol
from client.core.links import Link, Links
from client.core.plan import ANCHOR, EMPTY, Anchor, Neighbour, Plan, QuietArp
from tests.simulation.held import HeldPackets
from tests.simulation.lan import Frame, Kind, Lan, Port
from tests.simulation.nat import Nat
from tests.simulation.neighbours import Neighbours, send_arp, transmit
from tests.simulation.routing import Lookup, Static, find_way
from tests.simulation.timeline import Timeline
from tests.simulation.tunnels import Opened, encapsulate, is_tunnel_data, may_wait, opened, tunnel_of, tunnels_for

MOBILE_IP_PORT = (434).to_bytes(2, "big")
OF_INTEREST = (0, 3, 9, 10)


class Host:
    """One node's kernel. `hears` and `hears_arp` are the packet sockets of its machine, while it runs one."""

    def __init__(self, name: str, timeline: Timeline, *, forwards: bool = False) -> None:
        self.name = name
        self.ports: dict[int, Port] = {}
        self.statics: list[Static] = []
        self.plan: Plan = EMPTY
        self.application: Callable[[IPv4Packet], None] = lambda packet: None
        self.hears: Callable[[IPv4Packet, int, bytes], None] | None = None
        self.hears_arp: Callable[[ArpPacket, int, bytes, bool], None] | None = None
        self.dropped: dict[str, int] = {}
        self.nat: Nat | None = None
        self.preferred: int | None = None  # the interface whose default route has the lowest metric
        self._forwards = forwards
        self._held = HeldPackets(timeline, lambda: self._drop("not our tunnel"))
        self._neighbours = Neighbours(timeline, self._arp_sender)

    def add_port(self, index: int, mac: bytes, address: str | None = None, gateway: str | None = None) -> Port:
        """A new interface, not plugged in."""
        port = Port(index, f"eth{index}", mac, self._receive, self.name)
        if address is not None:
            port.addresses.append(IPv4Interface(address))
        port.gateway = IPv4Address(gateway) if gateway else None
        self.ports[index] = port
        return port

    def plug(self, index: int, lan: Lan) -> None:
        """An interface comes up on a link."""
        lan.plug(self.ports[index])

    def unplug(self, index: int) -> None:
        """An interface goes down; its neighbours are forgotten."""
        port = self.ports[index]
        if port.lan is not None:
            port.lan.unplug(port)
        self._neighbours.forget(port)

    def links(self) -> Links:
        """What netlink says of us."""
        ports = sorted(self.ports.values(), key=lambda port: port.index != self.preferred)
        return Links(tuple(self._link(port) for port in ports))

    def adopt(self, plan: Plan) -> None:
        """Hold this plan from now on; what waited for it is judged again."""
        self.plan = plan
        for outer in self._held.take():
            self._deliver(outer)

    def _link(self, port: Port) -> Link:
        up = port.lan is not None
        return Link(
            index=port.index,
            name=port.name,
            link_layer_address=port.link_layer_address,
            up=up,
            ups=port.ups,
            addresses=tuple(port.addresses),
            gateway=port.gateway if up else None,
        )

    def neighbour(self, index: int, address: IPv4Address) -> bytes | None:
        """Where this host would send packets for a neighbour now."""
        return self._neighbours.known(self.ports[index], address)

    def local_addresses(self) -> list[IPv4Address]:
        """Every address that this host takes packets for."""
        anchored = [item.address for item in self.plan if isinstance(item, Anchor) and item.address is not None]
        return [address.ip for port in self.ports.values() for address in port.addresses] + anchored

    # Sending

    def send(self, packet: IPv4Packet, *, marked: bool = False, out_of: int | None = None) -> None:
        """A packet of this host itself; its source is chosen by the route if it has none."""
        if packet.destination in self.local_addresses():
            self._deliver(packet)
        else:
            self._route(Lookup(packet, marked=marked, out_of=out_of))

    def send_frame(self, index: int, destination: bytes, packet: bytes) -> None:
        """One frame, past routing and ARP."""
        if index in self.ports:
            transmit(self.ports[index], destination, packet)

    def send_arp(self, index: int, arp: ArpPacket, destination: bytes) -> None:
        """One ARP frame."""
        if index in self.ports:
            send_arp(self.ports[index], arp, destination)

    def _route(self, lookup: Lookup) -> None:
        way = find_way(lookup, self.plan, self.ports.values(), self.statics)
        if way is None:
            return self._drop("no route")
        packet = lookup.packet
        if packet.source == ANY and not lookup.marked:
            source = way.source or self._first_address(way.interface)
            if source is None:
                return self._drop("no source address")
            packet = replace(packet, source=source)
        if way.interface == ANCHOR:
            return self._encapsulate(packet)
        return self._transmit(self.ports.get(way.interface), way.gateway or packet.destination, packet)

    def _first_address(self, index: int) -> IPv4Address | None:
        return next((address.ip for address in self.ports[index].addresses), None) if index in self.ports else None

    def _encapsulate(self, packet: IPv4Packet) -> None:
        tunnels = tunnels_for(self.plan, packet)
        if not tunnels:
            self._drop("no tunnel")
        for tunnel in tunnels:
            self._route(Lookup(encapsulate(tunnel, packet), marked=True, out_of=tunnel.interface))

    def _transmit(self, port: Port | None, next_hop: IPv4Address, packet: IPv4Packet) -> None:
        if port is None or port.lan is None:
            return self._drop("link down")
        permanent = next(
            (n for n in self.plan if isinstance(n, Neighbour) and n.key == (Neighbour, port.index, next_hop)), None
        )
        if permanent is not None:
            return transmit(port, permanent.link_layer_address, packet.pack())
        return self._neighbours.send(port, next_hop, packet.source, packet.pack())

    def _arp_sender(self, port: Port, local: IPv4Address) -> IPv4Address | None:
        """The address that Linux names when it asks: with arp_announce 2 one of the link, else the packet's."""
        own = next((address.ip for address in port.addresses), None)
        if QuietArp(port.index) not in self.plan and local in self.local_addresses():
            return local
        return own or next(iter(self.local_addresses()), None)

    # Receiving

    def _receive(self, port: Port, frame: Frame) -> None:
        if frame.kind is Kind.ARP:
            self._receive_arp(port, frame)
            return
        try:
            packet = IPv4Packet.unpack(frame.payload)
        except DecodeError:
            self._drop("damaged")
            return
        self._hear(packet, port.index, frame.source)
        self._input(packet, port.index)

    def _hear(self, packet: IPv4Packet, index: int, source: bytes) -> None:
        """Hand the machine's packet socket its copy, whomever the packet is for."""
        if self.hears is not None and is_of_interest(packet):
            self.hears(packet, index, source)

    def _input(self, packet: IPv4Packet, index: int) -> None:
        if self.nat is not None and self._translate(self.nat, packet, index):
            return
        if packet.destination in self.local_addresses():
            self._deliver(packet)
        elif packet.destination.is_multicast or packet.destination == BROADCAST:
            return
        elif self._forwards and packet.ttl > 1:
            self._route(Lookup(replace(packet, ttl=packet.ttl - 1), arriving_on=index))
        else:
            self._drop("not for us")

    def _translate(self, nat: Nat, packet: IPv4Packet, index: int) -> bool:
        """Has the translator had to do with it?"""
        if index == nat.inside_port:
            ours = packet.destination in self.local_addresses() or packet.destination.is_multicast
            translated = None if ours or packet.ttl <= 1 else nat.outbound(packet)
        else:
            ours = packet.destination != nat.outside
            translated = None if ours else nat.inbound(packet)
        if translated is not None:
            self._route(Lookup(translated, arriving_on=index))
        elif not ours:
            self._drop("not translated")
        return not ours

    def _deliver(self, packet: IPv4Packet) -> None:
        try:
            found = opened(packet)
        except DecodeError:
            return self._drop("damaged")
        if found is not None:
            return self._decapsulate(packet, found)
        return self._take(packet)

    def _take(self, packet: IPv4Packet) -> None:
        if packet.protocol == Protocol.ICMP and packet.payload[:1] == bytes([IcmpType.ECHO_REQUEST]):
            self._echo(packet)
        elif packet.protocol == Protocol.UDP and packet.payload[2:4] == MOBILE_IP_PORT and self.hears is None:
            self._port_unreachable(packet)
        else:
            self.application(packet)

    def _decapsulate(self, outer: IPv4Packet, found: Opened) -> None:
        tunnel = tunnel_of(self.plan, outer, found)
        if tunnel is None:
            return None if may_wait(self.plan, found) and self._held.hold(outer) else self._drop("not our tunnel")
        if tunnel.delivery is not None:
            return self.send_frame(tunnel.delivery.interface, tunnel.delivery.link_layer_address, found.inner.pack())
        self._hear(found.inner, ANCHOR, b"")
        return self._input(found.inner, ANCHOR)

    def _echo(self, packet: IPv4Packet) -> None:
        try:
            request = IcmpMessage.unpack(packet)
        except DecodeError:
            return
        self.send(IcmpMessage(type=IcmpType.ECHO_REPLY, body=request.body).packet(packet.destination, packet.source))

    def _port_unreachable(self, packet: IPv4Packet) -> None:
        if packet.source != ANY:
            body = bytes(4) + packet.pack()[:28]
            message = IcmpMessage(type=IcmpType.DESTINATION_UNREACHABLE, code=3, body=body)
            self.send(message.packet(packet.destination, packet.source))

    def _receive_arp(self, port: Port, frame: Frame) -> None:
        try:
            arp = ArpPacket.unpack(frame.payload)
        except DecodeError:
            return self._drop("damaged")
        self._neighbours.heard(port, arp, to_us=self._answers(port, arp.target_address))
        if self.hears_arp is not None:
            self.hears_arp(arp, port.index, frame.source, frame.destination == port.link_layer_address)
        if arp.operation == ArpOperation.REQUEST and arp.sender_address != arp.target_address:
            self._answer(port, arp)
        return None

    def _answers(self, port: Port, address: IPv4Address) -> bool:
        """Linux answers for all its addresses on every link, unless the link is told to be quiet."""
        own = [interface.ip for interface in port.addresses]
        return address in (own if QuietArp(port.index) in self.plan else self.local_addresses())

    def _answer(self, port: Port, arp: ArpPacket) -> None:
        if self._answers(port, arp.target_address):
            reply = ArpPacket(
                operation=ArpOperation.REPLY,
                sender_link_layer_address=port.link_layer_address,
                sender_address=arp.target_address,
                target_link_layer_address=arp.sender_link_layer_address,
                target_address=arp.sender_address,
            )
            send_arp(port, reply, arp.sender_link_layer_address)

    def _drop(self, why: str) -> None:
        self.dropped[why] = self.dropped.get(why, 0) + 1


def is_of_interest(packet: IPv4Packet) -> bool:
    """What the packet sockets' filter lets through."""
    if packet.protocol == Protocol.UDP and not is_tunnel_data(packet):
        return packet.payload[2:4] == MOBILE_IP_PORT
    return packet.protocol == Protocol.ICMP and packet.payload[:1] != b"" and packet.payload[0] in OF_INTEREST
