"""The simulated network does what it says, with small machines of our own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import pytest

from client.core.ipv4 import IPv4Packet
from client.core.plan import ANCHOR, Anchor, Delivery, Encapsulation, End, Plan, QuietArp, Route, Rule, Table, Tunnel
from client.core.udp import UdpDatagram
from tests.simulation.chance import Chance
from tests.simulation.host import Host
from tests.simulation.journal import Journal
from tests.simulation.lan import Frame, Kind, Lan, Port
from tests.simulation.timeline import Timeline
from tests.simulation.topology import CORRESPONDENT, HOME_ADDRESS, HOME_AGENT, NAT_OUTSIDE, Topology
from tests.simulation.tunnels import encapsulate, opened, tunnel_of, tunnels_for

CARE_OF_ADDRESS = IPv4Address("10.31.0.100")
EVERYWHERE = IPv4Network("0.0.0.0/0")


@dataclass
class World:
    """A topology and what arrives in it."""

    timeline: Timeline
    topology: Topology
    arrived: list[tuple[str, IPv4Packet]]


def world() -> World:
    """The map with nobody's daemon running."""
    timeline = Timeline()
    found = World(timeline, Topology(timeline, 1, Journal(lambda: timeline.now)), [])
    for host in (found.topology.mobile_node, found.topology.correspondent):
        host.application = collector(found, host.name)
    return found


def collector(found: World, name: str) -> Callable[[IPv4Packet], None]:
    """A program that writes down what it gets."""
    return lambda packet: found.arrived.append((name, packet))


def say(found: World, host: Host, source: IPv4Address, destination: IPv4Address) -> None:
    """One packet, and time for it to arrive."""
    host.send(IPv4Packet(source=source, destination=destination, protocol=253, payload=b"hello"))
    found.timeline.run_until(found.timeline.now + 10.0)


def give_address(found: World, place: str) -> Port:
    """Plug the mobile node in and give it the care-of address."""
    host = found.topology.mobile_node
    host.plug(2, found.topology.lans[place])
    port = host.ports[2]
    port.addresses.append(IPv4Interface(f"{CARE_OF_ADDRESS}/24"))
    port.gateway = IPv4Address("10.31.0.1")
    return port


def test_packets_cross_the_core_with_arp_on_each_link() -> None:
    """From a foreign link to the correspondent and back."""
    found = world()
    give_address(found, "dhcp1")
    say(found, found.topology.mobile_node, CARE_OF_ADDRESS, CORRESPONDENT)
    say(found, found.topology.correspondent, CORRESPONDENT, CARE_OF_ADDRESS)
    assert [name for name, _ in found.arrived] == ["correspondent", "mobile"]


def home_plan() -> Plan:
    """A home agent that tunnels."""
    tunnel = Tunnel(end=End.HOME, home_address=HOME_ADDRESS.ip, local=HOME_AGENT, remote=CARE_OF_ADDRESS)
    route = Route(destination=IPv4Network(HOME_ADDRESS.ip), interface=ANCHOR)
    return (Anchor(1480), tunnel, route, Rule(order=0, table=Table.MAIN, marked=True), Rule(order=1, table=Table.OURS))


def away_plan() -> Plan:
    """A mobile node with a co-located care-of address and the reverse tunnel."""
    tunnel = Tunnel(end=End.MOBILE, home_address=HOME_ADDRESS.ip, local=CARE_OF_ADDRESS, remote=HOME_AGENT)
    route = Route(destination=EVERYWHERE, interface=ANCHOR, source=HOME_ADDRESS.ip)
    rules = (Rule(order=0, table=Table.MAIN, marked=True), Rule(order=1, table=Table.OURS))
    return (QuietArp(2), Anchor(1480, HOME_ADDRESS.ip), tunnel, route, *rules)


def test_plans_carry_packets_through_the_tunnel_both_ways() -> None:
    """A program that binds nothing speaks with the home address, and hears answers to it."""
    found = world()
    give_address(found, "dhcp1")
    found.topology.mobile_node.plan = away_plan()
    found.topology.home_agent.plan = home_plan()
    say(found, found.topology.mobile_node, IPv4Address("0.0.0.0"), CORRESPONDENT)
    name, packet = found.arrived[0]
    assert (name, packet.source) == ("correspondent", HOME_ADDRESS.ip)
    found.topology.home_agent.send(
        IPv4Packet(source=HOME_AGENT, destination=HOME_ADDRESS.ip, protocol=253, payload=b"hello")
    )
    found.timeline.run_until(20.0)
    assert found.arrived[1][0] == "mobile"


def test_a_tunnel_takes_nothing_from_strangers() -> None:
    """The outer source must be the care-of address (threat T13)."""
    found = world()
    found.topology.home_agent.plan = home_plan()
    inner = IPv4Packet(source=HOME_ADDRESS.ip, destination=CORRESPONDENT, protocol=253, payload=b"hello")
    outer = IPv4Packet(source=CORRESPONDENT, destination=HOME_AGENT, protocol=4, payload=inner.pack())
    found.topology.correspondent.send(outer)
    found.timeline.run_until(5.0)
    assert found.arrived == []
    assert found.topology.home_agent.dropped == {"not our tunnel": 1}


def test_a_foreign_agent_delivers_by_the_link_layer_address() -> None:
    """Without ARP, and without a route to the home address."""
    found = world()
    agent, mobile = found.topology.foreign_agents["agent1"], found.topology.mobile_node
    mobile.plug(2, found.topology.lans["agent1"])
    mobile.plan = (QuietArp(2), Anchor(1480, HOME_ADDRESS.ip))
    care_of = agent.ports[2].addresses[0].ip
    delivery = Delivery(interface=3, link_layer_address=mobile.ports[2].link_layer_address)
    agent.plan = (
        Tunnel(end=End.MOBILE, home_address=HOME_ADDRESS.ip, local=care_of, remote=HOME_AGENT, delivery=delivery),
    )
    inner = IPv4Packet(source=CORRESPONDENT, destination=HOME_ADDRESS.ip, protocol=253, payload=b"hello")
    found.topology.home_agent.send(IPv4Packet(source=HOME_AGENT, destination=care_of, protocol=4, payload=inner.pack()))
    found.timeline.run_until(5.0)
    assert [name for name, _ in found.arrived] == ["mobile"]


def test_a_quiet_link_does_not_answer_for_the_home_address() -> None:
    """As arp_ignore 1 does; without it Linux answers for all its addresses."""
    for plan, known in (
        ((Anchor(1480, HOME_ADDRESS.ip),), True),
        ((Anchor(1480, HOME_ADDRESS.ip), QuietArp(2)), False),
    ):
        found = world()
        found.topology.mobile_node.plug(2, found.topology.lans["home"])
        found.topology.mobile_node.plan = plan
        say(found, found.topology.home_agent, HOME_AGENT, HOME_ADDRESS.ip)
        assert (found.topology.home_agent.neighbour(2, HOME_ADDRESS.ip) is not None) is known


def impaired(**how: float | str) -> Counter[str]:
    """A hundred frames over one link: what arrived, and what happened on the way."""
    timeline, counts = Timeline(), Counter[str]()

    def happened(fault: str) -> None:
        counts[fault] += 1

    def receive(port: Port, frame: Frame) -> None:
        counts["arrived"] += 1
        counts["damaged"] += frame.payload != b"payload"

    lan = Lan("link", timeline, Chance(1, "test"), happened)
    ports = [Port(n, f"eth{n}", bytes([2, n]) * 3, receive, f"host{n}") for n in (1, 2)]
    for port in ports:
        lan.plug(port)
    for name, value in how.items():
        setattr(lan.impairment, name, value)
    for _ in range(100):
        lan.transmit(ports[0], Frame(ports[0].link_layer_address, ports[1].link_layer_address, Kind.IP, b"payload"))
    timeline.run_until(60.0)
    return counts


def test_links_lose_double_damage_and_part() -> None:
    """Each as often as asked, and told each time."""
    assert impaired()["arrived"] == 100
    lossy = impaired(loss=0.5)
    assert 30 < lossy["loss"] < 70
    assert lossy["arrived"] == 100 - lossy["loss"]
    doubled = impaired(duplication=0.5)
    assert doubled["arrived"] == 100 + doubled["duplication"] > 130
    damaged = impaired(corruption=0.5)
    assert damaged["damaged"] == damaged["corruption"] > 30
    assert impaired(mute="host1") == {"partition": 100}
    assert impaired(deaf="host2") == {"partition": 100}
    assert impaired(mute="host2")["arrived"] == 100


def behind_nat() -> tuple[World, IPv4Address]:
    """The mobile node in the hotel."""
    found = world()
    host = found.topology.mobile_node
    host.plug(2, found.topology.lans["hotel"])
    host.ports[2].addresses.append(IPv4Interface("10.41.0.100/24"))
    host.ports[2].gateway = IPv4Address("10.41.0.1")
    return found, IPv4Address("10.41.0.100")


def datagram(source: IPv4Address, destination: IPv4Address, ports: tuple[int, int]) -> IPv4Packet:
    """From the first port to the second."""
    return UdpDatagram(source_port=ports[0], destination_port=ports[1], payload=b"hello").packet(source, destination)


def test_a_nat_lets_udp_out_and_its_answers_in_and_nothing_else() -> None:
    """With its own address, and a port that is new once it has forgotten the old one."""
    found, inside = behind_nat()
    seen = []
    for _ in range(2):
        found.topology.mobile_node.send(datagram(inside, CORRESPONDENT, (500, 7)))
        found.timeline.run_until(found.timeline.now + 5.0)
        _, packet = found.arrived[-1]
        assert packet.source == NAT_OUTSIDE
        seen.append(int.from_bytes(packet.payload[:2], "big"))
        found.topology.correspondent.send(datagram(CORRESPONDENT, NAT_OUTSIDE, (7, seen[-1])))
        found.timeline.run_until(found.timeline.now + 5.0)
        name, packet = found.arrived[-1]
        assert (name, packet.destination, packet.payload[:4]) == ("mobile", inside, bytes.fromhex("000701f4"))
        found.topology.nat.forget()
    assert seen[0] != seen[1]
    found.topology.correspondent.send(datagram(CORRESPONDENT, NAT_OUTSIDE, (7, seen[0])))
    say(found, found.topology.correspondent, CORRESPONDENT, NAT_OUTSIDE)
    say(found, found.topology.mobile_node, HOME_ADDRESS.ip, CORRESPONDENT)
    assert len(found.arrived) == 4


ENCAPSULATIONS = [
    (Encapsulation.IPIP, 4),
    (Encapsulation.GRE, 47),
    (Encapsulation.MINIMAL, 55),
    (Encapsulation.UDP, 17),
]


@pytest.mark.parametrize(("encapsulation", "protocol"), ENCAPSULATIONS)
def test_every_encapsulation_is_opened_as_it_was_closed(encapsulation: Encapsulation, protocol: int) -> None:
    """And only by a tunnel of that kind."""
    ports = (434, 434) if encapsulation is Encapsulation.UDP else None
    sending = replace(TO_CARE_OF, encapsulation=encapsulation, ports=ports)
    inner = IPv4Packet(source=CORRESPONDENT, destination=HOME_ADDRESS.ip, protocol=253, payload=b"hello")
    outer = encapsulate(sending, inner)
    assert outer.protocol == protocol
    found = opened(outer)
    assert found is not None
    assert (found.inner.source, found.inner.destination, found.inner.payload) == (
        CORRESPONDENT,
        HOME_ADDRESS.ip,
        b"hello",
    )
    receiving = replace(sending, end=End.MOBILE, local=CARE_OF_ADDRESS, remote=HOME_AGENT)
    assert tunnel_of((receiving,), outer, found) == receiving
    other = Encapsulation.GRE if encapsulation is Encapsulation.IPIP else Encapsulation.IPIP
    assert tunnel_of((replace(receiving, encapsulation=other, ports=None),), outer, found) is None


TO_CARE_OF = Tunnel(end=End.HOME, home_address=HOME_ADDRESS.ip, local=HOME_AGENT, remote=CARE_OF_ADDRESS)


def test_packets_with_a_bound_inner_source_wait_a_moment_for_the_binding_of_their_outer_source() -> None:
    """Twenty milliseconds, and sixty-four packets."""
    for wait, arrived in ((0.015, 64), (0.025, 0)):
        found = world()
        home = found.topology.home_agent
        home.plan = home_plan()
        inner = IPv4Packet(source=HOME_ADDRESS.ip, destination=CORRESPONDENT, protocol=253, payload=b"hello")
        outer = IPv4Packet(source=IPv4Address("10.32.0.9"), destination=HOME_AGENT, protocol=4, payload=inner.pack())
        for _ in range(70):
            found.topology.correspondent.send(outer)
        while not home.dropped:
            found.timeline.run_until(found.timeline.now + 0.0001)
        found.timeline.run_until(found.timeline.now + wait)
        home.adopt((*home_plan(), replace(TO_CARE_OF, remote=IPv4Address("10.32.0.9"), sends=False)))
        found.timeline.run_until(found.timeline.now + 5.0)
        assert len(found.arrived) == arrived


def test_copies_go_by_every_number() -> None:
    """Each entrance once."""
    plan = (TO_CARE_OF, replace(TO_CARE_OF, remote=IPv4Address("10.32.0.9"), copy=1))
    inner = IPv4Packet(source=CORRESPONDENT, destination=HOME_ADDRESS.ip, protocol=253, payload=b"hello")
    assert [tunnel.remote for tunnel in tunnels_for(plan, inner)] == [CARE_OF_ADDRESS, IPv4Address("10.32.0.9")]
