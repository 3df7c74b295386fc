"""Where the mobile node finds itself: by routers heard since the link came up, and by nothing older."""

from __future__ import annotations

from ipaddress import IPv6Address

import pytest

from client.core.links import Address6, Doubt
from client.core.status import Place, State
from mipv6.report import headline
from tests.mipv6.by_hand import (
    ALL_ROUTERS,
    CARE_OF,
    ELSEWHERE,
    FOREIGN,
    LINK_LOCAL,
    NEIGHBOUR_SOLICITATION,
    NOBODY,
    OTHER_CARE_OF,
    OTHER_MAC,
    OTHER_ROUTER,
    ROUTER,
    ROUTER_MAC,
    ROUTER_SOLICITATION,
    elsewhere,
    foreign,
    icmp_in,
    neighbour_advertisement,
    prefix_option,
    router_advertisement,
    updates_in,
)
from tests.mipv6.conversation import Conversation, address, away, bound, link, moved

SOLICITED, ROUTER_FLAG = 0x40, 0x80


def plugged(*addresses: IPv6Address | Address6) -> Conversation:
    """A link that just came up."""
    conversation = Conversation()
    conversation.plug(link(*addresses))
    return conversation


@pytest.mark.rfc("6275", "7.5", "quick")
@pytest.mark.rfc("6275", "11.5.1")
@pytest.mark.rfc("6059", "5.5.1")
def test_router_solicitation_goes_at_once_when_a_link_comes_up() -> None:
    conversation = plugged(CARE_OF)
    [solicitation] = conversation.icmp(ROUTER_SOLICITATION)
    packet = solicitation.packet
    assert (packet.source, packet.destination, packet.hop_limit) == (LINK_LOCAL, ALL_ROUTERS, 255)
    assert solicitation.link_layer_destination == bytes.fromhex("333300000002")
    conversation.plug(link(CARE_OF, ups=2))
    assert len(conversation.icmp(ROUTER_SOLICITATION)) == 2


@pytest.mark.rfc("4861", "4.1")
def test_without_a_usable_link_local_address_nobody_solicits() -> None:
    conversation = Conversation()
    [solicitation] = icmp_in(conversation.plug(link(CARE_OF, link_local=None)), ROUTER_SOLICITATION)
    assert solicitation.packet.source == NOBODY


@pytest.mark.rfc("4861", "6.3.7")
def test_solicitations_end_after_three_or_with_an_advertisement() -> None:
    conversation = plugged(CARE_OF)
    conversation.wait(60)
    assert [time for time, output in conversation.sent if icmp_in([output], ROUTER_SOLICITATION)] == [0, 4, 8]
    conversation = plugged(CARE_OF)
    conversation.feed(foreign())
    conversation.wait(60)
    assert len(conversation.icmp(ROUTER_SOLICITATION)) == 1


def test_address_counts_only_after_its_prefix_was_advertised() -> None:
    conversation = plugged(CARE_OF)
    assert conversation.updates() == []
    assert len(updates_in(conversation.feed(foreign()))) == 1


def test_advertisement_may_come_before_the_address() -> None:
    conversation = plugged()
    conversation.feed(foreign())
    assert len(updates_in(conversation.plug(link(CARE_OF)))) == 1


@pytest.mark.rfc("6275", "11.5.4", "advertised")
@pytest.mark.rfc("6275", "11.5.4", "unreachable")
def test_address_of_a_former_link_does_not_count() -> None:
    conversation = bound()
    conversation.plug(link(CARE_OF, ups=2))
    assert updates_in(conversation.feed(elsewhere())) == []
    [update] = updates_in(conversation.plug(link(CARE_OF, OTHER_CARE_OF, ups=2)))
    assert update.send.packet.source == OTHER_CARE_OF


@pytest.mark.rfc("4862", "5.4")
@pytest.mark.parametrize("doubt", [Doubt.TENTATIVE, Doubt.DUPLICATE])
def test_no_update_from_an_address_that_may_be_somebody_elses(doubt: Doubt) -> None:
    conversation = plugged(address(CARE_OF, doubt))
    assert updates_in(conversation.feed(foreign())) == []
    reason = {Doubt.TENTATIVE: "care-of-tentative", Doubt.DUPLICATE: "care-of-duplicate"}[doubt]
    assert headline(conversation.node, conversation.now) == (State.NO_NETWORK, reason)
    assert len(updates_in(conversation.plug(link(CARE_OF)))) == 1


@pytest.mark.rfc("4429", "3.3")
def test_optimistic_address_is_used() -> None:
    conversation = plugged(address(CARE_OF, Doubt.OPTIMISTIC))
    assert len(updates_in(conversation.feed(foreign()))) == 1


@pytest.mark.rfc("6275", "11.5.3", "deprecated")
def test_deprecated_address_is_left_for_another_one() -> None:
    conversation = bound()
    another = address(CARE_OF + 1)
    assert updates_in(conversation.plug(link(CARE_OF, another))) == []
    [update] = updates_in(conversation.plug(link(address(CARE_OF, Doubt.DEPRECATED), another)))
    assert update.send.packet.source == CARE_OF + 1


@pytest.mark.rfc("6275", "11.5.4", "advertised")
def test_address_whose_router_is_not_a_default_router_leads_nowhere() -> None:
    conversation = plugged(CARE_OF)
    assert updates_in(conversation.feed(foreign(lifetime=0))) == []


def test_where_nobody_advertises_a_configured_address_with_a_route_counts_after_three_solicitations() -> None:
    conversation = Conversation()
    conversation.plug(link(CARE_OF, gateway=ROUTER))
    conversation.wait(11)
    assert conversation.updates() == []
    conversation.wait(2)
    [update] = conversation.updates()
    assert update.send.link_layer_destination is None


@pytest.mark.rfc("4861", "6.1.2")
def test_advertisement_that_a_router_forwarded_is_refused_and_counted() -> None:
    conversation = plugged(CARE_OF)
    assert updates_in(conversation.feed(foreign(hop_limit=254))) == []
    stray = router_advertisement(prefix_option(FOREIGN), router=CARE_OF)
    assert updates_in(conversation.feed(stray)) == []
    assert conversation.node.counters["advertisements_off_link"] == 2


def test_only_so_many_routers_are_remembered_on_a_link() -> None:
    conversation = plugged(CARE_OF)
    for number in range(20):
        conversation.feed(router_advertisement(prefix_option(ELSEWHERE), router=ROUTER + number))
    assert len(conversation.node.whereabouts.discovery.routers) == 8


@pytest.mark.rfc("6059", "5.5.2")
@pytest.mark.rfc("6059", "5.7.1")
def test_router_that_was_here_before_says_with_one_answer_that_its_addresses_hold() -> None:
    conversation = bound()
    moved(conversation, elsewhere())
    outputs = conversation.plug(link(CARE_OF, OTHER_CARE_OF, ups=3))
    asked = {probe.link_layer_destination: probe.packet for probe in icmp_in(outputs, NEIGHBOUR_SOLICITATION)}
    assert asked[ROUTER_MAC].destination == ROUTER
    assert asked[ROUTER_MAC].hop_limit == 255
    answer = neighbour_advertisement(ROUTER, ROUTER_MAC, flags=SOLICITED | ROUTER_FLAG, destination=LINK_LOCAL)
    [update] = updates_in(conversation.feed(answer))
    assert update.send.packet.source == CARE_OF


@pytest.mark.rfc("6059", "5.7.1")
def test_answer_from_another_hand_proves_nothing() -> None:
    conversation = bound()
    conversation.plug(link(CARE_OF, ups=2))
    answer = neighbour_advertisement(ROUTER, OTHER_MAC, flags=SOLICITED | ROUTER_FLAG, destination=LINK_LOCAL)
    conversation.feed(answer)
    assert conversation.node.target is None


@pytest.mark.rfc("6059", "5.7.1")
def test_answer_about_another_address_of_the_same_hand_proves_nothing() -> None:
    conversation = bound()
    conversation.plug(link(CARE_OF, ups=2))
    answer = neighbour_advertisement(OTHER_ROUTER, ROUTER_MAC, flags=SOLICITED | ROUTER_FLAG, destination=LINK_LOCAL)
    conversation.feed(answer)
    assert conversation.node.target is None


def test_silent_router_is_not_kept_by_somebody_else_who_has_its_address() -> None:
    conversation = bound()
    conversation.plug(link(CARE_OF, OTHER_CARE_OF))
    conversation.feed(elsewhere())
    conversation.feed(neighbour_advertisement(ROUTER, OTHER_MAC, flags=SOLICITED, destination=LINK_LOCAL))
    conversation.wait(3.1)
    assert conversation.updates()[1].send.packet.source == OTHER_CARE_OF


def test_link_that_flickers_costs_no_update() -> None:
    conversation = bound()
    conversation.plug(link(CARE_OF, up=False))
    conversation.wait(1)
    conversation.plug(link(CARE_OF, ups=2))
    conversation.feed(foreign())
    assert len(conversation.updates()) == 1
    assert conversation.node.target is not None


@pytest.mark.rfc("6275", "11.5.1")
def test_new_router_with_other_prefixes_is_no_move_while_the_old_one_answers() -> None:
    conversation = bound()
    conversation.plug(link(CARE_OF, OTHER_CARE_OF))
    outputs = conversation.feed(elsewhere())
    [probe] = icmp_in(outputs, NEIGHBOUR_SOLICITATION)
    assert (probe.packet.destination, probe.link_layer_destination) == (ROUTER, ROUTER_MAC)
    conversation.feed(neighbour_advertisement(ROUTER, ROUTER_MAC, flags=SOLICITED, destination=LINK_LOCAL))
    conversation.wait(10)
    assert len(conversation.updates()) == 1


@pytest.mark.rfc("6275", "11.5.1")
def test_new_router_with_other_prefixes_is_a_move_once_the_old_one_is_gone() -> None:
    conversation = bound()
    conversation.plug(link(CARE_OF, OTHER_CARE_OF))
    conversation.feed(elsewhere())
    conversation.wait(2.9)
    assert len(conversation.updates()) == 1
    conversation.wait(0.2)
    assert conversation.updates()[1].send.packet.source == OTHER_CARE_OF


@pytest.mark.rfc("6275", "7.3", "used")
@pytest.mark.rfc("6275", "11.5.1")
def test_router_that_misses_its_own_interval_three_times_is_asked_for() -> None:
    conversation = plugged(CARE_OF)
    interval = bytes((7, 1, 0, 0)) + (1000).to_bytes(4)
    conversation.feed(router_advertisement(prefix_option(FOREIGN), interval))
    conversation.answer()
    conversation.wait(2.9)
    assert conversation.icmp(NEIGHBOUR_SOLICITATION) == []
    conversation.wait(0.2)
    assert [probe.packet.destination for probe in conversation.icmp(NEIGHBOUR_SOLICITATION)] == [ROUTER]
    conversation.wait(3)
    assert conversation.node.target is None


@pytest.mark.rfc("4861", "6.3.5")
def test_router_and_prefix_end_with_their_lifetimes() -> None:
    conversation = plugged(CARE_OF)
    conversation.feed(foreign(lifetime=30))
    conversation.answer()
    conversation.wait(29)
    assert conversation.node.target is not None
    conversation.wait(2)
    assert conversation.node.target is None


@pytest.mark.rfc("6275", "11.5.2")
def test_care_of_address_in_the_home_prefix_is_refused() -> None:
    conversation = plugged(address(CARE_OF))
    conversation.feed(foreign())
    target = conversation.node.target
    assert target is not None
    assert target.place is Place.CO_LOCATED


def test_second_link_is_used_when_the_first_one_goes() -> None:
    conversation, update = away()
    conversation.answer(update)
    wireless = link(OTHER_CARE_OF, index=3)
    conversation.plug(link(CARE_OF), wireless)
    conversation.feed(router_advertisement(prefix_option(ELSEWHERE), router=OTHER_ROUTER, mac=OTHER_MAC, interface=3))
    assert len(conversation.updates()) == 1
    [update] = updates_in(conversation.plug(link(CARE_OF, up=False), wireless))
    assert (update.send.packet.source, update.send.interface) == (OTHER_CARE_OF, 3)
