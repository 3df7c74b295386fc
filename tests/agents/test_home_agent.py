"""The home agent's answers, request by request."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.home_agent import HomeAgent
from agents.nodes import Node, Nodes, NodesChanged
from agents.settings import AddressRange, HomeAgentSettings, ReverseTunnel
from client.core.ipv4 import IPv4Packet
from client.core.machine import NEVER, Heard, LinksChanged, Output, Send, SendArp, Timeout
from client.core.plan import ANCHOR, End, Route, Tunnel
from client.core.secret import Secret
from client.mipv4.authentication import Algorithm, SecurityAssociation
from tests.agents.by_hand import (
    CARE_OF,
    HOME,
    HOME_AGENT,
    HOME_LINK,
    KEY,
    LINKS,
    NAI,
    NTP_TO_UNIX,
    SPI,
    WALL,
    Read,
    heard,
    identification,
    read,
    request,
    sign,
)

ALL_ROUTERS = IPv4Address("224.0.0.2")
FA_KEY = b"foreign-home-key"
S, D, T = 0x80, 0x20, 0x02
SETTINGS = HomeAgentSettings(
    address=IPv4Address(HOME_AGENT),
    network=IPv4Network("198.51.100.0/24"),
    interface="eth0",
    max_lifetime=600,
    pool=AddressRange(IPv4Address("198.51.100.128"), IPv4Address("198.51.100.129")),
)


class Clock:
    """A time of day that tests set."""

    def __init__(self) -> None:
        self.time = WALL - 100.0  # the agent has been up for a while

    def __call__(self) -> float:
        return self.time


def association(key: bytes = KEY, spi: int = SPI, algorithm: Algorithm = Algorithm.HMAC_MD5) -> SecurityAssociation:
    return SecurityAssociation(spi=spi, key=Secret(key), algorithm=algorithm)


ALICE = Node(nai=NAI, home_address=IPv4Address(HOME), associations=(association(),))
BOB = Node(nai="bob@example.net", home_address=IPv4Address("198.51.100.24"), associations=(association(b"B" * 16),))
CAROL = Node(nai="carol@example.net", associations=(association(b"C" * 16),))
DAVE = Node(nai="dave@example.net", associations=(association(b"D" * 16),))
ERIN = Node(nai="erin@example.net", associations=(association(b"E" * 16),))


class Agent:
    """A home agent with its clock, spoken to in short."""

    def __init__(self, settings: HomeAgentSettings = SETTINGS, memory: bytes = b"") -> None:
        self.clock = Clock()
        nodes = Nodes((ALICE, BOB, CAROL, DAVE, ERIN))
        self.machine = HomeAgent(settings, nodes, self.clock, memory)
        self.machine.handle(LinksChanged(LINKS), 0.0)
        self.clock.time = WALL

    def hear(self, event: Heard, now: float = 10.0) -> list[Output]:
        return self.machine.handle(event, now)

    def ask(self, payload: bytes, now: float = 10.0, **arrival: Any) -> Read:
        [first, *_] = self.hear(heard(payload, **arrival), now)
        return read(first)

    def binding(self, home: str = HOME) -> str | None:
        """The care-of address, if there is only one."""
        bindings = self.machine.bindings.of(IPv4Address(home))
        assert len(bindings) <= 1
        return str(bindings[0].care_of_address) if bindings else None


@pytest.fixture
def agent() -> Agent:
    return Agent()


# --- accepting --------------------------------------------------------------------------------------


@pytest.mark.rfc("5944", "3.4", "authorized")
@pytest.mark.rfc("5944", "3.8.2.2", "accepted")
@pytest.mark.rfc("5944", "3.8.2.2", "to-source")
@pytest.mark.rfc("5944", "3.8.2", "accepted")
@pytest.mark.rfc("5944", "3.8.2", "answered")
@pytest.mark.rfc("5944", "3.8.3.1", "source")
@pytest.mark.rfc("5944", "3.8.3.2", "lifetime")
@pytest.mark.rfc("5944", "3.8.3.2", "home-address")
@pytest.mark.rfc("5944", "3.8.3.2", "home-agent")
def test_an_authentic_fresh_request_is_accepted_and_answered_to_its_source(agent: Agent) -> None:
    answer = agent.ask(request(), source_port=40000)
    packet = answer.send.packet
    assert (answer.code, answer.lifetime, answer.home, answer.agent) == (0, 300, HOME, HOME_AGENT)
    assert answer.ident == identification()
    assert answer.is_signed()
    assert (str(packet.source), str(packet.destination)) == (HOME_AGENT, CARE_OF)
    assert packet.payload[:4] == (434).to_bytes(2, "big") + (40000).to_bytes(2, "big")
    assert answer.send.link_layer_destination is None
    assert agent.binding() == CARE_OF


@pytest.mark.rfc("5944", "4.2.3", "intercepts")
@pytest.mark.rfc("5944", "4.2.3", "source")
def test_the_plan_of_a_binding_is_a_route_into_its_tunnel(agent: Agent) -> None:
    agent.ask(request(flags=D | T))
    tunnel = Tunnel(
        end=End.HOME,
        home_address=IPv4Address(HOME),
        local=IPv4Address(HOME_AGENT),
        remote=IPv4Address(CARE_OF),
        sends=True,
        receives=True,
    )
    assert tunnel in agent.machine.plan()
    assert Route(destination=IPv4Network(HOME), interface=ANCHOR) in agent.machine.plan()


@pytest.mark.rfc("3024", "4.3.2")
def test_without_the_t_bit_nothing_is_taken_from_the_tunnel(agent: Agent) -> None:
    agent.ask(request(flags=D))
    [tunnel] = [item for item in agent.machine.plan() if isinstance(item, Tunnel)]
    assert tunnel.sends
    assert not tunnel.receives


@pytest.mark.rfc("5944", "3.8.3.2", "code-1")
@pytest.mark.rfc("5944", "3.4")
def test_where_one_binding_is_the_rule_the_s_bit_is_answered_with_code_1() -> None:
    agent = Agent(replace(SETTINGS, simultaneous_bindings=1))
    agent.ask(request())
    answer = agent.ask(request(flags=S, care_of="203.0.113.78", ident=identification(1)))
    assert answer.code == 1
    assert agent.binding() == "203.0.113.78"
    assert len(agent.machine.bindings) == 1


@pytest.mark.rfc("5944", "3.3")
def test_the_bits_r_and_x_are_ignored(agent: Agent) -> None:
    assert agent.ask(request(flags=0x05)).code == 0


@pytest.mark.rfc("5944", "3.8.3.2", "lifetime")
@pytest.mark.rfc("5944", "3.8.3.2", "longest")
@pytest.mark.rfc("5944", "3.4", "home-agent-lifetime")
@pytest.mark.rfc("5944", "3.8.2.2", "not-longer")
@pytest.mark.rfc("5944", "3.8.2.2", "expired")
@pytest.mark.parametrize(("asked", "granted"), [(599, 599), (600, 600), (601, 600), (0xFFFF, 600)])
def test_the_lifetime_is_cut_but_never_made_longer(agent: Agent, asked: int, granted: int) -> None:
    assert agent.ask(request(lifetime=asked), now=10.0).lifetime == granted
    agent.machine.handle(Timeout(), 10.0 + granted - 0.001)
    assert agent.binding() == CARE_OF
    assert agent.machine.deadline <= 10.0 + granted
    agent.machine.handle(Timeout(), 10.0 + granted)
    assert agent.binding() is None


@pytest.mark.rfc("5944", "3.8", "expiry-silent")
@pytest.mark.rfc("5944", "4.2.3", "expiry-silent")
@pytest.mark.rfc("5944", "4.2.3", "expired")
@pytest.mark.rfc("5944", "4.2.3", "no-binding")
def test_nothing_is_sent_when_a_binding_ends(agent: Agent) -> None:
    agent.ask(request(lifetime=10))
    for now in (11.0, 12.0):
        agent.machine.handle(Timeout(), now)
    assert agent.machine.handle(Timeout(), 20.0) == []
    assert not [item for item in agent.machine.plan() if isinstance(item, Tunnel | Route)]
    assert agent.machine.deadline == NEVER


@pytest.mark.rfc("5944", "3.5.1")
def test_an_old_peers_prefix_suffix_md5_is_used_both_ways() -> None:
    node = replace(ALICE, associations=(association(algorithm=Algorithm.MD5_PREFIX_SUFFIX),))
    machine = HomeAgent(SETTINGS, Nodes((node,)), lambda: WALL)
    assert machine.handle(heard(request()), 0.0)  # HMAC: wrong for this association
    [output, *_] = machine.handle(heard(request(prefix_suffix=True)), 0.0)
    assert read(output).code == 0
    assert not read(output).is_signed()


# --- who asks ---------------------------------------------------------------------------------------


@pytest.mark.rfc("5944", "3.8.2.1", "stranger")
@pytest.mark.rfc("5944", "3.8.2.1", "unauthorized")
@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (request(home="198.51.100.99"), "unknown-node"),
        (request(nai="mallory@example.net"), "unknown-node"),
        (request(home="0.0.0.0"), "unknown-node"),
        (request(spi=SPI + 1), "unknown-spi"),
        (request()[:24], "no-authentication"),
        (sign(request(), 32), "no-authentication"),
        (request()[:-1], "malformed"),
        (request()[:23], "malformed"),
        (request()[:24] + bytes((99, 0)) + request()[24:], "malformed"),
    ],
)
def test_strangers_and_broken_requests_get_no_answer_and_are_counted(agent: Agent, payload: bytes, reason: str) -> None:
    assert agent.hear(heard(payload)) == []
    assert agent.machine.counters[reason] == 1
    assert agent.binding() is None


def test_icmp_is_no_broken_request(agent: Agent) -> None:
    event = heard(b"")
    packet = replace(event.packet, protocol=1, payload=b"\x0a\x00\xf5\xff" + bytes(4), destination=ALL_ROUTERS)
    assert agent.hear(replace(event, packet=packet)) == []
    assert agent.hear(replace(event, packet=replace(packet, destination=IPv4Address(HOME_AGENT)))) == []
    assert not agent.machine.counters


@pytest.mark.rfc("5944", "3.8.2.1", "checksum")
def test_a_wrong_udp_checksum_is_a_silent_drop(agent: Agent) -> None:
    event = heard(request())
    payload = event.packet.payload[:6] + b"\x12\x34" + event.packet.payload[8:]
    assert agent.hear(replace(event, packet=replace(event.packet, payload=payload))) == []
    assert agent.binding() is None


@pytest.mark.rfc("5944", "3.8.2.1", "wrong")
@pytest.mark.rfc("5944", "3.8.2.1", "wrong-reply")
def test_a_wrong_key_is_denied_with_131_signed_for_the_node(agent: Agent) -> None:
    answer = agent.ask(request(key=b"wrong" * 4))
    assert answer.code == 131
    assert answer.is_signed()
    assert agent.binding() is None


@pytest.mark.rfc("5944", "3.2", "authenticated")
@pytest.mark.rfc("5944", "3.8.2.1", "authenticated")
@given(st.integers(0, 45), st.integers(1, 255))
def test_any_altered_byte_is_denied_or_dropped(place: int, change: int) -> None:
    agent = Agent()
    payload = bytearray(request())
    payload[place] ^= change
    for output in agent.hear(heard(bytes(payload))):
        assert read(output).code == 131
    assert agent.binding() is None


@pytest.mark.rfc("5944", "3.8.2.1")
def test_denials_are_never_larger_than_their_requests(agent: Agent) -> None:
    for payload in (
        request(key=b"w" * 16),
        request(key=b"w" * 16, nai=NAI),
        request(ident=1),
        request(ident=1, nai=NAI),
    ):
        assert len(agent.ask(payload).data) <= len(payload)


def test_denials_to_one_network_are_limited_and_others_are_not_hurt(agent: Agent) -> None:
    forged = request(key=b"w" * 16)
    sent = [agent.hear(heard(forged, source=f"203.0.113.{host}")) for host in range(2, 202)]
    assert sum(map(len, sent)) == 20
    assert agent.ask(forged, source="192.0.2.50").code == 131
    assert agent.ask(request(ident=identification(60)), source="203.0.113.77").code == 133
    assert agent.ask(request(), source="203.0.113.77").code == 0
    assert agent.machine.counters["denial-not-sent"] == 180


@pytest.mark.parametrize("source", ["255.255.255.255", "224.0.0.11", "127.0.0.1"])
def test_nobody_answers_to_many_or_to_itself(agent: Agent, source: str) -> None:
    assert agent.hear(heard(request(), source=source)) == []


@pytest.mark.rfc("5944", "5.2")
def test_each_association_commands_only_its_own_home_address() -> None:
    names = [f"node{number}@example.net" for number in range(20)]
    homes = [f"198.51.100.{number + 10}" for number in range(20)]
    keys = [bytes([number]) * 16 for number in range(20)]
    nodes = Nodes(
        Node(nai=name, home_address=IPv4Address(home), associations=(association(key, 1000 + number),))
        for number, (name, home, key) in enumerate(zip(names, homes, keys, strict=True))
    )
    accepted = set()
    for mine in range(20):
        for wanted in range(20):
            for nai in (None, names[mine], names[wanted]):
                machine = HomeAgent(SETTINGS, nodes, lambda: WALL)
                payload = request(home=homes[wanted], nai=nai, key=keys[mine], spi=1000 + mine)
                machine.handle(heard(payload), 0.0)
                if len(machine.bindings):
                    accepted.add((mine, wanted))
    assert accepted == {(number, number) for number in range(20)}


@pytest.mark.rfc("5944", "3.8.3.2", "home-address-refused")
def test_another_home_address_than_ones_own_is_denied_with_129(agent: Agent) -> None:
    assert agent.ask(request(nai=NAI, home="198.51.100.24")).code == 129
    assert agent.binding("198.51.100.24") is None


# --- replay -----------------------------------------------------------------------------------------


@pytest.mark.rfc("5944", "5.7", "timestamps")
@pytest.mark.rfc("5944", "3.8.2.1", "identification")
@pytest.mark.rfc("5944", "3.8.2.1", "mismatch")
@pytest.mark.rfc("5944", "5.7.1", "close")
@pytest.mark.rfc("5944", "5.7.1", "checked")
@pytest.mark.parametrize(("offset", "code"), [(-8, 133), (-6, 0), (0, 0), (6, 0), (8, 133), (3e7, 133), (-3e7, 133)])
def test_a_timestamp_must_be_near_our_clock(agent: Agent, offset: float, code: int) -> None:
    assert agent.ask(request(ident=identification(offset))).code == code


@pytest.mark.rfc("5944", "5.7", "low-half")
@pytest.mark.rfc("5944", "3.8.2.1", "mismatch-told")
@pytest.mark.rfc("5944", "5.7.1", "mismatch")
def test_133_carries_our_clock_and_the_low_bits_of_the_request(agent: Agent) -> None:
    agent.clock.time = WALL + 0.75
    answer = agent.ask(request(ident=identification(-3600, low=0x12345678)))
    assert answer.code == 133
    assert answer.ident >> 32 == int(WALL) + NTP_TO_UNIX
    assert answer.low == 0x12345678
    assert answer.is_signed()


@pytest.mark.rfc("5944", "5.7.1", "greater")
def test_an_identification_is_accepted_once(agent: Agent) -> None:
    assert agent.ask(request()).code == 0
    assert agent.ask(request(care_of="203.0.113.200")).code == 133
    assert agent.binding() == CARE_OF


@pytest.mark.rfc("5944", "5.7.1", "greater")
def test_an_older_request_that_comes_later_changes_nothing(agent: Agent) -> None:
    agent.ask(request(ident=identification(2)))
    assert agent.ask(request(ident=identification(1), care_of="203.0.113.200")).code == 133
    assert agent.ask(request(ident=identification(2, low=0), care_of="203.0.113.200")).code == 133
    assert agent.binding() == CARE_OF


@pytest.mark.rfc("5944", "3.8.2.2", "duplicate")
def test_a_doubled_request_gets_the_same_answer_and_no_longer_life(agent: Agent) -> None:
    agent.ask(request(lifetime=300), now=10.0)
    again = agent.ask(request(lifetime=300), now=15.0)
    assert (again.code, again.lifetime) == (0, 295)
    agent.machine.handle(Timeout(), 310.0)
    assert agent.binding() is None


def test_a_doubled_deregistration_is_answered_again(agent: Agent) -> None:
    agent.ask(request())
    gone = request(lifetime=0, care_of=HOME, ident=identification(1))
    assert [agent.ask(gone).code, agent.ask(gone).code] == [0, 0]


def test_an_old_accepted_request_does_not_undo_a_newer_one(agent: Agent) -> None:
    first = request()
    agent.ask(first)
    agent.ask(request(ident=identification(1), care_of="203.0.113.78"))
    assert agent.ask(first).code == 133
    assert agent.binding() == "203.0.113.78"


def test_the_last_request_cannot_be_replayed_once_it_is_old(agent: Agent) -> None:
    agent.ask(request(lifetime=600))
    agent.clock.time = WALL + 60
    assert agent.ask(request(lifetime=600)).code == 133


def test_after_a_start_nothing_older_than_the_start_is_fresh(agent: Agent) -> None:
    recorded = request(ident=identification(-3))
    restarted = HomeAgent(SETTINGS, Nodes((ALICE,)), lambda: WALL)
    [output] = restarted.handle(heard(recorded), 0.0)
    assert read(output).code == 133
    [output, *_] = restarted.handle(heard(request(ident=identification(1))), 0.0)
    assert read(output).code == 0


def test_timestamps_go_on_when_ntp_begins_a_new_era() -> None:
    end_of_era = 2**32 - NTP_TO_UNIX  # Unix seconds, in the year 2036
    machine = HomeAgent(SETTINGS, Nodes((ALICE,)), lambda: end_of_era - 1.0)
    for ident in (2**64 - 1, 0x1_0000_0000):
        [output, *_] = machine.handle(heard(request(ident=ident)), 0.0)
        assert read(output).code == 0


# --- foreign agents ---------------------------------------------------------------------------------


def with_foreign_agent() -> Agent:
    return Agent(replace(SETTINGS, foreign_agents={IPv4Address(CARE_OF): (association(FA_KEY, 777),)}))


@pytest.mark.rfc("5944", "3.8.1", "foreign-home")
@pytest.mark.rfc("5944", "3.8.1", "foreign-home-reply")
@pytest.mark.rfc("5944", "3.8.3.3", "order")
@pytest.mark.rfc("5944", "3.8.3.3", "foreign-home")
def test_a_known_foreign_agent_signs_and_is_signed_for() -> None:
    agent = with_foreign_agent()
    answer = agent.ask(sign(request(), 34, FA_KEY, 777))
    assert answer.code == 0
    assert answer.is_signed(34, FA_KEY)
    assert list(answer.extensions) == [32, 34]


@pytest.mark.rfc("5944", "3.8.2.1", "foreign-home")
@pytest.mark.rfc("5944", "3.8.2.1", "foreign-home-told")
@pytest.mark.parametrize(
    "payload",
    [
        request(),
        sign(request(), 34, b"not" * 8, 777),
        sign(sign(request(), 34, FA_KEY, 777), 34, FA_KEY, 777),
        sign(request(), 34, FA_KEY, 778),
    ],
)
def test_a_known_foreign_agent_that_does_not_sign_rightly_is_denied_with_132(payload: bytes) -> None:
    agent = with_foreign_agent()
    assert agent.ask(payload).code == 132
    assert agent.binding() is None


@pytest.mark.rfc("5944", "3.5.4", "not-missed")
def test_a_deregistration_needs_no_foreign_agents_signature() -> None:
    agent = with_foreign_agent()
    agent.ask(sign(request(), 34, FA_KEY, 777))
    assert agent.ask(request(lifetime=0, ident=identification(1))).code == 0
    assert agent.binding() is None


@pytest.mark.rfc("5944", "3.8.2.1", "unknown-agent")
def test_an_unknown_foreign_agents_signature_is_a_drop(agent: Agent) -> None:
    assert agent.hear(heard(sign(request(), 34, FA_KEY, 777))) == []
    assert agent.machine.counters["unknown-foreign-agent"] == 1


@pytest.mark.rfc("5944", "3.8.2.1", "wrong-by-agent")
def test_131_goes_through_a_known_foreign_agent_only_if_it_signed() -> None:
    agent = with_foreign_agent()
    forged = request(key=b"w" * 16)
    assert agent.hear(heard(forged)) == []
    assert agent.ask(sign(forged, 34, FA_KEY, 777)).code == 131


# --- what is not granted ----------------------------------------------------------------------------


@pytest.mark.rfc("5944", "3.6.1.2", "broadcast-refused")
@pytest.mark.rfc("5944", "3.6.1.2", "broadcast-told")
@pytest.mark.rfc("5944", "3.8.2.1", "broadcast")
@pytest.mark.rfc("5944", "3.8.2.1", "broadcast-told")
@pytest.mark.parametrize("destination", ["198.51.100.255", "255.255.255.255"])
def test_a_broadcast_question_for_home_agents_is_answered_with_136_and_our_address(
    agent: Agent, destination: str
) -> None:
    answer = agent.ask(request(agent="198.51.100.255"), destination=destination)
    assert (answer.code, answer.agent, str(answer.send.packet.source)) == (136, HOME_AGENT, HOME_AGENT)
    assert agent.binding() is None


@pytest.mark.rfc("5944", "3.8.3.2", "another-home-agent")
def test_another_home_agents_address_is_denied_with_136(agent: Agent) -> None:
    answer = agent.ask(request(agent="198.51.100.2"))
    assert (answer.code, answer.agent) == (136, HOME_AGENT)


def test_requests_that_only_pass_through_this_router_are_not_ours(agent: Agent) -> None:
    assert agent.hear(heard(request(), destination="192.0.2.200")) == []


@pytest.mark.parametrize(
    "care_of", [HOME, "198.51.100.24", HOME_AGENT, "192.0.2.1", "203.0.113.1"], ids=lambda address: f"to-{address}"
)
def test_a_tunnel_in_a_circle_is_denied_with_129(agent: Agent, care_of: str) -> None:
    assert agent.ask(request(care_of=care_of)).code == 129
    assert agent.binding() is None


@pytest.mark.parametrize("care_of", ["0.0.0.0", "224.0.0.1", "255.255.255.255", "127.0.0.1", "240.0.0.1"])
def test_a_care_of_address_of_no_host_is_denied_with_134(agent: Agent, care_of: str) -> None:
    assert agent.ask(request(care_of=care_of)).code == 134


def test_a_request_through_our_own_tunnel_is_denied_with_129(agent: Agent) -> None:
    assert agent.ask(request(), interface=ANCHOR).code == 129


@pytest.mark.rfc("3024", "4.3.1")
@pytest.mark.parametrize(
    ("policy", "flags", "code"),
    [
        (ReverseTunnel.REFUSED, T, 137),
        (ReverseTunnel.REFUSED, 0, 0),
        (ReverseTunnel.REQUIRED, 0, 138),
        (ReverseTunnel.REQUIRED, T, 0),
    ],
)
def test_the_reverse_tunnel_is_granted_or_denied(policy: ReverseTunnel, flags: int, code: int) -> None:
    agent = Agent(replace(SETTINGS, reverse_tunnel=policy))
    assert agent.ask(request(flags=flags)).code == code
    assert (agent.binding() is None) == bool(code)


def test_130_when_there_is_no_room_and_who_has_a_binding_keeps_it() -> None:
    agent = Agent(replace(SETTINGS, max_bindings=1))
    agent.ask(request())
    assert agent.ask(request(home="198.51.100.24", key=b"B" * 16)).code == 130
    assert agent.ask(request(ident=identification(1), care_of="203.0.113.78")).code == 0


def test_a_denied_request_leaves_the_binding_alone(agent: Agent) -> None:
    agent.ask(request())
    assert agent.ask(request(care_of="224.0.0.5", ident=identification(1))).code == 134
    assert agent.binding() == CARE_OF


# --- moving and leaving -----------------------------------------------------------------------------


@pytest.mark.rfc("5944", "3.8.2.2")
def test_deregistering_one_care_of_address_leaves_another(agent: Agent) -> None:
    agent.ask(request())
    assert agent.ask(request(lifetime=0, care_of="203.0.113.78", ident=identification(1))).code == 0
    assert agent.binding() == CARE_OF
    assert agent.ask(request(lifetime=0, care_of=CARE_OF, ident=identification(2))).lifetime == 0
    assert agent.binding() is None


@pytest.mark.rfc("5944", "3.8.2.2")
def test_deregistering_the_home_address_deletes_every_binding(agent: Agent) -> None:
    agent.ask(request())
    answer = agent.ask(request(lifetime=0, care_of=HOME, ident=identification(1)), source="203.0.113.78")
    assert (answer.code, answer.lifetime) == (0, 0)
    assert agent.binding() is None


def test_for_a_moment_packets_from_the_former_care_of_address_are_taken(agent: Agent) -> None:
    agent.ask(request(flags=T), now=10.0)
    agent.ask(request(flags=T, care_of="203.0.113.78", ident=identification(1)), now=20.0)
    tunnels = {
        str(item.remote): (item.sends, item.receives) for item in agent.machine.plan() if isinstance(item, Tunnel)
    }
    assert tunnels == {CARE_OF: (False, True), "203.0.113.78": (True, True)}
    agent.machine.handle(Timeout(), 22.0)
    assert [str(item.remote) for item in agent.machine.plan() if isinstance(item, Tunnel)] == ["203.0.113.78"]


def test_turning_the_reverse_tunnel_off_takes_what_is_in_flight(agent: Agent) -> None:
    agent.ask(request(flags=T), now=10.0)
    agent.ask(request(ident=identification(1)), now=20.0)
    assert [item.receives for item in agent.machine.plan() if isinstance(item, Tunnel)] == [True]
    agent.machine.handle(Timeout(), 22.0)
    assert [item.receives for item in agent.machine.plan() if isinstance(item, Tunnel)] == [False]


@pytest.mark.rfc("5944", "3.8.3.1", "at-home")
@pytest.mark.rfc("5944", "3.8.3.1", "past-bindings")
@pytest.mark.parametrize("key", [KEY, b"wrong" * 4])
def test_a_reply_to_a_node_at_home_goes_straight_onto_its_link_past_its_binding(agent: Agent, key: bytes) -> None:
    agent.ask(request())
    mac = b"\x02\x00\x00\x00\x00\x77"
    leaving = request(lifetime=0, care_of=HOME, ident=identification(1), key=key)
    answer = agent.ask(leaving, source=HOME, interface=2, link_layer_source=mac)
    assert (answer.send.interface, answer.send.link_layer_destination) == (2, mac)
    assert str(answer.send.packet.destination) == HOME


# --- home addresses given by us ---------------------------------------------------------------------


@pytest.mark.rfc("2794", "3")
def test_a_nai_with_home_address_zero_gets_its_fixed_address_and_its_nai_back(agent: Agent) -> None:
    answer = agent.ask(request(home="0.0.0.0", nai=NAI))
    assert (answer.code, answer.home) == (0, HOME)
    assert answer.extensions[131] == NAI.encode()
    assert list(answer.extensions) == [131, 32]
    assert agent.binding() == CARE_OF


@pytest.mark.rfc("5944", "3.8.3.2", "home-address-given")
@pytest.mark.rfc("5944", "3.8.1", "given-address")
def test_a_node_of_the_pool_keeps_its_address_over_restarts() -> None:
    agent = Agent()
    carol = request(home="0.0.0.0", nai="carol@example.net", key=b"C" * 16)
    dave = request(home="0.0.0.0", nai="dave@example.net", key=b"D" * 16)
    assert [agent.ask(carol).home, agent.ask(dave).home] == ["198.51.100.128", "198.51.100.129"]
    again = Agent(memory=agent.machine.memory())
    assert [again.ask(dave).home, again.ask(carol).home] == ["198.51.100.129", "198.51.100.128"]
    assert again.ask(request(home="198.51.100.128", ident=identification(1), key=b"C" * 16)).code == 0


def test_130_when_the_pool_is_empty() -> None:
    agent = Agent()
    for nai, key in (("carol", b"C"), ("dave", b"D")):
        agent.ask(request(home="0.0.0.0", nai=f"{nai}@example.net", key=key * 16))
    assert agent.ask(request(home="0.0.0.0", nai="erin@example.net", key=b"E" * 16)).code == 130


def test_a_stranger_does_not_use_up_the_pool(agent: Agent) -> None:
    agent.ask(request(home="0.0.0.0", nai="carol@example.net", key=b"wrong" * 4))
    assert agent.machine.memory() == b""


def test_another_nodes_address_of_the_pool_is_not_to_be_had(agent: Agent) -> None:
    agent.ask(request(home="0.0.0.0", nai="carol@example.net", key=b"C" * 16))
    assert agent.ask(request(home="198.51.100.128", nai="dave@example.net", key=b"D" * 16)).code == 129


@pytest.mark.rfc("2794", "2")
def test_a_nai_behind_the_authenticator_counts_for_nothing(agent: Agent) -> None:
    nai = b"bob@example.net"
    answer = agent.ask(request() + bytes((131, len(nai))) + nai)
    assert (answer.code, answer.home) == (0, HOME)
    assert 131 not in answer.extensions


@pytest.mark.parametrize("memory", [b"", b"{", b"[]", b'{"a": 1}', b'{"a": "b"}', b"\xff\xfe"])
def test_a_memory_that_is_not_ours_is_as_good_as_none(memory: bytes) -> None:
    assert Agent(memory=memory).ask(request()).code == 0


# --- nodes come and go ------------------------------------------------------------------------------


def test_a_revoked_nodes_binding_ends_at_once(agent: Agent) -> None:
    agent.ask(request())
    agent.machine.handle(NodesChanged(Nodes((BOB,))), 11.0)
    assert agent.binding() is None
    assert not [item for item in agent.machine.plan() if isinstance(item, Tunnel)]
    assert agent.hear(heard(request(ident=identification(1)))) == []


def test_an_added_node_is_served_at_once_and_others_keep_their_bindings(agent: Agent) -> None:
    agent.ask(request())
    new = Node(nai="new@example.net", home_address=IPv4Address("198.51.100.60"), associations=(association(b"N" * 16),))
    agent.machine.handle(NodesChanged(Nodes((ALICE, new))), 11.0)
    assert agent.ask(request(home="198.51.100.60", key=b"N" * 16)).code == 0
    assert agent.binding() == CARE_OF


def test_a_replay_from_before_a_revocation_is_refused_after_it_is_lifted(agent: Agent) -> None:
    agent.ask(request())
    agent.machine.handle(NodesChanged(Nodes()), 11.0)
    agent.machine.handle(NodesChanged(Nodes((ALICE,))), 12.0)
    assert agent.ask(request()).code == 133


@given(st.binary(max_size=120))
def test_any_bytes_are_survived_and_change_nothing(data: bytes) -> None:
    agent = Agent()
    sources = (CARE_OF, HOME, "0.0.0.0")
    for payload in (data, b"\x01" + data, request()[:24] + data, b"\x03" + data):
        for source in sources:
            agent.hear(heard(payload, source=source))
    packet = IPv4Packet(source=IPv4Address(CARE_OF), destination=IPv4Address(HOME_AGENT), protocol=17, payload=data)
    agent.hear(Heard(packet=packet, interface=2))
    assert agent.binding() is None


def test_outputs_besides_the_reply_are_arp_alone(agent: Agent) -> None:
    [reply, *others] = agent.hear(heard(request()))
    assert isinstance(reply, Send)
    assert others
    assert all(isinstance(other, SendArp) and other.interface == HOME_LINK.index for other in others)
