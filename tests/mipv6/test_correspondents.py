"""Direct paths from the mobile node's side: the way to a binding, and its life (RFC 6275 §11.6, §11.7, §11.8)."""

from __future__ import annotations

import struct
from ipaddress import IPv6Address, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.ipv6 import IPv6Packet
from client.core.machine import NEVER
from client.core.plan import ANCHOR, Encapsulation, End, Tunnel
from mipv6.path_policy import PathPolicy
from tests.mipv6.headers import CARE_OF, CORRESPONDENT, HOME, HOME_AGENT, carried
from tests.mipv6.laptop import (
    AT_HOME,
    CARE_OF_INDEX,
    CARE_OF_TOKEN,
    COTI,
    DELETION_KBM,
    ENOUGH,
    HOME_INDEX,
    HOTI,
    KBM,
    UPDATE,
    Laptop,
    at,
    cookie,
    kinds,
    sequence,
)
from tests.mipv6.return_routability_by_hand import (
    LINK,
    OTHER_CARE_OF,
    acknowledgement,
    answer,
    init,
    key,
    plain,
    to_home_address,
    update,
)


@pytest.fixture
def laptop() -> Laptop:
    """Bound at home from abroad."""
    return Laptop()


# --- when it begins -------------------------------------------------------------------------------


def test_a_direct_path_is_for_those_with_whom_enough_packets_are_exchanged(laptop: Laptop) -> None:
    """Ten in one conversation; after a minute of silence it is another one."""
    assert laptop.exchange(9, 0.0) == []
    assert laptop.exchange(1, 61.0) == []
    assert kinds(laptop.exchange(9, 62.0)) == [HOTI, COTI]


@pytest.mark.rfc("6275", "11.3.1", "link-local-peer")
@pytest.mark.parametrize("peer", ["fe80::1", "ff0e::1", str(HOME), str(CARE_OF), str(HOME_AGENT), "::1"])
def test_who_cannot_have_a_direct_path(laptop: Laptop, peer: str) -> None:
    """Link-local addresses, groups, ourselves, the home agent."""
    assert laptop.exchange(1000, peer=IPv6Address(peer)) == []


def test_prefixes_that_shall_never_have_one() -> None:
    """Those go by the tunnel."""
    laptop = Laptop(PathPolicy(never=(IPv6Network("2001:db8:3::/48"),)))
    assert laptop.exchange(1000) == []
    assert kinds(laptop.exchange(peer=IPv6Address("2001:db8:5::1"))) == [HOTI, COTI]


def test_none_begins_where_they_are_off_or_nothing_is_bound_or_we_are_at_home() -> None:
    """A home agent that has not answered yet tunnels nothing."""
    assert Laptop(PathPolicy(on_demand=False)).exchange(1000) == []
    assert Laptop(attachment=None).exchange(1000) == []
    assert Laptop(attachment=at(CARE_OF, confirmed=False)).exchange(1000) == []
    assert Laptop(attachment=AT_HOME).exchange(1000) == []


def test_at_most_64_correspondents_have_one(laptop: Laptop) -> None:
    """Who baits us into many (threat T17) gets 64, ten a second; one that is quiet makes room."""
    peers = [IPv6Address(int(CORRESPONDENT) + number) for number in range(70)]
    started = [kinds(laptop.exchange(now=number * 0.01, peer=peer)) for number, peer in enumerate(peers)]
    assert sum(map(len, started)) == 2 * 10
    for number, peer in enumerate(peers):
        laptop.exchange(now=10 + number * 0.11, peer=peer)
    assert len(laptop.node.status(20.0)) == 64
    laptop.exchange(now=30.0, peer=peers[69])
    assert kinds(laptop.exchange(now=30.1, peer=peers[69])) == [HOTI, COTI]
    assert len(laptop.node.status(31.0)) == 64


# --- the two tests --------------------------------------------------------------------------------


@pytest.mark.rfc("6275", "5.2.3", "cookies")
@pytest.mark.rfc("6275", "6.1", "no-home-address")
@pytest.mark.rfc("6275", "6.1", "no-routing-header")
@pytest.mark.rfc("6275", "11.6.1", "parallel")
@pytest.mark.rfc("6275", "11.6.1", "home-test-init")
@pytest.mark.rfc("6275", "11.6.1", "care-of-test-init")
@pytest.mark.rfc("6275", "6.1.3")
@pytest.mark.rfc("6275", "6.1.4")
def test_both_tests_go_out_side_by_side(laptop: Laptop) -> None:
    """Home Test Init from the home address by the tunnel, Care-of Test Init from the care-of address past it."""
    home, care_of = laptop.exchange()
    assert plain(home.packet) == init(1, cookie(home))
    assert plain(care_of.packet) == init(2, cookie(care_of))
    assert (home.packet.source, home.packet.destination, home.signalling) == (HOME, CORRESPONDENT, False)
    assert (care_of.packet.source, care_of.packet.destination) == (CARE_OF, CORRESPONDENT)
    assert (care_of.signalling, care_of.interface) == (True, LINK)
    assert cookie(home) != cookie(care_of)
    for packet in (home.packet, care_of.packet):
        assert packet.home_address is None
        assert packet.routing is None


@pytest.mark.rfc("6275", "5.2.9", "back-off")
@pytest.mark.rfc("6275", "5.2.9", "revert")
@pytest.mark.rfc("6275", "11.8", "back-off")
@pytest.mark.rfc("6275", "11.8", "cookies")
@pytest.mark.rfc("6275", "11.8", "initial-timeout")
@pytest.mark.rfc("6275", "11.8", "repeat")
def test_tests_are_repeated_ever_more_slowly_with_new_cookies(laptop: Laptop) -> None:
    """After 1, 2, 4 s; three repetitions (MAX_RO_FAILURE), then a rest."""
    first = laptop.exchange()
    again = laptop.wait(30.0)
    assert [now for now, _ in again] == [1.0, 1.0, 3.0, 3.0, 7.0, 7.0]
    cookies = [cookie(each) for each in (*first, *(send for _, send in again))]
    assert len(set(cookies)) == 8
    assert laptop.counters["tests-unanswered"] == 1
    assert laptop.path == "home"


@pytest.mark.rfc("6275", "5.2.9")
def test_who_does_not_answer_is_asked_again_a_minute_later_if_packets_still_flow(laptop: Laptop) -> None:
    """Fifteen seconds of tests, sixty of rest; without packets it is forgotten."""
    laptop.exchange()
    laptop.wait(20.0)
    assert laptop.exchange(now=70.0) == []
    assert [now for now, _ in laptop.wait(75.0)] == [75.0, 75.0]
    quiet = Laptop()
    quiet.exchange()
    assert quiet.wait(300.0)[-1][0] == 7.0
    assert quiet.node.status(300.0) == []
    assert quiet.node.deadline == NEVER


@pytest.mark.rfc("6275", "11.6.2", "home-wait")
def test_an_answered_test_is_not_repeated(laptop: Laptop) -> None:
    """The other one is."""
    home, _ = laptop.exchange()
    laptop.home_test(home)
    assert kinds([send for _, send in laptop.wait(1.0)]) == [COTI]


@pytest.mark.rfc("6275", "11.6.2", "home-in-progress")
@pytest.mark.rfc("6275", "11.6.2", "home-not-yet")
@pytest.mark.rfc("6275", "11.6.2", "home-by-tunnel")
@pytest.mark.rfc("6275", "11.6.2", "home-cookie")
def test_home_tests_that_are_not_right_are_ignored_and_counted(laptop: Laptop) -> None:
    """Another cookie, not out of the tunnel, to another address, doubled, or from somebody who was not asked."""
    home, care_of = laptop.exchange()
    right = answer(3, HOME_INDEX, cookie(home), bytes(8))
    wrong = answer(3, HOME_INDEX, bytes(8), bytes(8))
    assert laptop.hear(carried(wrong, CORRESPONDENT, HOME), interface=ANCHOR) == []
    assert laptop.hear(carried(right, CORRESPONDENT, HOME), interface=LINK) == []
    assert laptop.hear(carried(right, CORRESPONDENT, CARE_OF), interface=ANCHOR) == []
    other_cookie = answer(3, HOME_INDEX, cookie(care_of), bytes(8))
    assert laptop.hear(carried(other_cookie, CORRESPONDENT, HOME), interface=ANCHOR) == []
    assert laptop.counters["home-test-refused"] == 4
    laptop.hear(carried(right, IPv6Address("2001:db8:3::98"), HOME), interface=ANCHOR)
    assert laptop.counters["from-a-stranger"] == 1
    laptop.home_test(home)
    laptop.home_test(home)
    assert laptop.counters["home-test-refused"] == 5
    assert kinds(laptop.care_of_test(care_of)) == [UPDATE]


@pytest.mark.rfc("6275", "11.6.2", "care-of-in-progress")
@pytest.mark.rfc("6275", "11.6.2", "care-of-wait")
@pytest.mark.rfc("6275", "11.6.2", "care-of-not-yet")
@pytest.mark.rfc("6275", "11.6.2", "care-of-destination")
@pytest.mark.rfc("6275", "11.6.2", "care-of-cookie")
def test_care_of_tests_that_are_not_right_are_ignored_and_counted(laptop: Laptop) -> None:
    """Another cookie, another address, out of the tunnel, a stranger's, doubled; a right one waits for the other."""
    home, care_of = laptop.exchange()
    right = answer(4, CARE_OF_INDEX, cookie(care_of), CARE_OF_TOKEN)
    wrong = answer(4, CARE_OF_INDEX, bytes(8), CARE_OF_TOKEN)
    assert laptop.hear(carried(wrong, CORRESPONDENT, CARE_OF)) == []
    assert laptop.hear(carried(right, CORRESPONDENT, HOME)) == []
    assert laptop.hear(carried(right, CORRESPONDENT, CARE_OF), interface=ANCHOR) == []
    assert laptop.counters["care-of-test-refused"] == 3
    laptop.hear(carried(right, IPv6Address("2001:db8:3::98"), CARE_OF))
    assert laptop.counters["from-a-stranger"] == 1
    assert laptop.care_of_test(care_of) == []
    assert laptop.care_of_test(care_of) == []
    assert laptop.counters["care-of-test-refused"] == 4
    assert kinds(laptop.home_test(home)) == [UPDATE]


@pytest.mark.rfc("6275", "11.8")
def test_an_answer_to_an_earlier_try_is_not_one(laptop: Laptop) -> None:
    """Each repetition has its own cookie, and only the last one counts."""
    home, _ = laptop.exchange()
    laptop.wait(1.0)
    laptop.home_test(home, 1.1)
    assert laptop.counters["home-test-refused"] == 1


# --- the Binding Update ---------------------------------------------------------------------------


@pytest.mark.rfc("6275", "6.1.7", "key-management-clear")
@pytest.mark.rfc("6275", "11.6.2", "complete")
@pytest.mark.rfc("6275", "11.6.2", "home-record")
@pytest.mark.rfc("6275", "11.6.2", "care-of-record")
@pytest.mark.rfc("6275", "5.2.6", "authenticator")
@pytest.mark.rfc("6275", "6.2.7")
@pytest.mark.rfc("6275", "11.7.2", "care-of")
@pytest.mark.rfc("6275", "11.7.2", "current-care-of")
@pytest.mark.rfc("6275", "11.7.2", "destination")
@pytest.mark.rfc("6275", "11.7.2", "option")
def test_with_both_tokens_the_binding_update_goes_out(laptop: Laptop) -> None:
    """Byte by byte: A, 105 units of 4 s, the two indices, the authenticator by SHA-1 of both tokens."""
    send = laptop.test()
    packet = send.packet
    assert plain(packet) == update(sequence(send), KBM, CARE_OF, indices=(HOME_INDEX, CARE_OF_INDEX))
    assert (packet.source, packet.destination, packet.home_address) == (CARE_OF, CORRESPONDENT, HOME)
    assert (send.signalling, send.interface) == (True, LINK)


@pytest.mark.rfc("6275", "11.7.2")
def test_a_binding_update_waits_for_the_home_agents_word(laptop: Laptop) -> None:
    """Tokens may be asked for before; the update goes with the acknowledgement."""
    laptop.bind()
    [care_of] = laptop.attach(at(OTHER_CARE_OF, confirmed=False), 5.0)
    assert laptop.care_of_test(care_of, 5.1) == []
    assert kinds(laptop.attach(at(OTHER_CARE_OF), 5.2)) == [UPDATE]


@pytest.mark.rfc("6275", "11.4.2", "within-registration")
@pytest.mark.rfc("6275", "11.7.2", "lifetime")
def test_a_binding_lasts_no_longer_than_the_one_at_home() -> None:
    """103 s are left there: 25 units of 4 s."""
    laptop = Laptop(attachment=at(CARE_OF, expires_at=103.0))
    assert struct.unpack("!H", laptop.test().packet.payload[10:12]) == (25,)


@pytest.mark.rfc("6275", "11.7.3", "accepted")
@pytest.mark.rfc("6275", "11.3.1", "direct")
@pytest.mark.rfc("6275", "11.3.1", "which-binding")
def test_packets_go_directly_once_the_update_is_acknowledged(laptop: Laptop) -> None:
    """Before that they may come directly, since the correspondent sends by the update at once."""
    send = laptop.test()
    assert (laptop.direct, laptop.received, laptop.path) == ([], [CARE_OF], "testing")
    laptop.acknowledge(send)
    assert laptop.node.tunnels() == (
        Tunnel(
            end=End.MOBILE,
            home_address=HOME,
            local=CARE_OF,
            remote=CORRESPONDENT,
            encapsulation=Encapsulation.DIRECT,
            interface=LINK,
        ),
    )
    assert laptop.node.tunnels() is laptop.node.tunnels()
    assert laptop.path == "direct"


@pytest.mark.rfc("6275", "11.7.2", "sequence-rises")
@pytest.mark.rfc("6275", "11.7.2", "sequence-once")
@pytest.mark.rfc("6275", "11.8", "sequence")
@pytest.mark.rfc("6275", "11.8", "back-off")
def test_an_update_is_repeated_with_a_greater_sequence_number(laptop: Laptop) -> None:
    """After 1, 2, 4 s; any of them may be the one that is acknowledged."""
    first = laptop.test()
    again = laptop.wait(7.0)
    assert [now for now, _ in again] == [1.0, 3.0, 7.0]
    numbers = [sequence(each) for each in (first, *(send for _, send in again))]
    assert numbers == [numbers[0] + step for step in range(4)]
    laptop.acknowledge(again[0][1], 7.1)
    assert laptop.direct == [CARE_OF]


@pytest.mark.rfc("6275", "11.1", "ended")
@pytest.mark.rfc("6275", "11.7.3", "shorter")
def test_the_lifetime_counts_from_the_update_that_is_acknowledged(laptop: Laptop) -> None:
    """Sent at 0, granted 100 s at 0.9: it ends at 100."""
    send = laptop.test()
    laptop.acknowledge(send, 0.9, units=25)
    laptop.wait(99.9)
    assert laptop.direct == [CARE_OF]
    laptop.wait(100.0)
    assert laptop.direct == []


@pytest.mark.rfc("6275", "11.7.3", "authentication")
@pytest.mark.rfc("6275", "11.7.3", "sequence")
def test_forged_acknowledgements_are_ignored_and_counted(laptop: Laptop) -> None:
    """By another key, without a signature, for another update, not by the routing header."""
    send = laptop.test()
    laptop.acknowledge(send, kbm=bytes(20))
    laptop.acknowledge(send, kbm=None)
    laptop.acknowledge(send, kbm=DELETION_KBM)
    other = acknowledgement(0, sequence(send) + 1, 105, KBM)
    laptop.hear(to_home_address(other))
    right = acknowledgement(0, sequence(send), 105, KBM)
    laptop.hear(carried(right, CORRESPONDENT, CARE_OF))
    laptop.hear(to_home_address(right, OTHER_CARE_OF))
    assert laptop.counters["acknowledgement-refused"] == 6
    assert laptop.direct == []
    laptop.hear(to_home_address(right))
    assert laptop.direct == [CARE_OF]


@pytest.mark.rfc("6275", "11.7.3")
def test_a_replayed_acknowledgement_is_worth_nothing(laptop: Laptop) -> None:
    """Nothing is under way that it could be for."""
    send = laptop.bind()
    laptop.acknowledge(send, 1.0)
    assert laptop.counters["acknowledgement-refused"] == 1


@pytest.mark.rfc("6275", "11.1", "modulo")
@pytest.mark.rfc("6275", "11.7.3", "resynchronise")
def test_after_135_it_goes_on_from_the_correspondents_number(laptop: Laptop) -> None:
    """At once, and signed; three times in a row at most. A number is ahead of ours if it is so modulo 65536."""
    first = sequence(laptop.test())
    ahead = (first + 0x7000) % 65536
    [send] = laptop.hear(to_home_address(acknowledgement(135, ahead, 0, KBM)))
    assert sequence(send) == ahead + 1 > 0x7FFF
    [send] = laptop.hear(to_home_address(acknowledgement(135, 65535, 0, KBM)))
    assert sequence(send) == 0
    laptop.acknowledge(send)
    assert laptop.direct == [CARE_OF]


@pytest.mark.rfc("6275", "11.7.3", "forged-135")
def test_a_135_that_nobody_signed_changes_nothing(laptop: Laptop) -> None:
    """It is counted."""
    laptop.test()
    assert laptop.hear(to_home_address(acknowledgement(135, 65535, 0, None))) == []
    assert laptop.counters["acknowledgement-refused"] == 1


@pytest.mark.rfc("6275", "5.2.7")
@pytest.mark.parametrize(("status", "asked"), [(136, [HOTI]), (137, [COTI]), (138, [HOTI, COTI])])
def test_expired_nonces_are_asked_for_anew_at_once(laptop: Laptop, status: int, asked: list[int]) -> None:
    """Only what has expired; nobody can sign this, so the sequence number must be right."""
    send = laptop.test()
    assert kinds(laptop.acknowledge(send, status=status, kbm=None)) == asked


def test_a_correspondent_that_always_says_expired_is_left_alone(laptop: Laptop) -> None:
    """Three repairs, then a minute of rest."""
    send = laptop.test()
    for moment in (5.0, 10.0, 15.0):
        home, care_of = laptop.acknowledge(send, moment, status=138, kbm=None)
        laptop.home_test(home, moment)
        [send] = laptop.care_of_test(care_of, moment)
    assert laptop.acknowledge(send, 16.0, status=138, kbm=None) == []
    assert (laptop.path, laptop.node.deadline) == ("home", 76.0)


@pytest.mark.rfc("6275", "11.7.3", "give-up")
@pytest.mark.parametrize("status", [128, 129, 130, 139, 174])
def test_a_refusal_means_the_tunnel_for_ten_minutes(laptop: Laptop, status: int) -> None:
    """Its code is in the status."""
    send = laptop.test()
    assert laptop.acknowledge(send, status=status) == []
    assert laptop.node.status(0.0)[0].code == status
    assert laptop.path == "home"
    assert laptop.exchange(now=590.0) == []
    assert kinds([each for _, each in laptop.wait(600.0)]) == [HOTI, COTI]


@pytest.mark.rfc("6275", "11.8", "rate")
def test_no_more_than_three_messages_of_a_type_go_out_in_a_second(laptop: Laptop) -> None:
    """MAX_UPDATE_RATE, however often it moves."""
    laptop.bind()
    told = []
    for number in range(20):
        care_of = IPv6Address(int(OTHER_CARE_OF) + number)
        told += laptop.attach(at(care_of), 1.0 + number * 0.04)
    assert kinds(told).count(COTI) <= 3


# --- the life of a binding ------------------------------------------------------------------------


@pytest.mark.rfc("6275", "5.2.7", "token-lifetime")
@pytest.mark.rfc("6275", "11.7.3", "renew")
def test_a_binding_in_use_is_renewed_before_it_ends(laptop: Laptop) -> None:
    """With new tokens, since the old ones are good for 210 s only; packets go directly all the while."""
    laptop.bind()
    laptop.exchange(now=300.0)
    now, (home, care_of) = laptop.next()
    assert 315.0 <= now <= 357.0
    laptop.home_test(home, now)
    [send] = laptop.care_of_test(care_of, now)
    assert laptop.direct == [CARE_OF]
    laptop.acknowledge(send, now)
    laptop.wait(now + 300.0)
    assert laptop.direct == [CARE_OF]


def test_a_binding_that_nobody_uses_ends(laptop: Laptop) -> None:
    """Nothing is sent for it; packets before its end renew it after all."""
    laptop.bind()
    assert laptop.wait(400.0) == []
    assert laptop.direct == [CARE_OF]
    assert laptop.wait(421.0) == []
    assert (laptop.direct, laptop.node.status(421.0), laptop.node.deadline) == ([], [], NEVER)
    again = Laptop()
    again.bind()
    again.wait(400.0)
    assert kinds(again.exchange(1, 401.0)) == [HOTI, COTI]


@pytest.mark.rfc("6275", "5.2.9")
def test_when_a_renewal_is_not_answered_packets_go_by_the_tunnel(laptop: Laptop) -> None:
    """What still comes directly is taken until the binding ends."""
    laptop.bind()
    laptop.exchange(now=300.0)
    laptop.wait(380.0)
    assert (laptop.direct, laptop.received) == ([], [CARE_OF])
    laptop.wait(420.0)
    assert laptop.received == []


@pytest.mark.rfc("6275", "11.6.1")
@pytest.mark.rfc("6275", "5.2.7", "token-lifetime")
@pytest.mark.parametrize(("age", "asked"), [(209.9, [COTI]), (210.0, [HOTI, COTI])])
def test_after_a_move_a_good_home_token_is_used_again(laptop: Laptop, age: float, asked: list[int]) -> None:
    """MAX_TOKEN_LIFETIME; then both are asked for."""
    laptop.bind()
    told = laptop.attach(at(OTHER_CARE_OF), age)
    assert kinds(told) == asked
    if asked == [COTI]:
        [send] = laptop.care_of_test(told[0], age)
        expected = update(sequence(send), KBM, OTHER_CARE_OF, indices=(HOME_INDEX, CARE_OF_INDEX))
        assert plain(send.packet) == expected


@pytest.mark.rfc("6275", "11.6.1")
def test_back_at_a_care_of_address_with_a_good_token_nothing_is_asked(laptop: Laptop) -> None:
    """The update goes at once."""
    laptop.bind()
    [care_of] = laptop.attach(at(OTHER_CARE_OF), 10.0)
    [send] = laptop.care_of_test(care_of, 10.0)
    laptop.acknowledge(send, 10.0)
    [send] = laptop.attach(at(CARE_OF), 20.0)
    assert plain(send.packet) == update(sequence(send), KBM, CARE_OF, indices=(HOME_INDEX, CARE_OF_INDEX))


@pytest.mark.rfc("6275", "11.7.2", "tell-all")
def test_after_a_move_packets_go_by_the_tunnel_until_the_correspondent_knows(laptop: Laptop) -> None:
    """What comes to the former care-of address is taken for two seconds more."""
    laptop.bind()
    [care_of] = laptop.attach(at(OTHER_CARE_OF), 10.0)
    assert (laptop.direct, laptop.received) == ([], [CARE_OF])
    [send] = laptop.care_of_test(care_of, 10.1)
    laptop.acknowledge(send, 10.2)
    assert laptop.direct == [OTHER_CARE_OF]
    assert sorted(laptop.received) == [CARE_OF, OTHER_CARE_OF]
    laptop.wait(12.2)
    assert laptop.received == [OTHER_CARE_OF]


@pytest.mark.rfc("6275", "5.2.5")
def test_without_a_home_token_nothing_goes_before_the_home_agent_has_answered(laptop: Laptop) -> None:
    """A Home Test would not come back; both tests go side by side then."""
    laptop.bind()
    assert laptop.attach(at(OTHER_CARE_OF, confirmed=False), 300.0) == []
    assert kinds(laptop.attach(at(OTHER_CARE_OF), 300.1)) == [HOTI, COTI]


def test_an_acknowledgement_for_the_former_place_changes_nothing(laptop: Laptop) -> None:
    """It moved while the update was under way."""
    send = laptop.test()
    laptop.attach(at(OTHER_CARE_OF), 0.1)
    laptop.acknowledge(send, 0.2)
    assert laptop.counters["acknowledgement-refused"] == 1
    assert laptop.direct == []


def test_when_the_home_binding_is_lost_nothing_goes_directly(laptop: Laptop) -> None:
    """It does again when that stands at the same place."""
    laptop.bind()
    laptop.attach(None, 10.0)
    assert (laptop.direct, laptop.received) == ([], [CARE_OF])
    assert laptop.attach(at(CARE_OF), 11.0) == []
    assert laptop.direct == [CARE_OF]


# --- the end of a binding -------------------------------------------------------------------------


@pytest.mark.rfc("6275", "6.1.7", "deletion")
@pytest.mark.rfc("6275", "5.2.5", "binding-key")
@pytest.mark.rfc("6275", "11.6.1")
@pytest.mark.rfc("6275", "11.7.2", "deletion-index")
@pytest.mark.rfc("6275", "11.7.2", "deletion-care-of")
@pytest.mark.rfc("6275", "11.5.5")
def test_at_home_the_binding_is_deleted_with_the_home_token_alone(laptop: Laptop) -> None:
    """From the home address, lifetime 0, care-of index 0, Kbm of one token, and no home address option."""
    laptop.bind()
    assert laptop.attach(at(HOME, confirmed=False), 10.0) == []
    [send] = laptop.attach(AT_HOME, 10.1)
    expected = update(sequence(send), DELETION_KBM, HOME, indices=(HOME_INDEX, 0), units=0)
    assert plain(send.packet) == expected
    assert (send.packet.source, send.packet.home_address, send.signalling) == (HOME, None, False)
    assert laptop.direct == []
    laptop.acknowledge(send, 10.2, units=0, kbm=DELETION_KBM)
    laptop.wait(12.2)
    assert (laptop.node.tunnels(), laptop.node.status(12.2)) == ((), [])


@pytest.mark.rfc("6275", "11.6.1")
def test_at_home_without_a_good_token_a_home_test_is_enough(laptop: Laptop) -> None:
    """It goes, and its answer comes, by the home link."""
    laptop.bind()
    [home] = laptop.attach(AT_HOME, 300.0)
    assert kinds([home]) == [HOTI]
    assert laptop.home_test(home, 300.1, ANCHOR) == []
    [send] = laptop.home_test(home, 300.1, LINK)
    assert sequence(send)
    assert plain(send.packet)[10:12] == bytes(2)


def test_who_was_only_being_tested_is_forgotten_at_home(laptop: Laptop) -> None:
    """It has nothing to delete."""
    laptop.exchange()
    assert laptop.attach(AT_HOME, 0.5) == []
    assert laptop.node.deadline == NEVER


def test_an_update_without_an_answer_may_have_been_taken(laptop: Laptop) -> None:
    """So it is deleted at home."""
    laptop.test()
    assert kinds(laptop.attach(AT_HOME, 0.5)) == [UPDATE]


@pytest.mark.rfc("6275", "11.7.2", "deletion-index")
def test_when_direct_paths_are_turned_off_packets_go_by_the_tunnel_at_once(laptop: Laptop) -> None:
    """The correspondent is told from abroad: lifetime 0, with a home address option."""
    laptop.bind()
    [send] = laptop.node.apply(PathPolicy(on_demand=False), 10.0)
    assert laptop.direct == []
    assert laptop.received == [CARE_OF]
    expected = update(sequence(send), DELETION_KBM, HOME, indices=(HOME_INDEX, 0), units=0)
    assert plain(send.packet) == expected
    assert (send.packet.source, send.packet.home_address) == (CARE_OF, HOME)
    laptop.acknowledge(send, 10.1, units=0, kbm=DELETION_KBM)
    laptop.wait(13.0)
    assert laptop.node.tunnels() == ()


def test_a_deletion_that_is_not_answered_is_tried_again_until_the_binding_must_have_ended(laptop: Laptop) -> None:
    """Four times in fifteen seconds, a minute of rest, and again."""
    laptop.bind()
    laptop.attach(AT_HOME, 10.0)
    said = laptop.wait(1000.0)
    assert [now for now, _ in said[:3]] == [11.0, 13.0, 17.0]
    assert 85.0 in [now for now, _ in said]
    assert said[-1][0] <= 420.0
    assert laptop.node.status(1000.0) == []


# --- over a restart -------------------------------------------------------------------------------


def test_who_has_a_binding_is_known_after_a_restart(laptop: Laptop) -> None:
    """It sends directly, and that is taken; tests begin at once."""
    assert laptop.node.memory() == b""
    laptop.bind()
    assert laptop.node.memory() == CORRESPONDENT.packed
    restarted = Laptop(memory=laptop.node.memory())
    assert kinds(restarted.started) == [HOTI, COTI]
    assert (restarted.direct, restarted.received) == ([], [CARE_OF])
    assert restarted.node.memory() == CORRESPONDENT.packed


def test_at_home_after_a_restart_the_binding_is_deleted() -> None:
    """A home test first: tokens are not stored."""
    assert kinds(Laptop(memory=CORRESPONDENT.packed, attachment=AT_HOME).started) == [HOTI]


@given(st.binary(max_size=100))
def test_any_memory_is_taken(memory: bytes) -> None:
    """Whatever the file holds."""
    assert len(Laptop(memory=memory).node.status(0.0)) <= 6


@given(st.binary(max_size=60), st.integers(0, 255))
def test_any_bytes_are_taken(payload: bytes, next_header: int) -> None:
    """At any time."""
    laptop = Laptop()
    laptop.exchange()
    packet = IPv6Packet(source=CORRESPONDENT, destination=HOME, next_header=next_header, payload=payload)
    assert laptop.hear(packet, interface=ANCHOR) == []


def test_enough_is_what_the_policy_says() -> None:
    """One packet, if that is asked for."""
    laptop = Laptop(PathPolicy(after_packets=1))
    assert ENOUGH > 1
    assert kinds(laptop.exchange(1)) == [HOTI, COTI]
    assert key(b"", b"") != KBM


@pytest.mark.rfc("6275", "11.6.1")
def test_tests_that_nobody_answered_at_the_former_place_are_not_counted_at_the_next() -> None:
    """Else a move at the wrong moment is followed by a minute of rest, while packets go to the former place."""
    laptop = Laptop()
    laptop.exchange()
    last = 0.0
    for _ in range(3):
        last, _said = laptop.next()
    laptop.attach(at(OTHER_CARE_OF), last + 7.9)
    said = [send for when, send in laptop.wait(last + 12.0) if when > last + 7.9]
    assert HOTI in kinds(said)
    assert laptop.path == "testing"


@pytest.mark.rfc("6275", "11.7.3")
def test_status_135_about_a_number_that_we_are_beyond_takes_us_nowhere(laptop: Laptop) -> None:
    """It is late, or played again: to go back would be to use a number twice under one key."""
    first = laptop.test()
    second = laptop.wait(1.5)[-1][1]
    former = (sequence(first) - 1) % 65536
    header = acknowledgement(135, former, 0, KBM, CARE_OF)
    assert laptop.hear(to_home_address(header, CARE_OF), 1.6) == []
    third = laptop.wait(5.0)[0][1]
    assert sequence(third) == (sequence(second) + 1) % 65536
