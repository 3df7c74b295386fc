"""Mobility signalling between two real kernels: what is sent arrives as it was sent, and nobody complains of it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from ipaddress import IPv6Address
from pathlib import Path

import pytest

from client.core.icmp6 import Icmp6Message, Icmp6Type
from client.core.ipv6 import (
    ALL_NODES,
    ALL_ROUTERS6,
    IPv6Packet,
    NextHeader,
    group_link_layer_address,
    solicited_node,
    upper_layer_checksum,
)
from client.core.machine import Heard6, Send6
from client.core.plan import ANCHOR, EspHeaders, Membership, MobilityHeaders
from client.linux.dataplane.mobility_headers import knows_home_addresses
from client.linux.ownership import MOBILITY_AGENT
from tests.client.linux.holder import Holder, eventually
from tests.client.linux.namespaces import Namespace
from tests.client.linux.plans import HERE6, HOME6, THERE6, give_addresses6, home_agent_plan6, mobile_plan6

pytestmark = pytest.mark.lab

Ends = tuple[Namespace, Namespace]


@pytest.fixture
def ends(ends: Ends) -> Ends:
    """Two namespaces with a cable, and IPv6 addresses that may be used at once."""
    give_addresses6(*ends)
    return ends


@pytest.fixture
def node(ends: Ends, tmp_path: Path) -> Iterator[Holder]:
    """A mobile node at the first end."""
    holder = Holder(ends[0], tmp_path / "node")
    assert holder.started == "ready"
    yield holder
    holder.kill()


@pytest.fixture
def peer(ends: Ends, tmp_path: Path) -> Iterator[Holder]:
    """A home agent or correspondent at the second end."""
    holder = Holder(ends[1], tmp_path / "peer", owner=MOBILITY_AGENT)
    assert holder.started == "ready"
    yield holder
    holder.kill()


def mobility(kind: int, sender: IPv6Address, receiver: IPv6Address, data: bytes) -> bytes:
    """A mobility header, by hand (RFC 6275 §6.1.1)."""
    size = (6 + len(data) + 7) // 8 * 8
    header = bytes([59, size // 8 - 1, kind, 0, 0, 0]) + data.ljust(size - 6, b"\0")
    checksum = upper_layer_checksum(sender, receiver, NextHeader.MOBILITY, header)
    return header[:4] + checksum.to_bytes(2, "big") + header[6:]


UPDATE = IPv6Packet(
    source=HERE6,
    destination=THERE6,
    next_header=NextHeader.MOBILITY,
    payload=mobility(5, HOME6, THERE6, bytes.fromhex("00018000000f")),
    home_address=HOME6,
)
ACKNOWLEDGEMENT = IPv6Packet(
    source=THERE6,
    destination=HERE6,
    next_header=NextHeader.MOBILITY,
    payload=mobility(6, THERE6, HOME6, bytes.fromhex("00000001000f")),
    routing=HOME6,
)


def heard(holder: Holder, test: Callable[[IPv6Packet], bool]) -> list[IPv6Packet]:
    return [each.packet for each in holder.heard(Heard6) if test(each.packet)]


def is_mobility(packet: IPv6Packet) -> bool:
    return packet.next_header == NextHeader.MOBILITY


def is_esp(packet: IPv6Packet) -> bool:
    return packet.next_header == NextHeader.ESP


def is_complaint(packet: IPv6Packet) -> bool:
    return packet.next_header == NextHeader.ICMPV6 and packet.payload[0] == Icmp6Type.PARAMETER_PROBLEM


@pytest.mark.rfc("6275", "6.3")
@pytest.mark.rfc("6275", "6.4")
def test_update_and_acknowledgement_pass_and_no_kernel_complains(node: Holder, peer: Holder) -> None:
    node.hold((MobilityHeaders(),))
    peer.hold((MobilityHeaders(),))
    node.say(Send6(packet=UPDATE))
    peer.say(Send6(packet=ACKNOWLEDGEMENT))
    assert eventually(lambda: heard(peer, is_mobility) and heard(node, is_mobility))
    assert heard(peer, is_mobility) == [UPDATE]
    assert heard(node, is_mobility) == [ACKNOWLEDGEMENT]
    assert not eventually(lambda: heard(node, is_complaint) or heard(peer, is_complaint), 0.5)


def in_esp(packet: IPv6Packet) -> IPv6Packet:
    """The packet with something in place of its payload that begins as ESP does: SPI and sequence number."""
    return replace(packet, next_header=NextHeader.ESP, payload=bytes.fromhex("00001001 00000001") + bytes(32))


@pytest.mark.rfc("6275", "5.1", "esp-able")
@pytest.mark.parametrize("packet", [UPDATE, replace(UPDATE, home_address=None)], ids=["away", "at home"])
def test_esp_of_ours_is_heard_once_and_no_kernel_complains(node: Holder, peer: Holder, packet: IPv6Packet) -> None:
    plan = (MobilityHeaders(), EspHeaders(0x1001, 0x1001))
    node.hold(plan)
    peer.hold(plan)
    other = replace(in_esp(packet), home_address=None, payload=bytes.fromhex("00001002 00000001") + bytes(32))
    node.say(Send6(packet=other), Send6(packet=in_esp(packet)))
    assert eventually(lambda: heard(peer, is_esp))
    assert not eventually(lambda: len(heard(peer, is_esp)) > 1 or heard(node, is_complaint), 0.5)
    assert heard(peer, is_esp) == [in_esp(packet)]


def test_esp_is_not_heard_once_it_is_no_more_in_the_plan(node: Holder, peer: Holder) -> None:
    peer.hold((MobilityHeaders(), EspHeaders(0x1001, 0x1001)))
    peer.hold((MobilityHeaders(),))
    node.say(Send6(packet=in_esp(replace(UPDATE, home_address=None))))
    assert not eventually(lambda: heard(peer, is_esp), 0.5)


@pytest.mark.rfc("6275", "9.2")
def test_without_the_plan_item_a_kernel_complains(node: Holder, peer: Holder) -> None:
    init = IPv6Packet(source=HERE6, destination=THERE6, next_header=135, payload=mobility(1, HERE6, THERE6, bytes(10)))
    node.say(Send6(packet=init), Send6(packet=UPDATE))
    with socket.socket(socket.AF_INET6, socket.SOCK_RAW, NextHeader.MOBILITY) as asking:
        codes = {1} if knows_home_addresses(asking) else {1, 2}  # next header; option, without CONFIG_IPV6_MIP6
    assert eventually(lambda: {each.payload[1] for each in heard(node, is_complaint)} == codes)


def test_our_own_complaints_are_not_silenced(node: Holder, peer: Holder) -> None:
    """The machine refuses for itself, and says so with the same ICMP codes as the kernel would."""
    peer.hold((MobilityHeaders(),))
    for code in (0, 1, 2):
        body = (40).to_bytes(4, "big") + UPDATE.pack()
        peer.say(Send6(packet=Icmp6Message(type=4, code=code, body=body).packet(THERE6, HERE6)))
    assert eventually(lambda: [each.payload[1] for each in heard(node, is_complaint)] == [0, 1, 2])


def test_signalling_goes_past_the_tunnel_and_other_packets_through_it(ends: Ends, node: Holder, peer: Holder) -> None:
    here, there = ends
    assert node.hold(mobile_plan6(here)) == ()
    assert peer.hold(home_agent_plan6(there)) == ()
    home_test = IPv6Packet(
        source=HOME6, destination=THERE6, next_header=135, payload=mobility(1, HOME6, THERE6, bytes(10))
    )
    care_of_test = IPv6Packet(
        source=HERE6, destination=THERE6, next_header=135, payload=mobility(2, HERE6, THERE6, bytes(10))
    )
    node.say(Send6(packet=UPDATE), Send6(packet=care_of_test), Send6(packet=home_test, signalling=False))
    assert eventually(lambda: len(heard(peer, is_mobility)) == 3)
    by = {each.packet.payload[2]: each.interface for each in peer.heard(Heard6) if is_mobility(each.packet)}
    assert by == {5: there.interface, 2: there.interface, 1: ANCHOR}


@pytest.mark.parametrize("as_frame", [True, False], ids=["frame", "routed"])
def test_neighbour_discovery_leaves_as_it_was_made(ends: Ends, node: Holder, peer: Holder, *, as_frame: bool) -> None:
    here, there = ends
    peer.hold((Membership(there.interface, solicited_node(HOME6)),))
    link_local = node.links().links[0].link_local
    assert link_local is not None
    solicitation = Icmp6Message(type=135, body=bytes(4) + HOME6.packed)
    router_solicitation = Icmp6Message(type=133, body=bytes(4))
    advertisement = Icmp6Message(type=136, body=b"\x20\0\0\0" + HOME6.packed)
    packets = [
        solicitation.packet(IPv6Address("::"), solicited_node(HOME6), hop_limit=255),
        advertisement.packet(link_local, ALL_NODES, hop_limit=255),
        router_solicitation.packet(link_local, ALL_ROUTERS6, hop_limit=255),
    ]
    peer.hold((Membership(there.interface, solicited_node(HOME6)), Membership(there.interface, ALL_ROUTERS6)))
    for packet in packets:
        to = group_link_layer_address(packet.destination) if as_frame else None
        node.say(Send6(packet=packet, interface=here.interface, link_layer_destination=to))
    assert eventually(lambda: all(packet in [each.packet for each in peer.heard(Heard6)] for packet in packets))
    assert not any(each.packet in packets for each in node.heard(Heard6))  # nobody hears what he says himself


def test_a_packet_to_a_link_local_address_leaves_by_its_link(ends: Ends, node: Holder, peer: Holder) -> None:
    here, _ = ends
    ours, theirs = (holder.links().links[0].link_local for holder in (node, peer))
    assert ours is not None
    assert theirs is not None
    packet = IPv6Packet(source=ours, destination=theirs, next_header=135, payload=mobility(1, ours, theirs, bytes(10)))
    node.say(Send6(packet=packet, interface=here.interface))
    assert eventually(lambda: heard(peer, is_mobility) == [packet])
