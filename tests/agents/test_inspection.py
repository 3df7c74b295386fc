"""What people see of bindings and visitors."""

from __future__ import annotations

from typing import Any

import msgspec

from agents.home6.agents6 import Agents6
from agents.inspection import inspect
from agents.mobility_agent import MobilityAgent
from agents.nodes import Nodes
from agents.settings import AgentSettings
from client.core.machine import LinksChanged
from tests.agents.by_hand import CARE_OF, HOME, LINKS, WALL, heard, identification, request, udp_request
from tests.agents.test_foreign_agent import FA, MAC
from tests.agents.test_home_agent import ALICE
from tests.agents.test_mobility_agent import BOTH

S, B, D, G, T = 0x80, 0x40, 0x20, 0x08, 0x02


NO_IPV6 = Agents6(AgentSettings(), Nodes(), lambda: WALL, lambda: 0.5)


def started() -> MobilityAgent:
    machine = MobilityAgent(BOTH, Nodes((ALICE,)), lambda: WALL, lambda: 0.5)
    machine.handle(LinksChanged(LINKS), 0.0)
    return machine


def shown(machine: MobilityAgent) -> dict[str, Any]:
    """As the control socket says it."""
    status: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(inspect(machine, NO_IPV6, 20.0)))
    return status


def test_each_binding_shows_where_its_packets_go_and_in_what() -> None:
    machine = started()
    machine.handle(heard(request(flags=S | B | D | G | T, lifetime=60)), 10.0)
    behind_nat = request(flags=S | D, care_of="10.0.0.7", extension=udp_request(), ident=identification(1))
    machine.handle(heard(behind_nat, source="192.0.2.77", source_port=4000), 11.0)
    first, second = shown(machine)["bindings"]
    assert (first["care_of_address"], first["encapsulation"], first["tunnel_to"]) == (CARE_OF, "gre", CARE_OF)
    assert (first["broadcasts"], first["reverse_tunnel"], first["groups"], first["expires_s"]) == (True, True, [], 50)
    assert (second["care_of_address"], second["encapsulation"]) == ("10.0.0.7", "udp")
    assert (second["tunnel_to"], second["broadcasts"]) == ("192.0.2.77:4000", False)
    assert shown(machine)["home_agents"][0]["bindings"] == 2


def test_a_visitor_shows_its_encapsulation() -> None:
    machine = started()
    arrival = heard(request(flags=G, care_of=FA), source=HOME, destination=FA, interface=4, link_layer_source=MAC)
    machine.handle(arrival, 10.0)
    [visitor] = shown(machine)["visitors"]
    assert visitor["encapsulation"] == "gre"
