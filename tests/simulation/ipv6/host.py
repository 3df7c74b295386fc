"""A host's IPv6 kernel: addresses, neighbours, routing and forwarding, and the plan that a machine asks it to hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv6Address, IPv6Network

from client.core.errors import DecodeError
from client.core.icmp6 import Icmp6Message, Icmp6Type
from client.core.ipv6 import (
    ALL_NODES,
    ALL_ROUTERS6,
    ANY6,
    IPv6Packet,
    NextHeader,
    group_link_layer_address,
    solicited_node,
)
from client.core.links import Link, Links
from client.core.machine import Heard6
from client.core.plan import (
    ANCHOR,
    EMPTY,
    Anchor,
    Anycast,
    Membership,
    MobilityHeaders,
    Neighbour,
    OptimisticAddresses,
    Plan,
)
from mipv6.neighbour_messages import NeighbourAdvertisement, NeighbourSolicitation, duplicate_address_probe
from mipv6.router_advertisement import RouterAdvertisement
from tests.simulation.ipv6.addresses import Addresses, Held
from tests.simulation.ipv6.neighbours import Neighbours, transmit
from tests.simulation.ipv6.routing import Lookup, Way, find_way
from tests.simulation.ipv6.tunnels import came_by, came_directly, encapsulate, tunnel_for
from tests.simulation.lan import Frame, Lan, Port
from tests.simulation.timeline import Timeline

EVERYWHERE = IPv6Network("::/0")


@dataclass(frozen=True, slots=True)
class DefaultRouter:
    """A router that takes packets to everywhere, and during which stay on the link it was heard."""

    address: IPv6Address
    until: float
    visit: int


class Host:
    """One node's kernel. `hears` is the packet socket of its machine, while it runs one."""

    def __init__(self, name: str, timeline: Timeline, *, forwards: bool = False) -> None:
        self.name = name
        self.ports: dict[int, Port] = {}
        self.addresses: dict[int, Addresses] = {}
        self.plan: Plan = EMPTY
        self.statics: list[tuple[IPv6Network, Way]] = []
        self.dropped: Counter[str] = Counter()
        self.knows_optimism = True
        self.hears: Callable[[Heard6], None] | None = None
        self.application: Callable[[IPv6Packet], None] = lambda packet: None
        self.solicited: Callable[[Port], None] = lambda port: None
        self.links_changed: Callable[[], None] = lambda: None
        self.exchanged: Counter[IPv6Address] = Counter()
        self.exchanged_directly: Counter[IPv6Address] = Counter()
        self._routers: dict[int, dict[IPv6Address, DefaultRouter]] = {}
        self._timeline = timeline
        self._forwards = forwards
        self._neighbours = Neighbours(timeline, self._asker)

    def add_port(self, index: int, mac: bytes, *addresses: str) -> Port:
        """A new interface, not plugged in."""
        port = self.ports[index] = Port(index, f"eth{index}", mac, self._receive, self.name)
        self.addresses[index] = Addresses(mac)
        self._routers[index] = {}
        for address in addresses:
            self.addresses[index].add(address)
        return port

    def plug(self, index: int, lan: Lan) -> None:
        """An interface comes up on a link."""
        port = self.ports[index]
        lan.plug(port)
        own = self.addresses[index]
        if own.link_local(self._timeline.now).is_tentative(self._timeline.now):
            self._test(port, own.link_local(self._timeline.now))

    def unplug(self, index: int) -> None:
        """An interface goes down; its neighbours are forgotten, its addresses and routes stay."""
        port = self.ports[index]
        if port.lan is not None:
            port.lan.unplug(port)
        self._neighbours.forget(port)

    def links(self) -> Links:
        """What netlink says of us."""
        return Links(tuple(self._link(port) for port in self.ports.values()))

    def _link(self, port: Port) -> Link:
        now, own = self._timeline.now, self.addresses[port.index]
        router = self._default(port) if port.lan is not None else None
        return Link(
            index=port.index,
            name=port.name,
            link_layer_address=port.link_layer_address,
            up=port.lan is not None,
            ups=port.ups,
            link_local=next((one for one in own.usable(now) if one.is_link_local), None),
            addresses6=own.told(now),
            gateway6=router,
            routed6=router is not None or any(way.interface == port.index for net, way in self.statics),
        )

    def _default(self, port: Port) -> IPv6Address | None:
        here = [one for one in self._routers[port.index].values() if self._timeline.now < one.until]
        best = sorted(here, key=lambda one: one.visit != port.ups)
        return best[0].address if best else None

    def neighbour(self, index: int, address: IPv6Address) -> bytes | None:
        """Where this host would send packets for a neighbour now."""
        return self._neighbours.known(self.ports[index], address)

    def local_addresses(self) -> Iterator[IPv6Address]:
        """Every address that this host takes packets for."""
        now = self._timeline.now
        for own in self.addresses.values():
            yield from own.usable(now)
        for item in self.plan:
            if isinstance(item, Anchor) and item.address6 is not None:
                yield item.address6
            elif isinstance(item, Anycast):
                yield item.address

    def has_usable(self, address: IPv6Address) -> bool:
        """Is it an address of an interface that packets may bear?"""
        return any(address in set(own.usable(self._timeline.now)) for own in self.addresses.values())

    # Sending

    def send(self, packet: IPv6Packet, *, marked: bool = False, out_of: int | None = None) -> None:
        """A packet of this host itself."""
        if packet.destination in set(self.local_addresses()):
            self._deliver(packet, 0, b"", unicast=False)
        elif packet.destination.is_multicast or packet.destination.is_link_local:
            self._transmit(self.ports.get(out_of or 0), packet.destination, packet)
        else:
            self._route(Lookup(packet, marked=marked, out_of=out_of))

    def send_frame(self, index: int, destination: bytes, packet: IPv6Packet) -> None:
        """One frame, past routing and neighbours."""
        if index in self.ports:
            transmit(self.ports[index], destination, packet)

    def _route(self, lookup: Lookup) -> None:
        way = find_way(lookup, self.plan, self._main_table())
        if way is None:
            return self._drop("no route")
        if way.interface == ANCHOR:
            return self._into_tunnel(lookup.packet)
        return self._transmit(self.ports.get(way.interface), way.gateway or lookup.packet.destination, lookup.packet)

    def _main_table(self) -> Iterator[tuple[IPv6Network, Way]]:
        now = self._timeline.now
        for port in self.ports.values():
            if port.lan is None:
                continue
            for one in self.addresses[port.index].held:
                if not one.ip.is_link_local and now < one.valid_until:
                    yield IPv6Network((one.ip, one.length), strict=False), Way(port.index)
            router = self._default(port)
            if router is not None:
                yield EVERYWHERE, Way(port.index, router)
        yield from self.statics

    def _into_tunnel(self, packet: IPv6Packet) -> None:
        tunnel = tunnel_for(self.plan, packet)
        if tunnel is None:
            return self._drop("no tunnel")
        self.exchanged[packet.destination] += 1
        return self._route(Lookup(encapsulate(tunnel, packet), marked=True, out_of=tunnel.interface))

    def _transmit(self, port: Port | None, next_hop: IPv6Address, packet: IPv6Packet) -> None:
        if port is None or port.lan is None:
            return self._drop("link down")
        if next_hop.is_multicast:
            return transmit(port, group_link_layer_address(next_hop), packet)
        permanent = (one for one in self.plan if isinstance(one, Neighbour))
        known = next((one for one in permanent if (one.interface, one.address) == (port.index, next_hop)), None)
        if known is not None:
            return transmit(port, known.link_layer_address, packet)
        return self._neighbours.send(port, next_hop, packet)

    def _asker(self, port: Port) -> IPv6Address | None:
        return next(self.addresses[port.index].usable(self._timeline.now), None)

    # Receiving

    def _receive(self, port: Port, frame: Frame) -> None:
        try:
            packet = IPv6Packet.unpack(frame.payload)
        except DecodeError:
            return self._drop("damaged")
        if packet.destination.is_multicast:
            if packet.destination in self._groups(port):
                self._hear(packet, port.index, frame.source, unicast=False)
                self._take(packet, port, frame.source)
        elif packet.destination in set(self.local_addresses()) or self._is_tested(port, packet.destination):
            self._deliver(packet, port.index, frame.source, unicast=not frame.is_group)
        elif self._forwards:
            self._forward(packet, port.index)
        else:
            self._drop("not for us")
        return None

    def _is_tested(self, port: Port, address: IPv6Address) -> bool:
        return self.addresses[port.index].find(address) is not None

    def _groups(self, port: Port) -> set[IPv6Address]:
        own = {solicited_node(one.ip) for one in self.addresses[port.index].held}
        planned = {one.group for one in self.plan if isinstance(one, Membership) and one.interface == port.index}
        return own | planned | {ALL_NODES} | ({ALL_ROUTERS6} if self._forwards else set())

    def _forward(self, packet: IPv6Packet, index: int) -> None:
        if packet.hop_limit <= 1 or packet.source.is_link_local or packet.destination.is_link_local:
            return self._drop("not forwarded")
        return self._route(Lookup(replace(packet, hop_limit=packet.hop_limit - 1), arriving_on=index))

    def _hear(self, packet: IPv6Packet, index: int, source: bytes, *, unicast: bool) -> None:
        if self.hears is not None and packet.next_header in (NextHeader.MOBILITY, NextHeader.ICMPV6):
            self.hears(Heard6(packet=packet, interface=index, link_layer_source=source, unicast=unicast))

    def _deliver(self, packet: IPv6Packet, index: int, source: bytes, *, unicast: bool) -> None:
        """To us: signalling, what names a home address, packets in packets, and what is for programs."""
        ours = MobilityHeaders() in self.plan
        if packet.next_header == NextHeader.MOBILITY:
            if not ours:
                return self._refuse(packet, 1)
            return self._hear(packet, index, source, unicast=unicast)
        if packet.home_address is not None or packet.routing is not None:
            if not ours:
                return self._refuse(packet, 2)
            return self._take_direct(packet, index, source, unicast=unicast)
        if packet.next_header == NextHeader.IPV6:
            return self._take_out(packet)
        self._hear(packet, index, source, unicast=unicast)
        return self._take(packet, self.ports.get(index), source)

    def _take_direct(self, packet: IPv6Packet, index: int, source: bytes, *, unicast: bool) -> None:
        if not came_directly(self.plan, packet):
            self._drop("not our direct path")
            if packet.home_address is not None and self.hears is not None:
                self.hears(Heard6(packet=packet, interface=index, link_layer_source=source, unicast=unicast))
            return
        self._hear(packet, index, source, unicast=unicast)
        plain = replace(packet, source=packet.sender, destination=packet.receiver, home_address=None, routing=None)
        self.exchanged[plain.source] += 1
        if packet.routing is not None:
            self.exchanged_directly[plain.source] += 1
        self._take(plain, None, b"")

    def _take_out(self, outer: IPv6Packet) -> None:
        try:
            inner = IPv6Packet.unpack(outer.payload)
        except DecodeError:
            return self._drop("damaged")
        if not came_by(self.plan, outer, inner):
            return self._drop("not our tunnel")
        if inner.destination in set(self.local_addresses()):
            if inner.next_header == NextHeader.UDP:
                self.exchanged[inner.source] += 1
            return self._deliver(inner, ANCHOR, b"", unicast=False)
        return self._forward(inner, ANCHOR) if self._forwards else self._drop("not for us")

    def _refuse(self, packet: IPv6Packet, code: int) -> None:
        """A kernel that knows nothing of mobility (RFC 4443 §3.4)."""
        pointer = 6 if code == 1 else 42
        body = pointer.to_bytes(4) + packet.pack()[:1232]
        error = Icmp6Message(type=Icmp6Type.PARAMETER_PROBLEM, code=code, body=body)
        self.send(error.packet(packet.destination, packet.source))

    def _take(self, packet: IPv6Packet, port: Port | None, source: bytes) -> None:
        if packet.next_header != NextHeader.ICMPV6:
            return self.application(packet)
        try:
            self._take_icmp(packet, port)
        except DecodeError:
            self._drop("damaged")

    def _take_icmp(self, packet: IPv6Packet, port: Port | None) -> None:
        message = Icmp6Message.unpack(packet)
        match message.type:
            case Icmp6Type.ECHO_REQUEST if not packet.destination.is_multicast:
                reply = Icmp6Message(type=Icmp6Type.ECHO_REPLY, body=message.body)
                self.send(reply.packet(packet.destination, packet.source))
            case Icmp6Type.NEIGHBOUR_SOLICITATION if port is not None:
                self._solicited(NeighbourSolicitation.unpack(packet), packet, port)
            case Icmp6Type.NEIGHBOUR_ADVERTISEMENT if port is not None:
                self._told(NeighbourAdvertisement.unpack(packet), port)
            case Icmp6Type.ROUTER_SOLICITATION if port is not None and packet.hop_limit == 255:
                self.solicited(port)
            case Icmp6Type.ROUTER_ADVERTISEMENT if port is not None and not self._forwards:
                self._advertised(RouterAdvertisement.unpack(packet), packet.source, port)

    # Neighbours, routers and addresses

    def _solicited(self, question: NeighbourSolicitation, packet: IPv6Packet, port: Port) -> None:
        own = self.addresses[port.index].find(question.target)
        if own is None or own.duplicate:
            return
        now = self._timeline.now
        if own.is_tentative(now) and packet.source == ANY6:
            self._collide(own)  # two who try the same address: both lose
            return
        if not own.is_usable(now):
            return
        if question.link_layer_address and packet.source != ANY6:
            self._neighbours.asked(port, packet.source, question.link_layer_address)
        probing = packet.source == ANY6
        answer = NeighbourAdvertisement(
            target=own.ip,
            solicited=not probing,
            override=not own.is_tentative(now),
            link_layer_address=port.link_layer_address,
            router=self._forwards,
        )
        destination = ALL_NODES if probing else packet.source
        self._transmit(port, destination, answer.packet(own.ip, destination))

    def _told(self, answer: NeighbourAdvertisement, port: Port) -> None:
        own = self.addresses[port.index].find(answer.target)
        if own is not None and own.is_tentative(self._timeline.now):
            self._collide(own)
            return
        self._neighbours.told(port, answer)

    def _collide(self, own: Held) -> None:
        own.duplicate = True
        self.links_changed()

    def _advertised(self, advertisement: RouterAdvertisement, router: IPv6Address, port: Port) -> None:
        now = self._timeline.now
        self._routers[port.index].pop(router, None)
        if advertisement.lifetime:
            until = now + advertisement.lifetime
            self._routers[port.index][router] = DefaultRouter(router, until, port.ups)
        optimistic = self.knows_optimism and OptimisticAddresses(port.index) in self.plan
        self.addresses[port.index].expire(now)
        for prefix in advertisement.prefixes:
            made = self.addresses[port.index].advertised(prefix, now, optimistic=optimistic)
            if made is not None:
                self._test(port, made)
            known = self.addresses[port.index].find(made.ip) if made else None
            if known is not None and known.valid_until < float("inf"):
                self._timeline.at(known.valid_until + 0.001, self._expire)
        self.links_changed()

    def _expire(self) -> None:
        for own in self.addresses.values():
            own.expire(self._timeline.now)
        self.links_changed()

    def _test(self, port: Port, own: Held) -> None:
        probe = duplicate_address_probe(own.ip)
        transmit(port, group_link_layer_address(probe.destination), probe)
        self._timeline.at(own.tested_at + 0.0001, lambda: self.links_changed())

    def _drop(self, why: str) -> None:
        self.dropped[why] += 1
