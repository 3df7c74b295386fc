"""In what packets go to a care-of address: the M and G bits, and UDP through a NAT."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from agents.settings import HomeAgentSettings
from client.core.machine import Timeout
from client.core.plan import Encapsulation, Tunnel
from tests.agents.by_hand import (
    CARE_OF,
    HOME,
    HOME_AGENT,
    NAI,
    Read,
    heard,
    identification,
    request,
    sign,
    udp_reply,
    udp_request,
)
from tests.agents.test_home_agent import FA_KEY, SETTINGS, Agent, association

D, M, G, T = 0x20, 0x10, 0x08, 0x02
F, R = 0x80, 0x40
NAT = "192.0.2.77"
PRIVATE = "10.0.0.7"
ONLY_IPIP = replace(SETTINGS, encapsulations=frozenset({Encapsulation.IPIP}))
IPIP, GRE, MINIMAL, UDP = Encapsulation.IPIP, Encapsulation.GRE, Encapsulation.MINIMAL, Encapsulation.UDP


def tunnels(agent: Agent) -> list[Tunnel]:
    return [item for item in agent.machine.plan() if isinstance(item, Tunnel)]


def ways(agent: Agent) -> list[tuple[str, Encapsulation, tuple[int, int] | None]]:
    """Of the tunnels that send."""
    return [(str(tunnel.remote), tunnel.encapsulation, tunnel.ports) for tunnel in tunnels(agent) if tunnel.sends]


def behind_nat(agent: Agent, extension: bytes = udp_request(), flags: int = D | T, ident: int = 0) -> Read:
    """A request from a private address, as a NAT passes it on."""
    payload = request(flags=flags, care_of=PRIVATE, extension=extension, ident=identification(ident))
    return agent.ask(payload, source=NAT, source_port=40000 + ident)


# --- the M and G bits -------------------------------------------------------------------------------


@pytest.mark.rfc("5944", "3.3")
@pytest.mark.parametrize(
    ("flags", "encapsulation"), [(0, IPIP), (G, GRE), (M, MINIMAL), (G | D | T, GRE), (M | D, MINIMAL), (M | G, GRE)]
)
def test_a_bit_chooses_the_encapsulation(flags: int, encapsulation: Encapsulation) -> None:
    agent = Agent()
    assert agent.ask(request(flags=flags)).code == 0
    assert ways(agent) == [(CARE_OF, encapsulation, None)]


@pytest.mark.rfc("3024", "4.3.1")
@pytest.mark.parametrize("flags", [M, G | D, M | G])
def test_139_for_an_encapsulation_that_is_not_allowed(flags: int) -> None:
    agent = Agent(ONLY_IPIP)
    answer = agent.ask(request(flags=flags))
    assert (answer.code, agent.binding()) == (139, None)
    assert 44 not in answer.extensions


def test_of_both_bits_the_one_that_is_allowed_is_taken() -> None:
    agent = Agent(replace(SETTINGS, encapsulations=frozenset({IPIP, MINIMAL})))
    assert agent.ask(request(flags=M | G)).code == 0
    assert ways(agent) == [(CARE_OF, MINIMAL, None)]


def test_for_a_moment_packets_in_the_former_encapsulation_are_taken() -> None:
    agent = Agent()
    agent.ask(request(flags=T), now=10.0)
    agent.ask(request(flags=T | G, ident=identification(1)), now=20.0)
    assert [(tunnel.encapsulation, tunnel.sends, tunnel.receives) for tunnel in tunnels(agent)] == [
        (GRE, True, True),
        (IPIP, False, True),
    ]
    keys = [item.key for item in agent.machine.plan()]
    assert len(set(keys)) == len(keys)
    agent.machine.handle(Timeout(), 22.0)
    assert [tunnel.encapsulation for tunnel in tunnels(agent)] == [GRE]


# --- through a NAT ----------------------------------------------------------------------------------


@pytest.mark.rfc("3519", "4.6")
def test_another_source_than_the_care_of_address_makes_a_udp_tunnel_to_that_source() -> None:
    agent = Agent(replace(SETTINGS, keepalive=40))
    answer = behind_nat(agent)
    assert (answer.code, answer.lifetime) == (0, 300)
    assert answer.extensions[44] == udp_reply(keepalive=40)[2:]
    assert list(answer.extensions) == [44, 32]
    assert answer.is_signed()
    assert (str(answer.send.packet.destination), answer.send.packet.payload[2:4]) == (NAT, (40000).to_bytes(2, "big"))
    assert ways(agent) == [(NAT, UDP, (434, 40000))]
    assert agent.binding() == PRIVATE


@pytest.mark.rfc("3519", "3.2")
def test_the_reply_extension_is_laid_out_as_the_rfc_draws_it() -> None:
    agent = Agent(replace(SETTINGS, keepalive=0x1234))
    assert behind_nat(agent, udp_request(F)).extensions[44] == bytes.fromhex("0000 8000 1234")


@pytest.mark.rfc("3519", "4.6")
def test_without_a_nat_udp_is_declined_and_the_bits_decide() -> None:
    agent = Agent()
    answer = agent.ask(request(flags=D | T | G, extension=udp_request()))
    assert (answer.code, answer.extensions[44]) == (0, udp_reply(64)[2:])
    assert ways(agent) == [(CARE_OF, GRE, None)]


@pytest.mark.rfc("3519", "3.1.1")
def test_the_f_flag_forces_udp_without_a_nat() -> None:
    agent = Agent()
    answer = agent.ask(request(flags=D | T, extension=udp_request(F)), source_port=434)
    assert (answer.code, answer.extensions[44]) == (0, udp_reply(0, 0x8000)[2:])
    assert ways(agent) == [(CARE_OF, UDP, (434, 434))]


@pytest.mark.rfc("3519", "4.6.1")
def test_who_does_not_ask_for_udp_is_not_told_of_it() -> None:
    """A co-located node comes from another address also through an agent that insists (RFC 5944 §3.7.2)."""
    agent = Agent()
    answer = agent.ask(request(flags=D | T), source=NAT)
    assert (answer.code, list(answer.extensions)) == (0, [32])
    assert ways(agent) == [(CARE_OF, IPIP, None)]


@pytest.mark.rfc("3519", "3.1")
@pytest.mark.parametrize("extension", [udp_request(sub_type=1), b"\xa0\x02ab"])
def test_an_unknown_sub_type_or_extension_is_skipped(extension: bytes) -> None:
    answer = behind_nat(Agent(), extension)
    assert (answer.code, list(answer.extensions)) == (0, [32])


@pytest.mark.rfc("3519", "4.6.1")
@pytest.mark.parametrize(
    "settings",
    [ONLY_IPIP, replace(SETTINGS, encapsulations=frozenset({IPIP, GRE}))],
)
def test_129_behind_a_nat_where_udp_is_not_allowed(settings: HomeAgentSettings) -> None:
    agent = Agent(settings)
    assert (behind_nat(agent).code, agent.binding()) == (129, None)


@pytest.mark.rfc("3519", "4.6.1")
def test_129_for_forcing_where_that_is_not_allowed_but_not_behind_a_nat() -> None:
    settings = replace(SETTINGS, forced_udp=False)
    forced = request(flags=D | T, extension=udp_request(F))
    assert Agent(settings).ask(forced).code == 129
    assert Agent(ONLY_IPIP).ask(forced).code == 129
    agent = Agent(settings)
    assert behind_nat(agent, udp_request(F)).code == 0
    assert ways(agent) == [(NAT, UDP, (434, 40000))]


def test_where_udp_is_not_allowed_it_is_declined_without_a_nat() -> None:
    answer = Agent(ONLY_IPIP).ask(request(flags=D | T, extension=udp_request()))
    assert (answer.code, answer.extensions[44]) == (0, udp_reply(64)[2:])


@pytest.mark.rfc("3519", "4.6.1")
@pytest.mark.parametrize(
    ("flags", "encapsulation", "code"),
    [(0, 4, 0), (G, 4, 0), (0, 47, 142), (0, 55, 142), (0, 6, 142), (G, 0, 142), (M, 0, 142), (G, 47, 142)],
)
def test_142_for_anything_in_udp_but_ip(flags: int, encapsulation: int, code: int) -> None:
    agent = Agent()
    assert behind_nat(agent, udp_request(0, encapsulation), D | T | flags).code == code
    assert ways(agent) == ([] if code else [(NAT, UDP, (434, 40000))])


@pytest.mark.rfc("3519", "4.6.1")
@pytest.mark.parametrize(
    ("extension", "flags"),
    [
        (udp_request(reserved=1), D | T),
        (udp_request(reserved=0x8000), D | T),
        (udp_request(), T),
        (udp_request(F), 0),
        (udp_request()[:-1].replace(b"\x06", b"\x05", 1), D | T),
    ],
)
def test_134_for_reserved_bits_for_who_does_not_decapsulate_and_for_wrong_lengths(extension: bytes, flags: int) -> None:
    agent = Agent()
    assert (behind_nat(agent, extension, flags).code, agent.binding()) == (134, None)


@pytest.mark.rfc("3519", "4.6")
def test_129_for_a_node_with_an_address_of_its_own_that_comes_through_an_agent_behind_a_nat() -> None:
    """We would have to wait for its first keepalive, of which nobody tells us."""
    agent = Agent()
    assert (behind_nat(agent, udp_request(R)).code, agent.binding()) == (129, None)


def test_a_udp_tunnel_lives_shorter() -> None:
    agent = Agent(replace(SETTINGS, max_lifetime=600, udp_lifetime=120))
    assert agent.ask(request(lifetime=600)).lifetime == 600
    assert behind_nat(agent, ident=1).lifetime == 120
    agent.machine.handle(Timeout(), 129.9)
    assert agent.binding() == PRIVATE
    agent.machine.handle(Timeout(), 130.0)
    assert agent.binding() is None


@pytest.mark.rfc("3519", "4.4")
def test_a_nat_that_gives_another_port_is_followed_and_the_old_one_heard_for_a_moment() -> None:
    agent = Agent()
    behind_nat(agent)
    behind_nat(agent, ident=1)
    assert [(tunnel.ports, tunnel.sends, tunnel.receives) for tunnel in tunnels(agent)] == [
        ((434, 40001), True, True),
        ((434, 40000), False, True),
    ]
    agent.machine.handle(Timeout(), 12.0)
    assert ways(agent) == [(NAT, UDP, (434, 40001))]
    assert len(tunnels(agent)) == 1


@pytest.mark.rfc("3519", "6.1.1")
def test_a_copy_of_a_request_from_elsewhere_moves_no_tunnel() -> None:
    agent = Agent()
    payload = request(flags=D | T, care_of=PRIVATE, extension=udp_request())
    first = agent.ask(payload, source=NAT, source_port=40000)
    again = agent.ask(payload, source="192.0.2.66", source_port=6666)
    assert (again.code, again.extensions[44]) == (0, first.extensions[44])
    assert again.lifetime <= first.lifetime
    assert ways(agent) == [(NAT, UDP, (434, 40000))]


@pytest.mark.parametrize("source", [HOME, "198.51.100.24", "192.0.2.1"])
def test_no_udp_tunnel_leads_to_a_home_address_or_to_ourselves(source: str) -> None:
    """The source address of a request is nobody's word (threat T15)."""
    agent = Agent()
    payload = request(flags=D | T, care_of=PRIVATE, extension=udp_request(F))
    assert (agent.ask(payload, source=source).code, agent.binding()) == (129, None)


def test_a_private_care_of_address_may_be_one_of_our_own_behind_a_nat() -> None:
    agent = Agent()
    payload = request(flags=D | T, care_of="192.0.2.1", extension=udp_request())
    assert agent.ask(payload, source=NAT).code == 0
    assert agent.ask(request(flags=D | T, care_of="192.0.2.1", ident=identification(1))).code == 129


def test_a_deregistration_is_told_nothing_of_udp() -> None:
    agent = Agent()
    behind_nat(agent)
    leaving = request(lifetime=0, flags=D | T, care_of=PRIVATE, extension=udp_request(), ident=identification(1))
    answer = agent.ask(leaving, source=NAT)
    assert (answer.code, answer.lifetime, list(answer.extensions)) == (0, 0, [32])
    assert agent.binding() is None


def test_a_name_stands_beside_the_extension_before_the_authenticator() -> None:
    answer = Agent().ask(request(flags=D | T, care_of=PRIVATE, nai=NAI, extension=udp_request()), source=NAT)
    assert sorted(answer.extensions) == [32, 44, 131]
    assert list(answer.extensions)[-1] == 32
    assert answer.is_signed()


# --- a foreign agent behind a NAT -------------------------------------------------------------------


@pytest.mark.rfc("3519", "4.5")
@pytest.mark.rfc("5944", "3.8.3.3")
def test_a_foreign_agents_extension_behind_the_authenticator_is_answered_behind_the_authenticator() -> None:
    agent = Agent()
    answer = agent.ask(request(flags=T, care_of=PRIVATE) + udp_request(), source=NAT, source_port=5000)
    assert (answer.code, list(answer.extensions)) == (0, [32, 44])
    assert answer.data[:-8][-16:] == answer.extensions[32][4:]
    assert ways(agent) == [(NAT, UDP, (434, 5000))]


@pytest.mark.rfc("3519", "4.5")
def test_a_foreign_agent_with_a_key_is_known_by_its_care_of_address_and_signs_its_wish() -> None:
    settings = replace(SETTINGS, foreign_agents={IPv4Address(PRIVATE): (association(FA_KEY, 777),)})
    agent = Agent(settings)
    answer = agent.ask(sign(request(flags=T, care_of=PRIVATE) + udp_request(), 34, FA_KEY, 777), source=NAT)
    assert (answer.code, list(answer.extensions)) == (0, [32, 44, 34])
    assert answer.is_signed(34, FA_KEY)
    forged = sign(request(flags=T, care_of=PRIVATE, ident=identification(1)) + udp_request(), 34, b"n" * 16, 777)
    assert agent.ask(forged, source="192.0.2.66").code == 132
    assert ways(agent) == [(NAT, UDP, (434, 434))]


@pytest.mark.rfc("3519", "4.6.1")
@pytest.mark.parametrize("reserved", [0, 1])
def test_134_for_a_foreign_agents_wish_for_a_node_that_decapsulates_or_with_reserved_bits(reserved: int) -> None:
    agent = Agent()
    payload = request(flags=T if reserved else D | T, care_of=PRIVATE) + udp_request(reserved=reserved)
    assert (agent.ask(payload, source=NAT).code, agent.binding()) == (134, None)


@pytest.mark.rfc("3519", "4.5")
def test_134_for_a_wish_behind_the_foreign_agents_own_authenticator() -> None:
    settings = replace(SETTINGS, foreign_agents={IPv4Address(CARE_OF): (association(FA_KEY, 777),)})
    agent = Agent(settings)
    assert agent.ask(sign(request(flags=T), 34, FA_KEY, 777) + udp_request()).code == 134


def test_through_a_wrong_key_nothing_is_learnt_of_udp() -> None:
    agent = Agent()
    payload = request(flags=D | T, care_of=PRIVATE, extension=udp_request(), key=b"w" * 16)
    answer = agent.ask(payload, source=NAT)
    assert (answer.code, list(answer.extensions)) == (131, [32])
    assert agent.hear(heard(payload[:-1], source=NAT)) == []
    assert str(answer.send.packet.source) == HOME_AGENT
