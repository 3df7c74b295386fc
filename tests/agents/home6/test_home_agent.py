"""The home agent's answers for IPv6, update by update."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv6Address, IPv6Network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.home6.home_agent import HomeAgent6
from agents.home6.settings import Home6Settings, HomePrefix
from agents.nodes import Nodes, NodesChanged
from client.core.ipv6 import IPv6Packet
from client.core.links import Links
from client.core.machine import NEVER, Heard6, LinksChanged, Output, Send6, Timeout
from client.core.plan import ANCHOR, Anchor, End, Membership, MobilityHeaders, Route, Table, Tunnel
from tests.agents.home6.by_hand import (
    ALICE,
    ALL_NODES_MAC,
    BOB,
    CARE_OF,
    CAROL,
    ELSEWHERE,
    HOME,
    HOME_AGENT,
    HOME_MAC,
    KEY,
    LINKS,
    NAI,
    SETTINGS,
    STRANGER_MAC,
    UPLINK,
    WALL,
    A,
    H,
    K,
    L,
    Read,
    heard,
    neighbour_advertisement,
    node,
    option,
    read,
    solicitation,
    timestamp,
    update,
)

NEXT = "2001:db8:3::77"
"""Another care-of address."""

MATE_MAC = bytes.fromhex("0200000000aa")


class Clock:
    """A time of day that tests set."""

    def __init__(self) -> None:
        self.time = WALL - 100.0  # the agent has been up for a while

    def __call__(self) -> float:
        return self.time


class Agent:
    """A home agent with its clock, spoken to in short."""

    def __init__(self, settings: Home6Settings = SETTINGS, links: Links = LINKS, memory: bytes = b"") -> None:
        self.clock = Clock()
        nodes = Nodes((ALICE, BOB, CAROL, ELSEWHERE))
        self.machine = HomeAgent6(settings, nodes, self.clock, lambda: 0.5, memory)
        self.machine.handle(LinksChanged(links), 0.0)
        self.clock.time = WALL

    def hear(self, event: Heard6, now: float = 20.0) -> list[Output]:
        return self.machine.handle(event, now)

    def ask(self, header: bytes, now: float = 20.0, **arrival: Any) -> Read:
        [first, *_] = self.hear(heard(header, **arrival), now)
        return read(first)

    def silent(self, header: bytes, reason: str, now: float = 20.0, **arrival: Any) -> None:
        """This is not answered, and counted."""
        before = self.machine.counters[reason]
        assert self.hear(heard(header, **arrival), now) == []
        assert self.machine.counters[reason] == before + 1

    def bind(self, now: float = 10.0, header: bytes | None = None) -> Read:
        """The first registration, with its trial."""
        self.hear(heard(header or update(stamp=timestamp(-5))), now)
        [first, *_] = self.machine.handle(Timeout(), now + 1.0)
        return read(first)

    @property
    def care_of(self) -> str:
        """Where Alice is; "" at home."""
        return str(self.machine.care_of_address(IPv6Address(HOME)) or "")


@pytest.fixture
def agent() -> Agent:
    return Agent()


@pytest.fixture
def bound(agent: Agent) -> Agent:
    agent.bind()
    return agent


def later(sequence: int = 2, **fields: Any) -> bytes:
    """An update after the first one."""
    return update(sequence=sequence, **{"stamp": timestamp(sequence), **fields})


def sent(outputs: list[Output]) -> list[Send6]:
    return [output for output in outputs if isinstance(output, Send6)]


def at_home(sequence: int = 2, **fields: Any) -> bytes:
    """A deregistration as it is made at home: the care-of address is the home address."""
    return later(sequence, lifetime=0, care_of=HOME, **fields)


FROM_HOME: dict[str, Any] = {"source": HOME, "home": None, "interface": 2, "link_layer_source": MATE_MAC}


# --- the first registration ---------------------------------------------------------------------------


@pytest.mark.rfc("6275", "10.4.1", "dad-first")
@pytest.mark.rfc("6275", "10.3.1", "dad")
@pytest.mark.rfc("6275", "10.3.1", "entry")
@pytest.mark.rfc("6275", "10.3.1", "status-0")
@pytest.mark.rfc("6275", "10.3.1", "sequence")
@pytest.mark.rfc("4862", "5.4.2")
def test_the_home_link_is_asked_before_the_first_acceptance(agent: Agent) -> None:
    [probe] = sent(agent.hear(heard(update()), 10.0))
    packet = probe.packet
    assert (str(packet.source), str(packet.destination), packet.hop_limit) == ("::", "ff02::1:ff00:23", 255)
    assert packet.payload[0] == 135
    assert packet.payload[8:] == IPv6Address(HOME).packed  # no option: nobody asks
    assert (probe.interface, probe.link_layer_destination) == (2, bytes.fromhex("3333ff000023"))
    assert Membership(2, IPv6Address("ff02::1:ff00:23")) in agent.machine.plan()
    assert agent.care_of == ""
    assert agent.machine.deadline == 11.0
    assert agent.machine.handle(Timeout(), 10.9) == []
    [first, *_] = agent.machine.handle(Timeout(), 11.0)
    assert (read(first).status, read(first).sequence, read(first).lifetime) == (0, 1, 300)
    assert agent.care_of == CARE_OF


@pytest.mark.rfc("6275", "9.5.4", "to-source")
@pytest.mark.rfc("6275", "9.5.4", "routing-header")
@pytest.mark.rfc("6275", "10.3.1", "acknowledge")
def test_the_acknowledgement_goes_to_the_source_with_a_type_2_routing_header(agent: Agent) -> None:
    answer = agent.bind()
    packet = answer.send.packet
    assert (str(packet.source), str(packet.destination), str(packet.routing)) == (HOME_AGENT, CARE_OF, HOME)
    assert packet.home_address is None
    assert answer.send.link_layer_destination is None
    assert answer.send.signalling
    assert not answer.key_management


@pytest.mark.rfc("4285", "5.1", "last")
@pytest.mark.rfc("4285", "4")
@pytest.mark.rfc("4285", "5.1.1", "acknowledgement")
@pytest.mark.rfc("4285", "6", "answered")
@pytest.mark.rfc("4285", "6", "echo")
def test_the_acknowledgement_is_signed_and_bears_the_identifier_and_the_timestamp(agent: Agent) -> None:
    answer = agent.bind()
    assert answer.is_signed()
    assert answer.options[8] == b"\1" + NAI.encode()
    assert answer.options[10] == timestamp(-5).to_bytes(8, "big")
    assert list(answer.options)[-1] == 9


@pytest.mark.rfc("6275", "10.3.1", "dad-failed")
@pytest.mark.parametrize(
    "objection",
    [neighbour_advertisement(HOME), neighbour_advertisement(HOME, 0x60 & 0x20), solicitation(HOME, "::")],
)
def test_an_address_that_somebody_has_is_refused_with_134(agent: Agent, objection: Heard6) -> None:
    agent.hear(heard(update()), 10.0)
    [first] = agent.hear(objection, 10.5)
    answer = read(first)
    assert (answer.status, answer.sequence, answer.lifetime) == (134, 1, 0)
    assert answer.is_signed()
    assert agent.machine.handle(Timeout(), 11.0) == []
    assert agent.care_of == ""
    assert agent.machine.deadline == NEVER


@pytest.mark.parametrize(
    "other",
    [
        neighbour_advertisement("2001:db8:1::24"),
        solicitation(HOME),  # somebody asks for it, and does not have it
        replace(neighbour_advertisement(HOME), interface=3),
        solicitation(HOME, "::", link_layer_source=HOME_MAC),  # our own probe, come back
    ],
)
def test_what_is_no_objection_changes_nothing(agent: Agent, other: Heard6) -> None:
    agent.hear(heard(update()), 10.0)
    assert agent.hear(other, 10.5) == []
    [first, *_] = agent.machine.handle(Timeout(), 11.0)
    assert read(first).status == 0


@pytest.mark.parametrize("was_bound", [True, False])
def test_what_a_node_said_of_itself_at_home_is_no_objection_when_it_leaves(agent: Agent, was_bound: bool) -> None:
    if was_bound:
        agent.bind()
    agent.hear(heard(at_home(), **FROM_HOME), 20.0)  # granted, or refused with 133: nothing was bound
    agent.hear(heard(later(3)), 30.0)
    assert agent.hear(neighbour_advertisement(HOME, link_layer_source=MATE_MAC), 30.5) == []
    [first, *_] = agent.machine.handle(Timeout(), 31.0)
    assert read(first).status == 0


def test_a_node_that_is_back_before_its_trial_ends_does_not_spoil_it(bound: Agent) -> None:
    bound.hear(heard(at_home(), **FROM_HOME), 20.0)
    bound.hear(heard(later(3)), 30.0)
    assert bound.hear(solicitation(HOME, "::", link_layer_source=MATE_MAC), 30.5) == []
    [first, *_] = bound.machine.handle(Timeout(), 31.0)
    assert read(first).status == 0


@pytest.mark.rfc("4861", "7.1.2")
def test_an_objection_from_off_the_link_is_none(agent: Agent) -> None:
    agent.hear(heard(update()), 10.0)
    forged = neighbour_advertisement(HOME)
    assert agent.hear(replace(forged, packet=replace(forged.packet, hop_limit=254)), 10.5) == []
    assert agent.machine.counters["malformed"] == 1
    [first, *_] = agent.machine.handle(Timeout(), 11.0)
    assert read(first).status == 0


@pytest.mark.rfc("6275", "10.3.1", "dad")
@pytest.mark.rfc("6275", "10.3.1", "dad-failed")
def test_the_l_bit_has_the_link_local_address_tried_and_defended_too(agent: Agent) -> None:
    probes = sent(agent.hear(heard(update(flags=A | H | L)), 10.0))
    assert [probe.packet.payload[8:24] for probe in probes] == [
        IPv6Address(HOME).packed,
        IPv6Address("fe80::23").packed,
    ]
    [first] = agent.hear(neighbour_advertisement("fe80::23"), 10.5)
    assert read(first).status == 134


def test_an_address_of_our_own_is_never_a_nodes(agent: Agent) -> None:
    agent.machine.handle(NodesChanged(Nodes((node(NAI, HOME_AGENT, KEY),))), 1.0)
    assert agent.ask(update(home=HOME_AGENT), home=HOME_AGENT).status == 134


def test_updates_during_the_trial_are_answered_once_and_the_newest_counts(agent: Agent) -> None:
    agent.hear(heard(update(sequence=1)), 10.0)
    assert agent.hear(heard(update(sequence=1)), 10.1) == []  # the network doubled it
    assert agent.hear(heard(later(2)), 10.5) == []
    assert agent.hear(heard(later(3, care_of=NEXT), source=NEXT), 10.9) == []
    acknowledgement, *announcements = agent.machine.handle(Timeout(), 11.0)
    assert (read(acknowledgement).sequence, read(acknowledgement).status) == (3, 0)
    assert str(read(acknowledgement).send.packet.destination) == NEXT
    assert len(announcements) == 1
    assert agent.care_of == NEXT


@pytest.mark.rfc("6275", "9.5.1", "sequence-refused")
def test_sequence_numbers_count_during_the_trial_too(agent: Agent) -> None:
    agent.hear(heard(update(sequence=7)), 10.0)
    answer = agent.ask(update(sequence=7, stamp=timestamp(1)), 10.5)
    assert (answer.status, answer.sequence) == (135, 7)


def test_without_a_home_link_nobody_is_asked() -> None:
    agent = Agent(replace(SETTINGS, interface=None))
    assert agent.ask(update()).status == 0
    assert not [item for item in agent.machine.plan() if isinstance(item, Membership)]


def test_a_home_link_that_is_down_is_not_asked() -> None:
    agent = Agent(links=Links((replace(LINKS.links[0], up=False), UPLINK)))
    [only] = agent.hear(heard(update()))
    assert read(only).status == 0


# --- bindings -----------------------------------------------------------------------------------------


@pytest.mark.rfc("6275", "10.3.1", "intercept")
@pytest.mark.rfc("6275", "10.3.1", "reverse-tunnel")
@pytest.mark.rfc("6275", "10.4.2", "tunnel")
@pytest.mark.rfc("6275", "10.4.5", "reverse-tunnel")
def test_the_plan_of_a_binding_is_a_route_into_its_tunnel(bound: Agent) -> None:
    tunnel = Tunnel(
        end=End.HOME,
        home_address=IPv6Address(HOME),
        local=IPv6Address(HOME_AGENT),
        remote=IPv6Address(CARE_OF),
        sends=True,
        receives=True,
    )
    plan = bound.machine.plan()
    assert tunnel in plan
    assert Route(destination=IPv6Network(HOME), interface=ANCHOR, table=Table.MAIN) in plan
    assert Membership(2, IPv6Address("ff02::1:ff00:23")) in plan
    assert MobilityHeaders() in plan
    assert Anchor(mtu=1460) in plan


def test_the_shortcut_is_for_those_who_ask_for_it() -> None:
    assert Anchor(mtu=1460, shortcut=True) in Agent(replace(SETTINGS, shortcut=True)).machine.plan()


def test_a_plan_that_does_not_change_is_the_same_object(bound: Agent) -> None:
    before = bound.machine.plan()
    bound.hear(heard(update(key=b"x" * 16)))
    assert bound.machine.plan() is before


def test_two_home_addresses_with_one_group_join_it_once(agent: Agent) -> None:
    mate = node(BOB.nai, "2001:db8:1:0:1::23", b"B" * 16)
    agent.machine.handle(NodesChanged(Nodes((ALICE, mate))), 1.0)
    agent.bind()
    fields: dict[str, Any] = {"home": "2001:db8:1:0:1::23", "care_of": NEXT}
    agent.hear(heard(update(nai=mate.nai, key=b"B" * 16, **fields), source=NEXT, home=fields["home"]), 12.0)
    agent.machine.handle(Timeout(), 13.0)
    joined = [item for item in agent.machine.plan() if isinstance(item, Membership)]
    assert joined == [Membership(2, IPv6Address("ff02::1:ff00:23"))]
    agent.hear(heard(at_home(), **FROM_HOME), 14.0)
    assert [item for item in agent.machine.plan() if isinstance(item, Membership)] == joined
    assert len(agent.machine.bindings) == 1


@pytest.mark.rfc("6275", "10.3.1", "entry")
@pytest.mark.rfc("6275", "10.3.1", "reverse-tunnel")
def test_a_move_is_answered_at_once_without_a_trial(bound: Agent) -> None:
    outputs = bound.hear(heard(later(care_of=NEXT), source=NEXT), 20.0)
    assert len(outputs) == 1
    assert read(outputs[0]).status == 0
    tunnels = [item for item in bound.machine.plan() if isinstance(item, Tunnel)]
    assert [(str(each.remote), each.sends, each.receives) for each in tunnels] == [
        (NEXT, True, True),
        (CARE_OF, False, True),
    ]
    bound.machine.handle(Timeout(), 22.0)
    assert [str(item.remote) for item in bound.machine.plan() if isinstance(item, Tunnel)] == [NEXT]


def test_a_node_that_goes_back_at_once_has_one_tunnel_per_address(bound: Agent) -> None:
    bound.hear(heard(later(care_of=NEXT), source=NEXT), 20.0)
    bound.hear(heard(later(3)), 20.5)
    tunnels = [item for item in bound.machine.plan() if isinstance(item, Tunnel)]
    assert [(str(each.remote), each.sends) for each in tunnels] == [(CARE_OF, True), (NEXT, False)]


@pytest.mark.rfc("6275", "10.3.1", "within-update")
@pytest.mark.rfc("6275", "10.3.1", "lifetime")
def test_a_lifetime_is_never_longer_than_asked_for_nor_than_we_like(bound: Agent) -> None:
    assert bound.ask(later(lifetime=1000)).lifetime == 600
    assert bound.ask(later(3, lifetime=40)).lifetime == 40


@pytest.mark.rfc("6275", "10.3.1", "expired")
@pytest.mark.rfc("6275", "10.3.1", "kept")
def test_a_binding_ends_with_its_lifetime(bound: Agent) -> None:
    assert bound.machine.deadline <= 311.0
    bound.machine.handle(Timeout(), 310.9)
    assert bound.care_of == CARE_OF
    bound.machine.handle(Timeout(), 311.0)
    assert bound.care_of == ""
    assert not [item for item in bound.machine.plan() if isinstance(item, Tunnel | Route | Membership)]


@pytest.mark.rfc("6275", "10.6.4", "within-prefix")
@pytest.mark.rfc("6275", "10.3.1", "status-0")
@pytest.mark.rfc("6275", "10.3.1", "status-1")
@pytest.mark.rfc("6275", "10.3.1", "within-prefix")
@pytest.mark.rfc("6275", "10.3.1", "preferred")
@pytest.mark.parametrize(
    ("prefix", "status", "lifetime"),
    [
        ({"valid": 1000, "preferred": 0}, 1, 300),
        ({"valid": 1000, "preferred": 299}, 1, 300),
        ({"valid": 1000, "preferred": 300}, 0, 300),
        ({"valid": 302, "preferred": 302}, 1, 300),  # in units of four seconds it ends with the binding
        ({"valid": 304, "preferred": 304}, 0, 300),
        ({"valid": 103, "preferred": 103}, 1, 100),
        ({"valid": 0xFFFFFFFF, "preferred": 0xFFFFFFFF}, 0, 300),
    ],
)
def test_a_prefix_that_goes_is_told_by_status_1_and_limits_the_lifetime(
    prefix: dict[str, Any], status: int, lifetime: int
) -> None:
    home = HomePrefix(prefix=IPv6Network("2001:db8:1::/64"), **prefix)
    answer = Agent(replace(SETTINGS, prefixes=(home,))).bind()
    assert (answer.status, answer.lifetime) == (status, lifetime)


@pytest.mark.rfc("6275", "10.3.1", "prefix-ended")
@pytest.mark.rfc("6275", "10.3.1", "within-prefix")
def test_a_prefix_that_counts_down_takes_its_bindings_with_it() -> None:
    home = HomePrefix(prefix=IPv6Network("2001:db8:1::/64"), valid=61, preferred=61, counts_down=True)
    agent = Agent(replace(SETTINGS, prefixes=(home,)))
    assert agent.bind().lifetime == 48  # 50 seconds are left, 12 units
    agent.machine.handle(Timeout(), 61.0)
    assert agent.care_of == ""
    assert agent.ask(later(3), 62.0).status == 132


@pytest.mark.rfc("6275", "10.3.2", "no-advice")
@pytest.mark.rfc("6275", "6.2.4", "shorter")
@pytest.mark.rfc("6275", "10.3.1", "advice-shorter")
def test_advice_to_renew_is_less_than_the_lifetime_or_absent() -> None:
    agent = Agent(replace(SETTINGS, refresh=100))
    assert agent.bind().options[2] == (25).to_bytes(2, "big")
    assert 2 not in agent.ask(later(lifetime=100)).options
    assert 2 not in agent.ask(later(3, lifetime=0)).options


@pytest.mark.rfc("6275", "10.3.1")
def test_the_k_bit_is_cleared_since_no_key_was_agreed_on(agent: Agent) -> None:
    assert not agent.bind(header=update(flags=A | H | K)).key_management


@pytest.mark.rfc("6275", "10.3.1", "acknowledge")
def test_an_update_without_the_a_bit_is_answered_all_the_same(bound: Agent) -> None:
    assert bound.ask(later(flags=H)).status == 0


def test_an_alternate_care_of_address_that_is_the_source_is_the_care_of_address(agent: Agent) -> None:
    answer = agent.bind(header=update(alternate=CARE_OF))
    assert answer.status == 0
    assert answer.is_signed()


# --- deregistration -----------------------------------------------------------------------------------


@pytest.mark.rfc("6275", "10.3.2", "acknowledge")
@pytest.mark.rfc("6275", "10.3.2", "status")
@pytest.mark.rfc("6275", "10.3.2", "sequence")
@pytest.mark.rfc("6275", "10.3.2", "lifetime")
@pytest.mark.rfc("6275", "10.3.2", "stop-intercepting")
@pytest.mark.rfc("6275", "9.5.4", "to-home")
@pytest.mark.rfc("6275", "9.5.4", "no-routing-header")
def test_a_node_that_is_home_is_left_alone_and_told_by_its_link_layer_address(bound: Agent) -> None:
    [only] = bound.hear(heard(at_home(), **FROM_HOME))
    answer = read(only)
    packet = answer.send.packet
    assert (answer.status, answer.sequence, answer.lifetime) == (0, 2, 0)
    assert (str(packet.source), str(packet.destination), packet.routing) == (HOME_AGENT, HOME, None)
    assert (answer.send.interface, answer.send.link_layer_destination) == (2, MATE_MAC)
    assert answer.is_signed(care_of=HOME)
    assert bound.care_of == ""
    assert not [item for item in bound.machine.plan() if isinstance(item, Route | Membership)]
    assert bound.hear(solicitation(HOME)) == []


@pytest.mark.rfc("6275", "10.3.2", "acknowledge")
def test_a_node_may_deregister_from_abroad(bound: Agent) -> None:
    answer = bound.ask(later(lifetime=0))
    assert (answer.status, answer.lifetime) == (0, 0)
    assert str(answer.send.packet.routing) == HOME
    assert bound.care_of == ""


def test_packets_in_flight_are_still_taken_after_a_deregistration(bound: Agent) -> None:
    bound.hear(heard(at_home(), **FROM_HOME), 20.0)
    [tunnel] = [item for item in bound.machine.plan() if isinstance(item, Tunnel)]
    assert (tunnel.sends, tunnel.receives) == (False, True)
    bound.machine.handle(Timeout(), 22.0)
    assert not [item for item in bound.machine.plan() if isinstance(item, Tunnel)]


@pytest.mark.rfc("6275", "10.3.2", "no-binding")
@pytest.mark.rfc("6275", "10.3.2", "no-binding-told")
@pytest.mark.rfc("6275", "10.3.2", "refusal-on-link")
def test_133_for_a_deregistration_without_a_binding(agent: Agent) -> None:
    answer = agent.ask(at_home(), **FROM_HOME)
    assert (answer.status, answer.sequence) == (133, 2)
    assert answer.send.link_layer_destination == MATE_MAC


@pytest.mark.rfc("6275", "10.3.2")
def test_a_deregistration_whose_answer_was_lost_is_granted_again(bound: Agent) -> None:
    bound.hear(heard(at_home(), **FROM_HOME), 20.0)
    assert bound.ask(at_home(3), 21.0, **FROM_HOME).status == 0
    assert bound.ask(at_home(4), 31.1, **FROM_HOME).status == 133


@pytest.mark.rfc("6275", "10.3.2", "not-at-once")
@pytest.mark.rfc("6275", "10.3.2", "marked-invalid")
def test_an_update_that_a_deregistration_overtook_is_refused_with_135() -> None:
    agent = Agent()
    fields: dict[str, Any] = {"nai": CAROL.nai, "home": "2001:db8:1::25", "key": b"C" * 16, "stamp": None}
    where: dict[str, Any] = {"home": "2001:db8:1::25"}
    agent.hear(heard(update(sequence=1, **fields), **where), 10.0)
    agent.machine.handle(Timeout(), 11.0)
    agent.hear(heard(update(sequence=3, lifetime=0, **fields), **where), 12.0)
    answer = agent.ask(update(sequence=2, **fields), 21.9, **where)
    assert (answer.status, answer.sequence) == (135, 3)


@pytest.mark.rfc("6275", "10.3.2")
def test_the_sequence_number_of_a_deregistration_is_remembered_for_ten_seconds(bound: Agent) -> None:
    bound.hear(heard(at_home(3), **FROM_HOME), 20.0)
    answer = bound.ask(update(sequence=3, stamp=timestamp(4)), 29.9)
    assert (answer.status, answer.sequence) == (135, 3)
    bound.hear(heard(update(sequence=3, stamp=timestamp(5))), 30.0)
    assert len(bound.machine.registrar.trials) == 1


# --- who may ------------------------------------------------------------------------------------------


@pytest.mark.rfc("4285", "5.1.1", "failed")
@pytest.mark.rfc("4285", "5.1.1", "verify")
@pytest.mark.rfc("4285", "5.3", "failed")
def test_146_for_a_wrong_authenticator(agent: Agent) -> None:
    answer = agent.ask(update(key=b"wrong key of 16!"))
    assert (answer.status, answer.lifetime) == (146, 0)
    assert answer.is_signed()
    assert agent.machine.handle(Timeout(), 30.0) == []


@pytest.mark.rfc("4285", "5.1", "authenticator")
def test_an_authenticator_over_other_addresses_proves_nothing(agent: Agent) -> None:
    assert agent.ask(update(care_of=NEXT)).status == 146
    assert agent.ask(update(home="2001:db8:1::24")).status == 146


@pytest.mark.rfc("4285", "5.1", "last")
def test_an_option_behind_the_authenticator_spoils_it(agent: Agent) -> None:
    body = update()
    agent.silent(body[:1] + bytes((body[1] + 1,)) + body[2:] + option(8, b"\1abcde"), "no-authentication")


@pytest.mark.rfc("4285", "5.1.1", "no-key")
@pytest.mark.rfc("4285", "5", "unauthenticated")
@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"key": None}, "no-authentication"),
        ({"spi": 0x4321}, "unknown-spi"),
        ({"nai": "mallory@example.net"}, "unknown-node"),
        ({"nai": None, "home": "2001:db8:1::99"}, "unknown-node"),
    ],
)
def test_strangers_are_not_answered(agent: Agent, fields: dict[str, Any], reason: str) -> None:
    agent.silent(update(**fields), reason, home=fields.get("home", HOME))


@pytest.mark.rfc("6275", "10.3.1")
def test_a_home_address_alone_names_its_node(agent: Agent) -> None:
    assert agent.bind(header=update(nai=None)).status == 0


@pytest.mark.rfc("6275", "5.1", "right-association")
@pytest.mark.rfc("6275", "10.3.1", "authenticate")
def test_nobody_binds_anothers_home_address(agent: Agent) -> None:
    bobs = "2001:db8:1::24"
    assert agent.ask(update(home=bobs), home=bobs).status == 129  # by Alice's name and key
    assert agent.ask(update(home=bobs, nai=None), home=bobs).status == 146  # by her key alone
    assert agent.machine.handle(Timeout(), 30.0) == []


@pytest.mark.rfc("6275", "10.3.1", "not-on-link")
@pytest.mark.rfc("6275", "10.3.1", "not-on-link-told")
def test_132_for_a_home_address_of_another_link(agent: Agent) -> None:
    fields: dict[str, Any] = {"home": "2001:db8:9::26", "nai": ELSEWHERE.nai, "key": b"E" * 16}
    assert agent.ask(update(**fields), home=fields["home"]).status == 132


@pytest.mark.rfc("6275", "10.3.1", "other-reasons")
@pytest.mark.rfc("6275", "10.3.1", "home-registration")
def test_130_when_there_is_no_room_and_those_who_are_there_may_move() -> None:
    agent = Agent(replace(SETTINGS, max_bindings=1))
    agent.bind()
    bobs: dict[str, Any] = {"home": "2001:db8:1::24", "nai": BOB.nai, "key": b"B" * 16}
    assert agent.ask(update(**bobs), home=bobs["home"]).status == 130
    assert agent.ask(later(care_of=NEXT), source=NEXT).status == 0


@pytest.mark.parametrize("address", [HOME, HOME_AGENT, "2001:db8:ff::1", "2001:db8:1::24"])
def test_174_for_a_care_of_address_that_would_make_a_loop(agent: Agent, address: str) -> None:
    assert agent.ask(update(care_of=address), source=address).status == 174


def test_174_for_a_care_of_address_that_the_update_does_not_come_from(agent: Agent) -> None:
    assert agent.ask(update(alternate=NEXT)).status == 174


@pytest.mark.rfc("6275", "6.1.7", "care-of-refused")
@pytest.mark.parametrize("address", ["ff02::1", "fe80::7", "::1", "::ffff:192.0.2.1"])
def test_a_care_of_address_that_is_not_routable_is_not_answered(agent: Agent, address: str) -> None:
    agent.silent(update(alternate=address), "not-routable")


@pytest.mark.rfc("6275", "9.5.1", "no-indices-at-home")
def test_nonce_indices_have_no_place_in_a_home_registration(agent: Agent) -> None:
    agent.silent(update(more=option(4, bytes(4))), "nonce-indices")


@pytest.mark.rfc("6275", "10.3.1", "home-address-option")
def test_a_registration_without_a_home_address_option_is_not_answered(agent: Agent) -> None:
    agent.silent(update(care_of=HOME), "no-home-address-option", source=HOME, home=None)


def test_129_for_what_comes_through_our_own_tunnel(agent: Agent) -> None:
    assert agent.ask(update(), interface=ANCHOR).status == 129


def test_what_is_for_others_is_none_of_ours(agent: Agent) -> None:
    assert agent.hear(heard(update(), destination="2001:db8:3::1")) == []
    assert agent.hear(heard(update(), destination="2001:db8:ff::1")) == []  # no address on the home link
    assert not agent.machine.counters


@pytest.mark.rfc("6275", "10.2", "headers")
@pytest.mark.rfc("6275", "9.2", "checksum")
def test_a_wrong_checksum_is_silence(agent: Agent) -> None:
    right = heard(update())
    payload = right.packet.payload
    packet = replace(right.packet, payload=payload[:4] + bytes((payload[4] ^ 1,)) + payload[5:])
    assert agent.hear(replace(right, packet=packet)) == []
    assert agent.machine.counters["malformed"] == 1


@pytest.mark.rfc("6275", "10.2", "headers")
@pytest.mark.rfc("6275", "9.2", "known-type")
def test_an_unknown_type_is_told_by_a_binding_error(agent: Agent) -> None:
    [error] = sent(agent.hear(heard(bytes((59, 0, 77, 0, 0, 0, 0, 0)))))
    assert error.packet.payload[2] == 7
    assert error.packet.payload[6] == 2
    assert error.packet.payload[8:24] == IPv6Address(HOME).packed
    assert (str(error.packet.source), str(error.packet.destination)) == (HOME_AGENT, CARE_OF)


# --- what is new --------------------------------------------------------------------------------------


@pytest.mark.rfc("4285", "5.1", "tolerance")
@pytest.mark.rfc("4285", "6", "close")
@pytest.mark.rfc("4285", "6", "mismatch")
@pytest.mark.rfc("4285", "6", "echo")
@pytest.mark.parametrize("seconds", [-8, 8, -86400, 86400])
def test_144_for_a_timestamp_that_is_not_near(agent: Agent, seconds: int) -> None:
    stamp = timestamp(seconds)
    answer = agent.ask(update(stamp=stamp))
    assert answer.status == 144
    assert answer.options[10][4:] == (stamp & 0xFFFFFFFF).to_bytes(4, "big")
    assert answer.options[10][:4] == (timestamp() >> 32).to_bytes(4, "big")
    assert answer.is_signed()


@pytest.mark.rfc("4285", "6", "greater")
@pytest.mark.rfc("4285", "6", "mismatch")
def test_144_for_a_timestamp_that_is_not_greater_than_the_last(bound: Agent) -> None:
    assert bound.ask(update(sequence=2, stamp=timestamp(-5))).status == 144
    assert bound.ask(update(sequence=2, stamp=timestamp(-6))).status == 144
    assert bound.ask(update(sequence=2, stamp=timestamp(-4))).status == 0


@pytest.mark.rfc("4285", "6", "required")
def test_145_for_a_missing_timestamp(agent: Agent) -> None:
    answer = agent.ask(update(stamp=None))
    assert answer.status == 145
    assert 10 not in answer.options


def test_what_was_signed_before_our_own_start_is_refused(agent: Agent) -> None:
    agent.clock.time = WALL - 97
    assert agent.ask(update(stamp=timestamp(-101))).status == 144


@pytest.mark.rfc("4285", "6", "checked")
def test_a_forged_timestamp_does_not_get_as_far_as_144(agent: Agent) -> None:
    assert agent.ask(update(stamp=timestamp(-1000), key=b"x" * 16)).status == 146


@pytest.mark.rfc("6275", "9.1", "modulo")
@pytest.mark.rfc("6275", "9.5.1", "modulo")
@pytest.mark.rfc("6275", "9.5.1", "sequence-refused")
@pytest.mark.parametrize(
    ("last", "sequence", "status"),
    [
        (15, 15, 135),
        (15, 0, 135),
        (15, 32783, 135),
        (15, 65535, 135),
        (15, 16, 0),
        (15, 32782, 0),
        (65535, 0, 0),
        (65535, 32767, 135),
    ],
)
def test_sequence_numbers_are_compared_modulo_65536(agent: Agent, last: int, sequence: int, status: int) -> None:
    agent.bind(header=update(sequence=last, stamp=timestamp(-5)))
    answer = agent.ask(update(sequence=sequence))
    assert answer.status == status
    assert answer.sequence == (last if status else sequence)


@pytest.mark.rfc("6275", "9.5.1", "any-first-sequence")
def test_without_a_binding_any_sequence_number_will_do(agent: Agent) -> None:
    assert agent.bind(header=update(sequence=65535)).status == 0


def test_an_update_that_the_network_doubled_gets_the_same_answer_and_no_longer_life(bound: Agent) -> None:
    moved = later(care_of=NEXT)
    bound.ask(moved, 20.0, source=NEXT)
    answer = bound.ask(moved, 120.0, source=NEXT)
    assert (answer.status, answer.sequence, answer.lifetime) == (0, 2, 200)
    assert bound.machine.counters["repeated"] == 1


def test_the_same_answer_has_the_same_status() -> None:
    home = HomePrefix(prefix=IPv6Network("2001:db8:1::/64"), valid=1000, preferred=0)
    agent = Agent(replace(SETTINGS, prefixes=(home,)))
    first = update(stamp=timestamp(-5))
    assert agent.bind(header=first).status == 1
    assert agent.ask(first, 12.0).status == 1


CAROLS: dict[str, Any] = {"nai": CAROL.nai, "home": "2001:db8:1::25", "key": b"C" * 16, "stamp": None}
AT_CAROLS: dict[str, Any] = {"home": "2001:db8:1::25"}


@pytest.mark.rfc("6275", "15.3")
def test_without_timestamps_sequence_numbers_outlive_binding_and_restart() -> None:
    agent = Agent()
    recorded = heard(update(sequence=5, **CAROLS), **AT_CAROLS)
    agent.hear(recorded, 10.0)
    agent.machine.handle(Timeout(), 11.0)
    agent.hear(heard(update(sequence=6, lifetime=0, **CAROLS), **AT_CAROLS), 12.0)
    again = Agent(memory=agent.machine.memory())
    for each in (agent, again):
        [first] = each.hear(recorded, 1000.0)
        assert (read(first).status, read(first).sequence) == (135, 6)
    assert again.hear(heard(update(sequence=7, **CAROLS), **AT_CAROLS), 1001.0) != []
    assert len(again.machine.registrar.trials) == 1


def test_with_timestamps_nothing_is_stored(bound: Agent) -> None:
    assert bound.machine.memory() == b""


@pytest.mark.parametrize("memory", [b"\xff", b"[]", b'{"x":1}', b'{"2001:db8:1::25":"x"}'])
def test_a_memory_that_is_none_is_as_good_as_nothing(memory: bytes) -> None:
    assert Agent(memory=memory).machine.memory() == b""


def test_an_older_update_is_not_taken_for_a_doubled_one(bound: Agent) -> None:
    bound.ask(later(2), 20.0)
    bound.ask(later(3, care_of=NEXT), 20.1, source=NEXT)
    assert bound.ask(later(2), 20.2).status == 144
    assert bound.care_of == NEXT


# --- neighbours at home -------------------------------------------------------------------------------


@pytest.mark.rfc("6275", "10.4.1", "announce")
@pytest.mark.rfc("6275", "10.4.1", "announce-link-local")
@pytest.mark.rfc("6275", "10.4.1", "announce-target")
@pytest.mark.rfc("6275", "10.4.1", "announce-option")
@pytest.mark.rfc("6275", "10.4.1", "announce-router")
@pytest.mark.rfc("6275", "10.4.1", "announce-solicited")
@pytest.mark.rfc("6275", "10.4.1", "announce-override")
@pytest.mark.rfc("6275", "10.4.1", "announce-source")
def test_the_home_link_is_told_who_speaks_for_a_node_that_has_left(agent: Agent) -> None:
    agent.hear(heard(update(flags=A | H | L)), 10.0)
    _, *announcements = agent.machine.handle(Timeout(), 11.0)
    assert [each.packet.payload[8:24] for each in sent(announcements)] == [
        IPv6Address(HOME).packed,
        IPv6Address("fe80::23").packed,
    ]
    for each in sent(announcements):
        packet = each.packet
        assert (packet.payload[0], packet.payload[4]) == (136, 0x20)  # R and S zero, O set
        assert packet.payload[24:] == bytes((2, 1)) + HOME_MAC
        assert (str(packet.source), str(packet.destination), packet.hop_limit) == ("fe80::1", "ff02::1", 255)
        assert (each.interface, each.link_layer_destination) == (2, ALL_NODES_MAC)


@pytest.mark.rfc("6275", "10.4.1")
@pytest.mark.rfc("4861", "7.2.6")
def test_announcements_are_made_three_times_a_second_apart(bound: Agent) -> None:
    times = []
    for _ in range(5):
        now = bound.machine.deadline
        if now < 100:
            times += [now] * len(bound.machine.handle(Timeout(), now))
    assert times == [12.0, 13.0]


def test_nothing_is_announced_of_a_node_that_is_home_again(bound: Agent) -> None:
    bound.hear(heard(at_home(), **FROM_HOME), 11.5)
    assert bound.machine.handle(Timeout(), 12.0) == []


@pytest.mark.rfc("6275", "10.4.1", "proxy")
@pytest.mark.rfc("6275", "10.4.1", "check-target")
@pytest.mark.rfc("6275", "10.4.1", "proxy-answer")
@pytest.mark.rfc("6275", "10.4.1", "proxy-router")
@pytest.mark.rfc("4861", "7.2.4")
def test_we_answer_for_who_is_away(bound: Agent) -> None:
    [reply] = sent(bound.hear(solicitation(HOME)))
    packet = reply.packet
    assert (packet.payload[0], packet.payload[4]) == (136, 0x40)  # solicited; override is the owner's
    assert packet.payload[8:24] == IPv6Address(HOME).packed
    assert packet.payload[24:] == bytes((2, 1)) + HOME_MAC
    assert (str(packet.source), str(packet.destination), packet.hop_limit) == ("fe80::1", "fe80::99", 255)
    assert (reply.interface, reply.link_layer_destination) == (2, STRANGER_MAC)


@pytest.mark.rfc("6275", "10.4.1", "proxy")
def test_an_address_that_is_away_is_defended_against_who_wants_it(bound: Agent) -> None:
    [reply] = sent(bound.hear(solicitation(HOME, "::")))
    assert reply.packet.payload[4] == 0
    assert (str(reply.packet.destination), reply.link_layer_destination) == ("ff02::1", ALL_NODES_MAC)


@pytest.mark.rfc("6275", "10.4.1")
@pytest.mark.rfc("6275", "11.5.5")
def test_a_node_that_comes_home_finds_us_by_asking_for_its_own_home_address(bound: Agent) -> None:
    for sequence in (2, 4):  # the second time we know its link-layer address
        assert len(bound.hear(solicitation(HOME, "::", link_layer_source=MATE_MAC), 20.0)) == 1
        bound.hear(heard(at_home(sequence), **FROM_HOME), 20.0 + sequence)
        bound.hear(heard(later(sequence + 1)), 21.0 + sequence)
        bound.machine.handle(Timeout(), 22.0 + sequence)
        assert bound.care_of == CARE_OF


def test_a_node_that_comes_home_may_use_its_own_link_local_address(agent: Agent) -> None:
    agent.bind(header=update(flags=A | H | L, stamp=timestamp(-5)))
    agent.hear(heard(at_home(2), **FROM_HOME), 12.0)
    agent.hear(heard(later(3, flags=A | H | L)), 13.0)
    agent.machine.handle(Timeout(), 14.0)
    assert agent.hear(solicitation("fe80::23", "::", link_layer_source=MATE_MAC), 15.0) == []
    assert len(agent.hear(solicitation("fe80::23", "::"), 15.0)) == 1  # a stranger may not have it


@pytest.mark.parametrize(
    "question",
    [
        solicitation("2001:db8:1::24"),
        replace(solicitation(HOME), interface=3),
        solicitation(HOME, link_layer_source=HOME_MAC),
        solicitation("fe80::23"),  # without the L bit
    ],
)
def test_no_other_question_is_answered(bound: Agent, question: Heard6) -> None:
    assert bound.hear(question) == []


@pytest.mark.rfc("6275", "10.4.1")
def test_a_home_link_that_comes_up_hears_who_is_away(bound: Agent) -> None:
    down = Links((replace(LINKS.links[0], up=False), UPLINK))
    assert bound.machine.handle(LinksChanged(down), 15.0) == []
    assert len(bound.machine.handle(LinksChanged(LINKS), 16.0)) == 1
    assert bound.machine.handle(LinksChanged(LINKS), 16.1) == []


@pytest.mark.rfc("6275", "10.3.1")
@pytest.mark.rfc("6275", "10.4.1")
def test_the_l_bit_of_a_renewal_has_the_link_local_address_tried_first(bound: Agent) -> None:
    [probe] = sent(bound.hear(heard(later(flags=A | H | L)), 20.0))
    assert probe.packet.payload[8:24] == IPv6Address("fe80::23").packed
    assert bound.care_of == CARE_OF  # meanwhile packets go as before
    [acknowledgement, *announcements] = [
        each for each in bound.machine.handle(Timeout(), 21.0) if isinstance(each, Send6)
    ]
    assert read(acknowledgement).status == 0
    assert IPv6Address("fe80::23").packed in {each.packet.payload[8:24] for each in announcements}
    assert len(bound.hear(solicitation("fe80::23"))) == 1


# --- the administrator --------------------------------------------------------------------------------


def test_a_node_that_is_revoked_loses_its_binding_at_once(bound: Agent) -> None:
    bound.machine.handle(NodesChanged(Nodes((BOB,))), 15.0)
    assert bound.care_of == ""
    assert not [item for item in bound.machine.plan() if isinstance(item, Tunnel | Route | Membership)]
    assert bound.machine.deadline == NEVER
    bound.silent(later(), "unknown-node")


def test_refusals_are_limited_in_rate(agent: Agent) -> None:
    wrong = [agent.hear(heard(update(key=b"x" * 16)), 20.0) for _ in range(50)]
    assert sum(map(len, wrong)) == 20
    assert agent.ask(update(stamp=timestamp(60)), 20.0).status == 144  # forgers do not use up what nodes may hear


@given(st.binary(max_size=120), st.sampled_from([58, 135]), st.integers(0, 4))
def test_any_bytes_leave_the_agent_alive_and_unbound(payload: bytes, kind: int, interface: int) -> None:
    agent = Agent()
    packet = IPv6Packet(
        source=IPv6Address(CARE_OF),
        destination=IPv6Address(HOME_AGENT),
        next_header=kind,
        payload=payload,
        hop_limit=255,
        home_address=IPv6Address(HOME),
    )
    agent.hear(Heard6(packet=packet, interface=interface, link_layer_source=STRANGER_MAC))
    assert agent.care_of == ""


def test_keys_are_not_shown(agent: Agent) -> None:
    assert KEY.hex() not in repr(vars(agent.machine))
