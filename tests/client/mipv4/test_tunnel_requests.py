"""What a mobile node asks of a tunnel, and what it makes of the answers: every bit and extension, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from client.core.choice import Switch
from client.core.commands import Pause
from client.core.plan import Encapsulation
from client.mipv4.commands import SetBroadcasts, SetReverseTunnel
from client.mipv4.settings import Settings
from tests.client.mipv4.by_hand import (
    AGENT_MAC,
    CARE_OF,
    D_BIT,
    ETHERNET,
    GATEWAY,
    IS_FOREIGN_AGENT,
    KEY,
    OFFERS_T,
    REGISTRATION_REQUIRED,
    SETTINGS,
    T_BIT,
    Asked,
    heard_advertisement,
    link,
    reply_bytes,
    requests_in,
    sign,
)
from tests.client.mipv4.conversation import (
    THROUGH_OUR_TUNNEL,
    Conversation,
    registered_co_located,
    registered_through_agent,
)

IPIP, GRE, MINIMAL, UDP = Encapsulation.IPIP, Encapsulation.GRE, Encapsulation.MINIMAL, Encapsulation.UDP
S_BIT, B_BIT, M_BIT, G_BIT = 0x80, 0x40, 0x10, 0x08
OFFERS_M, OFFERS_G, OFFERS_U = 0x0800, 0x0400, 0x0080
EVERYTHING = S_BIT | B_BIT | D_BIT | M_BIT | G_BIT | T_BIT
CABLE = link(ETHERNET, f"{CARE_OF}/24", gateway=GATEWAY)
ASSENT = bytes.fromhex("2c06 0000 0000 0000")
DECLINE = bytes.fromhex("2c06 0040 0000 0000")


def settings(
    *encapsulations: Encapsulation, reverse_tunnel: Switch = Switch.AUTO, broadcasts: bool = False
) -> Settings:
    """What a profile says."""
    return replace(SETTINGS, encapsulations=encapsulations, reverse_tunnel=reverse_tunnel, broadcasts=broadcasts)


def co_located(wanted: Settings) -> tuple[Conversation, Asked]:
    """On a foreign link with an address of our own, and the first request."""
    conversation = Conversation(wanted, echo=THROUGH_OUR_TUNNEL)
    [asked] = requests_in(conversation.plug(CABLE))
    return conversation, asked


def through_agent(wanted: Settings, offers: int) -> tuple[Conversation, Asked]:
    """On the link of a foreign agent."""
    conversation = Conversation(wanted, echo=(ETHERNET, AGENT_MAC))
    conversation.plug(link())
    [asked] = requests_in(conversation.advertise(heard_advertisement(flags=IS_FOREIGN_AGENT | OFFERS_T | offers)))
    return conversation, asked


def seen_by_agent(wanted: Settings, offers: int) -> Asked:
    """The request for an address of our own that an agent with the R bit wants to see."""
    conversation, first = co_located(wanted)
    conversation.answer(first)
    flags = IS_FOREIGN_AGENT | OFFERS_T | REGISTRATION_REQUIRED | offers
    conversation.advertise(heard_advertisement(flags=flags))
    conversation.wait(1)
    [_, asked] = conversation.requests()
    assert (asked.care_of, asked.send.link_layer_destination) == (CARE_OF, AGENT_MAC)
    return asked


def bound(wanted: Settings, extensions: bytes, *, code: int = 0) -> Conversation:
    """Co-located, and answered with these extensions before the authenticator."""
    conversation, asked = co_located(wanted)
    conversation.answer(asked, reply_bytes(asked, code=code, extensions=extensions))
    return conversation


def refusals(conversation: Conversation, *codes: int) -> list[Asked]:
    """The requests that follow when each is refused with the next of these codes, then accepted."""
    for code in codes:
        asked = conversation.requests()[-1]
        conversation.answer(asked, reply_bytes(asked, code=code))
        conversation.wait(1)
    return conversation.requests()


# --- the G and M bits --------------------------------------------------------------------------------


@pytest.mark.rfc("5944", "3.3")
@pytest.mark.parametrize(
    ("encapsulations", "bits"),
    [
        ((IPIP,), 0),
        ((IPIP, UDP, GRE, MINIMAL), 0),
        ((GRE,), G_BIT),
        ((GRE, IPIP), G_BIT),
        ((MINIMAL, GRE), M_BIT),
        ((UDP, MINIMAL), M_BIT),
        ((UDP,), 0),
        ((), 0),
    ],
)
def test_first_encapsulation_of_the_list_is_asked_for_by_its_bit(
    encapsulations: Sequence[Encapsulation], bits: int
) -> None:
    _, asked = co_located(settings(*encapsulations))
    assert asked.flags == bits | D_BIT | T_BIT


@pytest.mark.rfc("5944", "3.6.1.2", "encapsulation")
@pytest.mark.parametrize(
    ("offers", "bits"), [(0, 0), (OFFERS_G, G_BIT), (OFFERS_M, M_BIT), (OFFERS_G | OFFERS_M, G_BIT)]
)
def test_through_an_agent_only_what_its_advertisement_offers_is_asked_for(offers: int, bits: int) -> None:
    _, asked = through_agent(settings(GRE, MINIMAL), offers)
    assert asked.flags == bits | T_BIT


@pytest.mark.rfc("5944", "3.6.1.2")
def test_our_own_decapsulation_needs_no_offer_of_an_agent_that_only_sees_the_request() -> None:
    assert seen_by_agent(settings(GRE), 0).flags == G_BIT | D_BIT | T_BIT


@pytest.mark.rfc("5944", "3.6.2.3")
def test_home_agents_refusal_139_makes_us_ask_for_the_next_and_ip_in_ip_at_last() -> None:
    conversation, _ = co_located(settings(GRE, MINIMAL))
    asked = refusals(conversation, 139, 139)
    assert [each.flags & (G_BIT | M_BIT) for each in asked] == [G_BIT, M_BIT, 0]
    conversation.answer(asked[-1])
    binding = conversation.binding()
    assert binding is not None
    assert binding.encapsulation is IPIP


@pytest.mark.rfc("5944", "3.6.2.3")
def test_foreign_agents_refusal_72_makes_us_ask_for_the_next() -> None:
    conversation, asked = through_agent(settings(GRE, MINIMAL), OFFERS_G | OFFERS_M)
    conversation.answer(asked, reply_bytes(asked, code=72, key=None))
    conversation.wait(1)
    assert [each.flags & (G_BIT | M_BIT) for each in conversation.requests()] == [G_BIT, M_BIT]


@pytest.mark.rfc("5944", "3.6.2.3")
def test_refused_ip_in_ip_is_not_asked_for_again_at_once() -> None:
    conversation, _ = co_located(settings(IPIP))
    assert len(refusals(conversation, 139)) == 1
    assert conversation.status().v4 is not None
    assert conversation.node.registration.refusal == 139


def test_refusal_that_nobody_signed_teaches_nothing_without_an_agent() -> None:
    conversation, asked = co_located(settings(GRE))
    conversation.answer(asked, reply_bytes(asked, code=139, key=None))
    conversation.wait(2)
    assert [each.flags & G_BIT for each in conversation.requests()] == [G_BIT, G_BIT]


def test_person_who_decides_anew_makes_us_forget_what_was_refused() -> None:
    conversation, _ = co_located(settings(GRE))
    conversation.answer(refusals(conversation, 139)[-1])
    conversation.wait(2)
    [asked] = requests_in(conversation.feed(SetReverseTunnel(Switch.OFF)))
    assert asked.flags & G_BIT


@pytest.mark.parametrize(("encapsulation", "offers"), [(GRE, OFFERS_G), (MINIMAL, OFFERS_M), (IPIP, OFFERS_G)])
def test_binding_has_the_encapsulation_that_was_agreed_on(encapsulation: Encapsulation, offers: int) -> None:
    for conversation, asked in (co_located(settings(encapsulation)), through_agent(settings(encapsulation), offers)):
        conversation.answer(asked)
        binding = conversation.binding()
        assert binding is not None
        assert (binding.encapsulation, binding.ports, binding.nat) == (encapsulation, None, False)


# --- the B bit ---------------------------------------------------------------------------------------


@pytest.mark.rfc("5944", "3.3")
def test_b_bit_is_set_when_broadcasts_are_wanted() -> None:
    assert co_located(settings(IPIP, broadcasts=True))[1].flags == B_BIT | D_BIT | T_BIT
    assert through_agent(settings(IPIP, broadcasts=True), 0)[1].flags == B_BIT | T_BIT


def test_broadcasts_are_turned_on_and_off_by_a_new_registration() -> None:
    conversation, _ = registered_co_located()
    conversation.wait(2)
    [asked] = requests_in(conversation.feed(SetBroadcasts(True)))
    assert asked.flags & B_BIT
    assert conversation.binding() is not None
    conversation.answer(asked)
    conversation.wait(2)
    [asked] = requests_in(conversation.feed(SetBroadcasts(False)))
    assert not asked.flags & B_BIT
    assert not requests_in(conversation.feed(SetBroadcasts(False)))


# --- the UDP Tunnel Request ---------------------------------------------------------------------------


@pytest.mark.rfc("3519", "3.1")
@pytest.mark.parametrize(
    ("encapsulations", "data"),
    [
        ((IPIP, UDP), "000000000000"),
        ((UDP,), "000080000000"),
        ((UDP, GRE), "000080040000"),
        ((GRE, UDP), "000000040000"),
    ],
    ids=["detection only", "forced", "forced, GRE without", "GRE, unless there is a NAT"],
)
def test_extension_asks_for_detection_or_first_in_the_list_by_force(
    encapsulations: Sequence[Encapsulation], data: str
) -> None:
    _, asked = co_located(settings(*encapsulations))
    assert asked.extensions[0] == (144, bytes.fromhex(data))


@pytest.mark.rfc("3519", "4.4")
def test_extension_stands_before_the_mobile_home_authentication_and_is_covered_by_it() -> None:
    _, asked = co_located(replace(settings(UDP), nai="alice@example.net"))
    assert asked.kinds == [131, 144, 32]
    assert asked.is_signed()


@pytest.mark.rfc("3519", "4.4")
def test_foreign_agents_care_of_address_is_never_asked_for_with_the_extension() -> None:
    _, asked = through_agent(settings(UDP, IPIP), OFFERS_U)
    assert asked.kinds == [32]


@pytest.mark.rfc("3519", "4.4")
@pytest.mark.parametrize(
    ("offers", "extension"), [(OFFERS_U, [(144, bytes.fromhex("000040000000"))]), (0, [])], ids=["U", "no U"]
)
def test_through_an_agent_that_only_sees_it_the_r_flag_is_set_if_it_is_behind_a_nat(
    offers: int, extension: list[tuple[int, bytes]]
) -> None:
    asked = seen_by_agent(settings(IPIP, UDP), offers)
    assert list(asked.extensions[:-1]) == extension


@pytest.mark.rfc("3519", "3.1.5")
def test_t_bit_goes_with_force_even_if_packets_are_not_to_go_back_by_the_tunnel() -> None:
    _, forced = co_located(settings(UDP, reverse_tunnel=Switch.OFF))
    _, unforced = co_located(settings(IPIP, UDP, reverse_tunnel=Switch.OFF))
    assert (forced.flags & T_BIT, unforced.flags & T_BIT) == (T_BIT, 0)


@pytest.mark.rfc("3519", "3.5")
def test_refusal_142_makes_us_ask_without_the_extension() -> None:
    conversation, _ = co_located(settings(IPIP, UDP))
    assert [each.kinds for each in refusals(conversation, 142)] == [[144, 32], [32]]


@pytest.mark.rfc("3519", "4.6.1")
def test_refusal_129_of_force_makes_us_ask_without_force_and_then_is_for_a_person() -> None:
    conversation, _ = co_located(settings(UDP))
    asked = refusals(conversation, 129, 129)
    assert [each.extensions[0] for each in asked] == [(144, bytes.fromhex("000080000000")), (144, bytes(6))]
    assert conversation.node.registration.refusal == 129


# --- the UDP Tunnel Reply ------------------------------------------------------------------------------


@pytest.mark.rfc("3519", "3.2.1")
@pytest.mark.parametrize(
    ("extension", "encapsulation", "nat", "keepalive"),
    [
        ("2c06 0000 0000 0000", UDP, True, None),
        ("2c06 0000 0000 001e", UDP, True, 30.0),
        ("2c06 003f 0000 0000", UDP, True, None),
        ("2c06 0000 8000 0000", UDP, False, None),
        ("2c06 0040 0000 0000", IPIP, False, None),
        ("2c06 00ff 0000 001e", IPIP, False, None),
        ("", IPIP, False, None),
    ],
    ids=["assent", "interval", "assent 63", "by force", "declined", "declined 255", "not a word"],
)
def test_home_agents_word_decides_whether_data_goes_in_udp(
    extension: str, encapsulation: Encapsulation, nat: bool, keepalive: float | None
) -> None:
    binding = bound(settings(IPIP, UDP), bytes.fromhex(extension)).binding()
    assert binding is not None
    assert (binding.encapsulation, binding.nat, binding.keepalive) == (encapsulation, nat, keepalive)
    assert binding.ports == ((434, 434) if encapsulation is UDP else None)


@pytest.mark.rfc("3519", "4.4")
def test_without_assent_to_force_the_next_encapsulation_is_in_force() -> None:
    for extension in (DECLINE, b""):
        binding = bound(settings(UDP, GRE), extension).binding()
        assert binding is not None
        assert (binding.encapsulation, binding.nat) == (GRE, False)


def test_assent_that_was_not_asked_for_is_not_believed() -> None:
    binding = bound(settings(IPIP), ASSENT).binding()
    assert binding is not None
    assert (binding.encapsulation, binding.nat) == (IPIP, False)


def test_assent_that_the_authenticator_does_not_cover_is_not_believed() -> None:
    conversation, asked = co_located(settings(IPIP, UDP))
    conversation.answer(asked, reply_bytes(asked) + ASSENT)
    binding = conversation.binding()
    assert binding is not None
    assert binding.encapsulation is IPIP
    conversation, asked = co_located(settings(IPIP, UDP))
    conversation.answer(asked, reply_bytes(asked, key=None, extensions=ASSENT))
    assert conversation.binding() is None


@pytest.mark.rfc("5944", "1.8")
@pytest.mark.parametrize("extension", ["2c04 0000 0000", "2c06 0100 0000 0000"], ids=["length", "sub-type"])
def test_reply_with_a_tunnel_reply_that_cannot_be_read_is_dropped(extension: str) -> None:
    conversation = bound(settings(IPIP, UDP), bytes.fromhex(extension))
    assert conversation.binding() is None
    assert conversation.node.registration.dropped == 1


def test_first_of_two_tunnel_replies_counts() -> None:
    binding = bound(settings(IPIP, UDP), DECLINE + ASSENT).binding()
    assert binding is not None
    assert binding.encapsulation is IPIP


# --- giving up -----------------------------------------------------------------------------------------


def test_farewell_asks_for_nothing_that_belongs_to_a_binding() -> None:
    conversation = bound(settings(UDP, GRE, broadcasts=True), ASSENT)
    conversation.wait(2)
    [farewell] = requests_in(conversation.feed(Pause()))
    assert (farewell.lifetime, farewell.flags & EVERYTHING, farewell.kinds) == (0, D_BIT | T_BIT, [32])


def test_renewal_asks_for_the_same_again() -> None:
    conversation = bound(settings(UDP, GRE, broadcasts=True), ASSENT)
    conversation.live(500)
    first, *_, last = conversation.requests()
    assert (first.flags, first.extensions[0]) == (last.flags, last.extensions[0])
    assert len(conversation.requests()) > 1


@pytest.mark.rfc("5944", "3.4")
def test_code_1_is_an_acceptance() -> None:
    conversation = bound(settings(IPIP), b"", code=1)
    binding = conversation.binding()
    assert binding is not None
    assert (binding.code, binding.simultaneous) == (1, False)


def test_nobody_but_the_key_holder_can_change_the_encapsulation() -> None:
    conversation, asked = co_located(settings(IPIP, UDP))
    forged = sign(reply_bytes(asked, key=None, extensions=ASSENT), 32, KEY[::-1])
    conversation.answer(asked, forged)
    assert conversation.binding() is None


def test_through_an_agent_an_assent_changes_nothing() -> None:
    conversation, _ = registered_through_agent(settings(IPIP, UDP))
    conversation.wait(2)
    [asked] = requests_in(conversation.feed(SetBroadcasts(True)))
    conversation.answer(asked, reply_bytes(asked, extensions=ASSENT))
    binding = conversation.binding()
    assert binding is not None
    assert binding.encapsulation is IPIP


@pytest.mark.rfc("3519", "3.1.5")
def test_home_agent_without_reverse_tunnels_is_asked_without_the_t_bit_and_then_without_force() -> None:
    conversation, _ = co_located(settings(UDP))
    asked = refusals(conversation, 137, 137)
    forced, plain = (144, bytes.fromhex("000080000000")), (144, bytes(6))
    assert (asked[0].flags & T_BIT, asked[0].extensions[0]) == (T_BIT, forced)
    assert (asked[-1].flags & T_BIT, asked[-1].extensions[0]) == (0, plain)


def test_refusals_of_other_things_one_after_the_other_are_all_mended_in_the_end() -> None:
    conversation, _ = co_located(settings(GRE, MINIMAL, UDP, reverse_tunnel=Switch.OFF))
    asked = refusals(conversation, 139, 139, 142, 138)
    assert len(asked) == 4  # three repairs at once, and then a wait
    conversation.wait(60)
    conversation.answer(conversation.requests()[-1], reply_bytes(conversation.requests()[-1], code=138))
    conversation.wait(1.2)
    last = conversation.requests()[-1]
    assert (last.flags, last.kinds) == (D_BIT | T_BIT, [32])
