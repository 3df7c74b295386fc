"""Packets to many and group membership: through real sockets and links."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Packet
from scapy.utils import rdpcap

from client.core.ipv4 import Protocol
from client.core.machine import Heard
from client.core.plan import ANCHOR, Anchor, End, Plan, Relay, Route, Rule, Table, Tunnel
from client.linux.ownership import MOBILITY_AGENT
from tests.client.linux.dataplane.wire import capture
from tests.client.linux.holder import Holder, eventually
from tests.client.linux.namespaces import Namespace, run
from tests.client.linux.plans import HOME, mobile_plan

pytestmark = pytest.mark.lab

Ends = tuple[Namespace, Namespace]
GROUP = IPv4Address("239.1.2.3")
LINK_BROADCAST = IPv4Address("10.99.0.255")
HOME_LINK, HOME_HOST = "home0", "10.99.0.9"

LISTENER = """
import socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hearing:
    hearing.bind(("", 7000))
    hearing.settimeout(10)
    if len(sys.argv) > 1:
        interface = socket.if_nametoindex(sys.argv[2])
        hearing.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
            struct.pack("=4s4si", socket.inet_aton(sys.argv[1]), bytes(4), interface))
    print("ready", flush=True)
    for _ in range(int(sys.argv[3]) if len(sys.argv) > 3 else 1):
        print(*hearing.recvfrom(100), flush=True)
"""
SENDER = """
import socket, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending:
    sending.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    sending.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, int(sys.argv[3]))
    sending.setsockopt(socket.IPPROTO_IP, 10, 0)  # IP_MTU_DISCOVER, IP_PMTUDISC_DONT
    sending.bind((sys.argv[1], 7001))
    if len(sys.argv) > 4:
        sending.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, sys.argv[4].encode())
    sending.sendto(sys.stdin.buffer.read(), (sys.argv[2], 7000))
"""


@pytest.fixture
def home_host(ends: Ends) -> Iterator[str]:
    """A host on the home link, behind the home agent (the second end); returns the name of its namespace."""
    _, there = ends
    name = f"{there.name}-h"
    run("ip", "netns", "add", name)
    try:
        there.ip("link", "add", HOME_LINK, "type", "veth", "peer", "name", HOME_LINK, "netns", name)
        for namespace, address in ((there.name, "10.99.0.1"), (name, HOME_HOST)):
            run("ip", "-n", namespace, "addr", "add", f"{address}/24", "brd", "+", "dev", HOME_LINK)
            run("ip", "-n", namespace, "link", "set", HOME_LINK, "up")
            run("ip", "-n", namespace, "link", "set", "lo", "up")
        yield name
    finally:
        subprocess.run(("ip", "netns", "del", name), check=False, capture_output=True)


@contextmanager
def listener(namespace: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A program that hears port 7000; it prints what comes."""
    command = ("ip", "netns", "exec", namespace, "python3", "-c", LISTENER, *arguments)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield process
        finally:
            process.terminate()


def heard(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def send(namespace: str, source: str, destination: object, ttl: int = 9, *link: str, payload: bytes = b"hello") -> None:
    command = ("ip", "netns", "exec", namespace, "python3", "-c", SENDER, source, str(destination), str(ttl), *link)
    subprocess.run(command, check=True, input=payload, timeout=20)


def interface(namespace: Namespace, name: str) -> int:
    return int(namespace.run("cat", f"/sys/class/net/{name}/ifindex"))


def node_plan(ends: Ends, *more: Tunnel) -> Plan:
    """A mobile node that wants packets to many."""
    wanting = (
        replace(item, broadcast=LINK_BROADCAST) if isinstance(item, Tunnel | Anchor) else item
        for item in mobile_plan(*ends)
    )
    return (*wanting, *more)


def agent_plan(ends: Ends, *, relay: bool = True, nested: bool = False) -> Plan:
    here, there = ends
    plan: Plan = (
        Anchor(1480),
        Rule(order=0, table=Table.MAIN, marked=True),
        Rule(order=1, table=Table.OURS),
        Tunnel(end=End.HOME, home_address=HOME, local=there.address, remote=here.address),
        Route(destination=IPv4Network(HOME), interface=ANCHOR),
    )
    if not relay:
        return plan
    link = interface(there, HOME_LINK)
    return (
        *plan,
        Relay(interface=link, home_address=HOME, broadcasts=True, groups=frozenset({GROUP}), nested=nested),
    )


@pytest.fixture
def node(ends: Ends, tmp_path: Path) -> Iterator[Holder]:
    """A mobile node that holds nothing yet."""
    holder = Holder(ends[0], tmp_path / "node", plane="tun")
    yield holder
    holder.kill()


@pytest.fixture(params=["tun", "ebpf"])
def agent(ends: Ends, tmp_path: Path, home_host: str, request: pytest.FixtureRequest) -> Iterator[Holder]:
    """A home agent that holds nothing yet; with both data planes, since packets to many are Python's in both."""
    holder = Holder(ends[1], tmp_path / "agent", owner=MOBILITY_AGENT, plane=request.param)
    yield holder
    holder.kill()


@pytest.mark.rfc("5944", "4.3")
@pytest.mark.parametrize("destination", [LINK_BROADCAST, IPv4Address("255.255.255.255")])
def test_broadcast_of_the_home_link_reaches_programs_of_who_is_away(
    ends: Ends, node: Holder, agent: Holder, home_host: str, destination: IPv4Address
) -> None:
    assert node.hold(node_plan(ends)) == ()
    assert agent.hold(agent_plan(ends)) == ()
    with listener(ends[0].name) as program:
        send(home_host, HOME_HOST, destination, 9, HOME_LINK)
        assert heard(program) == f"b'hello' ('{HOME_HOST}', 7001)\n"
    assert agent.counters()["relayed_away"] == 1


@pytest.mark.rfc("5944", "3.6.1.2", "broadcast-through-agent")
@pytest.mark.rfc("5944", "4.3")
def test_broadcast_is_nested_where_a_foreign_agent_decapsulates(
    ends: Ends, node: Holder, agent: Holder, home_host: str, tmp_path: Path
) -> None:
    """Here the mobile node decapsulates twice: once in the foreign agent's place."""
    here, there = ends
    inside = Tunnel(
        end=End.MOBILE,
        home_address=HOME,
        local=HOME,
        remote=there.address,
        sends=False,
        broadcast=LINK_BROADCAST,
    )
    assert node.hold(node_plan(ends, inside)) == ()
    assert agent.hold(agent_plan(ends, nested=True)) == ()
    with listener(here.name) as program, capture(there, tmp_path / "wire.pcap", "ip proto 4"):
        send(home_host, HOME_HOST, LINK_BROADCAST)
        assert heard(program) == f"b'hello' ('{HOME_HOST}', 7001)\n"
    [outer] = [packet[IP] for packet in rdpcap(str(tmp_path / "wire.pcap"))]
    middle = outer.payload
    assert (outer.src, outer.dst) == (str(there.address), str(here.address))
    assert (middle.src, middle.dst, middle.proto) == (str(there.address), str(HOME), 4)
    assert (middle.payload.src, middle.payload.dst) == (HOME_HOST, str(LINK_BROADCAST))
    assert _is_right(middle)


@pytest.mark.rfc("2003", "5.1")
def test_long_broadcast_is_cut_before_it_is_nested(
    ends: Ends, node: Holder, agent: Holder, home_host: str, tmp_path: Path
) -> None:
    """So that every packet that enters the tunnel fits the way to the foreign agent."""
    here, there = ends
    inside = Tunnel(
        end=End.MOBILE, home_address=HOME, local=HOME, remote=there.address, sends=False, broadcast=LINK_BROADCAST
    )
    assert node.hold(node_plan(ends, inside)) == ()
    assert agent.hold(agent_plan(ends, nested=True)) == ()
    with listener(here.name) as program, capture(there, tmp_path / "wire.pcap", "ip proto 4"):
        send(home_host, HOME_HOST, LINK_BROADCAST, payload=bytes(1472))
        assert f"('{HOME_HOST}', 7001)" in heard(program)
    outer = [packet[IP] for packet in rdpcap(str(tmp_path / "wire.pcap"))]
    assert len(outer) == 2
    assert [(packet.frag, packet.payload.frag, packet.payload.proto) for packet in outer] == [(0, 0, 4)] * 2
    assert max(packet.len for packet in outer) <= 1500


def _is_right(packet: Packet) -> bool:
    again = packet.copy()
    del again.chksum
    del again.len
    return bytes(again) == bytes(packet)


@pytest.mark.rfc("5944", "4.4")
def test_group_that_was_joined_reaches_who_is_away_and_others_do_not(
    ends: Ends, node: Holder, agent: Holder, home_host: str
) -> None:
    assert node.hold(node_plan(ends)) == ()
    assert agent.hold(agent_plan(ends)) == ()
    with listener(ends[0].name, str(GROUP), "mip0") as program:
        send(home_host, HOME_HOST, "239.9.9.9", 9, HOME_LINK)
        send(home_host, HOME_HOST, GROUP, 9, HOME_LINK)
        assert heard(program) == f"b'hello' ('{HOME_HOST}', 7001)\n"
    assert agent.counters()["relayed_away"] == 1
    assert "01:00:5e:01:02:03" in ends[1].ip("maddr", "show", "dev", HOME_LINK)
    agent.hold(agent_plan(ends, relay=False))
    assert "01:00:5e:01:02:03" not in ends[1].ip("maddr", "show", "dev", HOME_LINK)


@pytest.mark.rfc("3376", "4.2")
def test_home_link_is_told_by_igmp_of_the_groups_that_absent_nodes_are_in(
    ends: Ends, agent: Holder, home_host: str, tmp_path: Path
) -> None:
    """More groups than one socket may join. Switches that look at IGMP would else keep the packets from us."""
    _, there = ends
    groups = frozenset(IPv4Address(f"239.1.3.{last}") for last in range(1, 31))
    home = Namespace(home_host, IPv4Address(HOME_HOST), 0)
    *plan, relay = agent_plan(ends)
    assert isinstance(relay, Relay)
    with capture(home, tmp_path / "wire.pcap", "igmp", HOME_LINK):
        assert agent.hold((*plan, replace(relay, groups=groups))) == ()
        assert eventually(lambda: all(f" {group}\n" in there.ip("maddr", "show", "dev", HOME_LINK) for group in groups))
    told = b"".join(bytes(packet[IP].payload) for packet in rdpcap(str(tmp_path / "wire.pcap")))
    assert all(group.packed in told for group in groups)
    assert not agent.counters()["join_failed"]
    assert agent.hold(tuple(plan)) == ()
    assert "239.1.3." not in there.ip("maddr", "show", "dev", HOME_LINK)


@pytest.mark.rfc("2003", "3.1")
def test_last_hop_is_not_forwarded(ends: Ends, node: Holder, agent: Holder, home_host: str) -> None:
    assert node.hold(node_plan(ends)) == ()
    assert agent.hold(agent_plan(ends)) == ()
    with listener(ends[0].name, str(GROUP), "mip0") as program:
        send(home_host, HOME_HOST, GROUP, 1, HOME_LINK)
        send(home_host, HOME_HOST, GROUP, 2, HOME_LINK)
        heard(program)
    assert agent.counters()["relayed_away"] == 1


@pytest.mark.rfc("5944", "4.4")
@pytest.mark.parametrize(
    ("destination", "link_layer"),
    [(GROUP, "01:00:5e:01:02:03"), (LINK_BROADCAST, "ff:ff:ff:ff:ff:ff"), ("255.255.255.255", "ff:ff:ff:ff:ff:ff")],
)
def test_what_is_sent_to_many_through_the_tunnel_goes_to_the_home_link(
    ends: Ends, node: Holder, agent: Holder, home_host: str, tmp_path: Path, destination: object, link_layer: str
) -> None:
    here, _ = ends
    assert node.hold(node_plan(ends)) == ()
    assert agent.hold(agent_plan(ends)) == ()
    home = Namespace(home_host, IPv4Address(HOME_HOST), 0)
    with capture(home, tmp_path / "wire.pcap", "udp port 7000", HOME_LINK):
        send(here.name, str(HOME), destination, 9, "mip0")
        assert eventually(lambda: agent.counters()["relayed_home"])
    [frame] = [packet for packet in rdpcap(str(tmp_path / "wire.pcap")) if UDP in packet]
    assert (frame[Ether].dst, frame[IP].src, frame[IP].dst) == (link_layer, str(HOME), str(destination))
    assert frame[IP].ttl == (8 if destination == GROUP else 63)
    assert agent.counters()["relayed_away"] == 0  # never back to who sent it


@pytest.mark.rfc("5944", "4.3")
def test_who_did_not_ask_sends_and_gets_nothing(ends: Ends, node: Holder, agent: Holder, home_host: str) -> None:
    here, _ = ends
    assert node.hold(mobile_plan(*ends)) == ()
    assert agent.hold(agent_plan(ends, relay=False)) == ()
    send(here.name, str(HOME), GROUP, 9, "mip0")
    send(home_host, HOME_HOST, GROUP, 9, HOME_LINK)
    assert eventually(lambda: agent.counters()["no_relay"] == 1)
    assert (agent.counters()["relayed_home"], agent.counters()["relayed_away"]) == (0, 0)


@pytest.mark.rfc("5944", "4.4")
def test_group_membership_comes_to_the_agents_ears_and_goes_no_further(
    ends: Ends, node: Holder, agent: Holder, home_host: str
) -> None:
    assert node.hold(node_plan(ends)) == ()
    assert agent.hold(agent_plan(ends)) == ()
    with listener(ends[0].name, str(GROUP), "mip0"):
        assert eventually(lambda: agent.heard(Heard))
    [first, *_] = agent.heard(Heard)
    assert (first.packet.protocol, first.packet.source, first.interface) == (Protocol.IGMP, HOME, ANCHOR)
    assert first.packet.destination == IPv4Address("224.0.0.22")  # the kernel speaks IGMPv3
    assert first.packet.payload[0] == 0x22
    assert agent.counters()["relayed_home"] == 0
