"""Dynamic home agent address discovery (RFC 6275 §11.4.1)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from client.core.machine import Send6
from client.core.status import State
from mipv6.report import headline
from tests.mipv6.by_hand import (
    ANYCAST,
    CARE_OF,
    HOME_AGENT,
    OTHER_CARE_OF,
    ROUTER_MAC,
    SECOND_AGENT,
    agent_reply,
    elsewhere,
    foreign,
    icmp_in,
    updates_in,
)
from tests.mipv6.conversation import SETTINGS, Conversation, link, moved

REQUEST = 144
SEARCHING = replace(SETTINGS, home_agents=(), discover=True)


def searching() -> tuple[Conversation, Send6]:
    """On a foreign link, not knowing any home agent; and the request."""
    conversation = Conversation(SEARCHING)
    conversation.plug(link(CARE_OF))
    [request] = icmp_in(conversation.feed(foreign()), REQUEST)
    return conversation, request


def identifier(request: Send6) -> int:
    """Bytes 4 and 5 of the message."""
    return int.from_bytes(request.packet.payload[4:6])


@pytest.mark.rfc("6275", "11.4.1")
def test_request_goes_to_the_anycast_address_of_the_home_prefix() -> None:
    conversation, request = searching()
    assert (request.packet.source, request.packet.destination) == (CARE_OF, ANYCAST)
    assert request.packet.home_address is None
    assert request.link_layer_destination == ROUTER_MAC
    assert headline(conversation.node, conversation.now) == (State.CONNECTING, "home-agent-search")


@pytest.mark.rfc("6275", "11.4.1", "doubling")
def test_request_is_repeated_four_times_ever_more_seldom_then_a_new_search_comes_after_a_rest() -> None:
    conversation, _ = searching()
    conversation.wait(92)
    times = [time for time, output in conversation.sent if icmp_in([output], REQUEST)]
    assert times == [0, 3, 9, 21, 45]
    conversation.wait(62)
    assert len(conversation.icmp(REQUEST)) == 6


@pytest.mark.rfc("6275", "11.4.1", "in-order")
@pytest.mark.rfc("6275", "11.4.1", "wait")
def test_addresses_of_the_reply_are_tried_in_their_order_a_second_and_a_half_each() -> None:
    conversation, request = searching()
    [update] = updates_in(conversation.feed(agent_reply(identifier(request), SECOND_AGENT, HOME_AGENT)))
    assert update.send.packet.destination == SECOND_AGENT
    conversation.wait(2)
    assert [one.send.packet.destination for one in conversation.updates()] == [SECOND_AGENT, HOME_AGENT]
    assert conversation.update_times() == [0, 1.5]
    conversation.answer()
    assert conversation.node.registration.binding is not None


@pytest.mark.rfc("6275", "6.6")
def test_reply_with_another_identifier_is_refused_and_counted() -> None:
    conversation, request = searching()
    assert conversation.feed(agent_reply(identifier(request) ^ 1, SECOND_AGENT)) == []
    assert conversation.node.counters["home_agent_replies_dropped"] == 1


def test_second_reply_is_refused() -> None:
    conversation, request = searching()
    conversation.feed(agent_reply(identifier(request), SECOND_AGENT))
    assert conversation.feed(agent_reply(identifier(request), HOME_AGENT)) == []
    assert conversation.node.registration.agents.known == (SECOND_AGENT,)


def test_reply_to_another_address_is_refused() -> None:
    conversation, request = searching()
    assert conversation.feed(agent_reply(identifier(request), SECOND_AGENT, to=OTHER_CARE_OF)) == []


def test_long_reply_is_cut() -> None:
    conversation, request = searching()
    conversation.feed(agent_reply(identifier(request), *(HOME_AGENT + number for number in range(60))))
    assert len(conversation.node.registration.agents.known) == 16


@pytest.mark.rfc("6275", "11.4.1")
def test_when_all_are_silent_the_home_link_is_asked_again() -> None:
    conversation, request = searching()
    conversation.feed(agent_reply(identifier(request), SECOND_AGENT, HOME_AGENT))
    conversation.wait(4)
    assert len(conversation.icmp(REQUEST)) == 2


def test_search_begins_anew_from_another_place() -> None:
    conversation, request = searching()
    outputs = moved(conversation, elsewhere())
    [again] = icmp_in(outputs, REQUEST)
    assert again.packet.source == OTHER_CARE_OF
    assert identifier(again) != identifier(request)
    del request
