"""The foreign agent between mobile node and home agent."""

from __future__ import annotations

import struct
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.foreign_agent import ForeignAgent
from agents.settings import ForeignAgentSettings, ForeignLinkSettings, ReverseTunnel
from client.core.checksum import internet_checksum
from client.core.ipv4 import IPv4Packet
from client.core.links import Links
from client.core.machine import NEVER, Heard, LinksChanged, Output, Send, Timeout
from client.core.plan import ANCHOR, Delivery, Encapsulation, End, Neighbour, Route, Rule, Table, Tunnel
from client.core.secret import Secret
from client.mipv4.authentication import SecurityAssociation
from tests.agents.by_hand import (
    HOME,
    HOME_AGENT,
    NAI,
    UPLINK,
    VISITED,
    Read,
    checksum_is_right,
    extensions,
    heard,
    identification,
    link,
    read,
    reply,
    request,
    sign,
)

FA = "203.0.113.1"  # care-of address and address on the visited link
MAC = bytes.fromhex("020000000099")
FH_KEY = b"foreign-home-key"
MF_KEY = b"mobile-foreign-k"
S, B, D, M, G, T = 0x80, 0x40, 0x20, 0x10, 0x08, 0x02
OTHER_LINK = link(5, "eth2", "203.0.113.129/25", 0x05)
VISITED_SETTINGS = ForeignLinkSettings(
    interface="eth1",
    care_of_address=IPv4Address(FA),
    registration_lifetime=1000,
    encapsulations=frozenset({Encapsulation.IPIP}),
)
OTHER_SETTINGS = ForeignLinkSettings(interface="eth2", care_of_address=IPv4Address(FA))
SETTINGS = ForeignAgentSettings(links=(VISITED_SETTINGS, OTHER_SETTINGS))


def associations(key: bytes) -> tuple[SecurityAssociation, ...]:
    return (SecurityAssociation(spi=777, key=Secret(key)),)


WITH_HOME_KEY = replace(SETTINGS, home_agents={IPv4Address(HOME_AGENT): associations(FH_KEY)})
WITH_VISITOR_KEY = replace(SETTINGS, mobile_nodes={HOME: associations(MF_KEY)})


def asked(**fields: Any) -> bytes:
    return request(**{"care_of": FA, **fields})


class Agent:
    """A foreign agent, spoken to in short."""

    def __init__(self, settings: ForeignAgentSettings = SETTINGS) -> None:
        self.machine = ForeignAgent(settings)
        self.machine.handle(LinksChanged(Links((UPLINK, VISITED, OTHER_LINK))), 0.0)

    def from_node(self, payload: bytes, now: float = 10.0, **arrival: Any) -> list[Output]:
        arrival = {"source": HOME, "destination": FA, "interface": 4, "link_layer_source": MAC, **arrival}
        return self.machine.handle(heard(payload, **arrival), now)

    def from_home(self, payload: bytes, now: float = 10.1, **arrival: Any) -> list[Output]:
        arrival = {"source": HOME_AGENT, "destination": FA, "interface": UPLINK.index, **arrival}
        return self.machine.handle(heard(payload, **arrival), now)

    def denial(self, payload: bytes, **arrival: Any) -> Read:
        [output] = self.from_node(payload, **arrival)
        return read(output)

    def visit(self, now: float = 10.0, lifetime: int = 300, **fields: Any) -> None:
        self.from_node(asked(lifetime=lifetime, **fields), now, source_port=5000)
        self.from_home(reply(lifetime=lifetime, ident=fields.get("ident")), now)

    @property
    def visitors(self) -> list[str]:
        return [str(visitor.home_address) for visitor in self.machine.visitors]


@pytest.fixture
def agent() -> Agent:
    return Agent()


def is_relayed(outputs: list[Output]) -> bool:
    [output] = outputs
    return str(relayed(output).destination) == HOME_AGENT


def relayed(output: Output) -> IPv4Packet:
    assert isinstance(output, Send)
    assert output.link_layer_destination is None
    assert output.signalling
    assert checksum_is_right(output.packet)
    return output.packet


# --- relaying ---------------------------------------------------------------------------------------


@pytest.mark.rfc("5944", "3.7.2", "relays")
@pytest.mark.rfc("5944", "3.7", "relays")
@pytest.mark.rfc("5944", "3.7.2.2", "relays")
@pytest.mark.rfc("5944", "3.7.2.2", "unchanged")
@pytest.mark.rfc("5944", "3.7.2.2", "fields")
def test_a_request_is_relayed_unchanged_from_the_care_of_address_to_the_home_agent(agent: Agent) -> None:
    payload = asked()
    [output] = agent.from_node(payload, source_port=5000)
    packet = relayed(output)
    assert (str(packet.source), str(packet.destination)) == (FA, HOME_AGENT)
    assert struct.unpack("!HH", packet.payload[:4]) == (434, 434)
    assert packet.payload[8:] == payload


@pytest.mark.rfc("5944", "3.7.2.2", "removes")
def test_what_follows_the_nodes_authenticator_is_taken_off(agent: Agent) -> None:
    payload = asked()
    [output] = agent.from_node(payload + bytes((200, 3)) + b"abc")
    assert relayed(output).payload[8:] == payload


@pytest.mark.rfc("5944", "3.7.2.2", "foreign-home")
@pytest.mark.rfc("5944", "3.7.1", "foreign-home")
def test_a_request_to_a_home_agent_with_a_shared_key_is_signed() -> None:
    payload = asked()
    [output] = Agent(WITH_HOME_KEY).from_node(payload)
    assert relayed(output).payload[8:] == sign(payload, 34, FH_KEY, 777)


@pytest.mark.rfc("5944", "3.8.2.2", "foreign-home")
@pytest.mark.rfc("5944", "3.5.4", "not-in-deregistration")
@pytest.mark.rfc("5944", "3.5.4", "own-care-of-only")
@pytest.mark.rfc("5944", "3.5.4", "lifetime-zero")
@pytest.mark.parametrize(
    "fields", [{"lifetime": 0}, {"lifetime": 0, "care_of": HOME}, {"care_of": "203.0.113.9", "flags": D}]
)
def test_deregistrations_and_foreign_care_of_addresses_are_never_signed(fields: dict[str, Any]) -> None:
    payload = asked(**fields)
    [output] = Agent(WITH_HOME_KEY).from_node(payload)
    assert relayed(output).payload[8:] == payload


@pytest.mark.rfc("5944", "2.3", "group")
@pytest.mark.rfc("5944", "3.6.1.1")
def test_a_request_to_all_agents_is_answered_from_our_address(agent: Agent) -> None:
    answer = agent.denial(asked(flags=M), destination="224.0.0.11", ttl=1)
    assert str(answer.send.packet.source) == FA


@pytest.mark.rfc("5944", "3.7.2.3")
def test_a_request_that_passes_through_this_router_is_not_ours(agent: Agent) -> None:
    assert agent.from_node(asked(), destination=HOME_AGENT) == []


def test_a_request_on_a_link_that_is_not_for_visitors_is_not_ours(agent: Agent) -> None:
    assert agent.from_node(asked(), interface=UPLINK.index) == []


# --- accepting --------------------------------------------------------------------------------------


@pytest.mark.rfc("5944", "3.7.1", "visitors")
@pytest.mark.rfc("5944", "3.7.3.2", "entry")
@pytest.mark.rfc("5944", "3.7.3.2", "unchanged")
@pytest.mark.rfc("5944", "3.7.3.2", "removes")
def test_an_accepted_reply_goes_in_one_frame_to_the_node_and_makes_it_a_visitor(agent: Agent) -> None:
    agent.from_node(asked(), source_port=5000)
    assert agent.visitors == []
    answer = reply()
    [output] = agent.from_home(answer + bytes((200, 1)) + b"x")
    read_ = read(output)
    assert read_.data == answer
    assert (read_.send.interface, read_.send.link_layer_destination) == (4, MAC)
    packet = read_.send.packet
    assert (str(packet.source), str(packet.destination)) == (FA, HOME)
    assert struct.unpack("!HH", packet.payload[:4]) == (434, 5000)
    assert agent.visitors == [HOME]


@pytest.mark.rfc("5944", "4.2.2")
def test_the_plan_of_a_visitor_without_a_reverse_tunnel(agent: Agent) -> None:
    agent.visit()
    plan = agent.machine.plan()
    assert Neighbour(interface=4, address=IPv4Address(HOME), link_layer_address=MAC) in plan
    assert Route(destination=IPv4Network(HOME), interface=4) in plan
    [tunnel] = [item for item in plan if isinstance(item, Tunnel)]
    assert tunnel == Tunnel(
        end=End.MOBILE,
        home_address=IPv4Address(HOME),
        local=IPv4Address(FA),
        remote=IPv4Address(HOME_AGENT),
        sends=False,
        receives=True,
        delivery=Delivery(interface=4, link_layer_address=MAC),
    )
    assert not [item for item in plan if isinstance(item, Rule) and item.table is Table.REVERSE]


@pytest.mark.rfc("3024", "5.1.1")
def test_what_a_visitor_with_a_reverse_tunnel_sends_goes_into_it(agent: Agent) -> None:
    agent.visit(flags=T)
    plan = agent.machine.plan()
    assert [item.sends for item in plan if isinstance(item, Tunnel)] == [True]
    [rule] = [item for item in plan if isinstance(item, Rule) and item.table is Table.REVERSE]
    assert (rule.bound_to, rule.arriving_on) == (IPv4Address(HOME), 4)
    assert Route(destination=IPv4Network("0.0.0.0/0"), interface=ANCHOR, table=Table.REVERSE) in plan


def test_only_what_we_ourselves_say_may_go_straight_to_a_visitor(agent: Agent) -> None:
    agent.visit(home="8.8.8.8")
    into_ours = [item for item in agent.machine.plan() if isinstance(item, Rule) and item.table is Table.OURS]
    assert into_ours
    assert all(rule.bound_to in (IPv4Address(FA), OTHER_LINK.addresses[0].ip) for rule in into_ours)


@pytest.mark.rfc("5944", "2.1.1")
def test_a_node_with_an_address_of_its_own_is_relayed_but_not_served(agent: Agent) -> None:
    own = "203.0.113.9"
    [output] = agent.from_node(asked(care_of=own, flags=D | T), source=own)
    assert str(relayed(output).source) == FA
    [output] = agent.from_home(reply())
    assert str(read(output).send.packet.destination) == HOME
    assert agent.visitors == [HOME]
    assert not [item for item in agent.machine.plan() if isinstance(item, Tunnel | Neighbour)]


@pytest.mark.rfc("5944", "3.7", "expiry-silent")
@pytest.mark.rfc("5944", "3.7.3.2", "timing")
@pytest.mark.parametrize(("asked_for", "granted", "lasts"), [(300, 200, 200), (300, 300, 300), (200, 300, 200)])
def test_a_visit_lasts_from_the_reply_on_as_long_as_granted(
    agent: Agent, asked_for: int, granted: int, lasts: int
) -> None:
    agent.from_node(asked(lifetime=asked_for), now=10.0)
    agent.from_home(reply(lifetime=granted), now=15.0)
    assert agent.machine.deadline == 15.0 + lasts
    agent.machine.handle(Timeout(), 15.0 + lasts - 0.1)
    assert agent.visitors == [HOME]
    assert agent.machine.handle(Timeout(), 15.0 + lasts) == []
    assert agent.visitors == []
    assert agent.machine.deadline == NEVER


@pytest.mark.rfc("5944", "3.7.3.2", "denied")
@pytest.mark.rfc("5944", "3.7.2", "entry-kept")
@pytest.mark.rfc("5944", "3.7.2", "pending-apart")
@pytest.mark.rfc("5944", "3.7.2", "denied")
def test_an_existing_visit_is_untouched_until_the_home_agent_accepts(agent: Agent) -> None:
    agent.visit(ident=identification(0))
    before = agent.machine.plan()
    new_mac = bytes.fromhex("0200000000aa")
    agent.from_node(asked(ident=identification(1)), link_layer_source=new_mac, interface=5)
    assert agent.machine.plan() == before
    agent.from_home(reply(code=133, ident=identification(1)))
    assert agent.machine.plan() == before


def test_a_visitor_that_comes_by_another_link_is_served_there(agent: Agent) -> None:
    agent.visit(ident=identification(0))
    new_mac = bytes.fromhex("0200000000aa")
    agent.from_node(asked(ident=identification(1)), link_layer_source=new_mac, interface=5, destination="203.0.113.129")
    agent.from_home(reply(ident=identification(1)))
    [tunnel] = [item for item in agent.machine.plan() if isinstance(item, Tunnel)]
    assert tunnel.delivery == Delivery(interface=5, link_layer_address=new_mac)


def test_visitors_of_a_link_that_is_gone_are_forgotten(agent: Agent) -> None:
    agent.visit()
    agent.machine.handle(LinksChanged(Links((UPLINK,))), 20.0)
    assert agent.visitors == []


@pytest.mark.rfc("5944", "3.7.2", "deregistration")
@pytest.mark.rfc("5944", "3.7.3.2", "deregistered")
@pytest.mark.parametrize("care_of", [FA, HOME])
def test_a_confirmed_deregistration_ends_the_visit(agent: Agent, care_of: str) -> None:
    agent.visit(ident=identification(0))
    agent.from_node(asked(lifetime=0, care_of=care_of, ident=identification(1)))
    assert agent.visitors == [HOME]
    agent.from_home(reply(lifetime=0, ident=identification(1)))
    assert agent.visitors == []


def test_deregistering_the_place_before_does_not_end_the_visit_here(agent: Agent) -> None:
    agent.visit(ident=identification(0))
    agent.from_node(asked(lifetime=0, care_of="192.0.2.99", ident=identification(1)))
    agent.from_home(reply(lifetime=0, ident=identification(1)))
    assert agent.visitors == [HOME]


# --- replies that are not what they should be -------------------------------------------------------


@pytest.mark.rfc("5944", "3.7.3.1", "no-pending")
@pytest.mark.rfc("5944", "3.7.3.1", "identification")
@pytest.mark.rfc("5944", "3.7.3.1", "pending")
@pytest.mark.parametrize(
    ("payload", "arrival"),
    [
        (reply(ident=identification(low=1)), {}),
        (reply(home="198.51.100.24"), {}),
        (reply(), {"source": "198.51.100.2"}),
        (reply()[:-1], {}),
        (reply()[:19], {}),
        (reply(), {"destination": HOME_AGENT}),
    ],
    ids=["identification", "home address", "source", "cut short", "shorter still", "to someone else"],
)
def test_a_reply_that_answers_no_request_of_ours_is_dropped(
    agent: Agent, payload: bytes, arrival: dict[str, Any]
) -> None:
    agent.from_node(asked())
    assert agent.from_home(payload, **arrival) == []
    assert agent.visitors == []
    assert len(agent.from_home(reply())) == 1


@pytest.mark.rfc("5944", "3.8.3.1")
def test_a_question_to_all_home_agents_is_answered_from_an_address_that_was_not_asked(agent: Agent) -> None:
    agent.from_node(asked(agent="198.51.100.255"))
    [output] = agent.from_home(reply(code=136))
    assert (read(output).code, read(output).agent) == (136, HOME_AGENT)


def test_a_reply_is_relayed_once(agent: Agent) -> None:
    agent.from_node(asked())
    assert len(agent.from_home(reply())) == 1
    assert agent.from_home(reply()) == []


@pytest.mark.rfc("5944", "3.7.3.1", "foreign-home")
@pytest.mark.rfc("5944", "3.7.3.1", "foreign-home-refused")
@pytest.mark.rfc("5944", "3.7.3.1", "foreign-home-told")
@pytest.mark.rfc("5944", "3.7.1", "foreign-home-checked")
@pytest.mark.parametrize(
    "answer",
    [reply(), sign(reply(), 34, b"wrong" * 4, 777), sign(sign(reply(), 34, FH_KEY, 777), 34)],
    ids=["none", "wrong", "two"],
)
def test_68_when_a_home_agent_with_a_shared_key_does_not_sign_rightly(answer: bytes) -> None:
    agent = Agent(WITH_HOME_KEY)
    agent.from_node(asked())
    [output] = agent.from_home(answer)
    assert read(output).code == 68
    assert agent.visitors == []


@pytest.mark.rfc("5944", "3.7.3.2")
def test_the_home_agents_signature_for_us_is_not_passed_on() -> None:
    agent = Agent(WITH_HOME_KEY)
    agent.from_node(asked())
    [output] = agent.from_home(sign(reply(), 34, FH_KEY, 777))
    assert read(output).data == reply()
    assert agent.visitors == [HOME]


@pytest.mark.rfc("5944", "3.4")
def test_71_for_a_reply_that_nobody_signed(agent: Agent) -> None:
    agent.from_node(asked())
    [output] = agent.from_home(reply()[:20])
    assert read(output).code == 71
    assert agent.visitors == []


@pytest.mark.rfc("2794", "3")
@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (reply(home=HOME), 97),
        (reply(home=HOME, nai=NAI, agent="0.0.0.0"), 98),
        (reply(home="0.0.0.0", nai=NAI), 99),
    ],
    ids=["NAI", "home agent", "home address"],
)
def test_a_reply_that_leaves_something_out_is_denied(agent: Agent, answer: bytes, code: int) -> None:
    agent.from_node(asked(home="0.0.0.0", nai=NAI), source="0.0.0.0")
    [output] = agent.from_home(answer)
    assert read(output).code == code
    assert agent.visitors == []


@pytest.mark.rfc("5944", "3.7.3.1", "nai")
@pytest.mark.rfc("5944", "3.7.1", "nai")
@pytest.mark.rfc("2794", "3")
def test_a_node_without_an_address_is_known_by_its_nai(agent: Agent) -> None:
    [output] = agent.from_node(asked(home="0.0.0.0", nai=NAI), source="0.0.0.0")
    assert extensions(relayed(output).payload[32:])[131] == NAI.encode()
    assert agent.from_home(reply(nai="bob@example.net")) == []
    [output] = agent.from_home(reply(home=HOME, nai=NAI))
    assert str(read(output).send.packet.destination) == HOME
    assert agent.visitors == [HOME]


@pytest.mark.rfc("5944", "3.7.2.3", "fields")
def test_a_denial_to_a_node_without_an_address_goes_to_everyone_in_one_frame(agent: Agent) -> None:
    agent.from_node(asked(home="0.0.0.0", nai=NAI), source="0.0.0.0")
    [output] = agent.from_home(reply(code=131, home="0.0.0.0", nai=NAI))
    assert str(read(output).send.packet.destination) == "255.255.255.255"
    assert read(output).send.link_layer_destination == MAC


# --- denials ----------------------------------------------------------------------------------------


@pytest.mark.rfc("5944", "3.7.2.1", "care-of")
@pytest.mark.rfc("5944", "3.7.2.3", "told")
@pytest.mark.parametrize(
    ("fields", "arrival", "code"),
    [
        pytest.param({"care_of": "203.0.113.9"}, {}, 77, marks=pytest.mark.rfc("5944", "3.7.2.1")),
        pytest.param({"lifetime": 1001}, {}, 69, marks=pytest.mark.rfc("5944", "3.7.2.3")),
        pytest.param({"lifetime": 0xFFFF}, {}, 69, marks=pytest.mark.rfc("5944", "3.7.2.3")),
        pytest.param({"flags": M}, {}, 72, marks=pytest.mark.rfc("3024", "4.2.1")),
        pytest.param({"flags": G | T}, {}, 72, marks=pytest.mark.rfc("3024", "4.2.1")),
        pytest.param({"flags": T}, {"ttl": 254}, 76, marks=pytest.mark.rfc("3024", "4.2.1")),
        pytest.param({"agent": FA}, {}, 194, marks=pytest.mark.rfc("5944", "3.7.2")),
        pytest.param({"agent": "192.0.2.1"}, {}, 194, marks=pytest.mark.rfc("5944", "3.7.2")),
        pytest.param({"agent": "255.255.255.255"}, {}, 194, marks=pytest.mark.rfc("5944", "3.7.2")),
        pytest.param({"home": FA}, {}, 65),
        pytest.param({"home": "224.0.0.1"}, {}, 70),
        pytest.param({"home": "0.0.0.0"}, {}, 70, marks=pytest.mark.rfc("2794", "3")),
    ],
)
def test_a_request_that_we_do_not_serve_is_denied(
    agent: Agent, fields: dict[str, Any], arrival: dict[str, Any], code: int
) -> None:
    answer = agent.denial(asked(**fields), source_port=5000, **arrival)
    assert answer.code == code
    assert (answer.agent, answer.home) == (fields.get("agent", HOME_AGENT), fields.get("home", HOME))
    assert answer.ident == identification()
    assert answer.lifetime == (1000 if code == 69 else 300)
    assert answer.send.link_layer_destination == MAC
    assert str(answer.send.packet.source) == FA
    assert struct.unpack("!HH", answer.send.packet.payload[:4]) == (434, 5000)
    assert not list(agent.machine.visitors.pending)


@pytest.mark.rfc("3024", "4.2.1")
@pytest.mark.parametrize(("policy", "flags", "code"), [(ReverseTunnel.REFUSED, T, 74), (ReverseTunnel.REQUIRED, 0, 75)])
def test_reverse_tunnels_are_refused_or_required(policy: ReverseTunnel, flags: int, code: int) -> None:
    link_settings = replace(VISITED_SETTINGS, reverse_tunnel=policy)
    agent = Agent(replace(SETTINGS, links=(link_settings,)))
    assert agent.denial(asked(flags=flags)).code == code
    own = asked(flags=flags | D, care_of="203.0.113.9")
    assert is_relayed(agent.from_node(own, now=20.0))


@pytest.mark.rfc("3024", "3.4")
def test_79_for_the_encapsulating_delivery_style(agent: Agent) -> None:
    assert agent.denial(asked(flags=T) + bytes((130, 0))).code == 79


@pytest.mark.rfc("5944", "3.7.2.1")
def test_70_without_the_nodes_authenticator(agent: Agent) -> None:
    assert agent.denial(asked()[:24]).code == 70


@pytest.mark.rfc("5944", "3.7.3.2", "mobile-foreign")
@pytest.mark.rfc("5944", "3.7.1", "mobile-foreign")
@pytest.mark.rfc("5944", "3.7.1", "mobile-foreign-reply")
@pytest.mark.rfc("5944", "3.7.2.1", "mobile-foreign-told")
def test_a_visitor_with_a_shared_key_must_sign_and_is_signed_for() -> None:
    agent = Agent(WITH_VISITOR_KEY)
    unsigned = agent.denial(asked())
    assert unsigned.code == 67
    assert unsigned.is_signed(33, MF_KEY)
    assert agent.denial(sign(asked(), 33, b"wrong" * 4, 777), now=12.0).code == 67
    [output] = agent.from_node(sign(asked(), 33, MF_KEY, 777), now=14.0)
    assert relayed(output).payload[8:] == asked()
    [output] = agent.from_home(reply(), now=14.1)
    assert read(output).is_signed(33, MF_KEY)
    assert list(read(output).extensions) == [32, 33]


@pytest.mark.rfc("5944", "3.7.2", "refuses")
def test_one_denial_a_second_for_each_node(agent: Agent) -> None:
    bad = asked(flags=M)
    times = [10.0, 10.2, 10.9, 11.0, 11.5]
    assert [len(agent.from_node(bad, now=now)) for now in times] == [1, 0, 0, 1, 0]
    assert len(agent.from_node(bad, now=11.5, link_layer_source=b"\2" * 6)) == 1


@pytest.mark.rfc("5944", "3.7.1", "pending-timeout")
def test_78_when_the_home_agent_is_silent_for_7_seconds(agent: Agent) -> None:
    agent.from_node(asked(), now=10.0)
    assert agent.machine.deadline == 17.0
    assert agent.machine.handle(Timeout(), 16.9) == []
    [output] = agent.machine.handle(Timeout(), 17.0)
    assert (read(output).code, read(output).ident) == (78, identification())
    assert agent.from_home(reply(), now=17.1) == []


@pytest.mark.rfc("5944", "3.7.2.2", "timing")
def test_a_request_does_not_wait_longer_than_its_lifetime(agent: Agent) -> None:
    agent.from_node(asked(lifetime=3), now=10.0)
    assert agent.machine.deadline == 13.0


@pytest.mark.rfc("5944", "3.7.1", "pending-limit")
def test_66_for_one_neighbours_sixth_waiting_request_but_not_for_another_neighbour(agent: Agent) -> None:
    homes = [f"198.51.100.{number}" for number in range(30, 36)]
    sent = [agent.from_node(asked(home=home), source=home)[0] for home in homes]
    assert [str(relayed(output).destination) for output in sent[:5]] == [HOME_AGENT] * 5
    assert read(sent[5]).code == 66
    assert is_relayed(agent.from_node(asked(), link_layer_source=b"\2" * 6))


def test_66_when_too_many_wait_in_all_or_visit() -> None:
    agent = Agent(replace(SETTINGS, max_pending=1))
    agent.from_node(asked())
    assert agent.denial(asked(home="198.51.100.30"), link_layer_source=b"\2" * 6).code == 66
    agent = Agent(replace(SETTINGS, max_visitors=1))
    agent.visit(ident=identification(0))
    assert agent.machine.is_busy
    assert agent.denial(asked(home="198.51.100.30"), now=20.0).code == 66
    assert is_relayed(agent.from_node(asked(ident=identification(1)), now=20.0))


def test_a_retransmission_takes_the_place_of_the_request_that_waits(agent: Agent) -> None:
    agent.from_node(asked(ident=identification(0, low=1)), now=10.0)
    agent.from_node(asked(ident=identification(1, low=2)), now=11.0)
    assert len(agent.machine.visitors.pending) == 1
    assert agent.from_home(reply(ident=identification(0, low=1))) == []
    assert len(agent.from_home(reply(ident=identification(1, low=2)))) == 1


def test_a_neighbours_request_for_the_same_home_address_does_not_push_a_waiting_one_out(agent: Agent) -> None:
    agent.from_node(asked(ident=identification(low=1)))
    agent.from_node(asked(ident=identification(low=2)), link_layer_source=b"\2" * 6)
    [output] = agent.from_home(reply(ident=identification(low=1)))
    assert read(output).send.link_layer_destination == MAC


def test_a_home_address_that_is_served_for_one_home_agent_is_not_given_to_another(agent: Agent) -> None:
    agent.visit(ident=identification(0))
    thief = asked(agent="192.0.2.66", ident=identification(1))
    assert agent.denial(thief, link_layer_source=b"\2" * 6, now=20.0).code == 65
    assert agent.visitors == [HOME]


# --- ICMP errors ------------------------------------------------------------------------------------


def error(quoted: IPv4Packet, kind: int, code: int, length: int = 128) -> Heard:
    """An ICMP error that quotes the beginning of a packet (RFC 792)."""
    body = bytes((kind, code, 0, 0, 0, 0, 0, 0)) + quoted.pack()[:length]
    body = body[:2] + internet_checksum(body).to_bytes(2, "big") + body[4:]
    packet = IPv4Packet(source=IPv4Address("192.0.2.254"), destination=IPv4Address(FA), protocol=1, payload=body)
    return Heard(packet=packet, interface=UPLINK.index)


@pytest.mark.rfc("5944", "3.7.3", "unreachable")
@pytest.mark.parametrize(("kind", "number", "code"), [(3, 0, 80), (3, 1, 81), (3, 3, 82), (3, 13, 88), (11, 0, 88)])
@pytest.mark.parametrize("length", [28, 128])
def test_an_unreachable_home_agent_is_told_to_the_node(
    agent: Agent, kind: int, number: int, code: int, length: int
) -> None:
    packet = relayed(*agent.from_node(asked()))
    [output] = agent.machine.handle(error(packet, kind, number, length), 10.5)
    assert (read(output).code, read(output).ident) == (code, identification())
    assert len(agent.from_home(reply())) == 1  # anyone can forge an ICMP error: the true reply still counts


def test_icmp_errors_about_other_packets_say_nothing(agent: Agent) -> None:
    packet = relayed(*agent.from_node(asked()))
    others = [
        replace(packet, destination=IPv4Address("192.0.2.9")),
        replace(packet, source=IPv4Address("192.0.2.9")),
        replace(packet, protocol=6),
        replace(packet, payload=b"\x00\x01" + packet.payload[2:]),
        relayed(*Agent().from_node(asked(ident=identification(5)))),
    ]
    for other in others:
        assert agent.machine.handle(error(other, 3, 1), 10.5) == []
    assert agent.machine.handle(error(packet, 3, 1, length=20), 10.5) == []


# --- whatever arrives -------------------------------------------------------------------------------


@given(st.binary(max_size=120), st.sampled_from([1, 17, 6]))
def test_any_bytes_are_survived_and_make_no_visitor(data: bytes, protocol: int) -> None:
    agent = Agent()
    agent.from_node(asked())
    for payload in (data, b"\x01" + data, b"\x03" + data, asked()[:24] + data, reply()[:20] + data):
        agent.from_node(payload)
        agent.from_home(payload)
    packet = IPv4Packet(source=IPv4Address(HOME), destination=IPv4Address(FA), protocol=protocol, payload=data)
    agent.machine.handle(Heard(packet=packet, interface=VISITED.index, link_layer_source=MAC), 11.0)
    assert set(agent.visitors) <= {HOME}
