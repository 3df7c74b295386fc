"""The mobile node as one machine: moves, home, pauses, silence, lies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.arp import ArpOperation, ArpPacket
from client.core.choice import Preference, Switch
from client.core.commands import CheckNow, Leave, Pause, Resume
from client.core.machine import (
    NEVER,
    ArpHeard,
    Heard,
    LinksChanged,
    PlanRefused,
    SendArp,
    Timeout,
    Traffic,
)
from client.core.plan import ANCHOR, EMPTY, QuietArp, Tunnel
from client.core.status import Place, State
from client.mipv4.commands import SetReverseTunnel
from client.mipv4.settings import Settings
from tests.client.mipv4.by_hand import (
    AGENT,
    AGENT_CARE_OF,
    AGENT_MAC,
    BUSY,
    CARE_OF,
    D_BIT,
    ETHERNET,
    GATEWAY,
    HOME,
    HOME_AGENT,
    HOME_AGENT_MAC,
    IS_FOREIGN_AGENT,
    NAI,
    OFFERS_T,
    OUR_MAC,
    REGISTRATION_REQUIRED,
    SETTINGS,
    T_BIT,
    WIRELESS,
    Asked,
    arps_in,
    heard_advertisement,
    heard_home_agent,
    heard_reply,
    ip,
    link,
    links,
    probes_in,
    reply_bytes,
    requests_in,
    solicitations_in,
)
from tests.client.mipv4.conversation import (
    THROUGH_OUR_TUNNEL,
    Conversation,
    at_home,
    hear,
    registered_co_located,
    registered_through_agent,
)

CABLE = link(ETHERNET, f"{CARE_OF}/24", gateway=GATEWAY)
HOME_LIKE = link(ETHERNET, "198.51.100.77/24", gateway="198.51.100.254")
SECOND_AGENT, SECOND_MAC = "192.0.2.2", bytes.fromhex("020000000a02")
Arrive = Callable[[], tuple[Conversation, Asked]]


def second_advertisement(*, sequence: int = 7, lifetime: int = 9) -> Heard:
    """Another foreign agent on the same link."""
    return heard_advertisement(
        source=SECOND_AGENT, mac=SECOND_MAC, care_of=("192.0.2.8",), sequence=sequence, lifetime=lifetime
    )


# --- arriving --------------------------------------------------------------------------------------


@pytest.mark.rfc("5944", "2.4.2", "registers")
@pytest.mark.rfc("5944", "2.4", "advertisements")
def test_link_that_comes_up_is_solicited_at_once_and_the_first_advertisement_registered_with_at_once() -> None:
    conversation = Conversation()
    assert len(solicitations_in(conversation.plug(link()))) == 1
    conversation.wait(0.003)
    [asked] = hear(conversation, heard_advertisement())
    assert asked.destination == AGENT
    assert conversation.request_times() == [0.003]


def test_ready_address_is_registered_at_once_without_waiting_for_agents() -> None:
    conversation = Conversation()
    outputs = conversation.plug(CABLE)
    assert len(requests_in(outputs)) == len(solicitations_in(outputs)) == 1


def test_address_that_dhcp_gives_later_is_registered_at_once() -> None:
    conversation = Conversation()
    conversation.plug(link())
    conversation.wait(30)
    conversation.plug(link(ETHERNET, f"{CARE_OF}/24", routed=False))
    assert conversation.requests() == []
    conversation.plug(CABLE)
    assert conversation.request_times() == [30]


@pytest.mark.rfc("5944", "3.1", "r-bit")
@pytest.mark.rfc("5944", "2.4.1", "registers")
def test_r_bit_causes_exactly_one_re_registration_through_the_agent() -> None:
    conversation, _ = registered_co_located()
    conversation.wait(0.01)
    conversation.advertise(heard_advertisement(flags=IS_FOREIGN_AGENT | OFFERS_T | REGISTRATION_REQUIRED))
    conversation.live(100)
    assert conversation.request_times() == [0, 1]
    through = conversation.requests()[1]
    assert (through.source, through.care_of, through.destination) == (CARE_OF, CARE_OF, AGENT)
    assert (through.flags & D_BIT, through.send.link_layer_destination) == (D_BIT, AGENT_MAC)
    [tunnel] = [item for item in conversation.plan() if isinstance(item, Tunnel)]
    assert str(tunnel.local) == CARE_OF


@pytest.mark.parametrize(
    ("preference", "first", "then"),
    [
        (Preference.FOREIGN_AGENT, [CARE_OF], [CARE_OF, AGENT_CARE_OF]),
        (Preference.CO_LOCATED, [CARE_OF], [CARE_OF]),
        (Preference.AUTO, [CARE_OF], [CARE_OF]),
    ],
)
def test_agent_heard_after_the_address_is_taken_once_if_the_profile_prefers_it(
    preference: Preference, first: list[str], then: list[str]
) -> None:
    conversation, _ = registered_co_located(replace(SETTINGS, care_of=preference))
    assert [asked.care_of for asked in conversation.requests()] == first
    conversation.echo = (ETHERNET, AGENT_MAC) if len(then) > 1 else THROUGH_OUR_TUNNEL
    conversation.advertise(heard_advertisement())
    conversation.live(100)
    assert [asked.care_of for asked in conversation.requests()] == then


@pytest.mark.parametrize(
    ("preference", "then"),
    [
        (Preference.FOREIGN_AGENT, [AGENT_CARE_OF]),
        (Preference.CO_LOCATED, [AGENT_CARE_OF, CARE_OF]),
        (Preference.AUTO, [AGENT_CARE_OF]),
    ],
)
def test_address_that_comes_after_the_agent_is_taken_once_if_the_profile_prefers_it(
    preference: Preference, then: list[str]
) -> None:
    conversation, _ = registered_through_agent(replace(SETTINGS, care_of=preference))
    conversation.plug(CABLE)
    conversation.echo = THROUGH_OUR_TUNNEL if len(then) > 1 else (ETHERNET, AGENT_MAC)
    conversation.live(100)
    assert [asked.care_of for asked in conversation.requests()] == then


# --- moving ----------------------------------------------------------------------------------------


@pytest.mark.rfc("5944", "2.4.2.1", "lost")
def test_agent_that_falls_silent_is_left_for_one_that_is_heard() -> None:
    conversation, _ = registered_through_agent(advertisement=heard_advertisement(lifetime=9))
    conversation.wait(5)
    conversation.feed(second_advertisement(lifetime=100))
    assert len(conversation.requests()) == 1
    conversation.wait(30)
    assert conversation.request_times()[1] >= 6 + 3  # its last word was at 3 s at the latest
    assert conversation.requests()[1].destination == SECOND_AGENT


@pytest.mark.rfc("5944", "2.4.2.1", "another")
def test_last_agent_that_falls_silent_leaves_us_nowhere_and_searching() -> None:
    conversation, _ = registered_through_agent(advertisement=heard_advertisement(lifetime=9))
    conversation.wait(8.9)
    solicited = len(conversation.solicitation_times())
    conversation.wait(0.2)
    assert len(conversation.solicitation_times()) == solicited + 1
    assert conversation.status().v4 is not None
    assert conversation.status().state is State.CONNECTING


@pytest.mark.rfc("5944", "3.6", "other-reasons")
@pytest.mark.rfc("5944", "2.4.4", "restart")
@pytest.mark.rfc("5944", "2.4.4", "rollover")
@pytest.mark.parametrize(("before", "after", "requests"), [(300, 3, 1), (0xFFFF, 256, 0), (7, 8, 0)])
def test_agent_that_rebooted_is_registered_with_anew_and_one_that_rolled_over_is_not(
    before: int, after: int, requests: int
) -> None:
    conversation, _ = registered_through_agent(advertisement=heard_advertisement(sequence=before, lifetime=100))
    conversation.wait(3)
    conversation.feed(heard_advertisement(sequence=after, lifetime=100))
    conversation.feed(heard_advertisement(sequence=after + 1, lifetime=100))
    assert len(conversation.requests()) == 1 + requests


def test_agent_whose_care_of_address_changed_is_registered_with_anew() -> None:
    conversation, _ = registered_through_agent()
    conversation.wait(3)
    [asked] = hear(conversation, heard_advertisement(sequence=8, care_of=("192.0.2.10",)))
    assert asked.care_of == "192.0.2.10"


def test_agent_that_offers_another_order_or_lifetime_is_not() -> None:
    conversation, _ = registered_through_agent()
    conversation.wait(3)
    assert hear(conversation, heard_advertisement(care_of=("192.0.2.10", AGENT_CARE_OF))) == []
    assert hear(conversation, heard_advertisement(registration_lifetime=60)) == []
    assert hear(conversation, heard_advertisement(flags=IS_FOREIGN_AGENT | OFFERS_T | BUSY)) == []


def test_address_that_changes_is_registered_anew() -> None:
    conversation, _ = registered_co_located()
    conversation.wait(3)
    [asked] = requests_in(conversation.plug(link(ETHERNET, "203.0.113.99/24")))
    assert (asked.source, asked.care_of) == ("203.0.113.99", "203.0.113.99")


def test_link_that_flicked_is_registered_anew_at_once_even_with_the_same_address() -> None:
    conversation, _ = registered_co_located()
    conversation.wait(0.2)
    assert len(requests_in(conversation.plug(replace(CABLE, ups=2)))) == 1


@pytest.mark.rfc("5944", "2.4")
def test_search_begins_anew_where_our_own_address_is_lost() -> None:
    conversation, _ = registered_co_located()
    conversation.wait(300)
    assert len(conversation.solicitation_times()) == 3
    conversation.plug(link())
    conversation.wait(0.1)
    assert conversation.solicitation_times()[3:] == [300]


def test_agent_that_says_nothing_is_passed_over_for_our_own_address() -> None:
    conversation = Conversation(replace(SETTINGS, care_of=Preference.FOREIGN_AGENT))
    conversation.plug(link())
    conversation.feed(heard_advertisement(lifetime=1000))
    conversation.wait(0.5)
    conversation.plug(CABLE)
    conversation.wait(7)
    assert [asked.care_of for asked in conversation.requests()] == [AGENT_CARE_OF] * 3 + [CARE_OF]
    assert conversation.request_times() == [0, 1, 3, 7]


def test_agent_that_says_nothing_is_asked_on_where_there_is_nobody_else() -> None:
    conversation = Conversation()
    conversation.plug(link())
    conversation.feed(heard_advertisement(lifetime=1000))
    conversation.wait(20)
    assert conversation.request_times() == [0, 1, 3, 7, 11, 15, 19]


def test_agent_that_denies_three_requests_is_passed_over_at_once() -> None:
    conversation = Conversation(replace(SETTINGS, care_of=Preference.FOREIGN_AGENT))
    conversation.plug(link())
    conversation.feed(heard_advertisement(lifetime=1000))
    conversation.plug(CABLE)
    for _ in range(3):
        asked = conversation.requests()[-1]
        assert asked.care_of == AGENT_CARE_OF
        conversation.answer(asked, reply_bytes(asked, code=65, key=None))
        conversation.wait(2.5)
    assert conversation.requests()[-1].care_of == CARE_OF


@pytest.mark.rfc("5944", "3.6.2.3")
def test_denial_by_the_agent_changes_no_route_of_what_still_holds() -> None:
    conversation, _ = registered_through_agent(advertisement=heard_advertisement(lifetime=1000))
    conversation.wait(480)
    before = conversation.plan()
    for _ in range(3):
        asked = conversation.requests()[-1]
        conversation.answer(asked, reply_bytes(asked, code=66, key=None))
        conversation.wait(2)
        assert conversation.plan() == before


# --- home (§2.4.3, §4.6) ---------------------------------------------------------------------------


@pytest.mark.rfc("5944", "4.6", "returns")
@pytest.mark.rfc("5944", "4.6", "returning-order")
def test_returning_home_tells_the_link_first_and_then_the_home_agent_while_arp_is_answered_again() -> None:
    conversation, _ = registered_through_agent()
    conversation.plug(link(ups=2))
    assert QuietArp(ETHERNET) in conversation.plan()
    outputs = conversation.feed(heard_home_agent())
    announcement, request = outputs
    assert isinstance(announcement, SendArp)
    assert (announcement.arp.sender_address, announcement.arp.target_address) == (IPv4Address(HOME),) * 2
    assert (announcement.arp.sender_link_layer_address, announcement.interface) == (OUR_MAC, ETHERNET)
    [asked] = requests_in([request])
    assert (asked.lifetime, asked.care_of, asked.destination) == (0, HOME, HOME_AGENT)
    assert QuietArp(ETHERNET) not in conversation.plan()


@pytest.mark.rfc("5944", "4.6", "returns-repeated")
@pytest.mark.rfc("5944", "4.6", "returns-meanwhile")
def test_gratuitous_arp_is_repeated_twice_beside_the_registration() -> None:
    conversation, _ = at_home()
    conversation.live(60)
    assert [time for time, output in conversation.sent if arps_in([output])] == [0, 1, 2]


@pytest.mark.rfc("5944", "4.6")
def test_leaving_home_ends_the_announcements() -> None:
    conversation, _ = at_home()
    conversation.wait(0.5)
    conversation.plug(replace(CABLE, ups=2))
    conversation.wait(5)
    assert len(conversation.arps()) == 1


@pytest.mark.rfc("5944", "4.6")
def test_link_at_home_that_flicks_to_one_that_only_looks_like_home_hears_no_more() -> None:
    conversation, _ = at_home()
    conversation.wait(0.5)
    conversation.plug(replace(HOME_LIKE, ups=2))
    conversation.wait(3)
    assert len(conversation.arps()) == 1


@pytest.mark.rfc("5944", "4.6")
def test_at_home_by_another_link_the_new_link_layer_address_is_announced() -> None:
    conversation, _ = at_home()
    conversation.wait(10)
    radio = link(WIRELESS, mac=b"\x02\x00\x00\x00\x00\x99")
    conversation.plug(link(up=False), radio)
    conversation.feed(heard_home_agent(interface=WIRELESS))
    last = conversation.arps()[-1]
    assert (last.interface, last.arp.sender_link_layer_address) == (WIRELESS, radio.link_layer_address)


def test_home_by_its_prefix_is_asked_for_quietly_and_announced_once_the_home_agent_signed() -> None:
    conversation = Conversation()
    conversation.plug(HOME_LIKE)
    [asked] = conversation.requests()
    assert (asked.lifetime, asked.source, asked.send.signalling) == (0, HOME, True)
    conversation.wait(0.5)
    assert conversation.arps() == []
    assert QuietArp(ETHERNET) in conversation.plan()
    assert conversation.status().state is State.CONNECTING
    conversation.answer(asked)
    assert len(conversation.arps()) == 1
    assert QuietArp(ETHERNET) not in conversation.plan()
    assert conversation.status().state is State.HOME
    conversation.live(600)
    assert len(conversation.requests()) == 1


def test_network_that_only_looks_like_home_is_given_up_after_three_tries_and_says_why() -> None:
    conversation = Conversation()
    conversation.plug(HOME_LIKE)
    conversation.wait(6.9)
    assert conversation.request_times() == [0, 1, 3]
    conversation.wait(0.2)
    assert (conversation.status().state, conversation.status().reason) == (
        State.NO_NETWORK,
        "care-of-in-home-network",
    )
    assert conversation.arps() == []
    assert "overlap" in [entry.id for entry in conversation.node.history.log]
    conversation.wait(50)
    assert conversation.request_times() == [0, 1, 3]


def test_home_agent_that_was_down_when_we_came_home_is_found_a_minute_later() -> None:
    conversation = Conversation()
    conversation.plug(HOME_LIKE)
    conversation.wait(67.1)
    conversation.answer(conversation.requests()[-1])
    assert conversation.status().state is State.HOME


def test_network_that_only_looks_like_home_is_left_for_a_foreign_one_at_once() -> None:
    conversation = Conversation()
    conversation.plug(HOME_LIKE, link(WIRELESS, f"{CARE_OF}/24"))
    conversation.live(7, lambda asked: reply_bytes(asked, key=None))
    assert [asked.lifetime for asked in conversation.requests()] == [0, 0, 0, 600]
    assert conversation.request_times()[3] == 7
    conversation.answer(conversation.requests()[-1])
    conversation.echo = THROUGH_OUR_TUNNEL
    conversation.prove()
    conversation.live(200)
    assert len(conversation.requests()) == 4


def test_home_agent_that_falls_silent_leaves_a_node_at_home_as_it_is() -> None:
    conversation, _ = at_home()
    plan = conversation.plan()
    conversation.wait(500)
    assert len(conversation.requests()) == 1
    assert conversation.plan()[1:] == plan[1:]
    assert conversation.status().state is State.HOME


def test_home_agent_that_does_not_answer_at_home_is_asked_on_and_packets_flow_meanwhile() -> None:
    conversation = Conversation()
    conversation.plug(link())
    conversation.advertise(heard_home_agent())
    conversation.live(20, lambda asked: reply_bytes(asked, key=None))
    assert conversation.request_times() == [0, 1, 3, 7, 11, 15, 19]
    assert QuietArp(ETHERNET) not in conversation.plan()


@pytest.mark.parametrize(
    ("address", "reason"), [(HOME, "care-of-is-home-address"), (HOME_AGENT, "care-of-is-home-agent")]
)
def test_care_of_address_that_is_ours_at_home_is_refused_with_the_reason(address: str, reason: str) -> None:
    conversation = Conversation()
    conversation.plug(link())
    conversation.feed(heard_advertisement(care_of=(address,), lifetime=1000))
    conversation.wait(30)
    assert conversation.requests() == []
    assert (conversation.status().state, conversation.status().reason) == (State.NO_NETWORK, reason)


# --- ARP away from home (§4.6) ---------------------------------------------------------------------


def question(mac: bytes = AGENT_MAC, *, unicast: bool = True, target: str = HOME) -> ArpHeard:
    """Who has this address?"""
    arp = ArpPacket(
        operation=ArpOperation.REQUEST,
        sender_link_layer_address=mac,
        sender_address=IPv4Address(AGENT),
        target_link_layer_address=bytes(6),
        target_address=IPv4Address(target),
    )
    return ArpHeard(arp=arp, interface=ETHERNET, link_layer_source=mac, unicast=unicast)


@pytest.mark.rfc("5944", "4.6", "unicast-answer")
def test_agent_may_ask_for_the_home_address_by_unicast_before_and_after_it_registered_us() -> None:
    conversation = Conversation()
    conversation.plug(link())
    assert conversation.feed(question()) == []
    conversation.feed(heard_advertisement())
    assert len(arps_in(conversation.feed(question()))) == 1
    conversation.answer(conversation.requests()[-1])
    assert len(arps_in(conversation.feed(question()))) == 1


@pytest.mark.rfc("5944", "4.6")
def test_agent_whose_registration_has_not_ended_may_still_ask_while_we_go_to_another() -> None:
    conversation, _ = registered_through_agent(advertisement=heard_advertisement(lifetime=9))
    conversation.echo = None
    conversation.wait(5)
    conversation.feed(second_advertisement(lifetime=900))
    conversation.wait(8)
    assert conversation.requests()[-1].destination == SECOND_AGENT
    assert len(arps_in(conversation.feed(question()))) == len(arps_in(conversation.feed(question(SECOND_MAC)))) == 1


@pytest.mark.rfc("5944", "4.6", "silent")
@pytest.mark.parametrize("arrive", [registered_co_located, registered_through_agent])
def test_away_from_home_nobody_else_is_told_the_home_address(arrive: Arrive) -> None:
    conversation, _ = arrive()
    for heard in (question(unicast=False), question(HOME_AGENT_MAC), question(target=CARE_OF)):
        assert conversation.feed(heard) == []
    conversation.live(1000)
    assert conversation.arps() == []


def test_at_home_the_kernel_answers_for_itself() -> None:
    conversation, _ = at_home()
    assert conversation.feed(question()) == []


# --- reverse tunnel --------------------------------------------------------------------------------


def test_switching_the_reverse_tunnel_keeps_the_old_way_until_the_home_agent_agrees() -> None:
    conversation, _ = registered_co_located()
    conversation.wait(10)
    before = conversation.plan()
    [asked] = requests_in(conversation.feed(SetReverseTunnel(Switch.OFF)))
    assert not asked.flags & T_BIT
    assert conversation.plan() == before
    assert conversation.status().settings["reverse_tunnel"].pending
    conversation.answer(asked)
    assert conversation.plan() != before
    setting = conversation.status().settings["reverse_tunnel"]
    assert (setting.wanted, setting.applied, setting.pending) == ("off", "off", False)


def test_switching_to_what_is_in_force_asks_nothing() -> None:
    conversation, _ = registered_co_located()
    conversation.wait(10)
    assert conversation.feed(SetReverseTunnel(Switch.ON)) == []


def test_switching_through_an_agent_that_has_no_reverse_tunnel_asks_nothing_and_says_why() -> None:
    conversation, asked = registered_through_agent(advertisement=heard_advertisement(flags=IS_FOREIGN_AGENT))
    assert not asked.flags & T_BIT
    assert requests_in(conversation.feed(SetReverseTunnel(Switch.ON))) == []
    assert conversation.status().settings["reverse_tunnel"].why == "foreign-agent"


# --- pause, resume, leave --------------------------------------------------------------------------


@pytest.mark.parametrize("command", [Pause(), Leave()])
@pytest.mark.parametrize("arrive", [registered_co_located, registered_through_agent])
def test_pause_deregisters_by_the_way_that_is_in_force_and_then_holds_nothing(
    arrive: Arrive, command: Pause | Leave
) -> None:
    conversation, first = arrive()
    conversation.wait(10)
    [asked] = requests_in(conversation.feed(command))
    assert (asked.lifetime, asked.care_of) == (0, HOME)
    assert (asked.source, asked.destination) == (first.source, first.destination)
    assert conversation.plan() != EMPTY
    assert not conversation.node.left
    conversation.answer(asked)
    assert (conversation.plan(), conversation.node.left, conversation.node.parted_cleanly) == (EMPTY, True, True)
    assert conversation.node.deadline == NEVER
    conversation.wait(5000)
    assert len(conversation.requests()) == 2
    assert conversation.arps() == []


def test_farewell_that_nobody_answers_is_repeated_once_and_ends_after_two_seconds() -> None:
    conversation, _ = registered_co_located()
    conversation.wait(10)
    conversation.feed(Pause())
    conversation.wait(1.99)
    assert not conversation.node.left
    conversation.wait(0.1)
    assert (conversation.node.left, conversation.node.parted_cleanly, conversation.plan()) == (True, False, EMPTY)
    assert conversation.request_times()[1:] == [10, 11]


def test_pause_while_a_request_is_on_its_way_takes_that_back_too() -> None:
    conversation = Conversation()
    conversation.plug(CABLE)
    conversation.wait(0.5)
    conversation.feed(Pause())
    assert not conversation.node.left
    conversation.answer(conversation.requests()[0])
    assert not conversation.node.left
    conversation.wait(0.6)
    assert [asked.lifetime for asked in conversation.requests()] == [600, 0]
    conversation.answer(conversation.requests()[1])
    assert conversation.node.left


@pytest.mark.parametrize("conversation", [Conversation(), at_home()[0]])
def test_pause_with_nothing_bound_is_in_force_at_once(conversation: Conversation) -> None:
    conversation.wait(1.5)
    assert requests_in(conversation.feed(Pause())) == []
    assert (conversation.node.left, conversation.node.parted_cleanly, conversation.plan()) == (True, True, EMPTY)
    conversation.wait(10)
    assert conversation.plan() == EMPTY


def test_pause_ends_by_itself_at_its_time() -> None:
    conversation, _ = registered_co_located()
    conversation.wait(10)
    [asked] = requests_in(conversation.feed(Pause(until=100.0)))
    conversation.answer(asked)
    conversation.plug(link(ETHERNET, "203.0.113.99/24", ups=2))
    conversation.wait(89)
    assert len(conversation.requests()) == 2
    conversation.wait(2)
    assert conversation.requests()[2].care_of == "203.0.113.99"
    assert conversation.request_times()[2] == 100


def test_resume_begins_anew_even_in_the_middle_of_a_farewell() -> None:
    conversation, _ = registered_co_located()
    conversation.wait(10)
    conversation.feed(Pause())
    outputs = conversation.feed(Resume())
    assert len(solicitations_in(outputs)) == 1
    conversation.wait(1)
    assert [asked.lifetime for asked in conversation.requests()] == [600, 0, 600]
    assert conversation.feed(Resume()) == []


def test_paused_node_hears_no_agents_and_says_nothing() -> None:
    conversation = Conversation()
    conversation.feed(Pause())
    conversation.plug(CABLE)
    conversation.feed(heard_advertisement())
    conversation.feed(CheckNow())
    conversation.feed(SetReverseTunnel(Switch.OFF))
    conversation.wait(1000)
    assert conversation.sent == []
    assert conversation.status().state is State.PAUSED


# --- proof and recovery ----------------------------------------------------------------------------


def test_new_binding_is_probed_at_once_through_the_path_in_force() -> None:
    conversation = Conversation()
    [asked] = requests_in(conversation.plug(CABLE))
    [probe] = probes_in(conversation.answer(asked))
    assert (str(probe.packet.source), str(probe.packet.destination)) == (HOME, HOME_AGENT)
    assert (probe.signalling, probe.link_layer_destination) == (False, None)


def test_silence_registers_again_at_once_and_then_after_4_8_16_seconds() -> None:
    conversation = Conversation()
    [asked] = requests_in(conversation.plug(CABLE))
    conversation.answer(asked)
    conversation.echo = None
    conversation.live(62)
    assert conversation.request_times() == [0, 3, 7, 15, 31]
    assert [entry.id for entry in conversation.node.history.log].count("stalled") == 1


def test_home_agent_that_lost_its_bindings_is_found_out_although_the_lifetime_is_longer() -> None:
    conversation, _ = registered_co_located(replace(SETTINGS, lifetime=9000))
    conversation.live(50)
    conversation.feed(Traffic(sent=1000, received=0))
    conversation.echo = None
    lost_at = conversation.now
    while len(conversation.requests()) < 2:
        conversation.feed(Traffic(sent=2000 + len(conversation.sent), received=0))
        conversation.wait(0.5)
    assert conversation.now - lost_at < 8
    conversation.answer(conversation.requests()[-1])
    conversation.echo = THROUGH_OUR_TUNNEL
    conversation.prove()
    assert conversation.status().state is State.WORKING


def test_answer_to_a_probe_ends_the_stall() -> None:
    conversation = Conversation()
    [asked] = requests_in(conversation.plug(CABLE))
    conversation.answer(asked)
    conversation.live(5)
    assert conversation.status().state is State.STALLED
    conversation.prove()
    assert conversation.status().state is State.WORKING
    requests = len(conversation.requests())
    conversation.echo = THROUGH_OUR_TUNNEL
    conversation.live(100)
    assert len(conversation.requests()) == requests
    assert "working-again" in [entry.id for entry in conversation.node.history.log]


def test_check_probes_at_once_and_registers_again_only_without_proof() -> None:
    conversation, _ = registered_co_located()
    conversation.wait(10)
    assert [len(kind(conversation.feed(CheckNow()))) for kind in (probes_in, requests_in)] == [1, 0]
    lost = Conversation()
    [asked] = requests_in(lost.plug(CABLE))
    lost.answer(asked)
    lost.wait(1.5)
    outputs = lost.feed(CheckNow())
    assert (len(probes_in(outputs)), len(requests_in(outputs))) == (1, 1)


def test_path_of_an_ended_binding_is_not_probed() -> None:
    conversation, _ = registered_co_located()
    conversation.wait(601)
    probes = len(conversation.probes())
    conversation.wait(100)
    assert len(conversation.probes()) == probes


def test_home_is_not_probed() -> None:
    conversation, _ = at_home()
    conversation.live(500)
    assert conversation.probes() == []


# --- what is remembered about moves ----------------------------------------------------------------


def test_handover_is_told_by_its_phases_and_its_own_requests() -> None:
    conversation, _ = registered_co_located()
    conversation.live(500)
    conversation.plug(replace(CABLE, up=False))
    conversation.wait(0.25)
    conversation.plug(link(ups=2))
    conversation.wait(0.003)
    [asked] = hear(conversation, heard_advertisement(lifetime=900))
    conversation.wait(1.5)
    conversation.echo = (ETHERNET, AGENT_MAC)
    conversation.answer(conversation.requests()[-1])
    first, second = conversation.node.history.handovers
    assert (first.place, first.origin, first.requests) == (Place.CO_LOCATED, None, 1)
    assert (second.place, second.origin, second.to, second.requests) == (
        Place.FOREIGN_AGENT,
        "co-located eth2",
        "foreign-agent eth2",
        2,
    )
    assert [(phase.name, phase.ms) for phase in second.phases] == [
        ("link", 250.0),
        ("discovery", 3.0),
        ("registration", 1500.0),
        ("data", 0.0),
    ]
    assert second.total_ms == 1753.0
    assert asked.care_of == AGENT_CARE_OF


def test_move_on_a_link_that_was_up_for_hours_takes_no_hours() -> None:
    conversation, _ = registered_co_located(replace(SETTINGS, care_of=Preference.FOREIGN_AGENT))
    conversation.live(3600)
    conversation.echo = (ETHERNET, AGENT_MAC)
    [asked] = requests_in(conversation.advertise(heard_advertisement()))
    conversation.wait(0.02)
    conversation.answer(asked)
    assert conversation.node.history.handovers[-1].total_ms == 20.0


def test_move_to_a_second_link_that_stood_by_begins_when_the_first_is_lost() -> None:
    conversation, _ = registered_co_located()
    conversation.live(60)
    spare = link(WIRELESS, "10.0.0.7/24", gateway="10.0.0.1")
    conversation.plug(CABLE, spare)
    conversation.live(3600)
    [asked] = requests_in(conversation.plug(replace(CABLE, up=False), spare))
    conversation.wait(0.02)
    conversation.answer(asked)
    [_, move] = conversation.node.history.handovers
    assert (move.to, move.total_ms) == ("co-located eth3", 20.0)


def test_move_to_a_better_link_begins_when_that_comes_up() -> None:
    conversation, _ = registered_co_located()
    conversation.live(60)
    conversation.plug(link(WIRELESS), CABLE)
    conversation.wait(0.5)
    [asked] = requests_in(conversation.plug(link(WIRELESS, "10.0.0.7/24", gateway="10.0.0.1"), CABLE))
    conversation.wait(0.02)
    conversation.answer(asked)
    [_, move] = conversation.node.history.handovers
    assert [(phase.name, phase.ms) for phase in move.phases][:3] == [
        ("link", 0.0),
        ("address", 500.0),
        ("registration", 20.0),
    ]


def test_pause_is_no_part_of_the_handover_after_it() -> None:
    conversation, _ = registered_co_located()
    conversation.live(60)
    conversation.plug(replace(CABLE, up=False))
    conversation.feed(Pause())
    conversation.wait(1800)
    conversation.plug(replace(CABLE, ups=2))
    conversation.wait(1800)
    [asked] = requests_in(conversation.feed(Resume()))
    conversation.wait(0.02)
    conversation.answer(asked)
    assert conversation.node.history.handovers[-1].total_ms == 20.0


# --- the world is hostile --------------------------------------------------------------------------


@given(st.binary(max_size=100), st.integers(0, 255), st.integers(0, 255), st.sampled_from([0, 2, 3]))
def test_any_bytes_change_neither_plan_nor_registration(
    payload: bytes, protocol: int, ttl: int, interface: int
) -> None:
    conversation, _ = registered_co_located()
    before, memory = conversation.plan(), conversation.node.memory()
    heard = Heard(packet=ip(AGENT, HOME, protocol, payload, ttl), interface=interface, link_layer_source=AGENT_MAC)
    assert conversation.feed(heard) == []
    assert (conversation.plan(), conversation.node.memory()) == (before, memory)


def test_reply_that_comes_out_of_our_tunnel_is_no_reply() -> None:
    conversation = Conversation()
    [asked] = requests_in(conversation.plug(CABLE))
    conversation.feed(heard_reply(asked, reply_bytes(asked), interface=ANCHOR))
    assert conversation.binding() is None


def test_refusals_of_the_kernel_are_shown_until_it_holds_everything() -> None:
    conversation, _ = registered_co_located()
    conversation.feed(PlanRefused(("no TUN",)))
    assert [(limit.id, limit.detail) for limit in conversation.status().limits] == [("kernel", "no TUN")]
    conversation.feed(PlanRefused(()))
    assert conversation.status().limits == []


some_links = st.builds(
    lambda index, own, ups, up: link(index, *(f"{one}/24" for one in own), ups=ups, up=up),
    st.sampled_from([ETHERNET, WIRELESS]),
    st.lists(st.sampled_from([CARE_OF, "203.0.113.99", "198.51.100.77", "169.254.0.9"]), max_size=2, unique=True),
    st.integers(1, 3),
    st.booleans(),
)
some_advertisements = st.builds(
    heard_advertisement,
    source=st.sampled_from([AGENT, SECOND_AGENT, HOME_AGENT]),
    interface=st.sampled_from([ETHERNET, WIRELESS]),
    mac=st.sampled_from([AGENT_MAC, SECOND_MAC]),
    sequence=st.integers(0, 0xFFFF),
    lifetime=st.integers(0, 20),
    registration_lifetime=st.sampled_from([0, 1, 5, 60, 1800, 0xFFFF]),
    flags=st.sampled_from([0x1000, 0x1100, 0x9100, 0x5000, 0x2000, 0x3100]),
    prefix_lengths=st.just(()),
)
some_events: st.SearchStrategy[object] = st.one_of(
    st.builds(
        lambda found: LinksChanged(links(*found)), st.lists(some_links, max_size=2, unique_by=lambda one: one.index)
    ),
    some_advertisements,
    st.builds(question, st.sampled_from([AGENT_MAC, SECOND_MAC]), unicast=st.booleans()),
    st.just(Timeout()),
    st.builds(Traffic, sent=st.integers(0, 10_000), received=st.just(0)),
    st.just(PlanRefused(("no",))),
    st.builds(SetReverseTunnel, st.sampled_from(Switch)),
    st.builds(Pause, st.none() | st.floats(0, 60)),
    st.sampled_from([Resume(), Resume(), CheckNow(), Leave()]),
    st.integers(0, 255),  # a reply with this code, signed
    st.integers(0, 255).map(str),  # the same, unsigned
    st.just("echo"),
)


def play(conversation: Conversation, what: object) -> None:
    """One event, or an answer to what was sent last."""
    asked = conversation.requests()[-1:]
    match what:
        case int() if asked:
            conversation.answer(asked[0], reply_bytes(asked[0], code=what))
        case "echo" if conversation.probes():
            conversation.prove()
        case str() if asked and what != "echo":
            conversation.answer(asked[0], reply_bytes(asked[0], code=int(what), lifetime=40, key=None))
        case LinksChanged() | Heard() | ArpHeard() | Timeout() | Traffic() | PlanRefused():
            conversation.feed(what)
        case SetReverseTunnel() | Pause() | Resume() | CheckNow() | Leave():
            conversation.feed(what)


NAMELESS = replace(SETTINGS, home_address=None, nai=NAI)


def test_link_left_for_one_that_looks_like_home_is_searched_at_once() -> None:
    conversation = Conversation()
    conversation.plug(CABLE, link(WIRELESS, "198.51.100.77/24"))
    conversation.feed(heard_advertisement(interface=WIRELESS, lifetime=4, registration_lifetime=0))
    conversation.wait(3.9)  # by then the search on the cable is over
    conversation.wait(0.1)  # the stranger on the other link falls silent
    sent = [output for time, output in conversation.sent if time == 4]
    assert sorted(one.interface or 0 for one in solicitations_in(sent)) == [ETHERNET, WIRELESS]


@pytest.mark.rfc("5944", "3.6.3")
@pytest.mark.rfc("5944", "4.6")
@given(
    st.sampled_from([SETTINGS, NAMELESS, replace(SETTINGS, lifetime=5, care_of=Preference.FOREIGN_AGENT)]),
    st.lists(st.tuples(st.floats(0, 12), some_events), max_size=25),
)
def test_whatever_happens_in_whatever_order(settings: Settings, script: list[tuple[float, object]]) -> None:
    """Nothing raises or spins; requests keep their distance; no link hears of home but home; agents are few."""
    conversation = Conversation(settings)
    for pause, what in script:
        conversation.wait(pause)
        play(conversation, what)
        assert len(conversation.node.discovery.agents) <= 16
        conversation.status()
        keys = [item.key for item in conversation.plan()]
        assert len(set(keys)) == len(keys)
    conversation.wait(200)
    asked = conversation.requests()
    assert all(later.ident != earlier.ident for earlier, later in pairwise(asked))
    times = conversation.request_times()
    assert all(third - first >= 1 - 1e-9 for first, third in zip(times, times[2:], strict=False))
    for answer in conversation.arps():
        if answer.arp.operation == ArpOperation.REPLY:
            assert answer.link_layer_destination in (AGENT_MAC, SECOND_MAC)
