"""A mobile node, its home agent and correspondents on two real kernels, by both planes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv6Address, IPv6Network
from pathlib import Path

import pytest

from client.core.icmp6 import Icmp6Message
from client.core.ipv6 import IPv6Packet, NextHeader, upper_layer_checksum
from client.core.machine import Correspondence, Heard6, PathMtuLearnt, Send6
from client.core.plan import ANCHOR, Encapsulation, End, MobilityHeaders, Plan, Route, Table, Tunnel
from client.linux.ownership import MOBILITY_AGENT
from tests.client.linux.holder import Holder, eventually
from tests.client.linux.namespaces import LINK, Namespace
from tests.client.linux.plans import HERE6, HOME6, THERE6, give_addresses6, home_agent_plan6, mobile_plan6

pytestmark = pytest.mark.lab

Ends = tuple[Namespace, Namespace]
ABLE, UNABLE = IPv6Address("2001:db8:7::a"), IPv6Address("2001:db8:7::b")
"""Correspondents, at the home agent's end: the first has a binding."""


PROBE = """
import socket
made = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
made.setsockopt(socket.IPPROTO_IPV6, 23, 3)  # IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE
made.bind(("{source}", 0))
made.sendto(bytes(1340), ("{destination}", 9))
"""
"""Sends what is too long, past what the kernel has learnt of that."""


@pytest.fixture(params=["ebpf", "tun"])
def plane(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def ends(ends: Ends) -> Ends:
    """Two namespaces with a cable, and IPv6 addresses that may be used at once."""
    give_addresses6(*ends)
    for address in (ABLE, UNABLE):
        ends[1].ip("addr", "add", f"{address}/64", "dev", LINK, "nodad")
    return ends


@pytest.fixture
def node(ends: Ends, tmp_path: Path, plane: str) -> Iterator[Holder]:
    """A mobile node at the first end."""
    holder = Holder(ends[0], tmp_path / "node", plane=plane)
    assert holder.started == "ready"
    yield holder
    holder.kill()


@pytest.fixture
def peer(ends: Ends, tmp_path: Path, plane: str) -> Iterator[Holder]:
    """A home agent and correspondent at the second end."""
    holder = Holder(ends[1], tmp_path / "peer", owner=MOBILITY_AGENT, plane=plane)
    assert holder.started == "ready"
    yield holder
    holder.kill()


def mobile(here: Namespace) -> Plan:
    """Away from home, with a binding at one correspondent."""
    direct = Tunnel(
        end=End.MOBILE,
        home_address=HOME6,
        local=HERE6,
        remote=ABLE,
        encapsulation=Encapsulation.DIRECT,
        interface=here.interface,
    )
    return (*mobile_plan6(here), direct)


def others(there: Namespace) -> Plan:
    """The home agent, and the correspondent."""
    direct = Tunnel(
        end=End.HOME,
        home_address=HOME6,
        local=ABLE,
        remote=HERE6,
        encapsulation=Encapsulation.DIRECT,
        interface=there.interface,
    )
    return (*home_agent_plan6(there), direct)


def header(kind: int, sender: IPv6Address, receiver: IPv6Address) -> bytes:
    """A mobility header of 16 bytes, by hand (RFC 6275 §6.1.1)."""
    plain = bytes([59, 1, kind, 0, 0, 0]) + bytes(10)
    checksum = upper_layer_checksum(sender, receiver, NextHeader.MOBILITY, plain)
    return plain[:4] + checksum.to_bytes(2, "big") + plain[6:]


def summed(holder: Holder) -> tuple[dict[IPv6Address, int], dict[IPv6Address, int]]:
    """All packets told of, and the direct ones among them."""
    packets: dict[IPv6Address, int] = {}
    direct: dict[IPv6Address, int] = {}
    for event in holder.heard(Correspondence):
        for sums, told in ((packets, event.packets), (direct, event.direct)):
            for address, count in told.items():
                sums[address] = sums.get(address, 0) + count
    return packets, direct


@pytest.mark.rfc("6275", "11.7.2")
def test_programs_correspondents_are_told(ends: Ends, node: Holder, peer: Holder) -> None:
    here, there = ends
    assert node.hold(mobile(here)) == ()
    assert peer.hold(others(there)) == ()
    for address, count in ((ABLE, 3), (UNABLE, 2)):
        here.run("ping", "-6", "-c", str(count), "-i", "0.1", "-I", str(HOME6), str(address))
    expected = {ABLE: 6, UNABLE: 4}, {ABLE: 3}
    assert eventually(lambda: summed(node) == expected)
    assert eventually(lambda: summed(peer) == ({HOME6: 6}, {HOME6: 3}))  # who forwards does not correspond
    assert not eventually(lambda: summed(node) != expected, 0.6)
    if node.plane() == "ebpf":
        assert node.counters()["ebpf_sent_direct"] == node.counters()["ebpf_received_direct"] == 3


def test_a_new_correspondent_is_told_at_once(ends: Ends, node: Holder, peer: Holder) -> None:
    here, there = ends
    node.hold(mobile(here))
    peer.hold(others(there))
    here.run("ping", "-6", "-c", "1", "-I", str(HOME6), str(UNABLE))
    assert eventually(lambda: node.heard(Correspondence), 0.5)


@pytest.mark.rfc("6275", "5.2.5")
def test_a_home_test_never_goes_by_a_direct_path(ends: Ends, node: Holder, peer: Holder) -> None:
    here, there = ends
    node.hold(mobile(here))
    peer.hold(others(there))
    init = IPv6Packet(source=HOME6, destination=ABLE, next_header=135, payload=header(1, HOME6, ABLE))
    node.say(Send6(packet=init, signalling=False))
    assert eventually(lambda: [each.interface for each in peer.heard(Heard6) if each.packet == init] == [ANCHOR])
    assert not eventually(lambda: node.heard(Correspondence), 0.6)  # nor is it what programs say


@pytest.mark.rfc("6275", "6.1.7")
def test_an_update_with_a_home_address_is_heard_once_and_from_the_link(ends: Ends, node: Holder, peer: Holder) -> None:
    here, there = ends
    node.hold(mobile(here))
    peer.hold(others(there))
    update = IPv6Packet(
        source=HERE6, destination=ABLE, next_header=135, payload=header(5, HOME6, ABLE), home_address=HOME6
    )
    node.say(Send6(packet=update))
    assert eventually(lambda: [each for each in peer.heard(Heard6) if each.packet.next_header == 135])
    assert not eventually(lambda: len([each for each in peer.heard(Heard6) if each.packet.next_header == 135]) > 1, 0.5)
    [heard] = [each for each in peer.heard(Heard6) if each.packet.next_header == 135]
    assert (heard.packet, heard.interface) == (update, there.interface)


@pytest.mark.rfc("6275", "9.3.1")
def test_packets_of_a_home_address_without_a_binding_are_heard(ends: Ends, node: Holder, peer: Holder) -> None:
    """So that a correspondent that was started anew can say that it has none (Binding Error 1)."""
    _, there = ends
    datagram = IPv6Packet(
        source=HERE6, destination=ABLE, next_header=17, payload=bytes.fromhex("1111222200080000"), home_address=HOME6
    )
    node.say(Send6(packet=datagram))
    assert not eventually(lambda: strays(peer), 0.5)  # nobody asked for it
    peer.hold((MobilityHeaders(),))
    node.say(Send6(packet=datagram))
    assert eventually(lambda: [each.packet for each in strays(peer)] == [datagram])
    [heard] = strays(peer)
    assert (heard.interface, heard.link_layer_source) == (there.interface, ends[0].link_layer_address)
    peer.hold(others(there))
    node.say(Send6(packet=datagram))
    assert not eventually(lambda: len(strays(peer)) > 1, 0.5)  # it has one now


def strays(holder: Holder) -> list[Heard6]:
    """Programs' packets with a home address that the machine heard."""
    return [each for each in holder.heard(Heard6) if each.packet.next_header == 17]


@pytest.mark.rfc("6275", "9.4.3")
def test_signalling_by_a_given_link_goes_past_the_binding(ends: Ends, node: Holder, peer: Holder) -> None:
    """A Home Test goes to the home address itself, whatever binding there is."""
    here, there = ends
    there.ip("route", "add", "default", "via", str(HERE6), "dev", LINK)
    node.hold(mobile(here))
    peer.hold(others(there))
    home_test = IPv6Packet(source=ABLE, destination=HOME6, next_header=135, payload=header(3, ABLE, HOME6))
    peer.say(Send6(packet=home_test, interface=there.interface))
    assert eventually(
        lambda: (home_test, here.interface) in [(each.packet, each.interface) for each in node.heard(Heard6)]
    )


@pytest.mark.rfc("8201", "4")
@pytest.mark.rfc("2473", "7.1")
@pytest.mark.parametrize("to", [ABLE, UNABLE], ids=["direct", "tunnel"])
def test_a_narrower_path_is_learnt(ends: Ends, node: Holder, peer: Holder, to: IPv6Address) -> None:
    here, there = ends
    node.hold(mobile(here))
    peer.hold(others(there))
    remote = ABLE if to == ABLE else THERE6
    large = ("ping", "-6", "-c", "1", "-W", "2", "-M", "do", "-s", "1340", "-I", str(HOME6), str(to))
    here.run(*large)
    echo = Icmp6Message(type=128, body=bytes(1344)).packet(HOME6, to)
    quoted, more = (_inside_tunnel(echo), 40) if remote == THERE6 else (_with_option(echo), 24)
    error = Icmp6Message(type=2, body=(1360).to_bytes(4, "big") + quoted[:1200])
    peer.say(Send6(packet=error.packet(UNABLE, HERE6)))
    assert eventually(lambda: node.heard(PathMtuLearnt))
    assert node.heard(PathMtuLearnt)[0] == PathMtuLearnt(remote=remote, mtu=1360)
    assert eventually(
        lambda: f"mtu: {1360 - more}" in here.run("sh", "-c", f"{' '.join(large)} 2>&1 || true")
    )  # the program was told
    before = node.counters()
    here.run("python3", "-c", PROBE.format(source=HOME6, destination=to))
    after = node.counters()
    assert after["too_big"] > before["too_big"]
    if node.plane() == "ebpf":
        assert after["ebpf_declined_too_big"] > before["ebpf_declined_too_big"]


def _inside_tunnel(packet: IPv6Packet) -> bytes:
    outer = IPv6Packet(source=HERE6, destination=THERE6, next_header=NextHeader.IPV6, payload=packet.pack())
    return outer.pack()


def _with_option(packet: IPv6Packet) -> bytes:
    named = IPv6Packet(
        source=HERE6, destination=ABLE, next_header=NextHeader.ICMPV6, payload=packet.payload, home_address=HOME6
    )
    return named.pack()


def test_a_direct_path_ends_with_its_tunnel(ends: Ends, node: Holder, peer: Holder) -> None:
    here, there = ends
    node.hold(mobile(here))
    peer.hold(others(there))
    ping = ("ping", "-6", "-c", "1", "-W", "2", "-I", str(HOME6), str(ABLE))
    here.run(*ping)
    node.hold(mobile_plan6(here))
    peer.hold(home_agent_plan6(there))
    here.run(*ping)
    assert eventually(lambda: summed(node) == ({ABLE: 4}, {ABLE: 1}))
    route = Route(destination=IPv6Network(HOME6), interface=ANCHOR, table=Table.MAIN)
    assert route in home_agent_plan6(there)


@pytest.mark.rfc("6275", "11.6.3", "protect")
@pytest.mark.parametrize("withheld", [False, True])
def test_tunnel_that_is_not_for_signalling_takes_no_mobility_header(
    ends: Ends, node: Holder, peer: Holder, *, withheld: bool
) -> None:
    """Then the machine sends it in ESP; everything else goes by the tunnel as ever."""
    here, there = ends
    plan = tuple(
        replace(item, signalling=not withheld) if isinstance(item, Tunnel) else item for item in mobile_plan6(here)
    )
    assert node.hold(plan) == ()
    assert peer.hold(home_agent_plan6(there)) == ()
    header = bytes((59, 1, 1, 0, 0, 0)) + bytes(10)
    right = upper_layer_checksum(HOME6, UNABLE, NextHeader.MOBILITY, header).to_bytes(2)
    init = IPv6Packet(
        source=HOME6, destination=UNABLE, next_header=NextHeader.MOBILITY, payload=header[:4] + right + header[6:]
    )
    reply = Icmp6Message(type=129, body=b"after it").packet(HOME6, UNABLE)
    node.say(Send6(packet=init, signalling=False), Send6(packet=reply, signalling=False))

    def arrived(next_header: int) -> list[int]:
        return [each.interface for each in peer.heard(Heard6) if each.packet.next_header == next_header]

    assert eventually(lambda: ANCHOR in arrived(NextHeader.ICMPV6))
    assert (ANCHOR in arrived(NextHeader.MOBILITY)) is not withheld
