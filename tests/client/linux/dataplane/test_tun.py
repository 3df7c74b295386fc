"""The tunnel through our process: real packets between two namespaces."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.utils import rdpcap

from client.core.icmp import IcmpMessage
from client.core.ipv4 import IPv4Packet
from client.core.machine import Heard, Send
from client.core.plan import ANCHOR, Anchor, Delivery, End, Route, Rule, Table, Tunnel
from client.linux.ownership import MOBILITY_AGENT
from tests.client.linux.dataplane.wire import capture, checksums_are_right
from tests.client.linux.holder import Holder, eventually
from tests.client.linux.namespaces import LINK, Namespace
from tests.client.linux.plans import HOME, home_agent_plan, mobile_plan

pytestmark = pytest.mark.lab

Ends = tuple[Namespace, Namespace]
CORRESPONDENT = IPv4Address("192.0.2.9")
STRANGER = IPv4Address("10.7.0.66")


@pytest.fixture
def node(ends: Ends, tmp_path: Path) -> Iterator[Holder]:
    """A mobile node, away from home with an address of its own."""
    holder = Holder(ends[0], tmp_path / "node", plane="tun")
    assert holder.hold(mobile_plan(*ends)) == ()
    yield holder
    holder.kill()


@pytest.fixture
def agent(ends: Ends, tmp_path: Path) -> Iterator[Holder]:
    """Its home agent, which is a correspondent as well."""
    here, there = ends
    there.ip("addr", "add", f"{CORRESPONDENT}/32", "dev", "lo")
    holder = Holder(there, tmp_path / "agent", owner=MOBILITY_AGENT, plane="tun")
    assert holder.hold(home_agent_plan(there, here)) == ()
    yield holder
    holder.kill()


SERVER = """
import socket
with socket.create_server(("", 8000)) as listening:
    print("ready", flush=True)
    connection, _ = listening.accept()
    with connection:
        connection.sendall(bytes(300000))
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1)
"""
CLIENT = """
import socket
with socket.create_connection(("192.0.2.9", 8000), timeout=20) as connection:
    print(sum(iter(lambda: len(connection.recv(65536)), 0)))
"""


SENDER = """
import socket
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending:
    sending.setsockopt(socket.IPPROTO_IP, 10, 2)  # IP_MTU_DISCOVER, IP_PMTUDISC_DO
    sending.connect(("192.0.2.9", 9))
    input()
    sending.send(bytes(1300))
    print(sending.getsockopt(socket.IPPROTO_IP, 14), flush=True)  # IP_MTU
    input()
    print(sending.getsockopt(socket.IPPROTO_IP, 14))
"""


@contextmanager
def server(namespace: Namespace) -> Iterator[None]:
    """A program that sends 300,000 bytes to the first who asks."""
    command = ("ip", "netns", "exec", namespace.name, "python3", "-c", SERVER)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield
        finally:
            process.terminate()


def reply(source: IPv4Address, destination: IPv4Address, ttl: int = 64) -> IPv4Packet:
    """A packet that whoever receives it can be seen to have received: machines hear echo replies."""
    return IcmpMessage(type=0, body=b"12345678").packet(source, destination, ttl=ttl)


def tunnelled(inner: IPv4Packet, source: IPv4Address, destination: IPv4Address, tos: int = 0) -> Send:
    packet = IPv4Packet(source=source, destination=destination, protocol=4, payload=inner.pack(), type_of_service=tos)
    return Send(packet=packet)


def test_ping_and_tcp_pass_both_ways_and_every_checksum_is_right(
    ends: Ends, node: Holder, agent: Holder, tmp_path: Path
) -> None:
    here, there = ends
    with capture(there, tmp_path / "wire.pcap"):
        here.run("ping", "-c", "2", "-i", "0.2", str(CORRESPONDENT))
        there.run("ping", "-c", "2", "-i", "0.2", "-I", str(CORRESPONDENT), str(HOME))
        with server(there):
            assert here.run("python3", "-c", CLIENT) == "300000\n"
    packets = [packet[IP] for packet in rdpcap(str(tmp_path / "wire.pcap"))]
    assert len(packets) > 200
    assert {packet.proto for packet in packets} == {4}
    assert {packet.src for packet in packets} == {str(here.address), str(there.address)}
    inner = {packet.payload.src for packet in packets}
    assert inner == {str(HOME), str(CORRESPONDENT)}  # programs that bind nothing use the home address
    assert [packet for packet in packets if not checksums_are_right(packet)] == []
    assert max(packet.len for packet in packets) == 1500


@pytest.mark.rfc("2003", "3.1")
def test_outer_header_tells_what_the_inner_one_does(ends: Ends, node: Holder, agent: Holder, tmp_path: Path) -> None:
    here, there = ends
    with capture(there, tmp_path / "wire.pcap"):
        here.run("ping", "-c", "1", "-Q", "0xb8", "-M", "do", "-t", "7", str(CORRESPONDENT))
        here.run("ping", "-c", "1", "-M", "dont", str(CORRESPONDENT))
    first, second = [p[IP] for p in rdpcap(str(tmp_path / "wire.pcap")) if p[IP].payload[ICMP].type == 8]
    assert (first.tos, first.flags, first.ttl) == (0xB8, "DF", 64)
    assert (first.payload.tos, first.payload.flags, first.payload.ttl) == (0xB8, "DF", 7)
    assert (second.tos, second.flags) == (0, "")
    assert second.id != 0  # what may be fragmented needs an identification


@pytest.mark.rfc("3024", "5.3.2")
def test_home_agent_drops_what_does_not_come_from_the_care_of_address(ends: Ends, node: Holder, agent: Holder) -> None:
    here, there = ends
    inner = reply(HOME, there.address)
    node.say(
        tunnelled(inner, STRANGER, there.address),
        tunnelled(reply(STRANGER, there.address), here.address, there.address),
        tunnelled(reply(STRANGER, there.address), STRANGER, there.address),
        tunnelled(inner, here.address, there.address),
    )
    assert eventually(lambda: agent.heard(Heard))
    assert [heard.packet for heard in agent.heard(Heard)] == [inner]
    assert eventually(lambda: agent.counters()["wrong_outer_source"])  # it waited for a request that never came
    counters = agent.counters()
    assert (counters["held"], counters["wrong_outer_source"]) == (1, 1)
    assert counters["wrong_inner_source"] == 1
    assert counters["unknown_tunnel"] == 1
    assert counters["received"] == 1


def test_mobile_node_drops_what_does_not_come_from_its_home_agent(ends: Ends, node: Holder, agent: Holder) -> None:
    here, there = ends
    inner = reply(CORRESPONDENT, HOME)
    agent.say(
        tunnelled(inner, STRANGER, here.address),
        tunnelled(reply(CORRESPONDENT, here.address), there.address, here.address),
        tunnelled(inner, there.address, here.address),
    )
    assert eventually(lambda: node.heard(Heard))
    assert [(heard.packet, heard.interface) for heard in node.heard(Heard)] == [(inner, ANCHOR)]
    assert node.counters()["wrong_outer_source"] == 1
    assert node.counters()["wrong_inner_destination"] == 1


@pytest.mark.rfc("2003", "3.1")
def test_inner_packet_without_time_to_live_or_with_a_wrong_header_is_dropped(
    ends: Ends, node: Holder, agent: Holder
) -> None:
    here, there = ends
    wrong = IPv4Packet(source=there.address, destination=here.address, protocol=4, payload=b"\x45" + bytes(40))
    agent.say(
        tunnelled(reply(CORRESPONDENT, HOME, ttl=0), there.address, here.address),
        Send(packet=wrong),
        tunnelled(reply(CORRESPONDENT, HOME, ttl=1), there.address, here.address),
    )
    assert eventually(lambda: node.heard(Heard))
    assert [heard.packet.ttl for heard in node.heard(Heard)] == [1]
    assert node.counters()["malformed_inner"] == 2


@pytest.mark.rfc("6040", "4.2")
def test_congestion_on_the_way_is_told_or_the_packet_dropped(ends: Ends, node: Holder, agent: Holder) -> None:
    here, there = ends
    able = IPv4Packet(
        source=CORRESPONDENT,
        destination=HOME,
        protocol=1,
        payload=reply(CORRESPONDENT, HOME).payload,
        type_of_service=2,
    )
    agent.say(
        tunnelled(reply(CORRESPONDENT, HOME), there.address, here.address, tos=3),
        tunnelled(able, there.address, here.address, tos=3),
    )
    assert eventually(lambda: node.heard(Heard))
    assert [heard.packet.type_of_service for heard in node.heard(Heard)] == [3]
    assert node.counters()["congestion"] == 1


@pytest.fixture
def foreign_agent(ends: Ends, tmp_path: Path) -> Iterator[Holder]:
    """At the first end: a foreign agent whose visitor and whose visitor's home agent are both at the second."""
    here, there = ends
    holder = Holder(here, tmp_path / "foreign", owner=MOBILITY_AGENT, plane="tun")
    here.run(
        "sysctl", "-w", "net.ipv4.ip_forward=1", "net.ipv4.conf.all.rp_filter=0", f"net.ipv4.conf.{LINK}.rp_filter=0"
    )
    refused = holder.hold(
        (
            Anchor(1480),
            Rule(order=10, table=Table.MAIN, marked=True),
            Rule(order=20, table=Table.REVERSE, bound_to=HOME, arriving_on=here.interface),
            Route(destination=IPv4Network("0.0.0.0/0"), interface=ANCHOR, table=Table.REVERSE),
            Tunnel(
                end=End.MOBILE,
                home_address=HOME,
                local=here.address,
                remote=there.address,
                delivery=Delivery(interface=here.interface, link_layer_address=there.link_layer_address),
            ),
        )
    )
    assert refused == ()
    yield holder
    holder.kill()


@pytest.fixture
def visitor(ends: Ends, tmp_path: Path) -> Iterator[Holder]:
    """The second end hears what is delivered to the visitor."""
    holder = Holder(ends[1], tmp_path / "visitor", plane="tun")
    yield holder
    holder.kill()


@pytest.mark.rfc("5944", "4.2.2")
def test_visitor_gets_its_packets_by_its_link_layer_address(ends: Ends, foreign_agent: Holder, visitor: Holder) -> None:
    here, there = ends
    visitor.say(
        tunnelled(reply(CORRESPONDENT, HOME, ttl=9), there.address, here.address),
        tunnelled(reply(CORRESPONDENT, HOME, ttl=1), there.address, here.address),
    )
    assert eventually(lambda: visitor.heard(Heard))
    [heard] = visitor.heard(Heard)
    assert heard.packet == reply(CORRESPONDENT, HOME, ttl=8)  # delivering is forwarding
    assert heard.link_layer_source == here.link_layer_address
    assert heard.interface == there.interface
    assert foreign_agent.counters()["time_to_live_ended"] == 1


@pytest.mark.rfc("3024", "5.2")
def test_what_a_visitor_sends_goes_home_in_the_tunnel(
    ends: Ends, foreign_agent: Holder, visitor: Holder, tmp_path: Path
) -> None:
    here, there = ends
    frame = Send(
        packet=reply(HOME, CORRESPONDENT, ttl=9),
        interface=there.interface,
        link_layer_destination=here.link_layer_address,
    )
    with capture(there, tmp_path / "wire.pcap"):
        visitor.say(frame)
        assert eventually(lambda: foreign_agent.counters()["sent"])
    [packet] = [packet[IP] for packet in rdpcap(str(tmp_path / "wire.pcap")) if packet[IP].proto == 4]
    assert (packet.src, packet.dst) == (str(here.address), str(there.address))
    assert (packet.payload.src, packet.payload.dst, packet.payload.ttl) == (str(HOME), str(CORRESPONDENT), 8)
    assert checksums_are_right(packet)


@pytest.mark.rfc("2003", "5.1")
def test_packet_too_long_for_the_tunnel_is_refused_or_fragmented(ends: Ends, node: Holder, agent: Holder) -> None:
    here, there = ends
    node.hold(mobile_plan(here, there, mtu=1500))
    assert "1 received" in here.run("ping", "-c1", "-M", "dont", "-s", "1472", str(CORRESPONDENT))
    assert node.counters()["fragmented"] == 1
    refused = subprocess.run(
        ("ip", "netns", "exec", here.name, "ping", "-c2", "-W1", "-M", "do", "-s", "1472", str(CORRESPONDENT)),
        check=False,
        capture_output=True,
        text=True,
    )
    assert re.search(r"Frag needed and DF set \(mtu = 1480\)", refused.stdout)
    assert node.counters()["too_big"] == 1


@pytest.mark.rfc("5944", "4.2.3", "soft-state")
@pytest.mark.rfc("2003", "4.1")
def test_too_big_from_within_the_tunnel_reaches_the_sender(
    ends: Ends, node: Holder, agent: Holder, tmp_path: Path
) -> None:
    here, there = ends
    command = ("ip", "netns", "exec", here.name, "python3", "-c", SENDER)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        with capture(there, tmp_path / "wire.pcap"):
            program.stdin.write("send\n")
            program.stdin.flush()
            assert program.stdout.readline() == "1480\n"
        [outer] = [bytes(p[IP]) for p in rdpcap(str(tmp_path / "wire.pcap")) if UDP in p]
        error = IcmpMessage(type=3, code=4, body=bytes(2) + (1300).to_bytes(2, "big") + outer[:120])
        agent.say(Send(packet=error.packet(there.address, here.address)))
        assert eventually(lambda: node.counters()["tunnel_errors"])
        assert program.communicate("go on\n", timeout=10)[0] == "1280\n"


@pytest.mark.rfc("5944", "4.2.1")
def test_triangle_works_in_spite_of_a_strict_reverse_path_filter(ends: Ends, node: Holder, agent: Holder) -> None:
    here, there = ends
    here.run("sysctl", "-w", "net.ipv4.conf.all.rp_filter=1")
    direct = Route(
        destination=IPv4Network("0.0.0.0/0"),
        interface=here.interface,
        gateway=there.address,
        source=HOME,
    )
    assert node.hold((*(item for item in mobile_plan(here, there) if not isinstance(item, Route)), direct)) == ()
    there.run("ping", "-c", "2", "-i", "0.2", "-I", str(CORRESPONDENT), str(HOME))
    assert node.counters()["received"] == 2
    assert node.counters()["sent"] == 0


def test_moving_to_another_tunnel_loses_nothing_that_is_under_way(ends: Ends, node: Holder, agent: Holder) -> None:
    """The old care-of address may still send while the new one is in use."""
    here, there = ends
    old, new = here.address, IPv4Address("10.7.0.9")
    here.ip("addr", "add", f"{new}/24", "dev", LINK)
    plan = home_agent_plan(there, here)
    moved = Tunnel(end=End.HOME, home_address=HOME, local=there.address, remote=new)
    kept = Tunnel(end=End.HOME, home_address=HOME, local=there.address, remote=old, sends=False)
    assert agent.hold((*(item for item in plan if not isinstance(item, Tunnel)), moved, kept)) == ()
    node.say(
        tunnelled(reply(HOME, there.address, ttl=11), old, there.address),
        tunnelled(reply(HOME, there.address, ttl=12), new, there.address),
    )
    assert eventually(lambda: len(agent.heard(Heard)) == 2)
    assert [heard.packet.ttl for heard in agent.heard(Heard)] == [11, 12]
    there.run("ip", "route", "get", str(HOME))
    agent.hold((*(item for item in plan if not isinstance(item, Tunnel)), moved))
    node.say(tunnelled(reply(HOME, there.address), old, there.address))
    assert eventually(lambda: agent.counters()["wrong_outer_source"] == 1)
