"""In what a foreign agent tunnels: what it offers, what a visitor asks for, and UDP from behind a NAT."""

from __future__ import annotations

import struct
from dataclasses import replace
from ipaddress import IPv4Address
from typing import Any

import pytest

from agents.offers import offers
from agents.settings import AgentSettings, ForeignAgentSettings, ForeignLinkSettings
from client.core.ipv4 import IPv4Packet
from client.core.machine import NEVER, Send, Timeout
from client.core.plan import Encapsulation, Tunnel
from tests.agents.by_hand import (
    HOME,
    HOME_AGENT,
    checksum_is_right,
    extensions,
    heard,
    identification,
    read,
    reply,
    sign,
    udp_reply,
    udp_request,
)
from tests.agents.test_foreign_agent import FA, FH_KEY, MAC, SETTINGS, Agent, asked, associations, relayed
from tests.agents.test_home_agent import Agent as HomeAgent

D, M, G, T = 0x20, 0x10, 0x08, 0x02
IPIP, GRE, MINIMAL, UDP = Encapsulation.IPIP, Encapsulation.GRE, Encapsulation.MINIMAL, Encapsulation.UDP


def offering(*encapsulations: Encapsulation) -> ForeignAgentSettings:
    link = replace(SETTINGS.links[0], encapsulations=frozenset({IPIP, *encapsulations}))
    return replace(SETTINGS, links=(link,))


BEHIND_NAT = offering(GRE, UDP)


def tunnel(agent: Agent) -> Tunnel:
    [found] = [item for item in agent.machine.plan() if isinstance(item, Tunnel)]
    return found


def visit(agent: Agent, answer: bytes, flags: int = T, lifetime: int = 300) -> None:
    agent.from_node(asked(flags=flags, lifetime=lifetime))
    assert len(agent.from_home(answer)) == 1


# --- the G and M bits -------------------------------------------------------------------------------


@pytest.mark.rfc("5944", "2.1.1")
@pytest.mark.rfc("3519", "3.4")
@pytest.mark.parametrize(
    ("encapsulations", "bits"), [((), 0x1100), ((GRE,), 0x1500), ((MINIMAL,), 0x1900), ((GRE, MINIMAL, UDP), 0x1D80)]
)
def test_what_is_offered_is_advertised(encapsulations: tuple[Encapsulation, ...], bits: int) -> None:
    [offer] = offers(AgentSettings(foreign_agent=offering(*encapsulations)))
    assert offer.flags == bits


def test_without_a_word_of_the_administrator_an_agent_is_not_behind_a_nat() -> None:
    link = ForeignLinkSettings(interface="eth1", care_of_address=IPv4Address(FA))
    [offer] = offers(AgentSettings(foreign_agent=ForeignAgentSettings(links=(link,))))
    assert offer.flags == 0x1D00  # F, M, G, T


@pytest.mark.rfc("3024", "4.2.1")
@pytest.mark.parametrize(
    ("flags", "offered", "code"),
    [(G, (MINIMAL,), 72), (M, (GRE,), 72), (M | G, (GRE,), 72), (G, (GRE,), 0), (M, (MINIMAL,), 0)],
)
def test_72_for_what_is_not_offered(flags: int, offered: tuple[Encapsulation, ...], code: int) -> None:
    agent = Agent(offering(*offered))
    if code:
        assert agent.denial(asked(flags=flags)).code == code
    else:
        [output] = agent.from_node(asked(flags=flags))
        assert relayed(output).payload[8:] == asked(flags=flags)


@pytest.mark.rfc("5944", "3.7.2.1")
def test_what_a_node_with_an_address_of_its_own_asks_for_is_not_our_affair() -> None:
    [output] = Agent(offering()).from_node(asked(care_of="203.0.113.9", flags=D | G), source="203.0.113.9")
    assert str(relayed(output).destination) == HOME_AGENT


@pytest.mark.parametrize(("flags", "encapsulation"), [(T, IPIP), (G | T, GRE), (M, MINIMAL), (M | G, GRE)])
def test_a_visitors_tunnel_has_what_it_asked_for(flags: int, encapsulation: Encapsulation) -> None:
    agent = Agent(offering(GRE, MINIMAL))
    visit(agent, reply(), flags)
    assert (tunnel(agent).encapsulation, tunnel(agent).ports) == (encapsulation, None)


# --- behind a NAT -----------------------------------------------------------------------------------


@pytest.mark.rfc("3519", "4.5")
@pytest.mark.parametrize("flags", [T, G | T])
def test_behind_a_nat_our_wish_for_ip_in_udp_stands_behind_the_nodes_authenticator(flags: int) -> None:
    payload = asked(flags=flags)
    [output] = Agent(BEHIND_NAT).from_node(payload)
    packet = relayed(output)
    assert packet.payload[8:] == payload + udp_request(0, 4)
    assert struct.unpack("!HH", packet.payload[:4]) == (434, 434)
    assert str(packet.source) == FA


@pytest.mark.rfc("3519", "4.5")
def test_our_own_authenticator_covers_our_wish() -> None:
    settings = replace(BEHIND_NAT, home_agents={IPv4Address(HOME_AGENT): associations(FH_KEY)})
    payload = asked(flags=T)
    [output] = Agent(settings).from_node(payload)
    assert relayed(output).payload[8:] == sign(payload + udp_request(0, 4), 34, FH_KEY, 777)


@pytest.mark.rfc("3519", "4.5")
@pytest.mark.parametrize(
    ("fields", "arrival"),
    [({"care_of": "203.0.113.9", "flags": D | T}, {"source": "203.0.113.9"}), ({"lifetime": 0, "flags": T}, {})],
)
def test_no_wish_for_another_care_of_address_or_for_none(fields: dict[str, Any], arrival: dict[str, Any]) -> None:
    payload = asked(**fields)
    [output] = Agent(BEHIND_NAT).from_node(payload, **arrival)
    assert relayed(output).payload[8:] == payload


@pytest.mark.rfc("3519", "4.5")
def test_75_behind_a_nat_for_packets_that_would_leave_beside_the_tunnel() -> None:
    assert Agent(BEHIND_NAT).denial(asked()).code == 75


@pytest.mark.rfc("3519", "3.2")
def test_an_assent_makes_a_udp_tunnel_and_the_node_hears_nothing_of_it() -> None:
    agent = Agent(BEHIND_NAT)
    agent.from_node(asked(flags=T))
    [output] = agent.from_home(reply() + udp_reply(keepalive=50))
    assert read(output).data == reply()
    assert (tunnel(agent).encapsulation, tunnel(agent).ports) == (UDP, (434, 434))
    assert (str(tunnel(agent).local), str(tunnel(agent).remote)) == (FA, HOME_AGENT)


@pytest.mark.rfc("3519", "3.2.1")
@pytest.mark.parametrize(
    ("answer", "encapsulation"),
    [(reply(), GRE), (reply() + udp_reply(64), GRE), (reply() + udp_reply(255), GRE), (reply() + udp_reply(63), UDP)],
)
def test_declined_or_not_understood_is_no_udp(answer: bytes, encapsulation: Encapsulation) -> None:
    agent = Agent(BEHIND_NAT)
    visit(agent, answer, G | T)
    assert tunnel(agent).encapsulation is encapsulation


def test_an_assent_that_nobody_asked_for_is_not_believed() -> None:
    agent = Agent(offering())
    visit(agent, reply() + udp_reply())
    assert tunnel(agent).encapsulation is IPIP


def test_71_for_an_assent_that_cannot_be_read() -> None:
    agent = Agent(BEHIND_NAT)
    agent.from_node(asked(flags=T))
    [output] = agent.from_home(reply() + udp_reply()[:1] + b"\x05" + udp_reply()[2:7])
    assert read(output).code == 71
    assert agent.visitors == []


def keepalive(output: object) -> IPv4Packet:
    """The packet inside, after the outer ones were taken apart by hand."""
    assert isinstance(output, Send)
    assert output.signalling
    assert (str(output.packet.source), str(output.packet.destination)) == (FA, HOME_AGENT)
    assert checksum_is_right(output.packet)
    assert struct.unpack("!HH", output.packet.payload[:4]) == (434, 434)
    assert output.packet.payload[8:12] == bytes((4, 4, 0, 0))
    return IPv4Packet.unpack(output.packet.payload[12:])


@pytest.mark.rfc("3519", "4.9")
@pytest.mark.parametrize(("named", "interval"), [(0, 110.0), (50, 50.0), (1, 10.0)])
def test_an_echo_in_the_tunnel_keeps_the_nat_open_for_as_long_as_the_visit_lasts(named: int, interval: float) -> None:
    agent = Agent(BEHIND_NAT)
    visit(agent, reply() + udp_reply(keepalive=named))
    assert agent.machine.deadline == 10.1 + interval
    assert agent.machine.handle(Timeout(), 10.0 + interval) == []
    [output] = agent.machine.handle(Timeout(), 10.1 + interval)
    inner = keepalive(output)
    assert (str(inner.source), str(inner.destination), inner.payload[0]) == (HOME, HOME_AGENT, 8)
    [output] = agent.machine.handle(Timeout(), 10.1 + 2 * interval)
    keepalive(output)
    assert agent.machine.handle(Timeout(), 310.1) == []
    assert agent.machine.handle(Timeout(), 340.1) == []
    assert agent.machine.deadline == NEVER


def test_who_leaves_or_registers_anew_is_not_kept_alive_by_the_old_clock() -> None:
    agent = Agent(BEHIND_NAT)
    visit(agent, reply() + udp_reply())
    agent.from_node(asked(flags=T, ident=identification(1)), 60.0)
    agent.from_home(reply(ident=identification(1)) + udp_reply(), 60.0)
    assert agent.machine.handle(Timeout(), 120.1) == []
    agent.from_node(asked(flags=T, lifetime=0, ident=identification(2)), 130.0)
    agent.from_home(reply(lifetime=0, ident=identification(2)), 130.0)
    assert agent.machine.handle(Timeout(), 170.0) == []
    assert agent.machine.deadline == NEVER


def test_without_udp_nothing_is_kept_alive() -> None:
    agent = Agent(BEHIND_NAT)
    visit(agent, reply() + udp_reply(64))
    assert agent.machine.handle(Timeout(), 125.0) == []


def test_the_answer_of_the_home_agent_is_the_one_that_we_expect() -> None:
    """Both of ours, one after the other: the request as relayed, through a NAT, and the reply as it comes back."""
    agent, home = Agent(BEHIND_NAT), HomeAgent()
    [output] = agent.from_node(asked(flags=T))
    [sent, *_] = home.hear(heard(relayed(output).payload[8:], source="192.0.2.77", source_port=4444))
    assert isinstance(sent, Send)
    answer = sent.packet.payload[8:]
    assert list(extensions(answer[20:])) == [32, 44]
    [output] = agent.from_home(answer)
    assert isinstance(output, Send)
    assert output.link_layer_destination == MAC
    assert tunnel(agent).encapsulation is UDP
    [tunnel_back] = [item for item in home.machine.plan() if isinstance(item, Tunnel)]
    assert (str(tunnel_back.remote), tunnel_back.ports) == ("192.0.2.77", (434, 4444))
