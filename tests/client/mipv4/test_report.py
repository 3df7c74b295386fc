"""The status, in the order of the states: the first that is true."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network

import msgspec
import pytest

from client.core.advice import advice
from client.core.choice import Switch
from client.core.commands import Pause
from client.core.machine import PlanRefused
from client.core.plan import Encapsulation
from client.core.status import Place, State, Status
from client.mipv4.commands import SetBroadcasts, SetReverseTunnel, SetTunnelled
from client.mipv4.report import report
from tests.client.mipv4.by_hand import (
    AGENT,
    AGENT_CARE_OF,
    CARE_OF,
    ETHERNET,
    GATEWAY,
    HOME,
    HOME_AGENT,
    KEY,
    NAI,
    SETTINGS,
    WALL,
    heard_advertisement,
    heard_home_agent,
    link,
    reply_bytes,
    requests_in,
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


def asking(wall: WallClock | None = None) -> Conversation:
    """A request at second 0 that nobody has answered."""
    conversation = Conversation(wall=wall or WallClock())
    conversation.plug(CABLE)
    return conversation


def said(conversation: Conversation) -> tuple[State, str | None]:
    """State and reason."""
    status = conversation.status()
    return status.state, status.reason


def test_home_without_a_home_address_says_so_and_asks_nobody() -> None:
    conversation = Conversation(replace(SETTINGS, home_address=None, nai=NAI))
    conversation.plug(CABLE)
    conversation.wait(0.5)
    asked = len(conversation.requests())
    conversation.advertise(heard_home_agent(lifetime=1000))
    conversation.wait(60)
    assert said(conversation) == (State.CONNECTING, "home-without-address")
    assert len(conversation.requests()) == asked


def test_paused_comes_before_all() -> None:
    conversation, _ = registered_co_located()
    conversation.wait(2)
    conversation.feed(Pause(until=102.0))
    assert said(conversation) == (State.PAUSED, None)
    assert conversation.status().paused_until == "2027-01-15T08:01:42.000Z"
    conversation.feed(Pause())
    assert conversation.status().paused_until is None


def test_no_link_is_no_network() -> None:
    assert said(Conversation()) == (State.NO_NETWORK, None)
    conversation = Conversation()
    conversation.plug(link(up=False))
    assert said(conversation) == (State.NO_NETWORK, None)


def test_link_on_which_we_still_look_for_somebody_is_connecting() -> None:
    conversation = Conversation()
    conversation.plug(link())
    assert said(conversation) == (State.CONNECTING, "looking")


def test_address_that_cannot_serve_is_no_network_and_says_why() -> None:
    conversation = Conversation()
    conversation.plug(link(ETHERNET, "169.254.9.9/16"))
    assert said(conversation) == (State.NO_NETWORK, "care-of-not-routable")


def test_request_on_its_way_is_connecting_and_after_three_tries_no_answer() -> None:
    conversation = asking()
    assert said(conversation) == (State.CONNECTING, "registering")
    conversation.wait(2.9)
    assert said(conversation) == (State.CONNECTING, "registering")
    conversation.wait(0.2)
    assert said(conversation) == (State.NO_ANSWER, None)
    assert advice(conversation.status()) == "check-home-agent"


def test_clock_that_cannot_be_is_refused_by_ourselves() -> None:
    assert said(asking(WallClock(error=-WALL))) == (State.REFUSED, "clock")


@pytest.mark.parametrize("code", [128, 129, 130, 131, 135])
def test_refusal_that_we_cannot_mend_is_told_with_its_code(code: int) -> None:
    conversation = asking()
    [asked] = conversation.requests()
    conversation.answer(asked, reply_bytes(asked, code=code))
    assert said(conversation) == (State.REFUSED, f"v4:{code}")
    assert advice(conversation.status()) == f"v4:{code}"
    told = [entry.parameters for entry in conversation.node.history.log if entry.id == "refused"]
    assert told == [{"code": str(code)}]


@pytest.mark.parametrize("code", [133, 136, 137])
def test_refusal_that_we_mend_ourselves_is_not_shown(code: int) -> None:
    conversation = asking()
    [asked] = conversation.requests()
    conversation.answer(asked, reply_bytes(asked, code=code, home_agent="198.51.100.2"))
    assert said(conversation) == (State.CONNECTING, "registering")


@pytest.mark.parametrize(
    ("code", "state"), [(78, State.NO_ANSWER), (80, State.NO_ANSWER), (88, State.NO_ANSWER), (65, State.REFUSED)]
)
def test_agents_words_that_the_home_agent_is_silent_are_no_refusal(code: int, state: State) -> None:
    conversation = Conversation()
    conversation.plug(link())
    [asked] = hear(conversation, heard_advertisement())
    conversation.answer(asked, reply_bytes(asked, code=code, key=None))
    assert said(conversation) == (state, f"v4:{code}")


def test_new_binding_is_checking_then_working_with_an_answer_or_stalled_without() -> None:
    conversation = asking()
    conversation.answer(conversation.requests()[0])
    assert said(conversation) == (State.CHECKING, None)
    conversation.wait(2.9)
    assert said(conversation) == (State.CHECKING, None)
    conversation.wait(0.2)
    assert said(conversation) == (State.STALLED, None)
    assert advice(conversation.status()) == "check-encapsulation"  # the reverse tunnel is on
    conversation.answer(conversation.requests()[-1])
    conversation.prove()
    assert said(conversation) == (State.WORKING, None)


def test_working_is_never_said_without_a_proof_that_is_young_enough() -> None:
    conversation, _ = registered_co_located(replace(SETTINGS, lifetime=9000))
    conversation.echo = None
    states = []
    for _ in range(150):
        conversation.wait(1)
        states.append(conversation.status().state)
    assert State.WORKING in states[:117]
    assert State.WORKING not in states[117:]


def test_home_is_said_only_once_the_home_agent_has_signed() -> None:
    conversation, _ = at_home()
    status = conversation.status()
    assert (status.state, status.proof and status.proof.kind) == (State.HOME, "registration")
    assert status.v4 is not None
    assert (status.v4.place, status.v4.path, status.v4.care_of_address) == (Place.HOME, "direct", None)


def test_binding_of_another_link_does_not_make_this_one_work() -> None:
    conversation, _ = registered_co_located()
    conversation.wait(10)
    conversation.plug(replace(CABLE, ups=2))
    assert conversation.binding() is not None
    assert said(conversation) == (State.CONNECTING, "registering")


def test_facts_of_a_co_located_binding() -> None:
    conversation, _ = registered_co_located()
    conversation.wait(10)
    v4 = conversation.status().v4
    assert v4 is not None
    assert (v4.place, v4.home_address, v4.care_of_address, v4.home_agent) == (
        Place.CO_LOCATED,
        HOME,
        CARE_OF,
        HOME_AGENT,
    )
    assert (v4.foreign_agent, v4.expires_s, v4.encapsulation, v4.mtu, v4.path, v4.code, v4.tries) == (
        None,
        590,
        "ipip",
        1480,
        "reverse",
        0,
        0,
    )


def test_facts_of_a_binding_through_an_agent() -> None:
    conversation, _ = registered_through_agent(advertisement=heard_advertisement(flags=0x1000))
    v4 = conversation.status().v4
    assert v4 is not None
    assert (v4.place, v4.care_of_address, v4.foreign_agent, v4.path) == (
        Place.FOREIGN_AGENT,
        AGENT_CARE_OF,
        AGENT,
        "triangle",
    )
    network = conversation.status().network
    assert network is not None
    assert network.interface == "eth2"


def test_proof_of_the_path_before_a_switch_proves_nothing_after_it() -> None:
    conversation, _ = registered_co_located()
    conversation.wait(10)
    conversation.echo = None
    assert said(conversation) == (State.WORKING, None)
    conversation.feed(SetReverseTunnel(Switch.OFF))
    conversation.answer(conversation.requests()[-1])
    assert said(conversation) == (State.CHECKING, None)
    assert conversation.status().proof is None


def test_proof_is_shown_with_its_age_and_round_trip() -> None:
    conversation = asking()
    conversation.answer(conversation.requests()[0])
    conversation.wait(0.038)
    conversation.prove()
    conversation.wait(4)
    proof = conversation.status().proof
    assert proof is not None
    assert (proof.kind, proof.rtt_ms, proof.age_ms) == ("probe", 38.0, 4038)


def test_drops_are_counted_by_reason() -> None:
    conversation = asking()
    [asked] = conversation.requests()
    conversation.answer(asked, reply_bytes(asked, key=bytes(16)))
    conversation.answer(asked, reply_bytes(asked, ident=asked.ident + 1))
    conversation.answer(asked, b"\x03")
    conversation.feed(heard_advertisement(ttl=2))
    v4 = conversation.status().v4
    assert v4 is not None
    assert v4.counters == {"security_exceptions": 1, "replies_dropped": 2, "advertisements_dropped": 1}


def test_short_lifetime_and_what_the_kernel_refuses_are_limits() -> None:
    conversation = asking()
    conversation.echo = THROUGH_OUR_TUNNEL
    [asked] = conversation.requests()
    conversation.answer(asked, reply_bytes(asked, lifetime=59))
    assert said(conversation) == (State.LIMITED, "short-lifetime")
    conversation.feed(PlanRefused(("route: not permitted",)))
    assert said(conversation) == (State.LIMITED, "kernel")


def test_reverse_tunnel_that_is_refused_is_a_limit_with_its_reason() -> None:
    conversation = Conversation(replace(SETTINGS, reverse_tunnel=Switch.ON), echo=THROUGH_OUR_TUNNEL)
    [asked] = requests_in(conversation.plug(CABLE))
    conversation.answer(asked, reply_bytes(asked, code=137))
    conversation.wait(1)
    conversation.answer(conversation.requests()[-1])
    assert said(conversation) == (State.LIMITED, "reverse-tunnel")
    setting = conversation.status().settings["reverse_tunnel"]
    assert (setting.wanted, setting.applied, setting.pending, setting.why) == ("on", "off", False, "v4:137")


def test_reverse_tunnel_at_home_is_off_since_it_is_home() -> None:
    conversation, _ = at_home()
    conversation.feed(SetReverseTunnel(Switch.ON))
    setting = conversation.status().settings["reverse_tunnel"]
    assert (setting.wanted, setting.applied, setting.pending, setting.why) == ("on", "off", False, "home")


UDP_TUNNEL_GRANTED = bytes.fromhex("2c0600000000006e")  # RFC 3519 §3.2: 44, 6 bytes, will tunnel, every 110 s
UDP_TUNNEL_BY_FORCE = bytes.fromhex("2c0600008000006e")


def behind_a_nat(extensions: bytes = UDP_TUNNEL_GRANTED, *encapsulations: Encapsulation) -> Conversation:
    """Co-located, and the home agent has found a NAT, or was told to take UDP."""
    wanted = encapsulations or (Encapsulation.IPIP, Encapsulation.UDP)
    conversation = Conversation(replace(SETTINGS, encapsulations=wanted), echo=THROUGH_OUR_TUNNEL)
    [asked] = requests_in(conversation.plug(CABLE))
    conversation.answer(asked, reply_bytes(asked, extensions=extensions))
    return conversation


@pytest.mark.rfc("3519", "3.2")
def test_nat_and_the_encapsulation_in_force_are_told() -> None:
    status = behind_a_nat().status()
    assert status.network
    assert status.v4
    assert (status.network.nat, status.v4.encapsulation, status.v4.mtu) == (True, "udp", 1468)
    status = behind_a_nat(b"").status()
    assert status.network
    assert status.v4
    assert (status.network.nat, status.v4.encapsulation) == (False, "ipip")


@pytest.mark.rfc("3519", "3.2")
def test_udp_that_was_forced_tells_nothing_of_a_nat() -> None:
    status = behind_a_nat(UDP_TUNNEL_BY_FORCE, Encapsulation.UDP).status()
    assert status.network
    assert status.v4
    assert (status.network.nat, status.v4.encapsulation) == (False, "udp")


def test_path_for_less_than_ipv6_needs_is_a_limit() -> None:
    conversation = Conversation(echo=THROUGH_OUR_TUNNEL)
    [asked] = requests_in(conversation.plug(replace(CABLE, mtu=1299)))
    conversation.answer(asked)
    assert [(limit.id, limit.detail) for limit in conversation.status().limits] == [("mtu", "1279")]
    conversation.plug(replace(CABLE, mtu=1300))
    assert conversation.status().limits == []


def test_broadcasts_are_on_once_the_home_agent_has_agreed() -> None:
    conversation, _ = registered_co_located()
    conversation.wait(2)
    assert setting(conversation, "broadcasts") == ("off", "off", False, None)
    conversation.feed(SetBroadcasts(True))
    assert setting(conversation, "broadcasts") == ("on", "off", True, None)
    conversation.wait(2)
    conversation.answer(conversation.requests()[-1])
    assert setting(conversation, "broadcasts") == ("on", "on", False, None)


def test_broadcasts_need_nobody_at_home() -> None:
    conversation, _ = at_home()
    conversation.feed(SetBroadcasts(True))
    assert setting(conversation, "broadcasts") == ("on", "off", False, "home")


def test_prefixes_hold_at_once() -> None:
    conversation = Conversation()
    assert setting(conversation, "prefixes") == ("all", "all", False, None)
    conversation.feed(SetTunnelled((IPv4Network("10.0.0.0/8"), IPv4Network("192.0.2.0/24"))))
    named = "10.0.0.0/8 192.0.2.0/24"
    assert setting(conversation, "prefixes") == (named, named, False, None)


def setting(conversation: Conversation, name: str) -> tuple[str, str, bool, str | None]:
    """A switch as the status tells it."""
    found = conversation.status().settings[name]
    return found.wanted, found.applied, found.pending, found.why


def test_what_the_world_dropped_is_counted_beside_what_the_machine_did() -> None:
    conversation, _ = registered_co_located()
    status = report(conversation.node, conversation.now, WALL, {"wrong_outer_source": 3})
    assert status.v4 is not None
    assert (status.v4.counters["wrong_outer_source"], status.v4.counters["replies_dropped"]) == (3, 0)


@pytest.mark.parametrize(
    "conversation",
    [Conversation(), asking(), at_home()[0], registered_co_located()[0], registered_through_agent()[0]],
    ids=["nowhere", "asking", "home", "co-located", "agent"],
)
def test_status_is_json_without_keys_and_comes_back_as_it_was(conversation: Conversation) -> None:
    encoded = msgspec.json.encode(conversation.status())
    assert msgspec.json.decode(encoded, type=Status) == conversation.status()
    assert KEY.hex().encode() not in encoded
    assert b"Secret" not in encoded
