"""Packets right behind the request, and the former way for a moment after."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from client.core.choice import Preference, Switch
from client.core.commands import Pause, Resume
from client.core.links import Link
from client.core.plan import ANCHOR, Encapsulation, Plan, Route, Tunnel
from client.core.status import State
from client.mipv4.settings import Settings
from tests.client.mipv4.by_hand import (
    AGENT_MAC,
    CARE_OF,
    ETHERNET,
    GATEWAY,
    HOME_AGENT,
    IS_FOREIGN_AGENT,
    OFFERS_T,
    REGISTRATION_REQUIRED,
    SETTINGS,
    WIRELESS,
    heard_advertisement,
    heard_home_agent,
    link,
    probes_in,
    reply_bytes,
    requests_in,
)
from tests.client.mipv4.conversation import (
    THROUGH_OUR_TUNNEL,
    Conversation,
    at_home,
    registered_co_located,
    registered_through_agent,
)

IPIP, GRE, MINIMAL, UDP = Encapsulation.IPIP, Encapsulation.GRE, Encapsulation.MINIMAL, Encapsulation.UDP
THERE = "192.0.2.44"
CABLE = link(ETHERNET, f"{CARE_OF}/24", gateway=GATEWAY)
RADIO = link(WIRELESS, f"{THERE}/24")
ASSENT = bytes.fromhex("2c06 0000 0000 0000")


def tunnels(plan: Plan) -> list[tuple[str, int | None, bool, bool]]:
    """Of each: from where, by which link, do packets go by it, do they come by it."""
    found = [item for item in plan if isinstance(item, Tunnel)]
    return [(str(tunnel.local), tunnel.interface, tunnel.sends, tunnel.receives) for tunnel in found]


def default(plan: Plan) -> Route:
    """The default route of our table."""
    [route] = [item for item in plan if isinstance(item, Route) and item.destination.prefixlen == 0]
    return route


def moved(settings: Settings = SETTINGS, *there: Link) -> Conversation:
    """Bound on the cable long ago; now the links are these, or the radio alone, and a request is under way."""
    conversation, _ = registered_co_located(settings)
    conversation.wait(20)
    assert len(requests_in(conversation.plug(*(there or (RADIO,))))) == 1
    return conversation


def test_packets_go_by_the_new_address_right_behind_the_request_for_it() -> None:
    conversation = moved()
    assert tunnels(conversation.plan()) == [(THERE, WIRELESS, True, True)]
    assert default(conversation.plan()).interface == ANCHOR
    assert conversation.status().state is State.CONNECTING


def test_old_address_takes_packets_meanwhile_if_its_link_is_still_there() -> None:
    conversation = moved(SETTINGS, RADIO, CABLE)
    assert tunnels(conversation.plan()) == [(THERE, WIRELESS, True, True), (CARE_OF, ETHERNET, False, True)]


def test_reply_keeps_the_way_and_the_former_one_takes_packets_for_two_seconds_more() -> None:
    conversation = moved(SETTINGS, RADIO, CABLE)
    conversation.wait(0.3)
    conversation.answer(conversation.requests()[-1])
    assert tunnels(conversation.plan()) == [(THERE, WIRELESS, True, True), (CARE_OF, ETHERNET, False, True)]
    conversation.wait(1.99)
    assert len(tunnels(conversation.plan())) == 2
    conversation.wait(0.02)
    assert tunnels(conversation.plan()) == [(THERE, WIRELESS, True, True)]


def test_former_way_goes_with_its_link_and_with_its_address() -> None:
    for gone in (link(up=False), link(ETHERNET, f"{CARE_OF}/24", ups=2), link()):
        conversation = moved(SETTINGS, RADIO, CABLE)
        conversation.answer(conversation.requests()[-1])
        conversation.plug(RADIO, gone)
        assert tunnels(conversation.plan()) == [(THERE, WIRELESS, True, True)]


def test_without_a_reply_for_a_second_packets_go_back_to_the_old_way_if_it_is_there() -> None:
    conversation = moved(SETTINGS, RADIO, CABLE)
    conversation.wait(0.99)
    assert tunnels(conversation.plan())[0] == (THERE, WIRELESS, True, True)
    conversation.wait(0.02)
    assert tunnels(conversation.plan()) == [(CARE_OF, ETHERNET, True, True)]
    conversation.wait(5)
    assert tunnels(conversation.plan()) == [(CARE_OF, ETHERNET, True, True)]
    conversation.plug(RADIO)
    assert tunnels(conversation.plan()) == [(THERE, WIRELESS, True, True)]


def test_without_a_reply_and_without_the_old_way_the_new_one_stays() -> None:
    conversation = moved()
    conversation.wait(60)
    assert tunnels(conversation.plan()) == [(THERE, WIRELESS, True, True)]


@pytest.mark.parametrize("code", [128, 130, 135])
def test_refusal_takes_packets_back_at_once(code: int) -> None:
    conversation = moved(SETTINGS, RADIO, CABLE)
    asked = conversation.requests()[-1]
    conversation.answer(asked, reply_bytes(asked, code=code))
    assert tunnels(conversation.plan()) == [(CARE_OF, ETHERNET, True, True)]


def test_refusal_that_nobody_signed_takes_nothing_back() -> None:
    conversation = moved(SETTINGS, RADIO, CABLE)
    asked = conversation.requests()[-1]
    conversation.answer(asked, reply_bytes(asked, code=130, key=None))
    assert tunnels(conversation.plan())[0] == (THERE, WIRELESS, True, True)


def test_first_registration_and_one_after_a_restart_wait_for_the_reply() -> None:
    conversation = Conversation()
    conversation.plug(CABLE)
    assert tunnels(conversation.plan()) == []


def test_binding_that_ended_meanwhile_gives_no_leave() -> None:
    conversation = moved()
    conversation.wait(580)
    assert conversation.binding() is None
    assert tunnels(conversation.plan()) == []


def test_from_home_the_reply_is_waited_for() -> None:
    conversation, _ = at_home()
    conversation.wait(20)
    conversation.plug(RADIO)
    assert tunnels(conversation.plan()) == []


def test_without_the_reverse_tunnel_the_reply_is_waited_for() -> None:
    conversation = moved(replace(SETTINGS, reverse_tunnel=Switch.OFF))
    assert tunnels(conversation.plan()) == []


def test_through_an_agent_that_wants_to_see_the_request_its_reply_is_waited_for() -> None:
    conversation, _ = registered_co_located()
    conversation.wait(20)
    conversation.plug(link(ups=2))
    conversation.advertise(heard_advertisement(flags=IS_FOREIGN_AGENT | OFFERS_T | REGISTRATION_REQUIRED))
    conversation.plug(link(ETHERNET, "192.0.2.50/24", ups=2))
    assert tunnels(conversation.plan()) == []


def test_from_a_foreign_agent_packets_go_ahead_too() -> None:
    conversation, _ = registered_through_agent()
    conversation.wait(3)
    conversation.plug(RADIO)
    assert tunnels(conversation.plan()) == [(THERE, WIRELESS, True, True)]


def test_to_a_foreign_agent_the_reply_is_waited_for_and_then_the_former_address_still_takes_packets() -> None:
    conversation, _ = registered_co_located(replace(SETTINGS, care_of=Preference.FOREIGN_AGENT))
    conversation.wait(20)
    conversation.echo = (ETHERNET, AGENT_MAC)
    [asked] = requests_in(conversation.feed(heard_advertisement()))
    assert tunnels(conversation.plan()) == [(CARE_OF, ETHERNET, True, True)]
    conversation.answer(asked)
    assert tunnels(conversation.plan()) == [(CARE_OF, ETHERNET, False, True)]
    assert default(conversation.plan()).interface == ETHERNET
    conversation.wait(2)
    assert tunnels(conversation.plan()) == []


def test_home_again_the_former_address_still_takes_packets_and_sends_none() -> None:
    conversation, _ = registered_co_located()
    conversation.wait(20)
    conversation.plug(CABLE, link(WIRELESS))
    [asked] = requests_in(conversation.feed(heard_home_agent(interface=WIRELESS)))
    conversation.answer(asked)
    assert [tunnel[2] for tunnel in tunnels(conversation.plan())] == [False]
    conversation.wait(2)
    assert tunnels(conversation.plan()) == []


def test_what_waits_for_the_pace_is_not_ahead_of_anything() -> None:
    conversation, _ = registered_co_located()
    conversation.wait(20)
    conversation.plug(RADIO)
    conversation.wait(0.1)
    assert requests_in(conversation.plug(link(WIRELESS, "192.0.2.45/24"))) == []
    assert tunnels(conversation.plan()) == []
    conversation.wait(1)
    assert tunnels(conversation.plan()) == [("192.0.2.45", WIRELESS, True, True)]


@pytest.mark.parametrize(
    ("encapsulations", "before", "ahead"),
    [
        ((IPIP,), b"", IPIP),
        ((GRE, UDP), b"", GRE),
        ((IPIP, UDP), b"", IPIP),
        ((IPIP, UDP), ASSENT, UDP),
        ((MINIMAL, UDP), ASSENT, UDP),
        ((UDP,), b"", UDP),
    ],
    ids=["plain", "GRE", "no NAT before", "NAT before", "NAT before, minimal", "forced"],
)
def test_encapsulation_before_the_reply_is_what_is_asked_for_and_udp_where_a_nat_was(
    encapsulations: tuple[Encapsulation, ...], before: bytes, ahead: Encapsulation
) -> None:
    conversation = Conversation(replace(SETTINGS, encapsulations=encapsulations))
    [asked] = requests_in(conversation.plug(CABLE))
    conversation.answer(asked, reply_bytes(asked, extensions=before))
    conversation.wait(2)
    conversation.plug(RADIO)
    [tunnel] = [item for item in conversation.plan() if isinstance(item, Tunnel)]
    assert (tunnel.encapsulation, tunnel.ports) == (ahead, (434, 434) if ahead is UDP else None)


def test_reply_corrects_the_encapsulation() -> None:
    conversation = moved(replace(SETTINGS, encapsulations=(IPIP, UDP)))
    asked = conversation.requests()[-1]
    conversation.answer(asked, reply_bytes(asked, extensions=ASSENT))
    [tunnel] = [item for item in conversation.plan() if isinstance(item, Tunnel)]
    assert (tunnel.encapsulation, tunnel.ports, tunnel.sends) == (UDP, (434, 434), True)


def test_new_encapsulation_of_the_same_address_leaves_the_former_one_open_for_a_moment() -> None:
    conversation = Conversation(replace(SETTINGS, encapsulations=(IPIP, UDP)))
    [asked] = requests_in(conversation.plug(CABLE))
    conversation.answer(asked, reply_bytes(asked, extensions=ASSENT))
    conversation.live(480, lambda asked: reply_bytes(asked, extensions=b""))
    found = {item.encapsulation: item.sends for item in conversation.plan() if isinstance(item, Tunnel)}
    assert found in ({IPIP: True, UDP: False}, {IPIP: True})


def test_pause_forgets_the_former_way() -> None:
    conversation = moved(SETTINGS, RADIO, CABLE)
    conversation.answer(conversation.requests()[-1])
    conversation.wait(0.5)
    conversation.feed(Pause())
    conversation.wait(1)
    conversation.answer(conversation.requests()[-1])
    conversation.feed(Resume())
    assert tunnels(conversation.plan()) == []


def test_proof_of_the_old_path_does_not_count_for_the_new_one() -> None:
    conversation = moved()
    conversation.echo = None
    outputs = conversation.answer(conversation.requests()[-1])
    assert len(probes_in(outputs)) == 1
    assert conversation.status().state is State.CHECKING
    conversation.prove()
    assert conversation.status().state is State.WORKING


def test_tunnel_leads_to_the_home_agent_that_was_asked() -> None:
    other = IPv4Address("198.51.100.2")
    conversation, _ = registered_co_located(replace(SETTINGS, home_agents=(IPv4Address(HOME_AGENT), other)))
    conversation.wait(20)
    conversation.plug(RADIO)
    conversation.wait(3.5)
    assert conversation.requests()[-1].home_agent == str(other)
    assert tunnels(conversation.plan()) == []
    assert conversation.echo == THROUGH_OUR_TUNNEL
