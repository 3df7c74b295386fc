"""Returning home in the order of RFC 6275 §11.5.5, and being there."""

from __future__ import annotations

import pytest

from client.core.plan import Membership, Route, Table, Tunnel
from client.core.status import State
from mipv6.report import headline
from tests.mipv6.by_hand import (
    AGENT_LOCAL,
    AGENT_MAC,
    ALL_NODES,
    CARE_OF,
    HOME,
    HOME_AGENT,
    HOME_PREFIX,
    NEIGHBOUR_ADVERTISEMENT,
    NEIGHBOUR_SOLICITATION,
    NOBODY,
    OUR_MAC,
    ROUTER,
    SOLICITED_HOME,
    acknowledgement,
    foreign,
    home_link,
    icmp_in,
    neighbour_advertisement,
    neighbour_solicitation,
    plain_home_router,
    updates_in,
)
from tests.mipv6.conversation import Conversation, at_home, bound, link

OVERRIDE, SOLICITED = 0x20, 0x40


def returning() -> Conversation:
    """Bound abroad, and then on the home link, where nothing was heard yet."""
    conversation = bound()
    conversation.wait(5)
    conversation.plug(link(CARE_OF, ups=2))
    return conversation


@pytest.mark.rfc("6275", "6.1.7", "deletion")
@pytest.mark.rfc("6275", "11.5.5", "deregister")
@pytest.mark.rfc("6275", "11.5.5", "bits")
@pytest.mark.rfc("6275", "11.5.5", "source")
def test_deregistration_comes_from_the_home_address_with_lifetime_zero_by_the_agents_own_hand() -> None:
    conversation = returning()
    [update] = updates_in(conversation.feed(home_link()))
    packet = update.send.packet
    assert (packet.source, packet.destination, packet.home_address) == (HOME, HOME_AGENT, None)
    assert (update.lifetime, update.flags) == (0, 0xC000)
    assert update.options[3] == HOME.packed
    assert update.send.link_layer_destination == AGENT_MAC
    assert update.signature_is_right


@pytest.mark.rfc("6275", "11.5.5", "solicitation-source")
@pytest.mark.rfc("6275", "11.5.5", "solicitation-target")
@pytest.mark.rfc("6275", "11.5.5", "solicitation-destination")
@pytest.mark.rfc("6275", "11.5.5", "record")
def test_link_layer_address_of_the_agent_is_asked_for_from_nobody_for_our_own_address() -> None:
    conversation = returning()
    outputs = conversation.feed(plain_home_router())
    [question] = icmp_in(outputs, NEIGHBOUR_SOLICITATION)[-1:]
    packet = question.packet
    assert (packet.source, packet.destination, packet.payload[8:24]) == (NOBODY, SOLICITED_HOME, HOME.packed)
    assert len(packet.payload) == 24  # no source link-layer address
    assert updates_in(outputs) == []
    answer = neighbour_advertisement(HOME, AGENT_MAC, flags=OVERRIDE, source=AGENT_LOCAL)
    [update] = updates_in(conversation.feed(answer))
    assert update.send.link_layer_destination == AGENT_MAC


def test_advertisement_of_the_agent_ends_the_search_for_it() -> None:
    conversation = returning()
    conversation.feed(plain_home_router())
    [update] = updates_in(conversation.feed(home_link()))
    assert update.send.link_layer_destination == AGENT_MAC


def test_agent_that_nobody_can_find_is_asked_as_any_neighbour_is() -> None:
    conversation = returning()
    conversation.feed(plain_home_router())
    conversation.wait(2.1)
    assert conversation.updates()[-1].send.link_layer_destination is None
    assert conversation.updates()[-1].lifetime == 0


@pytest.mark.rfc("6275", "11.5.5", "announce")
@pytest.mark.rfc("6275", "11.5.5", "announce-target")
@pytest.mark.rfc("6275", "11.5.5", "announce-solicited")
@pytest.mark.rfc("6275", "11.5.5", "announce-override")
def test_link_is_told_only_after_the_acknowledgement_then_three_times() -> None:
    conversation = returning()
    conversation.feed(home_link())
    assert conversation.icmp(NEIGHBOUR_ADVERTISEMENT) == []
    conversation.answer()
    conversation.wait(10)
    told = conversation.icmp(NEIGHBOUR_ADVERTISEMENT)
    assert len(told) == 3
    for announcement in told:
        packet = announcement.packet
        assert (packet.source, packet.destination, packet.hop_limit) == (HOME, ALL_NODES, 255)
        assert packet.payload[4] & 0xE0 == OVERRIDE
        assert packet.payload[8:24] == HOME.packed
        assert packet.payload[24:] == bytes((2, 1)) + OUR_MAC


@pytest.mark.rfc("6275", "11.5.5", "no-dad")
def test_no_duplicate_address_detection_of_the_home_address_while_the_binding_lives() -> None:
    conversation = returning()
    outputs = [*conversation.feed(home_link()), *conversation.answer(), *conversation.wait(10)]
    asked = [one for one in icmp_in(outputs, NEIGHBOUR_SOLICITATION) if one.packet.source == NOBODY]
    assert asked == []


@pytest.mark.rfc("6275", "11.5.5", "ready")
@pytest.mark.rfc("6275", "11.5.5", "unicast-answer")
def test_from_the_update_on_neighbours_are_answered_by_their_own_hand() -> None:
    conversation = returning()
    question = neighbour_solicitation(HOME, AGENT_LOCAL, SOLICITED_HOME)
    assert icmp_in(conversation.feed(question), NEIGHBOUR_ADVERTISEMENT) == []
    conversation.feed(home_link())
    [answer] = icmp_in(conversation.feed(question), NEIGHBOUR_ADVERTISEMENT)
    assert (answer.packet.destination, answer.link_layer_destination) == (AGENT_LOCAL, AGENT_MAC)
    assert answer.packet.payload[4] & SOLICITED
    assert answer.packet.payload[24:] == bytes((2, 1)) + OUR_MAC


def test_home_address_is_defended_at_home_and_not_elsewhere() -> None:
    conversation = at_home()
    [told] = icmp_in(conversation.feed(neighbour_solicitation(HOME, NOBODY, SOLICITED_HOME)), NEIGHBOUR_ADVERTISEMENT)
    assert told.packet.destination == ALL_NODES
    away = bound()
    assert icmp_in(away.feed(neighbour_solicitation(HOME, NOBODY, SOLICITED_HOME)), NEIGHBOUR_ADVERTISEMENT) == []


@pytest.mark.rfc("6275", "11.5.5", "not-before")
def test_packets_go_by_the_home_link_only_once_the_update_has_gone() -> None:
    conversation = returning()
    conversation.feed(plain_home_router())
    assert not any(isinstance(item, Membership) for item in conversation.plan())
    conversation.feed(home_link())
    plan = conversation.plan()
    assert Membership(2, SOLICITED_HOME) in plan
    routes = {item.destination: item for item in plan if isinstance(item, Route) and item.table is Table.OURS}
    assert (routes[HOME_PREFIX].interface, routes[HOME_PREFIX].source) == (2, HOME)


def test_at_home_nothing_is_tunnelled() -> None:
    conversation = at_home()
    conversation.wait(5)
    assert not any(isinstance(item, Tunnel) for item in conversation.plan())
    assert headline(conversation.node, conversation.now) == (State.HOME, None)


def test_at_home_nothing_bound_there_is_as_good_as_a_confirmation() -> None:
    conversation = Conversation()
    conversation.plug(link())
    [update] = updates_in(conversation.feed(home_link()))
    conversation.feed(acknowledgement(update, 133))
    assert headline(conversation.node, conversation.now)[0] is State.HOME


def test_network_that_only_says_it_is_home_is_left_alone() -> None:
    """Nobody there answers: it is as foreign as any other, and the home address is not used on it."""
    conversation = bound()
    conversation.plug(link(CARE_OF, ups=2))
    conversation.feed(plain_home_router())
    conversation.wait(30)
    assert conversation.node.target is None
    conversation.feed(foreign())
    assert conversation.updates()[-1].send.packet.source == CARE_OF


def test_home_that_was_confirmed_stays_home_though_the_agent_is_silent() -> None:
    conversation = at_home()
    conversation.wait(200)
    target = conversation.node.target
    assert target is not None
    assert target.at_home


@pytest.mark.rfc("6275", "11.8", "first-registration")
@pytest.mark.rfc("6275", "11.7.1")
def test_leaving_home_is_a_first_registration() -> None:
    conversation = at_home()
    conversation.plug(link(CARE_OF, ups=2))
    [update] = updates_in(conversation.feed(foreign()))
    assert (update.send.packet.source, update.lifetime) == (CARE_OF, 600)
    conversation.wait(2)
    assert conversation.update_times()[-2:] == [0, 1.5]


def test_update_whose_answer_was_lost_is_undone_on_returning() -> None:
    conversation = at_home()
    conversation.plug(link(CARE_OF, ups=2))
    conversation.feed(foreign())  # the home agent may have accepted this
    conversation.plug(link(CARE_OF, ups=3))
    [update] = updates_in(conversation.feed(home_link()))
    assert update.lifetime == 0


def test_default_route_at_home_is_the_home_router() -> None:
    conversation = at_home()
    conversation.feed(plain_home_router())
    routes = [item for item in conversation.plan() if isinstance(item, Route) and item.destination.prefixlen == 0]
    assert [route.gateway for route in routes] in ([AGENT_LOCAL], [ROUTER])
