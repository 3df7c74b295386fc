"""The home registration: what a Binding Update says, and what its acknowledgement does."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv6Address

import pytest

from client.core.commands import CheckNow
from client.core.machine import NEVER
from tests.mipv6.by_hand import (
    ACKNOWLEDGE,
    CARE_OF,
    FOREIGN,
    HOME,
    HOME_AGENT,
    HOME_REGISTRATION,
    LINK_LOCAL_BIT,
    NAI,
    OTHER_CARE_OF,
    ROUTER_MAC,
    SECOND_AGENT,
    acknowledgement,
    elsewhere,
    foreign,
    prefix_option,
    router_advertisement,
    updates_in,
)
from tests.mipv6.conversation import SETTINGS, Conversation, WallClock, away, bound, link, moved


@pytest.mark.rfc("6275", "6.1.7", "source")
@pytest.mark.rfc("6275", "6.1.7", "manual-keys")
@pytest.mark.rfc("6275", "11.5.4", "told")
@pytest.mark.rfc("6275", "11.5.4", "bits")
@pytest.mark.rfc("6275", "11.7.1", "register")
@pytest.mark.rfc("6275", "11.7.1", "home-bit")
@pytest.mark.rfc("6275", "11.7.1", "acknowledge-bit")
@pytest.mark.rfc("6275", "11.7.1", "option")
@pytest.mark.rfc("6275", "11.7.1", "source")
@pytest.mark.rfc("6275", "11.7.1", "alternate")
@pytest.mark.rfc("6275", "11.7.1", "lifetime")
@pytest.mark.rfc("6275", "11.7.1", "home-address")
@pytest.mark.rfc("6275", "11.7.1", "key-management-clear")
def test_update_names_home_address_and_care_of_address_and_wants_an_answer() -> None:
    _, update = away()
    packet = update.send.packet
    assert (packet.source, packet.destination, packet.home_address) == (CARE_OF, HOME_AGENT, HOME)
    assert update.flags == ACKNOWLEDGE | HOME_REGISTRATION
    assert update.options[3] == CARE_OF.packed
    assert update.lifetime == 600


@pytest.mark.rfc("6275", "11.7.1", "link-local-clear")
def test_home_agent_is_not_to_defend_the_link_local_address_which_the_kernel_probes_at_home() -> None:
    conversation = Conversation()
    conversation.plug(link(CARE_OF, link_local=IPv6Address("fe80::23")))
    [update] = updates_in(conversation.feed(foreign()))
    assert not update.flags & LINK_LOCAL_BIT


@pytest.mark.rfc("6275", "11.7.1", "authenticated")
@pytest.mark.rfc("4285", "4", "identifier")
@pytest.mark.rfc("4285", "5.1.1", "update")
@pytest.mark.rfc("4285", "5.1", "authenticator")
def test_update_is_signed_over_both_addresses_and_names_who_we_are() -> None:
    _, update = away()
    assert update.signature_is_right
    assert update.options[8] == b"\1" + NAI.encode()


@pytest.mark.rfc("6275", "11.7.1")
def test_update_asks_for_no_more_than_the_care_of_address_lives() -> None:
    conversation = Conversation()
    conversation.plug(link(CARE_OF))
    [update] = updates_in(conversation.feed(router_advertisement(prefix_option(FOREIGN, valid=102))))
    assert update.lifetime == 100


def test_update_is_a_frame_to_the_router_whatever_routes_of_former_links_say() -> None:
    _, update = away()
    assert update.send.link_layer_destination == ROUTER_MAC


@pytest.mark.rfc("6275", "11.7.1", "repeat")
@pytest.mark.rfc("6275", "11.7.1", "only-agent")
@pytest.mark.rfc("6275", "11.8", "first-registration")
@pytest.mark.rfc("6275", "11.8", "back-off")
@pytest.mark.rfc("6275", "11.8", "repeat")
def test_first_registration_is_repeated_after_one_and_a_half_seconds_then_twice_as_late() -> None:
    conversation, _ = away()
    conversation.wait(120)
    assert conversation.update_times() == [0, 1.5, 4.5, 10.5, 22.5, 46.5, 78.5, 110.5]


@pytest.mark.rfc("6275", "11.8", "initial-timeout")
def test_with_a_binding_the_first_repetition_comes_after_a_second() -> None:
    conversation = bound()
    conversation.wait(5)
    moved(conversation, elsewhere())
    conversation.wait(8)
    assert conversation.update_times()[1:] == [5, 6, 8, 12]


@pytest.mark.rfc("4285", "6", "rising")
@pytest.mark.rfc("6275", "11.8", "sequence")
def test_repetition_has_a_greater_sequence_number_and_a_later_time() -> None:
    conversation, _ = away()
    conversation.wait(5)
    first, second, third = conversation.updates()
    assert [second.sequence - first.sequence, third.sequence - second.sequence] == [1, 1]
    assert first.timestamp < second.timestamp < third.timestamp


@pytest.mark.rfc("6275", "11.5.3", "update-rate")
@pytest.mark.rfc("6275", "11.8", "rate")
def test_no_more_than_three_updates_go_within_a_second() -> None:
    conversation, _ = away()
    for number in range(6):
        conversation.wait(0.05)
        ups = 2 + number
        own = IPv6Address(f"2001:db8:2::{number + 16:x}")
        conversation.plug(link(own, ups=ups))
        conversation.feed(foreign())
    conversation.wait(3)
    times = conversation.update_times()
    assert all(later - earlier >= 1 for earlier, later in zip(times, times[3:], strict=False))


@pytest.mark.rfc("6275", "11.7.3", "shorter")
@pytest.mark.rfc("6275", "11.7.3", "accepted")
def test_accepted_binding_ends_a_lifetime_after_its_update_was_sent() -> None:
    conversation, update = away()
    conversation.wait(1)
    conversation.feed(acknowledgement(update, lifetime=100))
    binding = conversation.node.registration.binding
    assert binding is not None
    assert (binding.lifetime, binding.expires_at) == (100, 100)


@pytest.mark.rfc("6275", "11.7.3", "renew")
def test_binding_is_renewed_well_before_it_ends() -> None:
    conversation, update = away()
    conversation.feed(acknowledgement(update, lifetime=100))
    conversation.wait(90)
    times = conversation.update_times()
    assert 70 <= times[1] <= 80


@pytest.mark.rfc("6275", "6.2.4", "renew")
@pytest.mark.rfc("6275", "11.7.3", "advice")
def test_advice_to_refresh_earlier_is_followed() -> None:
    conversation, update = away()
    conversation.feed(acknowledgement(update, advice=40))
    conversation.wait(45)
    assert conversation.update_times()[1] == 40


@pytest.mark.rfc("6275", "11.7.3", "stop")
def test_acknowledgement_that_stops_repetitions_stops_them() -> None:
    conversation = bound()
    conversation.wait(60)
    assert len(conversation.updates()) == 1


def _is_ignored(conversation: Conversation, counter: str) -> bool:
    return conversation.node.registration.binding is None and conversation.node.counters[counter] == 1


@pytest.mark.rfc("6275", "11.7.3", "sequence")
def test_acknowledgement_of_another_sequence_number_is_ignored() -> None:
    conversation, update = away()
    conversation.feed(acknowledgement(update, sequence=update.sequence + 1))
    assert _is_ignored(conversation, "acknowledgements_dropped")


@pytest.mark.rfc("6275", "11.7.3", "authentication")
@pytest.mark.rfc("4285", "5.1.1", "verify")
def test_acknowledgement_with_another_key_is_ignored() -> None:
    conversation, update = away()
    conversation.feed(acknowledgement(update, key=bytes(16)))
    assert _is_ignored(conversation, "acknowledgements_not_authentic")


@pytest.mark.rfc("4285", "5", "unauthenticated")
def test_acknowledgement_without_authentication_is_ignored() -> None:
    conversation, update = away()
    conversation.feed(acknowledgement(update, key=None))
    assert _is_ignored(conversation, "acknowledgements_not_authentic")


@pytest.mark.rfc("6275", "9.5.4")
def test_acknowledgement_without_type_2_routing_header_is_ignored() -> None:
    conversation, update = away()
    conversation.feed(acknowledgement(update, routing=None))
    assert _is_ignored(conversation, "acknowledgements_not_authentic")


def test_acknowledgement_from_another_home_agent_is_ignored() -> None:
    conversation, update = away(replace(SETTINGS, home_agents=(HOME_AGENT, SECOND_AGENT)))
    conversation.feed(acknowledgement(update, source=SECOND_AGENT))
    assert _is_ignored(conversation, "acknowledgements_not_authentic")


@pytest.mark.rfc("4285", "6", "compare")
def test_acknowledgement_with_another_timestamp_is_ignored() -> None:
    conversation, update = away()
    conversation.feed(acknowledgement(update, timestamp=bytes(8)))
    assert _is_ignored(conversation, "acknowledgements_not_authentic")


def test_second_copy_of_an_acknowledgement_changes_nothing() -> None:
    conversation, update = away()
    conversation.answer(update)
    conversation.answer(update)
    assert conversation.node.counters["acknowledgements_dropped"] == 1


def test_unsigned_refusal_is_shown_but_not_obeyed() -> None:
    conversation, update = away()
    conversation.feed(acknowledgement(update, 129, key=None))
    assert conversation.node.registration.refusal == 129
    conversation.wait(2)
    assert conversation.update_times() == [0, 1.5]


@pytest.mark.rfc("6275", "11.7.3", "resynchronise")
@pytest.mark.rfc("6275", "11.7.1", "sequence")
def test_sequence_number_out_of_window_is_taken_from_the_home_agent_and_asked_again_at_once() -> None:
    """A number is ahead of ours if it is so modulo 65536: over the end of 16 bits, too."""
    conversation, update = away()
    [again] = updates_in(conversation.feed(acknowledgement(update, 135, sequence=0x7000)))
    assert again.sequence == 0x7001
    conversation.wait(1)
    [again] = updates_in(conversation.feed(acknowledgement(again, 135, sequence=0xE000)))
    conversation.wait(1)
    [again] = updates_in(conversation.feed(acknowledgement(conversation.updates()[-1], 135, sequence=0xFFFF)))
    assert again.sequence == 0


@pytest.mark.rfc("6275", "11.7.3", "resynchronise")
def test_number_that_we_are_beyond_is_no_news() -> None:
    """To go back to it would be to use numbers twice under one key."""
    conversation, update = away()
    [again] = updates_in(conversation.feed(acknowledgement(update, 135, sequence=0x100)))
    assert updates_in(conversation.feed(acknowledgement(again, 135, sequence=0xFF))) == []


@pytest.mark.rfc("6275", "11.7.3", "forged-135")
def test_forged_sequence_number_is_ignored() -> None:
    conversation, update = away()
    assert conversation.feed(acknowledgement(update, 135, sequence=700, key=bytes(16))) == []
    conversation.wait(2)
    assert conversation.updates()[-1].sequence == update.sequence + 1


@pytest.mark.rfc("4285", "6", "adjust")
def test_clock_of_the_home_agent_is_taken_from_a_signed_mismatch() -> None:
    conversation, update = away()
    theirs = (int.from_bytes(update.timestamp[:4]) + 500).to_bytes(4) + update.timestamp[4:]
    [again] = updates_in(conversation.feed(acknowledgement(update, 144, timestamp=theirs)))
    assert abs(int.from_bytes(again.timestamp[:4]) - int.from_bytes(theirs[:4])) <= 1


def test_who_goes_on_refusing_is_asked_seldom() -> None:
    conversation, _ = away()
    for _ in range(8):
        latest = conversation.updates()[-1]
        conversation.feed(acknowledgement(latest, 135, sequence=latest.sequence + 9))
        conversation.wait(1)
    assert len(conversation.updates()) == 4


@pytest.mark.rfc("4285", "6")
def test_home_agent_that_wants_the_time_gets_it() -> None:
    conversation = Conversation(replace(SETTINGS, timestamps=False))
    conversation.plug(link(CARE_OF))
    [update] = updates_in(conversation.feed(foreign()))
    assert 10 not in update.options
    [again] = updates_in(conversation.feed(acknowledgement(update, 145, timestamp=bytes(8))))
    assert 10 in again.options


@pytest.mark.rfc("6275", "11.7.1")
def test_duplicate_home_address_is_not_asked_for_again_by_itself() -> None:
    conversation, update = away()
    conversation.answer(update, 134)
    conversation.wait(1000)
    moved(conversation, elsewhere())
    conversation.plug(link(up=False))
    moved(conversation, foreign(), CARE_OF)
    conversation.wait(100)
    assert len(conversation.updates()) == 1
    assert conversation.node.registration.refusal == 134
    conversation.feed(CheckNow())
    assert len(conversation.updates()) == 2


@pytest.mark.rfc("4285", "5.3")
@pytest.mark.parametrize("status", [129, 146])
def test_what_only_a_person_can_mend_is_tried_seldom(status: int) -> None:
    conversation, update = away()
    conversation.answer(update, status)
    assert conversation.node.registration.refusal == status
    conversation.wait(59)
    assert len(conversation.updates()) == 1


@pytest.mark.parametrize("status", [128, 130, 139, 174, 200])
def test_other_refusals_are_tried_later(status: int) -> None:
    conversation, update = away()
    conversation.answer(update, status)
    conversation.wait(31)
    assert conversation.update_times() == [0, 30]


@pytest.mark.rfc("6275", "11.4.1", "another")
@pytest.mark.parametrize("status", [131, 132, 133])
def test_home_agent_that_is_none_for_us_is_passed_over(status: int) -> None:
    conversation, update = away(replace(SETTINGS, home_agents=(HOME_AGENT, SECOND_AGENT)))
    [again] = updates_in(conversation.feed(acknowledgement(update, status)))
    assert again.send.packet.destination == SECOND_AGENT


@pytest.mark.rfc("6275", "11.4.1", "wait")
@pytest.mark.rfc("6275", "11.4.1", "in-order")
@pytest.mark.rfc("6275", "11.4.1", "another")
def test_silent_home_agents_are_tried_in_order_a_second_and_a_half_each() -> None:
    conversation, update = away(replace(SETTINGS, home_agents=(HOME_AGENT, SECOND_AGENT)))
    conversation.wait(2)
    assert update.send.packet.destination == HOME_AGENT
    assert conversation.updates()[1].send.packet.destination == SECOND_AGENT
    assert conversation.update_times() == [0, 1.5]


@pytest.mark.rfc("6275", "11.4.1", "same-first")
@pytest.mark.rfc("6275", "11.4.1", "another")
def test_whoever_has_our_binding_is_asked_first_and_more_than_once() -> None:
    conversation, _ = away(replace(SETTINGS, home_agents=(HOME_AGENT, SECOND_AGENT)))
    conversation.wait(2)
    conversation.answer()
    moved(conversation, elsewhere())
    conversation.wait(6)
    asked = [update.send.packet.destination for update in conversation.updates()[2:]]
    assert asked == [SECOND_AGENT, SECOND_AGENT, SECOND_AGENT]
    conversation.wait(3)
    assert conversation.updates()[5].send.packet.destination == HOME_AGENT


@pytest.mark.rfc("6275", "11.7.1")
def test_clock_that_cannot_be_right_signs_nothing() -> None:
    conversation = Conversation(wall=WallClock(error=-1_700_000_000))
    conversation.plug(link(CARE_OF))
    conversation.feed(foreign())
    conversation.wait(20)
    assert conversation.updates() == []
    conversation.wall.error = 0
    conversation.wait(6)
    assert len(conversation.updates()) == 1


@pytest.mark.rfc("6275", "11.7.1")
def test_sequence_numbers_never_come_again_after_a_restart() -> None:
    conversation = bound()
    last = conversation.updates()[-1].sequence
    _, update = away(memory=conversation.node.memory())
    assert update.sequence > last


def test_after_a_restart_the_home_agent_that_has_our_binding_is_asked_first() -> None:
    settings = replace(SETTINGS, home_agents=(HOME_AGENT, SECOND_AGENT))
    conversation, _ = away(settings)
    conversation.wait(2)
    conversation.answer()
    _, update = away(settings, conversation.node.memory())
    assert update.send.packet.destination == SECOND_AGENT


@pytest.mark.parametrize("memory", [b"", b"{", b"[]", b'{"sequence": "x", "home_agent": 7}', b"\xff"])
def test_memory_that_cannot_be_read_is_as_none(memory: bytes) -> None:
    _, update = away(memory=memory)
    assert update.signature_is_right


@pytest.mark.rfc("6275", "11.1", "ended")
@pytest.mark.rfc("6275", "11.7.1")
def test_binding_that_nobody_renews_ends() -> None:
    conversation, update = away()
    conversation.feed(acknowledgement(update, lifetime=100))
    conversation.wait(101)
    assert conversation.node.registration.binding is None


def test_grant_of_nothing_is_no_reason_to_ask_at_once() -> None:
    conversation, update = away()
    conversation.feed(acknowledgement(update, lifetime=0))
    conversation.wait(29)
    assert len(conversation.updates()) == 1


@pytest.mark.rfc("6275", "11.5.4", "told")
@pytest.mark.rfc("6275", "11.7.1", "register")
@pytest.mark.rfc("6275", "11.7.1", "entry")
def test_a_move_costs_one_update() -> None:
    conversation = bound()
    outputs = moved(conversation, elsewhere())
    [update] = updates_in(outputs)
    conversation.answer(update)
    conversation.feed(elsewhere())
    conversation.wait(30)
    assert len(conversation.updates()) == 2
    assert update.send.packet.source == OTHER_CARE_OF
    binding = conversation.node.registration.binding
    assert binding is not None
    assert (binding.care_of_address, binding.expires_at < NEVER) == (OTHER_CARE_OF, True)
