"""Registration (RFC 5944 §3.6): the test plays the home agent, byte by byte."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.choice import Preference, Switch
from client.core.machine import NEVER
from client.core.plan import Tunnel
from client.mipv4.commands import SetReverseTunnel
from client.mipv4.registration_state import Requesting
from client.mipv4.settings import Settings
from tests.client.mipv4.by_hand import (
    AGENT,
    AGENT_CARE_OF,
    AGENT_MAC,
    CARE_OF,
    D_BIT,
    ETHERNET,
    GATEWAY,
    HOME,
    HOME_AGENT,
    IS_FOREIGN_AGENT,
    KEY,
    NAI,
    NTP_TO_UNIX,
    OFFERS_T,
    SETTINGS,
    T_BIT,
    WALL,
    Asked,
    association,
    heard_advertisement,
    heard_reply,
    link,
    reply_bytes,
    requests_in,
    sign,
)
from tests.client.mipv4.conversation import (
    THROUGH_OUR_TUNNEL,
    Conversation,
    WallClock,
    at_home,
    hear,
    registered_co_located,
    registered_through_agent,
)

CABLE = link(ETHERNET, f"{CARE_OF}/24", gateway=GATEWAY)
SECOND_AGENT = "198.51.100.2"
OTHER_KEY = bytes(16)
NAMELESS = replace(SETTINGS, home_address=None, nai=NAI)


def asking() -> Conversation:
    """A co-located mobile node whose first request, at second 0, has no answer yet."""
    conversation = Conversation(echo=THROUGH_OUR_TUNNEL)
    conversation.plug(CABLE)
    return conversation


# --- what a request says (§3.6.1) ---------------------------------------------------------------------


@pytest.mark.rfc("5944", "3.1", "co-located")
@pytest.mark.rfc("5944", "3.6.1.1", "co-located-source")
@pytest.mark.rfc("5944", "3.6.1.1", "home-agent")
@pytest.mark.rfc("5944", "3.6.1.2", "d-bit")
def test_co_located_request_comes_from_the_care_of_address_and_goes_straight_to_the_home_agent() -> None:
    [asked] = asking().requests()
    assert (asked.source, asked.destination, asked.send.link_layer_destination) == (CARE_OF, HOME_AGENT, None)
    assert (asked.home, asked.home_agent, asked.care_of) == (HOME, HOME_AGENT, CARE_OF)
    assert (asked.flags, asked.lifetime, asked.kinds) == (D_BIT | T_BIT, 600, [32])
    assert asked.is_signed()


@pytest.mark.rfc("5944", "3.6.1.1", "agent-link-layer")
@pytest.mark.rfc("5944", "3.6.1.1", "agent-address")
@pytest.mark.rfc("3024", "4.1.1")
def test_request_through_an_agent_is_a_frame_to_the_sender_of_the_advertisement() -> None:
    _, asked = registered_through_agent()
    assert (asked.source, asked.destination) == (HOME, AGENT)
    assert (asked.send.link_layer_destination, asked.send.interface) == (AGENT_MAC, ETHERNET)
    assert (asked.care_of, asked.flags, asked.send.packet.ttl) == (AGENT_CARE_OF, T_BIT, 255)


@pytest.mark.rfc("5944", "3.6.1.2", "no-d-bit")
def test_d_bit_is_never_set_with_a_foreign_agents_care_of_address() -> None:
    _, asked = registered_through_agent()
    assert not asked.flags & D_BIT


@pytest.mark.rfc("5944", "3.6.1.2", "lifetime")
@pytest.mark.parametrize(("advertised", "asked_for"), [(300, 300), (600, 600), (1800, 600), (0xFFFF, 600)])
def test_lifetime_never_exceeds_what_the_agent_advertises(advertised: int, asked_for: int) -> None:
    _, asked = registered_through_agent(advertisement=heard_advertisement(registration_lifetime=advertised))
    assert asked.lifetime == asked_for


def test_lifetime_that_a_person_wants_longer_is_half_an_hour_at_most_through_an_agent() -> None:
    wish = replace(SETTINGS, lifetime=40_000)
    _, asked = registered_through_agent(wish, heard_advertisement(registration_lifetime=0xFFFF))
    assert asked.lifetime == 1800
    _, asked = registered_co_located(wish)
    assert asked.lifetime == 40_000


@pytest.mark.rfc("5944", "3.2", "first")
@pytest.mark.rfc("5944", "3.6.1.3", "mobile-foreign")
@pytest.mark.rfc("5944", "3.3", "order")
@pytest.mark.rfc("5944", "3.6.1.3", "order")
def test_nai_stands_before_the_home_agents_authenticator_and_the_foreign_agents_behind_it() -> None:
    settings = replace(SETTINGS, nai=NAI, foreign_associations={IPv4Address(AGENT): (association(0x777, OTHER_KEY),)})
    conversation = Conversation(settings)
    conversation.plug(link())
    [asked] = hear(conversation, heard_advertisement())
    assert asked.kinds == [131, 32, 33]
    assert asked.extensions[0][1] == NAI.encode()
    assert asked.is_signed(32)
    assert asked.is_signed(33, OTHER_KEY, 0x777)


@pytest.mark.rfc("5944", "3.6.1.2", "home-address")
@pytest.mark.rfc("5944", "2.4.3", "deregisters")
@pytest.mark.rfc("5944", "3.1", "at-home")
@pytest.mark.rfc("5944", "3.6.1.2", "care-of-all")
def test_at_home_everything_is_deregistered_with_the_home_address_as_care_of_address() -> None:
    _, asked = at_home()
    assert (asked.lifetime, asked.care_of, asked.home, asked.flags) == (0, HOME, HOME, 0)
    assert (asked.source, asked.destination) == (HOME, HOME_AGENT)


# --- when requests go (§3.6.3) -------------------------------------------------------------------------


@pytest.mark.rfc("5944", "3.6.3", "doubling")
def test_lost_requests_are_repeated_after_1_2_and_4_seconds_for_a_minute_then_doubling_to_60() -> None:
    conversation = asking()
    conversation.wait(500)
    early = [0, 1, 3, *range(7, 64, 4)]
    assert conversation.request_times() == [*early, 71, 87, 119, 179, 239, 299, 359, 419, 479]


@pytest.mark.rfc("5944", "5.7", "not-same")
@pytest.mark.rfc("5944", "3.6.3")
@pytest.mark.rfc("5944", "5.7.1", "rising")
def test_each_repetition_has_a_greater_identification_that_is_the_time_of_day() -> None:
    conversation = asking()
    conversation.wait(60)
    asked = conversation.requests()
    idents = [one.ident for one in asked]
    assert idents == sorted(set(idents))
    assert all(abs(one.time - WALL - at) < 0.001 for one, at in zip(asked, conversation.request_times(), strict=True))


@pytest.mark.rfc("5944", "3.6.3")
def test_another_target_on_the_same_link_waits_for_its_second() -> None:
    conversation = asking()
    conversation.wait(0.3)
    assert requests_in(conversation.plug(link(ETHERNET, "203.0.113.99/24"))) == []
    conversation.wait(5)
    assert conversation.request_times()[:2] == [0, 1]
    assert conversation.requests()[1].care_of == "203.0.113.99"


@pytest.mark.rfc("5944", "3.6.3")
def test_link_layer_move_may_ask_at_once_but_a_flapping_link_only_once_more_a_second() -> None:
    conversation = asking()
    for flick in range(2, 30):
        conversation.wait(0.1)
        conversation.plug(replace(CABLE, ups=flick))
    conversation.wait(10)
    times = conversation.request_times()
    assert times[1] == pytest.approx(0.1)
    assert all(third - first >= 1 - 1e-9 for first, third in zip(times, times[2:], strict=False))


@pytest.mark.rfc("5944", "2.4.2", "rate")
@pytest.mark.rfc("5944", "3.6", "once-a-second")
@pytest.mark.rfc("5944", "3.6.3", "second")
@given(st.lists(st.tuples(st.floats(0, 3), st.integers(0, 6)), max_size=40))
def test_no_two_requests_within_a_second_whatever_comes_but_a_link_layer_move(script: list[tuple[float, int]]) -> None:
    conversation = asking()
    for pause, what in script:
        conversation.wait(pause)
        last = conversation.requests()[-1]
        match what:
            case 0:
                conversation.answer(last)
            case 1:
                conversation.answer(last, reply_bytes(last, code=133, ident=last.ident + (9 << 32)))
            case 2:
                conversation.answer(last, reply_bytes(last, code=130))
            case 3:
                conversation.feed(SetReverseTunnel(Switch.OFF))
            case 4:
                conversation.feed(SetReverseTunnel(Switch.ON))
            case 5:
                conversation.feed(heard_advertisement())
            case 6:
                conversation.plug(link(ETHERNET, f"203.0.113.{100 + len(conversation.sent) % 100}/24"))
    times = conversation.request_times()
    assert all(later - earlier >= 1 - 1e-9 for earlier, later in pairwise(times))


# --- accepted (§3.6.2.2) -------------------------------------------------------------------------------


@pytest.mark.rfc("5944", "3.6.2.2", "shorter")
def test_expiry_counts_from_the_sending_of_the_request() -> None:
    conversation = asking()
    conversation.wait(0.9)
    conversation.answer(conversation.requests()[0])
    binding = conversation.binding()
    assert binding is not None
    assert (binding.sent_at, binding.granted_at, binding.expires_at) == (0, 0.9, 600)


@pytest.mark.rfc("5944", "3.4", "longer-reply")
@pytest.mark.rfc("5944", "3.4", "shorter-reply")
@pytest.mark.rfc("5944", "3.6.2.2")
@pytest.mark.parametrize(("granted", "expires"), [(120, 120), (600, 600), (9000, 600), (0xFFFF, 600)])
def test_lifetime_is_what_the_home_agent_grants_and_never_more_than_asked_for(granted: int, expires: float) -> None:
    conversation = asking()
    [asked] = conversation.requests()
    conversation.answer(asked, reply_bytes(asked, lifetime=granted))
    assert conversation.node.registration.deadline <= expires
    binding = conversation.binding()
    assert binding is not None
    assert binding.expires_at == expires


@pytest.mark.rfc("5944", "3.8.2.2", "renew")
@pytest.mark.rfc("5944", "3.6.2.2", "renew")
def test_renewal_comes_once_well_before_expiry_and_is_jittered() -> None:
    conversation, _ = registered_co_located()
    conversation.live(5000)
    times = conversation.request_times()
    gaps = {later - earlier for earlier, later in pairwise(times)}
    assert len(gaps) == len(times) - 1 >= 10
    assert all(420 <= gap <= 480 for gap in gaps)


def test_binding_that_nobody_renews_ends_on_time_and_the_asking_goes_on() -> None:
    conversation, _ = registered_co_located()
    conversation.wait(599.9)
    assert conversation.binding() is not None
    conversation.wait(0.2)
    assert conversation.binding() is None
    assert isinstance(conversation.node.registration.state, Requesting)


def test_answer_slower_than_what_it_grants_is_not_a_binding() -> None:
    conversation = asking()
    conversation.wait(0.9)
    [asked] = conversation.requests()
    conversation.answer(asked, reply_bytes(asked, lifetime=0xFFFF))
    slow = Conversation(replace(SETTINGS, lifetime=2))
    slow.plug(CABLE)
    slow.wait(6)
    asked = slow.requests()[-1]
    assert slow.request_times()[-1] == 3
    slow.answer(asked)
    assert slow.binding() is None
    assert len(slow.requests()) == 4


def test_infinite_lifetime_never_ends() -> None:
    conversation, asked = registered_co_located(replace(SETTINGS, lifetime=0xFFFF))
    assert asked.lifetime == 0xFFFF
    assert conversation.node.registration.deadline == NEVER


def test_yes_that_grants_nothing_is_no_binding_and_is_asked_again_later() -> None:
    conversation = asking()
    [asked] = conversation.requests()
    conversation.answer(asked, reply_bytes(asked, lifetime=0))
    conversation.wait(29.9)
    assert len(conversation.requests()) == 1
    assert not any(isinstance(item, Tunnel) for item in conversation.plan())
    conversation.wait(1)
    assert len(conversation.requests()) == 2


# --- what a reply must be (§3.6.2.1, T1) ---------------------------------------------------------------


def worthless(conversation: Conversation, payload: bytes, *, udp_checksum: int | None = None) -> None:
    """Feed a reply; it must change nothing at all but a counter."""
    asked, node = conversation.requests()[-1], conversation.node
    before = (node.plan(), node.deadline, node.memory(), node.registration.state, node.registration.refusal)
    counted = node.registration.dropped + node.registration.security_exceptions
    assert conversation.feed(heard_reply(asked, payload, udp_checksum=udp_checksum)) == []
    after = (node.plan(), node.deadline, node.memory(), node.registration.state, node.registration.refusal)
    assert after == before
    assert node.registration.dropped + node.registration.security_exceptions == counted + 1


@pytest.mark.rfc("5944", "3.1", "checksum-checked")
@pytest.mark.rfc("5944", "3.6.2.1", "checksum")
def test_reply_with_a_wrong_udp_checksum_is_dropped() -> None:
    conversation = asking()
    worthless(conversation, reply_bytes(conversation.requests()[0]), udp_checksum=0x1234)


@pytest.mark.rfc("5944", "3.1", "checksum-zero")
@pytest.mark.rfc("5944", "3.6.2.1")
def test_reply_without_a_udp_checksum_is_taken() -> None:
    conversation = asking()
    [asked] = conversation.requests()
    conversation.feed(heard_reply(asked, reply_bytes(asked), udp_checksum=0))
    assert conversation.binding() is not None


@pytest.mark.rfc("5944", "5.7", "low-half-checked")
@pytest.mark.rfc("5944", "3.6.2.1", "identification")
@pytest.mark.rfc("5944", "3.6.2.1", "identification-differs")
def test_reply_with_another_low_half_of_the_identification_is_dropped() -> None:
    conversation = asking()
    asked = conversation.requests()[0]
    worthless(conversation, reply_bytes(asked, ident=asked.ident ^ 1))


@pytest.mark.rfc("5944", "3.6.2.1", "identification")
def test_reply_to_an_older_request_is_dropped() -> None:
    conversation = asking()
    conversation.wait(1.5)
    worthless(conversation, reply_bytes(conversation.requests()[0]))


def test_reply_to_a_request_for_where_we_are_no_more_is_dropped() -> None:
    conversation = asking()
    conversation.wait(0.1)
    conversation.plug(link(ETHERNET, "203.0.113.99/24"))
    worthless(conversation, reply_bytes(conversation.requests()[0]))


@pytest.mark.rfc("5944", "3.6.2.1")
def test_reply_that_came_before_is_dropped() -> None:
    conversation, asked = registered_co_located()
    worthless(conversation, reply_bytes(asked))
    conversation.wait(500)
    worthless(conversation, reply_bytes(asked))


def test_reply_about_another_home_address_is_dropped() -> None:
    conversation = asking()
    worthless(conversation, reply_bytes(conversation.requests()[0], home="198.51.100.24"))


@pytest.mark.rfc("5944", "3.6.2.1", "mobile-home")
@pytest.mark.rfc("5944", "3.6.2.1", "authorized")
@pytest.mark.parametrize("code", [0, 1, 128, 129, 130, 132, 133, 134, 135, 136, 137, 138, 139])
def test_home_agents_code_without_its_one_authenticator_is_a_security_exception(code: int) -> None:
    conversation = asking()
    asked = conversation.requests()[0]
    unsigned = reply_bytes(asked, code=code, key=None)
    worthless(conversation, unsigned)
    worthless(conversation, reply_bytes(asked, code=code, key=OTHER_KEY))
    worthless(conversation, reply_bytes(asked, code=code, spi=0x9999))
    worthless(conversation, sign(reply_bytes(asked, code=code), 32))
    assert conversation.node.registration.security_exceptions == 4


@pytest.mark.rfc("5944", "3.2", "authenticated")
@pytest.mark.rfc("5944", "3.6.2.1", "mobile-home")
@given(st.integers(0, 367), st.integers(1, 255))
def test_reply_altered_in_any_byte_is_never_believed(position: int, change: int) -> None:
    conversation = asking()
    asked = conversation.requests()[0]
    payload = bytearray(reply_bytes(asked, lifetime=300))
    payload[position % len(payload)] ^= change
    conversation.feed(heard_reply(asked, bytes(payload)))
    assert conversation.binding() is None


@pytest.mark.rfc("5944", "3.6.2.1", "mobile-foreign")
def test_agent_that_shares_a_key_with_us_must_use_it() -> None:
    settings = replace(SETTINGS, foreign_associations={IPv4Address(AGENT): (association(0x777, OTHER_KEY),)})
    conversation = Conversation(settings)
    conversation.plug(link())
    [asked] = hear(conversation, heard_advertisement())
    good = reply_bytes(asked)
    worthless(conversation, good)
    worthless(conversation, sign(good, 33, KEY, 0x777))
    worthless(conversation, sign(sign(good, 33, OTHER_KEY, 0x777), 33, OTHER_KEY, 0x777))
    worthless(conversation, reply_bytes(asked, code=66, key=None))
    conversation.answer(asked, sign(good, 33, OTHER_KEY, 0x777))
    assert conversation.binding() is not None


def test_agent_with_another_key_than_ours_is_heard_to_say_so_but_nothing_follows() -> None:
    settings = replace(SETTINGS, foreign_associations={IPv4Address(AGENT): (association(0x777, OTHER_KEY),)})
    conversation = Conversation(settings)
    conversation.plug(link())
    [asked] = hear(conversation, heard_advertisement(lifetime=1000))
    conversation.answer(asked, sign(reply_bytes(asked, code=67, key=None), 33, KEY, 0x777))
    registration = conversation.node.registration
    assert (registration.refusal, registration.hints, registration.security_exceptions) == (67, 0, 1)
    conversation.wait(6)
    assert conversation.request_times() == [0, 1, 3]


def test_code_of_a_foreign_agent_means_nothing_where_none_was_asked() -> None:
    conversation = asking()
    worthless(conversation, reply_bytes(conversation.requests()[0], code=66, key=None))


def test_second_key_of_the_home_agent_is_taken_too() -> None:
    conversation = Conversation(replace(SETTINGS, associations=(association(), association(0x5678, OTHER_KEY))))
    conversation.plug(CABLE)
    [asked] = conversation.requests()
    conversation.answer(asked, reply_bytes(asked, key=OTHER_KEY, spi=0x5678))
    assert conversation.binding() is not None


# --- refused by the home agent (§3.6.2.3) --------------------------------------------------------------


@pytest.mark.rfc("5944", "3.6.2.3", "mismatch")
@pytest.mark.rfc("5944", "5.7.1")
@pytest.mark.parametrize("skew", [-31_000_000, -3600, -8, 8, 3600, 31_000_000])
def test_skewed_clock_costs_exactly_one_more_request_a_second_later(skew: float) -> None:
    conversation = Conversation(wall=WallClock(error=skew), echo=THROUGH_OUR_TUNNEL)
    conversation.plug(CABLE)
    [asked] = conversation.requests()
    conversation.wait(0.02)
    theirs = int(WALL + conversation.now) + NTP_TO_UNIX
    conversation.answer(asked, reply_bytes(asked, code=133, ident=theirs << 32 | asked.ident & 0xFFFFFFFF))
    conversation.wait(0.99)
    assert conversation.request_times() == [0, 1]
    again = conversation.requests()[1]
    assert abs(again.time - (WALL + 1)) < 1.1
    conversation.answer(again)
    conversation.wait(400)
    assert len(conversation.requests()) == 2
    assert conversation.wall.error == skew


@pytest.mark.rfc("5944", "3.6.2.3")
def test_one_133_is_taken_once_and_its_copies_are_dropped() -> None:
    conversation = asking()
    [asked] = conversation.requests()
    answer = reply_bytes(asked, code=133, ident=asked.ident + (3600 << 32))
    conversation.answer(asked, answer)
    worthless(conversation, answer)


@pytest.mark.rfc("5944", "5.7.1", "low-half-first")
@pytest.mark.rfc("5944", "3.6.2.1")
@given(st.binary(min_size=16, max_size=16), st.integers(0, 2**32 - 1))
def test_forged_133_never_turns_the_clock(authenticator: bytes, high: int) -> None:
    conversation = asking()
    asked = conversation.requests()[0]
    ident = high << 32 | asked.ident & 0xFFFFFFFF
    worthless(conversation, reply_bytes(asked, code=133, ident=ident)[:-16] + authenticator)


@pytest.mark.rfc("5944", "3.6.2.3")
def test_home_agent_that_never_likes_the_time_is_asked_seldom_yet_always_by_its_own_clock() -> None:
    conversation = asking()

    def never(asked: Asked) -> bytes:
        theirs = int(WALL + conversation.now) + NTP_TO_UNIX - 50_000
        return reply_bytes(asked, code=133, ident=theirs << 32 | asked.ident & 0xFFFFFFFF)

    [first] = conversation.requests()
    conversation.answer(first, never(first))
    conversation.live(200, never)
    assert conversation.request_times() == [0, 1, 2, 3, 63, 123, 183]
    later = zip(conversation.requests()[1:], conversation.request_times()[1:], strict=True)
    assert all(abs(asked.time - (WALL - 50_000 + at)) < 2 for asked, at in later)


@pytest.mark.parametrize(("code", "seconds"), [(128, 30), (130, 30), (132, 30), (135, 30), (129, 60), (131, 60)])
def test_refusal_that_only_time_or_a_person_mends_is_shown_and_asked_again_later(code: int, seconds: float) -> None:
    conversation = asking()
    [asked] = conversation.requests()
    conversation.answer(asked, reply_bytes(asked, code=code))
    assert conversation.node.registration.refusal == code
    conversation.wait(seconds - 0.1)
    assert len(conversation.requests()) == 1
    conversation.wait(0.2)
    assert len(conversation.requests()) == 2


def test_refusal_of_a_renewal_leaves_the_old_binding_until_it_ends() -> None:
    conversation, _ = registered_co_located()
    conversation.wait(480)
    renewal = conversation.requests()[-1]
    before = conversation.plan()
    conversation.answer(renewal, reply_bytes(renewal, code=130))
    assert conversation.plan() == before
    assert conversation.binding() is not None


@pytest.mark.rfc("5944", "3.6.2.3")
def test_wrong_key_is_shown_even_though_we_cannot_check_who_says_so_and_asking_goes_on() -> None:
    conversation = asking()
    [asked] = conversation.requests()
    conversation.answer(asked, reply_bytes(asked, code=131, key=OTHER_KEY))
    assert conversation.node.registration.refusal == 131
    assert conversation.node.registration.security_exceptions == 1
    conversation.wait(8)
    assert conversation.request_times() == [0, 1, 3, 7]


@pytest.mark.rfc("5944", "3.6.2.3")
def test_another_home_agent_that_136_names_is_asked() -> None:
    conversation = asking()
    [asked] = conversation.requests()
    conversation.answer(asked, reply_bytes(asked, code=136, home_agent=SECOND_AGENT))
    conversation.wait(1)
    again = conversation.requests()[1]
    assert (again.destination, again.home_agent) == (SECOND_AGENT, SECOND_AGENT)
    assert conversation.node.registration.refusal is None


def test_136_that_names_nobody_is_a_refusal() -> None:
    conversation = asking()
    [asked] = conversation.requests()
    conversation.answer(asked, reply_bytes(asked, code=136, home_agent="0.0.0.0"))
    conversation.wait(20)
    assert len(conversation.requests()) == 1
    assert conversation.node.registration.refusal == 136


def test_home_agents_that_send_us_to_each_other_are_not_asked_for_ever() -> None:
    conversation = asking()

    def elsewhere(asked: Asked) -> bytes:
        return reply_bytes(asked, code=136, home_agent=HOME_AGENT if asked.home_agent == SECOND_AGENT else SECOND_AGENT)

    [first] = conversation.requests()
    conversation.answer(first, elsewhere(first))
    conversation.live(60, elsewhere)
    assert conversation.request_times() == [0, 1, 2, 3]


@pytest.mark.rfc("3024", "4.1.2")
@pytest.mark.parametrize(
    ("wanted", "code", "then"), [(Switch.AUTO, 137, 0), (Switch.ON, 137, 0), (Switch.OFF, 138, T_BIT)]
)
def test_reverse_tunnel_is_as_the_home_agent_has_it(wanted: Switch, code: int, then: int) -> None:
    conversation = Conversation(replace(SETTINGS, reverse_tunnel=wanted))
    conversation.plug(CABLE)
    [asked] = conversation.requests()
    conversation.answer(asked, reply_bytes(asked, code=code))
    conversation.wait(1)
    again = conversation.requests()[1]
    assert again.flags & T_BIT == then
    conversation.answer(again)
    assert conversation.node.registration.taught_by == code
    conversation.wait(480)
    assert conversation.requests()[-1].flags & T_BIT == then


def test_home_agent_that_wants_and_refuses_the_reverse_tunnel_is_not_asked_for_ever() -> None:
    conversation = asking()

    def fickle(asked: Asked) -> bytes:
        return reply_bytes(asked, code=137 if asked.flags & T_BIT else 138)

    [first] = conversation.requests()
    conversation.answer(first, fickle(first))
    conversation.live(60, fickle)
    assert conversation.request_times() == [0, 1, 2, 3]


def test_person_who_switches_again_is_not_bound_by_what_agents_said_before() -> None:
    conversation = asking()
    conversation.answer(conversation.requests()[-1], reply_bytes(conversation.requests()[-1], code=137))
    conversation.wait(1)
    conversation.answer(conversation.requests()[-1])
    conversation.wait(1)
    conversation.feed(SetReverseTunnel(Switch.ON))
    assert conversation.requests()[-1].flags & T_BIT
    assert len(conversation.requests()) == 3


# --- refused by a foreign agent: hints (§3.6.2.3, T2) ---------------------------------------------------


def asking_through_agent() -> Conversation:
    """A request through a foreign agent, at second 0."""
    conversation = Conversation()
    conversation.plug(link())
    hear(conversation, heard_advertisement(lifetime=1000))
    return conversation


@pytest.mark.rfc("5944", "3.6.2.3", "too-long")
def test_lifetime_that_the_agent_finds_too_long_is_asked_for_as_short_as_it_says() -> None:
    conversation = asking_through_agent()
    [asked] = conversation.requests()
    conversation.answer(asked, reply_bytes(asked, code=69, lifetime=120, key=None))
    conversation.wait(1)
    again = conversation.requests()[1]
    assert again.lifetime == 120
    conversation.answer(again)
    conversation.feed(heard_advertisement(sequence=8))
    assert len(conversation.requests()) == 2


@pytest.mark.parametrize("lifetime", [0, 29, 600, 601, 0xFFFF])
def test_agent_cannot_talk_us_into_a_lifetime_that_makes_no_sense(lifetime: int) -> None:
    conversation = asking_through_agent()
    [asked] = conversation.requests()
    conversation.answer(asked, reply_bytes(asked, code=69, lifetime=lifetime, key=None))
    conversation.wait(1)
    assert conversation.requests()[1].lifetime == 600


@pytest.mark.rfc("3024", "4.1.2")
@pytest.mark.parametrize(("wanted", "code", "then"), [(Switch.AUTO, 74, 0), (Switch.OFF, 75, T_BIT)])
def test_reverse_tunnel_is_as_the_agent_has_it(wanted: Switch, code: int, then: int) -> None:
    conversation = Conversation(replace(SETTINGS, reverse_tunnel=wanted))
    conversation.plug(link())
    [asked] = hear(conversation, heard_advertisement())
    conversation.answer(asked, reply_bytes(asked, code=code, key=None))
    conversation.wait(1)
    assert [one.flags & T_BIT for one in conversation.requests()] == [T_BIT - then, then]


@pytest.mark.rfc("5944", "3.6.2.3")
@pytest.mark.parametrize(
    "code", [64, 65, 66, 67, 68, 70, 71, 72, 73, 76, 77, 78, 79, 80, 81, 82, 88, 96, 100, 127, 194]
)
def test_unsigned_refusal_is_shown_and_stops_neither_the_asking_nor_what_holds(code: int) -> None:
    conversation, _ = registered_through_agent()
    conversation.feed(SetReverseTunnel(Switch.OFF))
    conversation.wait(1)
    asked, before = conversation.requests()[-1], conversation.plan()
    for _ in range(5):
        conversation.answer(asked, reply_bytes(asked, code=code, key=None))
    registration = conversation.node.registration
    assert (registration.refusal, registration.hints) == (code, 1)
    assert conversation.plan() == before
    conversation.answer(asked)
    assert (registration.refusal, registration.hints) == (None, 0)
    assert registration.state.deadline > 400


@pytest.mark.parametrize("code", [65, 69, 74, 75, 80])
def test_flood_of_forged_denials_delays_the_truth_by_nothing(code: int) -> None:
    conversation = asking_through_agent()
    for _ in range(1000):
        asked = conversation.requests()[-1]
        conversation.answer(asked, reply_bytes(asked, code=code, lifetime=100, key=None))
        conversation.wait(0.001)
    asked = conversation.requests()[-1]
    conversation.wait(0.02)
    conversation.answer(asked)
    assert conversation.binding() is not None
    assert len(conversation.requests()) <= 2


def test_forger_who_turns_the_t_bit_on_and_off_slows_the_asking_down_like_silence() -> None:
    conversation = asking_through_agent()
    for _ in range(60):
        asked = conversation.requests()[-1]
        conversation.answer(asked, reply_bytes(asked, code=74 if asked.flags & T_BIT else 75, key=None))
        conversation.wait(0.5)
    assert len(conversation.requests()) < 14


@pytest.mark.parametrize("index", range(3))
def test_number_of_agents_whose_refusals_are_remembered_is_bounded(index: int) -> None:
    conversation = Conversation()
    conversation.plug(link())
    code = (69, 74, 75)[index]
    for number in range(200):
        source = f"192.0.2.{number + 1}"
        conversation.plug(link(ups=number + 2))
        conversation.feed(heard_advertisement(source=source, flags=IS_FOREIGN_AGENT | OFFERS_T))
        conversation.wait(1)
        asked = conversation.requests()[-1]
        conversation.answer(asked, reply_bytes(asked, code=code, lifetime=50, key=None))
    lessons = vars(conversation.node.registration._lessons)
    assert all(len(value) <= 64 for value in lessons.values() if isinstance(value, dict))


# --- several home agents --------------------------------------------------------------------------------


def test_next_home_agent_is_asked_within_5_seconds_of_silence() -> None:
    settings = replace(SETTINGS, home_agents=(IPv4Address(HOME_AGENT), IPv4Address(SECOND_AGENT)))
    conversation = Conversation(settings)
    conversation.plug(CABLE)
    conversation.wait(12)
    assert [one.home_agent for one in conversation.requests()] == [
        HOME_AGENT,
        HOME_AGENT,
        SECOND_AGENT,
        SECOND_AGENT,
        HOME_AGENT,
    ]
    assert conversation.request_times()[2] == 3


# --- the clock and the memory (§5.7.1, T5, T6) -----------------------------------------------------------


@pytest.mark.parametrize("year", [-57.0, -10.0, 9.9])
def test_implausible_clock_sends_nothing_and_recovers_by_itself(year: float) -> None:
    conversation = Conversation(wall=WallClock(error=year * 31_556_952))
    conversation.plug(CABLE)
    conversation.wait(600)
    assert conversation.requests() == []
    assert conversation.status().reason == "clock"
    conversation.wall.error = 0.0
    conversation.wait(5)
    assert len(conversation.requests()) >= 1
    assert conversation.status().reason != "clock"


@pytest.mark.rfc("5944", "5.7.1")
def test_floor_and_offset_outlive_a_restart() -> None:
    conversation = Conversation(wall=WallClock(error=-3600))
    conversation.plug(CABLE)
    [asked] = conversation.requests()
    theirs = int(WALL) + NTP_TO_UNIX
    conversation.answer(asked, reply_bytes(asked, code=133, ident=theirs << 32 | asked.ident & 0xFFFFFFFF))
    conversation.wait(1)
    accepted = conversation.requests()[-1]
    conversation.answer(accepted)
    restarted = Conversation(memory=conversation.node.memory(), wall=WallClock(error=-3600))
    restarted.plug(CABLE)
    [first] = restarted.requests()
    assert first.ident > accepted.ident
    assert abs(first.time - WALL) < 3


@pytest.mark.rfc("5944", "5.7", "not-repeated")
@pytest.mark.rfc("5944", "5.7.1", "rising")
def test_clock_that_steps_back_never_reuses_an_identification() -> None:
    conversation = asking()
    conversation.answer(conversation.requests()[-1])
    conversation.wall.error = -86_400
    conversation.wait(481)
    first, second, *_ = conversation.requests()
    assert second.ident > first.ident


def test_clock_that_a_person_sets_right_outweighs_an_offset_that_no_longer_fits() -> None:
    ahead = Conversation(wall=WallClock(error=8 * 31_556_952))
    ahead.plug(CABLE)
    [asked] = ahead.requests()
    theirs = int(WALL) + NTP_TO_UNIX
    ahead.answer(asked, reply_bytes(asked, code=133, ident=theirs << 32 | asked.ident & 0xFFFFFFFF))
    ahead.wait(1)
    ahead.answer(ahead.requests()[-1])
    restarted = Conversation(memory=ahead.node.memory())
    restarted.plug(CABLE)
    [first] = restarted.requests()
    assert abs(first.time - WALL) < 3


# --- a home address by name (§3.6, RFC 2794) --------------------------------------------------------------


@pytest.mark.rfc("5944", "3.6.1.2", "home-address-zero")
@pytest.mark.rfc("5944", "3.6", "assigns")
@pytest.mark.rfc("5944", "3.6.1.1", "no-address")
@pytest.mark.rfc("2794", "2")
def test_nameless_node_asks_through_an_agent_from_0_0_0_0_and_takes_the_address_that_it_is_given() -> None:
    conversation = Conversation(NAMELESS, echo=(ETHERNET, AGENT_MAC))
    conversation.plug(link())
    [asked] = requests_in(conversation.advertise(heard_advertisement()))
    assert (asked.source, asked.home, asked.kinds) == ("0.0.0.0", "0.0.0.0", [131, 32])
    conversation.answer(asked, reply_bytes(asked, home=HOME))
    assert conversation.node.home_address == IPv4Address(HOME)
    conversation.live(480)
    assert [(one.source, one.home) for one in conversation.requests()[1:]] == [(HOME, HOME)]


def test_address_that_no_host_can_have_is_not_taken() -> None:
    for address in ("0.0.0.0", "224.0.0.1", "127.0.0.1", "255.255.255.255"):
        conversation = Conversation(NAMELESS)
        conversation.plug(CABLE)
        worthless(conversation, reply_bytes(conversation.requests()[0], home=address))


def test_address_that_is_no_longer_ours_is_given_up_and_another_one_asked_for() -> None:
    conversation = Conversation(NAMELESS)
    conversation.plug(CABLE)
    conversation.answer(conversation.requests()[0], reply_bytes(conversation.requests()[0], home=HOME))
    conversation.wait(480)
    renewal = conversation.requests()[-1]
    conversation.answer(renewal, reply_bytes(renewal, code=129))
    conversation.wait(1)
    assert conversation.requests()[-1].home == "0.0.0.0"


# --- exactly one ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("preference", Preference)
@pytest.mark.parametrize("arrive", [registered_co_located, registered_through_agent, at_home])
def test_exactly_one_request_when_nothing_is_lost(
    preference: Preference, arrive: Callable[[Settings], tuple[Conversation, Asked]]
) -> None:
    conversation, _ = arrive(replace(SETTINGS, care_of=preference))
    conversation.live(400)
    assert conversation.request_times() == [0]
