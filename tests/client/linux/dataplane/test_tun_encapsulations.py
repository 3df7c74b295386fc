"""Every encapsulation through our process: real packets between two namespaces."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import pytest
from scapy.layers.inet import IP
from scapy.layers.inet6 import IPv6
from scapy.utils import rdpcap

from client.core.plan import Anchor, Encapsulation, End, Plan, Tunnel
from client.linux.ownership import MOBILITY_AGENT
from tests.client.linux.dataplane.wire import capture, checksums_are_right
from tests.client.linux.holder import Holder
from tests.client.linux.namespaces import LINK, Namespace
from tests.client.linux.plans import HOME, home_agent_plan, mobile_plan

pytestmark = pytest.mark.lab

Ends = tuple[Namespace, Namespace]
Start = Callable[[Plan, Plan], tuple[Holder, Holder]]
CORRESPONDENT = IPv4Address("192.0.2.9")
HOME6, CORRESPONDENT6 = IPv6Address("2001:db8:1::7"), IPv6Address("2001:db8:9::9")
HERE6, THERE6 = IPv6Address("2001:db8:7::1"), IPv6Address("2001:db8:7::2")
PROTOCOLS = {
    Encapsulation.IPIP: {4},
    Encapsulation.GRE: {47},
    Encapsulation.MINIMAL: {55},
    Encapsulation.UDP: {17},
}

SERVER = """
import socket, sys
with socket.create_server(("::", 8000), family=socket.AF_INET6, dualstack_ipv6=True) as listening:
    print("ready", flush=True)
    connection, _ = listening.accept()
    with connection:
        connection.sendall(bytes(300000))
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1)
"""
CLIENT = """
import socket, sys
with socket.create_connection((sys.argv[1], 8000), timeout=20) as connection:
    print(sum(iter(lambda: len(connection.recv(65536)), 0)))
"""


@pytest.fixture
def start(ends: Ends, tmp_path: Path) -> Iterator[Start]:
    """Starts a mobile node at the first end and its home agent, which is a correspondent as well, at the second."""
    here, there = ends
    there.ip("addr", "add", f"{CORRESPONDENT}/32", "dev", "lo")
    holders: list[Holder] = []

    def both(node_plan: Plan, agent_plan: Plan) -> tuple[Holder, Holder]:
        node = Holder(here, tmp_path / "node", plane="tun")
        agent = Holder(there, tmp_path / "agent", owner=MOBILITY_AGENT, plane="tun")
        holders.extend((node, agent))
        assert node.hold(node_plan) == ()
        assert agent.hold(agent_plan) == ()
        return node, agent

    yield both
    for holder in holders:
        holder.kill()


def plans(ends: Ends, encapsulation: Encapsulation, mtu: int = 1468) -> tuple[Plan, Plan]:
    """Of both ends, with their tunnel in this encapsulation."""
    here, there = ends
    ports = (434, 434) if encapsulation is Encapsulation.UDP else None

    def changed(plan: Plan) -> Plan:
        return tuple(
            replace(item, encapsulation=encapsulation, ports=ports) if isinstance(item, Tunnel) else item
            for item in plan
        )

    return changed(mobile_plan(here, there, mtu)), changed(home_agent_plan(there, here))


def transfer(ends: Ends, address: str) -> str:
    """How many bytes a program at the first end gets from one at the second."""
    here, there = ends
    command = ("ip", "netns", "exec", there.name, "python3", "-c", SERVER)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            return here.run("python3", "-c", CLIENT, address).strip()
        finally:
            process.terminate()


@pytest.mark.rfc("2003", "3")
@pytest.mark.rfc("2784", "2")
@pytest.mark.rfc("2004", "3")
@pytest.mark.rfc("3519", "4.2")
@pytest.mark.parametrize("encapsulation", list(PROTOCOLS), ids=lambda each: each.value)
def test_ping_and_tcp_pass_both_ways_and_every_checksum_is_right(
    ends: Ends, start: Start, tmp_path: Path, encapsulation: Encapsulation
) -> None:
    here, there = ends
    node, agent = start(*plans(ends, encapsulation))
    with capture(there, tmp_path / "wire.pcap"):
        here.run("ping", "-c", "2", "-i", "0.2", str(CORRESPONDENT))
        there.run("ping", "-c", "2", "-i", "0.2", "-I", str(CORRESPONDENT), str(HOME))
        assert transfer(ends, str(CORRESPONDENT)) == "300000"
    packets = [packet[IP] for packet in rdpcap(str(tmp_path / "wire.pcap"))]
    assert {packet.proto for packet in packets} == PROTOCOLS[encapsulation]
    assert {packet.src for packet in packets} == {str(here.address), str(there.address)}
    assert [packet for packet in packets if not checksums_are_right(packet)] == []
    assert node.counters()["received"] > 100
    assert agent.counters()["malformed_inner"] == node.counters()["malformed_inner"] == 0


@pytest.mark.rfc("3519", "4.8")
@pytest.mark.rfc("2004", "3")
@pytest.mark.parametrize("encapsulation", list(PROTOCOLS), ids=lambda each: each.value)
def test_what_is_too_long_is_fragmented_before_it_enters(
    ends: Ends, start: Start, tmp_path: Path, encapsulation: Encapsulation
) -> None:
    here, there = ends
    node, _ = start(*plans(ends, encapsulation, mtu=1500))
    with capture(there, tmp_path / "wire.pcap"):
        assert "1 received" in here.run("ping", "-c1", "-M", "dont", "-s", "1472", str(CORRESPONDENT))
    assert node.counters()["fragmented"] == 1
    packets = [packet[IP] for packet in rdpcap(str(tmp_path / "wire.pcap"))]
    assert {packet.flags.MF or packet.frag for packet in packets} == {False}  # the outer packets are whole
    assert max(packet.len for packet in packets) <= 1500


@pytest.mark.rfc("3519", "4.3")
def test_udp_from_another_port_is_not_taken(ends: Ends, start: Start) -> None:
    here, _ = ends
    node_plan, agent_plan = plans(ends, Encapsulation.UDP)
    elsewhere = tuple(replace(item, ports=(434, 40123)) if isinstance(item, Tunnel) else item for item in agent_plan)
    _, agent = start(node_plan, elsewhere)
    lost = subprocess.run(
        ("ip", "netns", "exec", here.name, "ping", "-c1", "-W1", str(CORRESPONDENT)), check=False, capture_output=True
    )
    assert lost.returncode == 1
    assert (agent.counters()["wrong_outer_source"], agent.counters()["received"]) == (1, 0)


@pytest.fixture
def ends6(ends: Ends) -> Ends:
    """Both ends with IPv6 addresses."""
    here, there = ends
    for namespace, address in ((here, HERE6), (there, THERE6)):
        namespace.ip("-6", "addr", "add", f"{address}/64", "dev", LINK, "nodad")
    there.ip("-6", "addr", "add", f"{CORRESPONDENT6}/128", "dev", "lo")
    here.ip("-6", "route", "add", str(CORRESPONDENT6), "via", str(THERE6))
    return ends


def attend(ends: Ends) -> None:
    """Give the anchors IPv6, which no plan does yet."""
    here, there = ends
    here.ip("-6", "addr", "add", f"{HOME6}/128", "dev", "mip0", "nodad")
    here.ip("-6", "route", "replace", str(CORRESPONDENT6), "dev", "mip0", "src", str(HOME6))
    there.ip("-6", "route", "add", str(HOME6), "dev", "mipa0")


@pytest.mark.rfc("2473", "3")
def test_ipv6_in_ipv6_passes_both_ways(ends6: Ends, start: Start, tmp_path: Path) -> None:
    here, there = ends6
    start(
        (Anchor(1460), Tunnel(end=End.MOBILE, home_address=HOME6, local=HERE6, remote=THERE6)),
        (Anchor(1460), Tunnel(end=End.HOME, home_address=HOME6, local=THERE6, remote=HERE6)),
    )
    attend(ends6)
    with capture(there, tmp_path / "wire.pcap", f"ip6 and host {HERE6} and not icmp6"):
        here.run("ping", "-6", "-c", "2", "-i", "0.2", str(CORRESPONDENT6))
        there.run("ping", "-6", "-c", "2", "-i", "0.2", "-I", str(CORRESPONDENT6), str(HOME6))
        assert transfer(ends6, str(CORRESPONDENT6)) == "300000"
    packets = [packet[IPv6] for packet in rdpcap(str(tmp_path / "wire.pcap"))]
    assert {packet.nh for packet in packets} == {41}
    assert {packet.payload.src for packet in packets} == {str(HOME6), str(CORRESPONDENT6)}


@pytest.mark.rfc("2473", "7.1")
def test_ipv6_tunnel_carries_what_every_link_must(ends6: Ends, start: Start, tmp_path: Path) -> None:
    """1,280 bytes go, in fragments of the outer packet; what is longer is told."""
    here, there = ends6
    start(
        (Anchor(1500), Tunnel(end=End.MOBILE, home_address=HOME6, local=HERE6, remote=THERE6, mtu=1240)),
        (Anchor(1500), Tunnel(end=End.HOME, home_address=HOME6, local=THERE6, remote=HERE6, mtu=1240)),
    )
    attend(ends6)
    with capture(there, tmp_path / "wire.pcap", f"ip6 and host {HERE6} and not icmp6"):
        assert "1 received" in here.run("ping", "-6", "-c1", "-s", "1232", str(CORRESPONDENT6))
    assert {packet[IPv6].nh for packet in rdpcap(str(tmp_path / "wire.pcap"))} == {44}
    refused = subprocess.run(
        ("ip", "netns", "exec", here.name, "ping", "-6", "-c1", "-W1", "-M", "do", "-s", "1400", str(CORRESPONDENT6)),
        check=False,
        capture_output=True,
        text=True,
    )
    assert "Packet too big: mtu=1280" in refused.stdout


def direct(end: End, local: IPv6Address, remote: IPv6Address) -> Tunnel:
    return Tunnel(end=end, home_address=HOME6, local=local, remote=remote, encapsulation=Encapsulation.DIRECT)


@pytest.mark.rfc("6275", "6.3")
@pytest.mark.rfc("6275", "6.4")
def test_mobile_node_and_correspondent_speak_directly_and_the_kernel_refuses_nothing(
    ends6: Ends, start: Start, tmp_path: Path
) -> None:
    here, there = ends6
    node, agent = start(
        (Anchor(1460), direct(End.MOBILE, HERE6, CORRESPONDENT6)),
        (Anchor(1460), direct(End.HOME, CORRESPONDENT6, HERE6)),
    )
    here.ip("-6", "rule", "add", "from", str(HOME6), "lookup", "77")
    attend(ends6)
    here.ip("-6", "route", "del", str(CORRESPONDENT6), "dev", "mip0")
    here.ip("-6", "route", "add", str(CORRESPONDENT6), "via", str(THERE6))
    here.ip("-6", "route", "add", "default", "dev", "mip0", "table", "77")
    with capture(there, tmp_path / "wire.pcap", f"ip6 and host {HERE6}"):
        there.run("ping", "-6", "-c", "2", "-i", "0.2", "-I", str(CORRESPONDENT6), str(HOME6))
        here.run("ping", "-6", "-c", "2", "-i", "0.2", "-I", str(HOME6), str(CORRESPONDENT6))
    packets = [packet[IPv6] for packet in rdpcap(str(tmp_path / "wire.pcap")) if packet[IPv6].nh in (43, 60)]
    assert {(packet.src, packet.nh) for packet in packets} == {(str(HERE6), 60), (str(CORRESPONDENT6), 43)}
    everything = [packet[IPv6] for packet in rdpcap(str(tmp_path / "wire.pcap"))]
    problems = [packet for packet in everything if packet.nh == 58 and bytes(packet.payload)[0] == 4]
    assert problems == []
    assert (node.counters()["received"], agent.counters()["received"]) == (4, 4)
    node.stop()
    assert "blackhole" not in here.ip("-6", "rule")
