"""Several roles in one daemon."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.mobility_agent import MobilityAgent
from agents.nodes import Nodes
from agents.settings import AddressRange, AgentSettings, ForeignAgentSettings, ForeignLinkSettings, HomeAgentSettings
from client.core.ipv4 import IPv4Packet
from client.core.links import Links
from client.core.machine import Heard, LinksChanged, Output, Send, Timeout
from client.core.plan import ANCHOR, End, Route, Table, Tunnel
from tests.agents.by_hand import (
    CARE_OF,
    HOME,
    HOME_AGENT,
    LINKS,
    UPLINK,
    VISITED,
    WALL,
    heard,
    identification,
    read,
    request,
)
from tests.agents.test_foreign_agent import FA, MAC, is_relayed
from tests.agents.test_home_agent import ALICE, BOB, CAROL

HOME_SETTINGS = HomeAgentSettings(
    address=IPv4Address(HOME_AGENT), network=IPv4Network("198.51.100.0/24"), interface="eth0"
)
FOREIGN_SETTINGS = ForeignAgentSettings(links=(ForeignLinkSettings(interface="eth1", care_of_address=IPv4Address(FA)),))
BOTH = AgentSettings(home_agents=(HOME_SETTINGS,), foreign_agent=FOREIGN_SETTINGS)


def started(settings: AgentSettings = BOTH, memory: bytes = b"", links: Links = LINKS) -> MobilityAgent:
    machine = MobilityAgent(settings, Nodes((ALICE, BOB, CAROL)), lambda: WALL, lambda: 0.5, memory)
    machine.handle(LinksChanged(links), 0.0)
    return machine


def visiting(machine: MobilityAgent, payload: bytes, **arrival: Any) -> list[Output]:
    arrival = {"source": HOME, "destination": FA, "interface": 4, "link_layer_source": MAC, **arrival}
    return machine.handle(heard(payload, **arrival), 10.0)


def test_each_link_is_told_of_the_role_that_it_has() -> None:
    machine = MobilityAgent(BOTH, Nodes(), lambda: WALL, lambda: 0.5)
    outputs = machine.handle(LinksChanged(LINKS), 0.0)
    flags = {
        output.interface: int.from_bytes(output.packet.payload[22:24], "big")
        for output in outputs
        if isinstance(output, Send)
    }
    assert flags == {2: 0x2000, 4: 0x1D00}  # H at home; F, M, G and T for visitors


def test_a_link_may_be_home_and_foreign_at_once() -> None:
    link = ForeignLinkSettings(interface="eth0", care_of_address=IPv4Address(HOME_AGENT), registration_required=True)
    settings = AgentSettings(home_agents=(HOME_SETTINGS,), foreign_agent=ForeignAgentSettings(links=(link,)))
    machine = MobilityAgent(settings, Nodes(), lambda: WALL, lambda: 0.5)
    [output] = machine.handle(LinksChanged(LINKS), 0.0)
    assert isinstance(output, Send)
    assert int.from_bytes(output.packet.payload[22:24], "big") == 0xBD00  # R, H, F, M, G and T


@pytest.mark.rfc("5944", "3.7.2")
def test_a_foreign_agent_that_is_the_home_agent_too_forwards_nothing(agent: MobilityAgent) -> None:
    outputs = visiting(agent, request(care_of=FA))
    [answer] = [output for output in outputs if isinstance(output, Send) and output.packet.protocol == 17]
    assert read(answer).code == 0
    assert read(answer).is_signed()
    assert (answer.interface, answer.link_layer_destination) == (4, MAC)
    plan = agent.plan()
    assert {item.end for item in plan if isinstance(item, Tunnel)} == {End.HOME, End.MOBILE}
    assert len({item.key for item in plan}) == len(plan)


@pytest.mark.rfc("5944", "3.7.2", "own-address")
def test_194_for_a_home_agent_address_of_ours_that_is_no_home_agent(agent: MobilityAgent) -> None:
    [output] = visiting(agent, request(agent="192.0.2.1", care_of=FA))
    assert read(output).code == 194


def test_visitors_of_other_home_agents_are_relayed(agent: MobilityAgent) -> None:
    alone = started(AgentSettings(foreign_agent=FOREIGN_SETTINGS), links=Links((UPLINK, VISITED)))
    assert is_relayed(visiting(alone, request(care_of=FA)))
    [output] = visiting(agent, request(agent="192.0.2.99", care_of=FA))
    assert isinstance(output, Send)
    assert str(output.packet.destination) == "192.0.2.99"


def test_a_node_with_an_address_of_its_own_speaks_to_the_home_agent_itself(agent: MobilityAgent) -> None:
    own = "203.0.113.9"
    outputs = visiting(agent, request(care_of=own, flags=0x20), source=own, destination=HOME_AGENT)
    assert read(outputs[0]).code == 0
    assert [str(binding.care_of_address) for binding in agent.home_agents[0].bindings] == [own]
    assert agent.foreign_agent is not None
    assert len(agent.foreign_agent.visitors) == 0


def test_beside_a_home_agent_no_visitors_word_draws_traffic_to_it(agent: MobilityAgent) -> None:
    visiting(agent, request(care_of=FA))
    routes = [item for item in agent.plan() if isinstance(item, Route) and item.table is Table.OURS]
    assert [route.interface for route in routes] == [ANCHOR]


def test_two_home_networks_are_served_each_by_its_own_agent() -> None:
    other = replace(
        HOME_SETTINGS,
        address=IPv4Address("192.0.2.1"),
        network=IPv4Network("192.0.2.0/24"),
        interface="eth9",
        pool=AddressRange(IPv4Address("192.0.2.100"), IPv4Address("192.0.2.110")),
    )
    machine = started(AgentSettings(home_agents=(HOME_SETTINGS, other)))
    carol = request(home="0.0.0.0", agent="192.0.2.1", nai="carol@example.net", key=b"C" * 16, ident=identification(0))
    [answer, *_] = machine.handle(heard(carol, destination="192.0.2.1"), 10.0)
    assert (read(answer).code, read(answer).home) == (0, "192.0.2.100")
    [answer, *_] = machine.handle(heard(request()), 10.0)
    assert read(answer).code == 0
    tunnels = {str(item.home_address): str(item.local) for item in machine.plan() if isinstance(item, Tunnel)}
    assert tunnels == {"192.0.2.100": "192.0.2.1", HOME: HOME_AGENT}
    again = started(AgentSettings(home_agents=(HOME_SETTINGS, other)), machine.memory())
    assert again.memory() == machine.memory() != b""


def test_the_deadline_is_the_first_of_all(agent: MobilityAgent) -> None:
    agent.handle(heard(request(lifetime=2, care_of=CARE_OF)), 1.0)
    agent.handle(Timeout(), 2.9)
    assert agent.deadline == 3.0
    agent.handle(Timeout(), 3.0)
    assert len(agent.home_agents[0].bindings) == 0


@pytest.mark.parametrize("memory", [b"", b"{", b"[1]", b'{"198.51.100.1": 5}', b"\xff"])
def test_a_memory_that_is_not_ours_is_as_good_as_none(memory: bytes) -> None:
    assert started(memory=memory).memory() == b""


@given(st.binary(max_size=100), st.sampled_from([1, 4, 6, 17]), st.sampled_from([0, 2, 3, 4, 99]))
def test_any_packet_is_survived(data: bytes, protocol: int, interface: int) -> None:
    machine = started()
    for destination in (FA, HOME_AGENT, "255.255.255.255", "224.0.0.11"):
        packet = IPv4Packet(
            source=IPv4Address(HOME), destination=IPv4Address(destination), protocol=protocol, payload=data
        )
        machine.handle(Heard(packet=packet, interface=interface, link_layer_source=MAC), 1.0)
        machine.handle(heard(data, destination=destination, interface=interface), 1.0)
        machine.handle(heard(b"\x01" + data, destination=destination, interface=interface), 1.0)
    assert not [item for item in machine.plan() if isinstance(item, Tunnel)]


@pytest.fixture
def agent() -> MobilityAgent:
    return started()
