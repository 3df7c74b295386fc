"""Keeping a NAT's mapping open, and finding out that it was lost (RFC 3519 §4.9, §4.10)."""

from __future__ import annotations

import struct
from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from client.core.choice import Switch
from client.core.ipv4 import IPv4Packet
from client.core.machine import Output, Send
from client.core.plan import ANCHOR, Encapsulation, Tunnel
from client.core.status import State
from tests.client.mipv4.by_hand import (
    AGENT_MAC,
    CARE_OF,
    ETHERNET,
    GATEWAY,
    HOME,
    HOME_AGENT,
    IS_FOREIGN_AGENT,
    OFFERS_T,
    REGISTRATION_REQUIRED,
    SETTINGS,
    Asked,
    heard_advertisement,
    heard_echo,
    link,
    probes_in,
    reply_bytes,
    requests_in,
)
from tests.client.mipv4.conversation import THROUGH_OUR_TUNNEL, Conversation

DETECTING = replace(SETTINGS, encapsulations=(Encapsulation.IPIP, Encapsulation.UDP), lifetime=3600)
CABLE = link(ETHERNET, f"{CARE_OF}/24", gateway=GATEWAY)


def assent(keepalive: int = 0) -> bytes:
    """A UDP Tunnel Reply."""
    return struct.pack("!BBBBHH", 44, 6, 0, 0, 0, keepalive)


def behind_nat(keepalive: int = 0, *, reverse_tunnel: Switch = Switch.AUTO) -> Conversation:
    """Bound in UDP, at second 0, the first proof there."""
    conversation = Conversation(replace(DETECTING, reverse_tunnel=reverse_tunnel), echo=THROUGH_OUR_TUNNEL)
    [asked] = requests_in(conversation.plug(CABLE))
    conversation.answer(asked, reply_bytes(asked, extensions=assent(keepalive)))
    return conversation


def probe_times(conversation: Conversation) -> list[float]:
    """When echo requests were sent as programs' packets are."""
    return [time for time, output in conversation.sent if probes_in([output])]


@pytest.mark.rfc("3519", "4.9")
@pytest.mark.parametrize(("assigned", "seconds"), [(0, 110), (30, 30), (200, 200), (10, 10), (3, 10)])
def test_keepalive_goes_through_the_tunnel_at_the_interval_that_the_home_agent_assigns(
    assigned: int, seconds: int
) -> None:
    conversation = behind_nat(assigned)
    conversation.wait(seconds * 3 + 1)
    assert probe_times(conversation) == [0, seconds, seconds * 2, seconds * 3]
    [tunnel] = [item for item in conversation.plan() if isinstance(item, Tunnel)]
    assert (tunnel.encapsulation, tunnel.ports, tunnel.sends) == (Encapsulation.UDP, (434, 434), True)
    keepalive = conversation.probes()[-1].packet
    assert (str(keepalive.source), str(keepalive.destination)) == (HOME, HOME_AGENT)


def test_without_udp_our_own_interval_counts() -> None:
    conversation = Conversation(DETECTING, echo=THROUGH_OUR_TUNNEL)
    [asked] = requests_in(conversation.plug(CABLE))
    conversation.answer(asked, reply_bytes(asked, extensions=bytes.fromhex("2c06 0040 0000 000a")))
    conversation.wait(111)
    assert probe_times(conversation) == [0, 110]


@pytest.mark.rfc("3519", "4.9")
def test_keepalive_goes_in_udp_also_where_packets_do_not_but_proves_nothing() -> None:
    conversation = Conversation(replace(DETECTING, reverse_tunnel=Switch.OFF))
    [asked] = requests_in(conversation.plug(CABLE))
    outputs = conversation.answer(asked, reply_bytes(asked, extensions=assent(20)))
    [probe] = probes_in(outputs)
    assert probe.signalling is False
    send = in_udp(outputs)
    assert (str(send.packet.source), str(send.packet.destination), send.signalling) == (CARE_OF, HOME_AGENT, True)
    assert send.packet.payload[:4] == struct.pack("!HH", 434, 434)
    assert send.packet.payload[8:12] == bytes((4, 4, 0, 0))
    inner = replace(send, packet=IPv4Packet.unpack(send.packet.payload[12:]))
    assert (str(inner.packet.source), str(inner.packet.destination)) == (HOME, HOME_AGENT)
    assert probes_in([inner]) == [inner]
    conversation.feed(heard_echo(inner, interface=ANCHOR))
    assert conversation.status().state is State.CHECKING  # programs' packets leave by another way
    conversation.prove()
    assert conversation.status().state is State.WORKING
    outputs = conversation.wait(21)
    assert len(probes_in(outputs[-2:])) == 1
    assert in_udp(outputs[-2:]).packet.destination == IPv4Address(HOME_AGENT)


def in_udp(outputs: list[Output]) -> Send:
    """The one tunnel data message."""
    sends = [output for output in outputs if isinstance(output, Send) and output.packet.protocol == 17]
    [send] = [send for send in sends if send.packet.payload[8] == 4]
    return send


@pytest.mark.rfc("3519", "4.10")
def test_lost_mapping_is_mended_by_a_registration_within_the_interval_and_seven_seconds() -> None:
    conversation = behind_nat(30)
    conversation.wait(5)
    conversation.echo = None
    lost_at = conversation.now
    conversation.wait(28.5)
    [again] = conversation.requests()[1:]
    conversation.echo = THROUGH_OUR_TUNNEL
    conversation.answer(again, reply_bytes(again, extensions=assent(30)))
    assert conversation.status().state is State.WORKING
    assert conversation.request_times()[-1] - lost_at <= 30 + 7
    assert (again.care_of, again.extensions[0]) == (CARE_OF, (144, bytes(6)))


def lose(conversation: Conversation, keepalive: int) -> None:
    """The mapping is lost, until a registration makes a new one."""
    conversation.echo = None
    known = len(conversation.requests())
    while len(conversation.requests()) == known:
        conversation.wait(1)
    conversation.echo = THROUGH_OUR_TUNNEL
    asked = conversation.requests()[-1]
    conversation.answer(asked, reply_bytes(asked, extensions=assent(keepalive)))


def interval(conversation: Conversation) -> float:
    """Seconds between the next two proofs."""
    known = len(probe_times(conversation))
    conversation.wait(500)
    first, second = probe_times(conversation)[known : known + 2]
    return second - first


@pytest.mark.rfc("3519", "4.10")
def test_each_loss_in_the_same_place_halves_the_interval_but_never_below_ten_seconds() -> None:
    found = []
    for losses in range(6):
        conversation = behind_nat(60)
        for _ in range(losses):
            lose(conversation, 60)
        found.append(interval(conversation))
    assert found == [60, 30, 15, 10, 10, 10]


@pytest.mark.rfc("3519", "4.10")
def test_after_a_move_the_interval_is_the_assigned_one_again() -> None:
    conversation = behind_nat(60)
    lose(conversation, 60)
    [asked] = requests_in(conversation.plug(link(ETHERNET, "203.0.113.78/24", gateway=GATEWAY, ups=2)))
    conversation.answer(asked, reply_bytes(asked, extensions=assent(60)))
    assert interval(conversation) == 60


def test_loss_without_a_nat_changes_no_interval() -> None:
    conversation = Conversation(replace(SETTINGS, lifetime=3600), echo=THROUGH_OUR_TUNNEL)
    [asked] = requests_in(conversation.plug(CABLE))
    conversation.answer(asked)
    conversation.echo = None
    while len(conversation.requests()) == 1:
        conversation.wait(1)
    conversation.echo = THROUGH_OUR_TUNNEL
    conversation.answer(conversation.requests()[-1])
    assert interval(conversation) == 110


@pytest.mark.rfc("3519", "4.4")
def test_through_an_agent_behind_a_nat_the_keepalive_goes_as_soon_as_the_reply_is_there() -> None:
    conversation = Conversation(DETECTING)
    [first] = requests_in(conversation.plug(CABLE))
    conversation.answer(first)
    flags = IS_FOREIGN_AGENT | OFFERS_T | REGISTRATION_REQUIRED | 0x0080
    conversation.advertise(heard_advertisement(flags=flags, lifetime=1000))
    conversation.wait(1)
    asked: Asked = conversation.requests()[-1]
    assert (asked.send.link_layer_destination, asked.extensions[0]) == (AGENT_MAC, (144, bytes.fromhex("000040000000")))
    outputs = conversation.answer(asked, reply_bytes(asked, extensions=assent()))
    assert len(probes_in(outputs)) == 1
    [tunnel] = [item for item in conversation.plan() if isinstance(item, Tunnel) and item.sends]
    assert tunnel.encapsulation is Encapsulation.UDP
