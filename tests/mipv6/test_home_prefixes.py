"""Mobile prefix discovery (RFC 6275 §11.4.2, §11.4.3)."""

from __future__ import annotations

import struct
from dataclasses import replace
from ipaddress import IPv6Address, IPv6Network

import pytest

from client.core.machine import Heard6, Send6
from client.core.plan import Anchor
from client.core.status import State
from mipv6.report import headline
from tests.mipv6.by_hand import (
    CARE_OF,
    HOME,
    HOME_AGENT,
    HOME_PREFIX,
    ROUTER_MAC,
    SECOND_AGENT,
    acknowledgement,
    foreign,
    heard,
    icmp,
    icmp_in,
    prefix_option,
)
from tests.mipv6.conversation import SETTINGS, Conversation, away, bound

SOLICITATION, ADVERTISEMENT = 146, 147
ACCEPTING = replace(SETTINGS, accept_unprotected=True)


def asking() -> tuple[Conversation, Send6]:
    """The home agent has said that the prefix is about to change; and our solicitation."""
    conversation, update = away(ACCEPTING)
    [solicitation] = icmp_in(conversation.feed(acknowledgement(update, 1)), SOLICITATION)
    return conversation, solicitation


def advertisement(
    identifier: int,
    *,
    valid: int = 3600,
    preferred: int = 1800,
    source: IPv6Address = HOME_AGENT,
    routing: IPv6Address | None = HOME,
) -> Heard6:
    """| 147 | 0 | checksum | identifier | M, O | prefix information |"""
    message = struct.pack("!BBHHH", ADVERTISEMENT, 0, 0, identifier, 0)
    message += prefix_option(HOME_PREFIX, valid=valid, preferred=preferred)
    return heard(icmp(message, source, CARE_OF, hop_limit=60, routing=routing))


def identifier(solicitation: Send6) -> int:
    """Bytes 4 and 5."""
    return int.from_bytes(solicitation.packet.payload[4:6])


@pytest.mark.rfc("6275", "11.7.3")
@pytest.mark.rfc("6275", "11.4.2")
def test_prefix_that_is_about_to_change_is_asked_about_with_a_home_address_option() -> None:
    _, solicitation = asking()
    packet = solicitation.packet
    assert (packet.source, packet.destination, packet.home_address) == (CARE_OF, HOME_AGENT, HOME)
    assert solicitation.link_layer_destination == ROUTER_MAC


@pytest.mark.rfc("4285", "2")
def test_nothing_is_asked_or_believed_without_protection() -> None:
    conversation, update = away()
    assert icmp_in(conversation.feed(acknowledgement(update, 1)), SOLICITATION) == []
    conversation.feed(advertisement(0, valid=1))
    assert conversation.node.prefixes.valid_until == float("inf")


@pytest.mark.rfc("6275", "11.8")
def test_solicitation_is_repeated_after_three_seconds_then_twice_as_late_with_a_new_identifier() -> None:
    conversation, first = asking()
    conversation.wait(30)
    times = [time for time, output in conversation.sent if icmp_in([output], SOLICITATION)]
    assert times == [0, 3, 9, 21]
    assert len({identifier(one) for one in conversation.icmp(SOLICITATION)}) == 4
    del first


@pytest.mark.rfc("6275", "11.4.3")
def test_lifetime_of_the_home_prefix_limits_what_we_ask_for() -> None:
    conversation, solicitation = asking()
    conversation.feed(advertisement(identifier(solicitation), valid=300, preferred=200))
    conversation.node.registration.again(conversation.now)
    conversation.wait(241)
    assert conversation.icmp(SOLICITATION)[1:]  # well before it ends
    assert all(update.lifetime <= 300 for update in conversation.updates()[1:])


@pytest.mark.rfc("6275", "11.4.2")
def test_home_address_that_is_not_valid_any_more_is_not_registered() -> None:
    conversation, solicitation = asking()
    conversation.feed(advertisement(identifier(solicitation), valid=0, preferred=0))
    before = len(conversation.updates())
    conversation.wait(500)
    assert len(conversation.updates()) == before


def test_prefix_that_is_given_up_is_told() -> None:
    conversation, solicitation = asking()
    conversation.feed(advertisement(identifier(solicitation), preferred=0))
    assert headline(conversation.node, conversation.now) == (State.LIMITED, "home-prefix-ends")


@pytest.mark.rfc("6275", "11.4.3")
def test_unsolicited_advertisement_is_discarded_and_asked_about() -> None:
    conversation = bound(ACCEPTING)
    conversation.wait(5)
    [solicitation] = icmp_in(conversation.feed(advertisement(7, valid=10)), SOLICITATION)
    assert conversation.node.prefixes.valid_until == float("inf")
    assert conversation.node.counters["prefix_advertisements_unsolicited"] == 1
    assert icmp_in(conversation.feed(advertisement(identifier(solicitation) ^ 1)), SOLICITATION) == []


@pytest.mark.rfc("6275", "11.4.3")
def test_second_answer_to_one_solicitation_is_unsolicited() -> None:
    conversation, solicitation = asking()
    conversation.feed(advertisement(identifier(solicitation)))
    conversation.feed(advertisement(identifier(solicitation), valid=4))
    assert conversation.node.prefixes.valid_until == conversation.now + 3600


@pytest.mark.rfc("6275", "11.4.3")
@pytest.mark.parametrize(("source", "routing"), [(SECOND_AGENT, HOME), (HOME_AGENT, None), (HOME_AGENT, SECOND_AGENT)])
def test_advertisement_from_elsewhere_or_without_our_routing_header_is_refused(
    source: IPv6Address, routing: IPv6Address | None
) -> None:
    conversation, solicitation = asking()
    conversation.feed(advertisement(identifier(solicitation), valid=4, source=source, routing=routing))
    assert conversation.node.prefixes.valid_until == float("inf")
    assert conversation.node.counters["prefix_advertisements_dropped"] == 1


@pytest.mark.rfc("6275", "11.4.3")
def test_advertisement_with_another_identifier_is_no_answer() -> None:
    conversation, solicitation = asking()
    conversation.feed(advertisement(identifier(solicitation) ^ 1, valid=4))
    assert conversation.node.prefixes.valid_until == float("inf")
    assert conversation.node.counters["prefix_advertisements_unsolicited"] == 1


# --- renumbering ------------------------------------------------------------------------------------

NEXT = IPv6Network("2001:db8:beef::/64")
L_BIT, A_BIT = 0x80, 0x40


def renumbering(identifier: int, *, valid: int = 60, flags: int = L_BIT | A_BIT) -> Heard6:
    """Ours is deprecated and ends soon; there is another one."""
    message = struct.pack("!BBHHH", ADVERTISEMENT, 0, 0, identifier, 0)
    message += prefix_option(HOME_PREFIX, valid=valid, preferred=0) + prefix_option(NEXT, flags)
    return heard(icmp(message, HOME_AGENT, CARE_OF, hop_limit=60, routing=HOME))


def renumbered() -> Conversation:
    """A laptop away, 61 s after it has heard of that."""
    conversation, solicitation = asking()
    conversation.feed(renumbering(identifier(solicitation)))
    conversation.wait(61)
    conversation.feed(foreign())
    return conversation


@pytest.mark.rfc("6275", "11.4.3", "as-on-link")
def test_new_home_address_is_told_before_and_the_old_one_used_to_its_end() -> None:
    conversation, solicitation = asking()
    conversation.feed(renumbering(identifier(solicitation)))
    assert headline(conversation.node, conversation.now) == (State.LIMITED, "home-prefix-changes")
    conversation.wait(59)
    assert conversation.node.settings.home_address == HOME


@pytest.mark.rfc("6275", "11.4.3", "as-on-link")
def test_home_address_in_the_new_prefix_is_registered_when_the_old_one_has_ended() -> None:
    conversation = renumbered()
    address = IPv6Address(int(NEXT.network_address) | int(HOME) & 2**64 - 1)
    last = conversation.updates()[-1]
    assert last.send.packet.home_address == address
    assert (conversation.node.settings.home_address, conversation.node.settings.home_prefix) == (address, NEXT)
    conversation.answer(last)
    assert [item.address6 for item in conversation.plan() if isinstance(item, Anchor)] == [address]


def test_new_home_address_outlives_a_restart_but_not_a_profile_with_another_one() -> None:
    conversation = renumbered()
    memory, address = conversation.node.memory(), conversation.node.settings.home_address
    assert Conversation(ACCEPTING, memory).node.settings.home_address == address
    other = replace(ACCEPTING, home_address=HOME + 1)
    assert Conversation(other, memory).node.settings.home_address == HOME + 1


@pytest.mark.parametrize("flags", [L_BIT, 0])
def test_prefix_where_hosts_form_no_addresses_is_no_successor(flags: int) -> None:
    conversation, solicitation = asking()
    conversation.feed(renumbering(identifier(solicitation), flags=flags))
    conversation.wait(61)
    assert conversation.node.settings.home_address == HOME
