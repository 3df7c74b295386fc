"""To whom the home address is told away from home (RFC 5944 §4.6)."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from client.core.arp import ArpOperation, ArpPacket
from client.core.machine import ArpHeard
from client.core.status import Place
from client.mipv4.arp_duty import agents_of, unicast_answer
from client.mipv4.target import Target
from tests.client.mipv4.by_hand import AGENT, AGENT_CARE_OF, AGENT_MAC, ETHERNET, HOME, OUR_MAC, WIRELESS, link

HOME_ADDRESS = IPv4Address(HOME)
QUESTION = ArpHeard(
    arp=ArpPacket(
        operation=ArpOperation.REQUEST,
        sender_link_layer_address=AGENT_MAC,
        sender_address=IPv4Address(AGENT),
        target_link_layer_address=bytes(6),
        target_address=HOME_ADDRESS,
    ),
    interface=ETHERNET,
    link_layer_source=AGENT_MAC,
    unicast=True,
)
AGENTS = frozenset({(ETHERNET, AGENT_MAC)})


@pytest.mark.rfc("5944", "4.6", "unicast-answer")
def test_agent_that_asks_by_unicast_is_answered_by_unicast() -> None:
    [answer] = unicast_answer(QUESTION, HOME_ADDRESS, AGENTS, link())
    assert (answer.interface, answer.link_layer_destination) == (ETHERNET, AGENT_MAC)
    expected = "0001 0800 06 04 0002" + OUR_MAC.hex() + "c6336417" + AGENT_MAC.hex() + "c0000201"
    assert answer.arp.pack() == bytes.fromhex(expected)


@pytest.mark.rfc("5944", "4.6", "silent")
@pytest.mark.parametrize(
    "heard",
    [
        replace(QUESTION, unicast=False),
        replace(QUESTION, link_layer_source=b"\x02\x66\x66\x66\x66\x66"),
        replace(QUESTION, interface=WIRELESS),
        replace(QUESTION, arp=replace(QUESTION.arp, operation=ArpOperation.REPLY)),
        replace(QUESTION, arp=replace(QUESTION.arp, target_address=IPv4Address(AGENT_CARE_OF))),
    ],
    ids=["broadcast", "stranger", "other link", "reply", "other address"],
)
def test_nobody_else_is_answered(heard: ArpHeard) -> None:
    assert unicast_answer(heard, HOME_ADDRESS, AGENTS, link()) == []


def test_agents_are_those_of_the_binding_and_of_the_registration_under_way() -> None:
    target = Target(
        place=Place.FOREIGN_AGENT,
        link=(ETHERNET, 1),
        source=HOME_ADDRESS,
        care_of_address=IPv4Address(AGENT_CARE_OF),
        agent=IPv4Address(AGENT),
        agent_link_layer_address=AGENT_MAC,
    )
    other = replace(target, link=(WIRELESS, 4), agent_link_layer_address=OUR_MAC)
    direct = replace(target, place=Place.CO_LOCATED, agent=None, agent_link_layer_address=None)
    assert agents_of(target, other, direct, None) == {(ETHERNET, AGENT_MAC), (WIRELESS, OUR_MAC)}
