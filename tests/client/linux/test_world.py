"""The world against the real kernel: what it holds, gives back, repairs and hears."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from pathlib import Path

import pytest

from client.core.arp import ETHERNET_BROADCAST, NO_LINK_LAYER_ADDRESS, ArpOperation, ArpPacket
from client.core.icmp import IcmpMessage
from client.core.machine import ArpHeard, Heard, LinksChanged, Send, SendArp, Traffic
from client.core.plan import EMPTY, Anchor, QuietArp, Route, Rule, Table
from client.core.udp import UdpDatagram
from client.linux import state_file
from client.linux.dataplane.kernel import cleanup
from client.linux.ownership import MOBILE_NODE, MOBILITY_AGENT
from tests.client.linux.holder import Holder, eventually
from tests.client.linux.namespaces import LINK, Namespace, inside
from tests.client.linux.plans import HOME, home_agent_plan, mobile_plan

pytestmark = pytest.mark.lab

Ends = tuple[Namespace, Namespace]


@pytest.fixture
def node(ends: Ends, tmp_path: Path) -> Iterator[Holder]:
    """A mobile node at the first end."""
    holder = Holder(ends[0], tmp_path / "node", state=tmp_path / "memory")
    assert holder.started == "ready"
    yield holder
    holder.kill()


@pytest.fixture
def peer(ends: Ends, tmp_path: Path) -> Iterator[Holder]:
    """An agent at the second end."""
    holder = Holder(ends[1], tmp_path / "peer", owner=MOBILITY_AGENT)
    assert holder.started == "ready"
    yield holder
    holder.kill()


def test_everything_is_given_back(ends: Ends, tmp_path: Path) -> None:
    here, there = ends
    before = here.snapshot()
    node = Holder(here, tmp_path)
    assert node.hold(mobile_plan(here, there)) == ()
    held = here.snapshot()
    assert {rule["priority"] for rule in held["rules"]} >= {4340, 4341, 4342, 4343}
    assert "mip0" in held["links"]
    assert held["neighbours"] != before["neighbours"]
    assert held["settings"] != before["settings"]
    node.stop()
    assert here.snapshot() == before
    assert list(tmp_path.iterdir()) == []


def test_killed_daemon_leaves_what_its_successor_removes(ends: Ends, tmp_path: Path) -> None:
    here, there = ends
    before = here.snapshot()
    for attempt in range(3):
        node = Holder(here, tmp_path)
        assert node.hold(mobile_plan(here, there)) == ()
        node.kill()
        left = here.snapshot()
        assert left != before
        assert "mip0" not in left["links"]
        if attempt:
            inside(here, cleanup, MOBILE_NODE, tmp_path)
        else:
            Holder(here, tmp_path).stop()
        assert here.snapshot() == before


def test_cleaning_touches_nothing_of_others(ends: Ends, tmp_path: Path) -> None:
    here, _ = ends
    here.ip("rule", "add", "priority", "4341", "from", "192.0.2.1", "lookup", "434")
    here.ip("route", "add", "192.0.2.0/24", "dev", LINK, "table", "434", "proto", "static")
    here.ip("neigh", "add", "10.7.0.9", "lladdr", "02:00:00:00:00:09", "dev", LINK, "nud", "permanent")
    here.run("sysctl", "-w", f"net.ipv4.conf.{LINK}.arp_ignore=2")
    before = here.snapshot()
    inside(here, cleanup, MOBILE_NODE, tmp_path)
    inside(here, cleanup, MOBILITY_AGENT, tmp_path)
    assert here.snapshot() == before


def test_setting_that_somebody_changed_meanwhile_is_left(ends: Ends, tmp_path: Path) -> None:
    here, _ = ends
    node = Holder(here, tmp_path)
    node.hold((QuietArp(here.interface),))
    here.run("sysctl", "-w", f"net.ipv4.conf.{LINK}.arp_ignore=8")
    node.stop()
    assert here.run("sysctl", "-n", f"net.ipv4.conf.{LINK}.arp_ignore").strip() == "8"
    assert here.run("sysctl", "-n", f"net.ipv4.conf.{LINK}.arp_announce").strip() == "0"


def test_same_plan_again_does_not_touch_the_kernel(ends: Ends, node: Holder) -> None:
    here, there = ends
    node.hold(mobile_plan(here, there))
    with subprocess.Popen(("ip", "-n", here.name, "monitor", "all"), stdout=subprocess.PIPE, text=True) as monitor:
        assert eventually(lambda: _listens(monitor.pid))
        node.hold(tuple(mobile_plan(here, there)))
        here.ip("route", "add", "198.51.100.0/24", "dev", LINK)  # shows that the monitor sees changes
        assert monitor.stdout is not None
        first = monitor.stdout.readline()
        monitor.terminate()
    assert "198.51.100.0/24" in first


def _listens(pid: int) -> bool:
    """Whether a process has a netlink socket."""
    return any("socket" in str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir())


@pytest.mark.parametrize(
    "theft",
    [
        ("route", "del", "default", "table", "434"),
        ("rule", "del", "priority", "4343"),
        ("neigh", "del", "10.7.0.77", "dev", LINK),
        ("addr", "del", "10.99.0.5/32", "dev", "mip0"),
        ("link", "set", "mip0", "down"),
        ("link", "del", "mip0"),
        ("link", "set", LINK, "down"),
        ("addr", "del", "10.7.0.1/24", "dev", LINK),
    ],
    ids=" ".join,
)
def test_what_others_take_away_is_put_back(ends: Ends, node: Holder, theft: tuple[str, ...]) -> None:
    here, there = ends
    node.hold(mobile_plan(here, there))
    before = here.snapshot()
    here.ip(*theft)
    if theft == ("link", "set", LINK, "down"):
        here.ip("link", "set", LINK, "up")
    if theft[:2] == ("addr", "del") and theft[-1] == LINK:
        here.ip("addr", "add", "10.7.0.1/24", "dev", LINK)
    assert eventually(lambda: here.snapshot() == before, 4.0)
    assert eventually(lambda: node.refused() == (), 4.0)


def test_fight_ends_after_three_rounds_a_minute(ends: Ends, node: Holder) -> None:
    here, there = ends
    node.hold(mobile_plan(here, there))
    for _ in range(4):
        assert eventually(lambda: "default" in here.ip("route", "show", "table", "434"))
        here.ip("route", "del", "default", "table", "434")
    assert eventually(lambda: any("another program keeps removing it" in reason for reason in node.refused()))


def test_refused_plan_is_tried_again_until_it_stands(ends: Ends, node: Holder) -> None:
    here, there = ends
    here.ip("link", "set", LINK, "down")
    plan = mobile_plan(here, there)
    gone = tuple(item for item in plan if not isinstance(item, QuietArp))
    assert node.hold((*gone, QuietArp(99))) != ()
    assert node.hold(plan) == ()
    assert node.hold(EMPTY) == ()


def test_second_daemon_is_told_that_the_port_is_taken(ends: Ends, node: Holder, tmp_path: Path) -> None:
    second = Holder(ends[0], tmp_path / "second", owner=MOBILITY_AGENT)
    assert second.started == "UDP port 434 is taken: does another Mobile IP program run?"
    second.process.join(5)


def test_address_reaches_the_machine_within_milliseconds(ends: Ends, node: Holder) -> None:
    here, _ = ends
    delays = []
    for number in range(20, 40):
        before = time.clock_gettime(time.CLOCK_BOOTTIME)
        here.ip("addr", "add", f"10.7.0.{number}/24", "dev", LINK)
        done = time.clock_gettime(time.CLOCK_BOOTTIME)
        assert eventually(partial(_has_address, node, f"10.7.0.{number}/24"))
        heard = next(at for at, event in node.events() if at >= before and isinstance(event, LinksChanged))
        delays.append(heard - done)  # `ip` itself needs longer to end than we to hear
    assert sorted(delays)[len(delays) // 2] < 0.002


def _has_address(node: Holder, address: str) -> bool:
    return IPv4Interface(address) in node.links().links[0].addresses


def test_links_are_as_the_kernel_has_them_after_lost_events(ends: Ends, node: Holder) -> None:
    here, _ = ends
    assert node.process.pid is not None
    os.kill(node.process.pid, signal.SIGSTOP)
    churn = "".join(f"addr add 10.8.{n // 250}.{n % 250 + 1}/32 dev {LINK}\n" for n in range(6000))
    churn += f"addr flush dev {LINK}\n"
    subprocess.run(("ip", "-n", here.name, "-batch", "-"), input=churn, check=True, text=True, capture_output=True)
    here.ip("addr", "add", "10.7.0.44/24", "dev", LINK)
    os.kill(node.process.pid, signal.SIGCONT)
    expected = (IPv4Interface("10.7.0.44/24"),)
    assert eventually(lambda: node.links().links[0].addresses == expected)
    assert node.counters()["netlink_overrun"] > 0


def test_flick_of_a_link_is_counted(ends: Ends, node: Holder) -> None:
    here, _ = ends
    [link] = node.links().links
    here.ip("link", "set", LINK, "down")
    here.ip("link", "set", LINK, "up")
    assert eventually(lambda: node.links().links[0].ups > link.ups and node.links().links[0].up)


def test_link_that_is_replugged_is_a_new_one(ends: Ends, node: Holder) -> None:
    here, there = ends
    here.ip("link", "del", LINK)
    assert eventually(lambda: node.links().links == ())
    here.ip("link", "add", LINK, "index", "31", "type", "veth", "peer", "name", LINK, "netns", there.name)
    here.ip("link", "set", LINK, "up")
    there.ip("link", "set", LINK, "up")
    assert eventually(lambda: [(link.index, link.up) for link in node.links().links] == [(31, True)])


def question(asker: Namespace, address: IPv4Address) -> SendArp:
    arp = ArpPacket(
        operation=ArpOperation.REQUEST,
        sender_link_layer_address=asker.link_layer_address,
        sender_address=asker.address,
        target_link_layer_address=NO_LINK_LAYER_ADDRESS,
        target_address=address,
    )
    return SendArp(arp=arp, interface=asker.interface, link_layer_destination=ETHERNET_BROADCAST)


def named(peer: Holder, address: IPv4Address) -> list[ArpHeard]:
    return [heard for heard in peer.heard(ArpHeard) if address in (heard.arp.sender_address, heard.arp.target_address)]


@pytest.mark.rfc("5944", "4.6")
def test_no_arp_names_the_home_address_on_a_quiet_link(ends: Ends, node: Holder, peer: Holder) -> None:
    here, there = ends
    plan = mobile_plan(here, there)
    node.hold(tuple(item for item in plan if not isinstance(item, QuietArp)))
    peer.say(question(there, HOME))
    assert eventually(lambda: named(peer, HOME))  # an ordinary link answers
    node.hold(plan)
    loud = len(named(peer, HOME))
    peer.say(question(there, HOME))
    subprocess.run(
        ("ip", "netns", "exec", here.name, "ping", "-c1", "-W1", "-I", "10.99.0.5", "-m", "1076", "10.7.0.99"),
        check=False,
        capture_output=True,
    )
    assert eventually(lambda: named(peer, IPv4Address("10.7.0.99")))  # it did ask, but as its care-of address
    assert len(named(peer, HOME)) == loud


@pytest.mark.rfc("5944", "4.6")
def test_a_question_begun_at_home_is_not_repeated_once_the_link_is_quiet(
    ends: Ends, node: Holder, peer: Holder
) -> None:
    here, there = ends
    silent = IPv4Address("10.99.0.99")
    at_home = Route(destination=IPv4Network("10.99.0.0/24"), interface=here.interface, source=HOME)
    node.hold((Anchor(1480, HOME), Rule(order=3, table=Table.OURS), at_home))
    asking = subprocess.Popen(
        ("ip", "netns", "exec", here.name, "ping", "-c1", "-W4", str(silent)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert eventually(lambda: named(peer, silent))  # the kernel asks, and would ask again in a second
    node.hold(mobile_plan(here, there))
    asked = len(named(peer, silent))
    asking.wait()
    assert len(named(peer, silent)) == asked


def test_frames_and_routed_packets_arrive_as_they_were_sent(ends: Ends, node: Holder, peer: Holder) -> None:
    here, there = ends
    solicitation = IcmpMessage(type=10, body=bytes(4)).packet(here.address, IPv4Address("224.0.0.2"), ttl=1)
    request = UdpDatagram(source_port=434, destination_port=434, payload=b"request").packet(here.address, there.address)
    node.say(
        Send(packet=solicitation, interface=here.interface, link_layer_destination=bytes.fromhex("01005e000002")),
        Send(packet=solicitation, interface=here.interface),
        Send(packet=request),
        Send(packet=request, interface=here.interface),
    )
    assert eventually(lambda: len(peer.heard(Heard)) == 4)
    heard = peer.heard(Heard)
    assert [(each.packet.payload, each.packet.ttl) for each in heard] == [
        (solicitation.payload, 1),
        (solicitation.payload, 1),
        (request.payload, 64),
        (request.payload, 64),
    ]
    assert {each.link_layer_source for each in heard} == {here.link_layer_address}
    assert {each.interface for each in heard} == {there.interface}
    assert node.heard(Heard) == []  # nobody hears what he says himself, and port 434 is not refused


def test_ordinary_datagram_is_heard_with_a_right_checksum(ends: Ends, peer: Holder) -> None:
    """Its sender leaves the checksum to a network card that is not there (a cable with checksum offload)."""
    here, _ = ends
    here.run("ethtool", "-K", LINK, "tx", "on")
    program = "import socket; socket.socket(2, 2).sendto(b'hello', ('10.7.0.2', 434))"
    here.run("python3", "-c", program)
    assert eventually(lambda: peer.heard(Heard))
    assert UdpDatagram.unpack(peer.heard(Heard)[0].packet).payload == b"hello"


def test_memory_is_stored_before_what_follows_is_sent(ends: Ends, node: Holder, peer: Holder, tmp_path: Path) -> None:
    here, there = ends
    request = UdpDatagram(source_port=434, destination_port=434, payload=b"request").packet(here.address, there.address)
    node.remember(b"floor", Send(packet=request))
    assert eventually(lambda: peer.heard(Heard))
    assert state_file.load(tmp_path / "memory") == b"floor"


def test_traffic_of_programs_is_told_and_our_own_is_not(ends: Ends, node: Holder, peer: Holder) -> None:
    here, there = ends
    node.hold(mobile_plan(here, there))
    peer.hold(home_agent_plan(there, here))
    probe = IcmpMessage(type=8, body=bytes(8)).packet(HOME, there.address)
    node.say(*(Send(packet=probe, signalling=False) for _ in range(5)))
    assert eventually(lambda: len(node.heard(Heard)) == 5)
    time.sleep(1.1)
    told = node.heard(Traffic)
    here.run("ping", "-c", "3", "-i", "0.2", "-I", str(HOME), str(there.address))
    assert eventually(lambda: len(node.heard(Traffic)) > len(told))
    time.sleep(1.1)
    start = told[-1] if told else Traffic(sent=0, received=0)
    end = node.heard(Traffic)[-1]
    assert (end.sent - start.sent, end.received - start.received) == (3, 3)
    carried = node.counters()
    by_ebpf = carried["ebpf_sent_ipip"], carried["ebpf_received_ipip"]
    assert by_ebpf == ((8, 8) if node.plane() == "ebpf" else (0, 0))  # the probes and the program's
    assert (start.sent, start.received) == (0, 0)
    assert (end.sent_bytes - start.sent_bytes, end.received_bytes - start.received_bytes) == (3 * 84, 3 * 84)


def test_agents_links_may_be_bridges(ends: Ends, tmp_path: Path) -> None:
    here, _ = ends
    here.ip("link", "add", "br0", "type", "bridge")
    here.ip("link", "set", LINK, "master", "br0")
    agent = Holder(here, tmp_path, owner=MOBILITY_AGENT)
    assert [link.name for link in agent.links().links] == ["br0"]
    agent.stop()
    node = Holder(here, tmp_path)
    assert node.links().links == ()
    node.stop()
