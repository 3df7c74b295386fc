"""A home agent and a correspondent in one daemon."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv6Address

import pytest

from agents.home6.agents6 import Agents6
from agents.nodes import Nodes
from agents.settings import AgentSettings
from client.core.machine import NEVER, LinksChanged, Send6, Timeout
from client.core.plan import Anchor, MobilityHeaders
from mipv6.correspondent_settings import CorrespondentSettings
from tests.agents.home6.by_hand import (
    ALICE,
    CARE_OF,
    HOME,
    HOME_AGENT,
    LINKS,
    SETTINGS,
    WALL,
    A,
    H,
    heard,
    icmp,
    read,
    timestamp,
    update,
)

HOME_TEST_INIT = bytes((59, 1, 1, 0, 0, 0, 0, 0)) + b"cookie!!"
BOTH = AgentSettings(home6=SETTINGS, correspondent=CorrespondentSettings())


def started(settings: AgentSettings = BOTH) -> Agents6:
    machine = Agents6(settings, Nodes((ALICE,)), lambda: WALL, lambda: 0.5)
    machine.handle(LinksChanged(LINKS), 0.0)
    return machine


def test_a_home_registration_is_the_home_agents() -> None:
    machine = started()
    assert machine.home_agent is not None
    outputs = machine.handle(heard(update(stamp=timestamp(6))), 10.0)
    assert [output.packet.payload[0] for output in outputs if isinstance(output, Send6)] == [135]  # the trial
    [first, *_] = machine.handle(Timeout(), 11.0)
    assert read(first).status == 0
    assert len(machine.home_agent.bindings) == 1


@pytest.mark.parametrize("destination", [HOME_AGENT, "2001:db8:ff::1"])
def test_a_test_of_addresses_is_the_correspondents(destination: str) -> None:
    [answer] = started().handle(heard(HOME_TEST_INIT, home=None, destination=destination), 10.0)
    assert isinstance(answer, Send6)
    assert answer.packet.payload[2] == 3  # a Home Test
    assert str(answer.packet.destination) == CARE_OF


def test_what_only_the_home_agent_could_take_is_not_refused_by_two() -> None:
    outputs = started().handle(heard(bytes((59, 0, 77, 0, 0, 0, 0, 0))), 10.0)
    assert len(outputs) == 1


@pytest.mark.rfc("6275", "9.3.1")
def test_a_home_address_that_is_bound_here_may_be_named() -> None:
    machine = started(replace(BOTH, home6=replace(SETTINGS, accept_unprotected=True)))
    solicitation = icmp(146, bytes(4), CARE_OF, HOME_AGENT, home=HOME, interface=3)
    [error] = machine.handle(solicitation, 5.0)
    assert isinstance(error, Send6)
    assert error.packet.payload[2] == 7  # a Binding Error: nobody is bound yet
    machine.handle(heard(update(stamp=timestamp(6))), 10.0)
    machine.handle(Timeout(), 11.0)
    [answer] = machine.handle(solicitation, 12.0)
    assert isinstance(answer, Send6)
    assert answer.packet.payload[0] == 147


@pytest.mark.rfc("6275", "10.3.1")
def test_131_from_a_correspondent_that_is_no_home_agent() -> None:
    [answer] = started(AgentSettings(correspondent=CorrespondentSettings())).handle(heard(update(flags=A | H)), 5.0)
    assert read(answer).status == 131


def test_every_home_agent_is_a_correspondent_too() -> None:
    assert len(started(AgentSettings(home6=SETTINGS)).handle(heard(HOME_TEST_INIT, home=None), 5.0)) == 1


def test_both_plans_are_one_with_one_anchor() -> None:
    machine = started()
    plan = machine.plan()
    assert len({item.key for item in plan}) == len(plan)
    assert MobilityHeaders() in plan
    assert len([item for item in plan if isinstance(item, Anchor)]) == 1
    machine.handle(heard(HOME_TEST_INIT, home=None), 10.0)
    assert machine.plan() is plan


def test_without_a_role_there_is_nothing() -> None:
    machine = Agents6(AgentSettings(), Nodes(()), lambda: WALL, lambda: 0.5)
    assert machine.handle(LinksChanged(LINKS), 0.0) == []
    assert (machine.plan(), machine.deadline, machine.memory(), machine.counters) == ((), NEVER, b"", {})


def test_what_was_done_and_dropped_is_counted_together() -> None:
    machine = started()
    machine.handle(heard(HOME_TEST_INIT, home=None), 10.0)
    machine.handle(heard(update(nai="mallory")), 10.0)
    assert machine.counters == {"home-tests": 1, "unknown-node": 1}
    assert machine.home_agent is not None
    assert machine.home_agent.care_of_address(IPv6Address(HOME)) is None
