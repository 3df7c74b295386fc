"""Proxy and gratuitous ARP of the home agent, in the order of RFC 5944 §4.6."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest

from client.core.arp import ArpPacket
from client.core.machine import ArpHeard, Output, SendArp, Timeout
from tests.agents.by_hand import CARE_OF, HOME, HOME_AGENT, HOME_LINK, KEY, VISITED, heard, identification, request
from tests.agents.test_home_agent import Agent

OURS = HOME_LINK.link_layer_address
NEIGHBOUR = bytes.fromhex("020000000050")
LAPTOP = bytes.fromhex("020000000077")
BROADCAST = b"\xff" * 6


def question(
    target: str = HOME, sender: str = "198.51.100.50", mac: bytes = NEIGHBOUR, interface: int = HOME_LINK.index
) -> ArpHeard:
    # hardware 1, protocol 0x0800, lengths 6 and 4, operation 1 (RFC 826)
    data = bytes.fromhex("0001080006040001") + mac + IPv4Address(sender).packed + bytes(6) + IPv4Address(target).packed
    return ArpHeard(arp=ArpPacket.unpack(data), interface=interface, link_layer_source=mac)


def gratuitous(output: Output, mac: bytes) -> bool:
    """Sender and target are the home address, the sender's hardware address is `mac`, to everyone at home."""
    assert isinstance(output, SendArp)
    home = IPv4Address(HOME).packed
    expected = bytes.fromhex("0001080006040001") + mac + home + bytes(6) + home
    return (output.arp.pack(), output.interface, output.link_layer_destination) == (expected, 2, BROADCAST)


def come_home(agent: Agent, now: float = 20.0, key: bytes = KEY) -> list[Output]:
    leaving = request(lifetime=0, care_of=HOME, ident=identification(1), key=key)
    return agent.hear(heard(leaving, source=HOME, interface=2, link_layer_source=LAPTOP), now)


@pytest.fixture
def away() -> Agent:
    agent = Agent()
    agent.hear(heard(request()), 10.0)
    return agent


@pytest.mark.rfc("5944", "4.6", "examines")
@pytest.mark.rfc("5944", "4.6", "proxy")
@pytest.mark.rfc("5944", "4.6", "proxy-address")
def test_a_question_for_a_node_that_is_away_is_answered_with_our_address(away: Agent) -> None:
    [output] = away.machine.handle(question(), 11.0)
    assert isinstance(output, SendArp)
    expected = bytes.fromhex("0001080006040002") + OURS + IPv4Address(HOME).packed
    expected += NEIGHBOUR + IPv4Address("198.51.100.50").packed
    assert output.arp.pack() == expected
    assert (output.interface, output.link_layer_destination) == (2, NEIGHBOUR)


@pytest.mark.rfc("5944", "4.2.3", "no-binding")
def test_nobody_is_answered_for_a_node_that_is_at_home() -> None:
    assert Agent().machine.handle(question(), 11.0) == []


@pytest.mark.parametrize(
    "event",
    [
        question(interface=VISITED.index),
        question(target="198.51.100.24"),
        question(sender=HOME),
        question(mac=OURS),
    ],
    ids=["another link", "another target", "gratuitous", "our own kernel"],
)
def test_other_questions_are_not_answered(away: Agent, event: ArpHeard) -> None:
    assert away.machine.handle(event, 11.0) == []


def test_a_reply_is_not_a_question(away: Agent) -> None:
    arp = ArpPacket.unpack(bytes.fromhex("0001080006040002") + question().arp.pack()[8:])
    assert away.machine.handle(ArpHeard(arp=arp, interface=2, link_layer_source=NEIGHBOUR), 11.0) == []


def test_a_strangers_probe_is_told_that_the_address_is_taken_but_not_the_nodes_own() -> None:
    agent = Agent()
    come_home(agent)
    agent.hear(heard(request(ident=identification(2))), 30.0)
    assert len(agent.machine.handle(question(sender="0.0.0.0"), 31.0)) == 1
    assert agent.machine.handle(question(sender="0.0.0.0", mac=LAPTOP), 31.0) == []


@pytest.mark.rfc("5944", "3.8.2.2", "arp")
@pytest.mark.rfc("5944", "4.6", "leaves")
@pytest.mark.rfc("5944", "4.6", "leaves-broadcast")
@pytest.mark.rfc("5944", "4.6", "leaves-repeated")
def test_leaving_home_is_announced_three_times_with_our_address() -> None:
    agent = Agent()
    [_, first] = agent.hear(heard(request()), 10.0)
    assert gratuitous(first, OURS)
    assert agent.machine.deadline == 11.0
    for now in (11.0, 12.0):
        [again] = agent.machine.handle(Timeout(), now)
        assert gratuitous(again, OURS)
    assert agent.machine.handle(Timeout(), 13.0) == []
    assert agent.machine.deadline == 310.0


@pytest.mark.rfc("5944", "3.8.2.2")
def test_a_renewal_or_a_move_is_not_announced(away: Agent) -> None:
    assert len(away.hear(heard(request(ident=identification(1))), 15.0)) == 1
    assert len(away.hear(heard(request(care_of="203.0.113.78", ident=identification(2))), 16.0)) == 1


@pytest.mark.rfc("5944", "4.6", "returned")
@pytest.mark.rfc("5944", "4.6", "returned-broadcast")
@pytest.mark.rfc("5944", "4.6", "returned-repeated")
def test_coming_home_stops_proxy_arp_and_is_announced_three_times_with_the_nodes_address(away: Agent) -> None:
    [_, first] = come_home(away)
    assert gratuitous(first, LAPTOP)
    assert away.machine.handle(question(), 20.5) == []
    for now in (21.0, 22.0):
        [again] = away.machine.handle(Timeout(), now)
        assert gratuitous(again, LAPTOP)
    assert away.machine.handle(Timeout(), 23.0) == []


def test_announcements_of_leaving_end_when_the_node_comes_home() -> None:
    agent = Agent()
    agent.hear(heard(request()), 10.0)
    come_home(agent, now=10.5)
    for now in (11.0, 11.5, 12.0, 12.5, 13.0):
        for output in agent.machine.handle(Timeout(), now):
            assert gratuitous(output, LAPTOP)


@pytest.mark.rfc("5944", "4.6", "refused")
def test_a_refused_deregistration_changes_no_arp(away: Agent) -> None:
    assert len(come_home(away, key=b"wrong" * 4)) == 1
    assert len(away.machine.handle(question(), 21.0)) == 1


def test_deregistering_from_afar_ends_proxy_arp_and_announces_nothing(away: Agent) -> None:
    leaving = request(lifetime=0, care_of=HOME, ident=identification(1))
    assert len(away.hear(heard(leaving, source=CARE_OF), 20.0)) == 1
    assert away.machine.handle(question(), 21.0) == []
    assert away.machine.handle(Timeout(), 21.0) == []


def test_a_node_that_was_home_all_along_is_announced_when_it_says_so() -> None:
    [_, announcement] = come_home(Agent())
    assert gratuitous(announcement, LAPTOP)


def test_proxy_arp_ends_with_the_binding(away: Agent) -> None:
    assert len(away.machine.handle(question(), 309.9)) == 1
    assert away.machine.handle(question(), 310.0) == []


def test_the_home_agents_own_address_is_left_to_the_kernel(away: Agent) -> None:
    assert away.machine.handle(question(target=HOME_AGENT), 11.0) == []
