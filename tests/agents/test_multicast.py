"""Packets to many for those who are away: the B bit, and groups joined through the reverse tunnel."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from agents.settings import HomeAgentSettings
from client.core.ipv4 import IPv4Packet
from client.core.links import Links
from client.core.machine import NEVER, Heard, LinksChanged, Send, Timeout
from client.core.plan import ANCHOR, Relay
from tests.agents.by_hand import CARE_OF, HOME, HOME_LINK, UPLINK, heard, identification, link, request
from tests.agents.test_home_agent import SETTINGS, Agent
from tests.agents.test_igmp import checked, record, report

S, B, D, T = 0x80, 0x40, 0x20, 0x02
GROUP, OTHER = IPv4Address("239.1.2.3"), IPv4Address("239.1.2.4")


def relay(agent: Agent) -> Relay | None:
    relays = [item for item in agent.machine.plan() if isinstance(item, Relay)]
    assert len(relays) <= 1
    return relays[0] if relays else None


def hear_igmp(agent: Agent, data: bytes, now: float, source: str = HOME, interface: int = ANCHOR) -> None:
    packet = IPv4Packet(
        source=IPv4Address(source),
        destination=IPv4Address("224.0.0.22"),
        protocol=2,
        payload=checked(data),
        ttl=1,
    )
    assert agent.machine.handle(Heard(packet=packet, interface=interface), now) == []


def join(agent: Agent, group: IPv4Address = GROUP, now: float = 11.0) -> None:
    hear_igmp(agent, report(record(4, str(group))), now)


def groups(agent: Agent) -> frozenset[IPv4Address]:
    found = relay(agent)
    return found.groups if found else frozenset()


def away(flags: int = D | T, settings: HomeAgentSettings = SETTINGS) -> Agent:
    agent = Agent(settings)
    assert agent.ask(request(flags=flags, lifetime=600)).code == 0
    return agent


def questions(agent: Agent, until: float) -> list[float]:
    """When the node is asked, with the timer as the driver would set it."""
    asked = []
    while (now := agent.machine.deadline) <= until:
        outputs = agent.machine.handle(Timeout(), now)
        queries = [output for output in outputs if isinstance(output, Send)]
        assert all(query.packet.protocol == 2 and not query.signalling for query in queries)
        assert all(str(query.packet.destination) == HOME for query in queries)
        asked += [now] * len(queries)
    return asked


# --- broadcasts -------------------------------------------------------------------------------------


@pytest.mark.rfc("5944", "4.3", "forwarded")
@pytest.mark.parametrize(("flags", "nested"), [(B | D, False), (B | D | T, False), (B, True), (B | T, True)])
def test_the_b_bit_brings_the_home_links_broadcasts_nested_for_a_foreign_agent(flags: int, nested: bool) -> None:
    expected = Relay(
        interface=HOME_LINK.index, home_address=IPv4Address(HOME), broadcasts=True, groups=frozenset(), nested=nested
    )
    assert relay(away(flags)) == expected


@pytest.mark.rfc("5944", "4.3", "only-asked")
@pytest.mark.parametrize("flags", [0, D, T])
def test_who_does_not_ask_gets_no_broadcasts(flags: int) -> None:
    assert relay(away(flags)) is None


@pytest.mark.rfc("5944", "3.8.2", "b-bit")
def test_where_broadcasts_are_not_offered_the_bit_is_ignored_and_the_request_granted() -> None:
    assert relay(away(B | D, replace(SETTINGS, broadcasts=False))) is None


def test_a_virtual_home_network_has_no_broadcasts() -> None:
    assert relay(away(B | D | T, replace(SETTINGS, interface=None))) is None


def test_the_relay_follows_the_home_link_and_ends_with_the_binding() -> None:
    agent = away(B | D)
    agent.machine.handle(LinksChanged(Links((replace(HOME_LINK, index=7), UPLINK))), 11.0)
    found = relay(agent)
    assert found is not None
    assert found.interface == 7
    agent.machine.handle(LinksChanged(Links((link(2, "eth5", None, 9), UPLINK))), 12.0)
    assert relay(agent) is None
    agent.machine.handle(LinksChanged(Links((HOME_LINK, UPLINK))), 13.0)
    assert relay(agent) is not None
    agent.ask(request(lifetime=0, care_of=CARE_OF, ident=identification(1)), 14.0)
    assert relay(agent) is None


def test_with_several_bindings_one_that_asks_is_enough_and_one_agent_makes_them_nested() -> None:
    agent = away(D | T)
    agent.ask(request(flags=S | B, care_of="203.0.113.78", ident=identification(1)), 11.0)
    found = relay(agent)
    assert found is not None
    assert (found.broadcasts, found.nested) == (True, True)
    agent.ask(request(lifetime=0, care_of="203.0.113.78", ident=identification(2)), 12.0)
    found = relay(agent)
    assert found is not None
    assert (found.broadcasts, found.nested) == (False, False)


# --- groups -----------------------------------------------------------------------------------------


@pytest.mark.rfc("5944", "4.4")
def test_a_group_that_a_node_joins_through_its_tunnel_is_relayed_until_it_leaves() -> None:
    agent = away()
    assert groups(agent) == frozenset()
    join(agent)
    hear_igmp(agent, bytes((0x16, 0, 0, 0)) + OTHER.packed, 12.0)
    assert groups(agent) == {GROUP, OTHER}
    hear_igmp(agent, bytes((0x17, 0, 0, 0)) + OTHER.packed, 13.0)
    hear_igmp(agent, report(record(3, str(GROUP))), 13.0)
    assert groups(agent) == frozenset()


@pytest.mark.rfc("3376", "8.4")
def test_a_membership_that_nobody_confirms_ends_after_260_seconds() -> None:
    agent = away()
    join(agent, now=11.0)
    agent.machine.handle(Timeout(), 200.0)
    join(agent, OTHER, now=200.0)
    agent.machine.handle(Timeout(), 270.9)
    assert groups(agent) == {GROUP, OTHER}
    agent.machine.handle(Timeout(), 271.0)
    assert groups(agent) == {OTHER}


@pytest.mark.rfc("3376", "8.6")
def test_a_node_is_asked_soon_after_it_left_home_once_more_for_a_lost_question_and_then_no_more() -> None:
    assert questions(away(), until=400.0) == [11.0, 42.25]


@pytest.mark.rfc("3376", "8.2")
def test_who_is_in_a_group_is_asked_every_125_seconds() -> None:
    agent = away()
    assert questions(agent, until=50.0) == [11.0, 42.25]
    join(agent, now=50.0)
    assert questions(agent, until=300.0) == [167.25, 292.25]


def test_who_joins_late_is_asked_from_then_on() -> None:
    agent = away()
    questions(agent, until=400.0)
    join(agent, now=400.0)
    assert questions(agent, until=600.0) == [525.0]


def test_a_move_asks_nothing_and_keeps_the_groups() -> None:
    agent = away()
    join(agent)
    agent.ask(request(flags=D | T, care_of="203.0.113.78", ident=identification(1)), 12.0)
    assert groups(agent) == {GROUP}
    assert questions(agent, until=30.0) == [11.0]


def test_who_goes_home_is_in_no_group_of_ours_and_not_asked() -> None:
    agent = away()
    join(agent)
    agent.ask(request(lifetime=0, care_of=HOME, ident=identification(1)), 12.0)
    assert questions(agent, until=1000.0) == []
    assert agent.machine.deadline == NEVER
    agent.ask(request(flags=D | T, ident=identification(2)), 12.5)
    assert groups(agent) == frozenset()


def test_who_was_revoked_is_forgotten_with_its_groups() -> None:
    agent = away()
    join(agent)
    agent.machine.handle(Timeout(), 610.0)
    assert (groups(agent), agent.machine.deadline) == (frozenset(), NEVER)


@pytest.mark.parametrize(
    ("flags", "source", "interface"),
    [(D | T, HOME, HOME_LINK.index), (D | T, "198.51.100.24", ANCHOR), (D | B, HOME, ANCHOR)],
    ids=["from the link", "of a node at home", "without a reverse tunnel"],
)
def test_only_what_comes_out_of_a_nodes_own_reverse_tunnel_counts(flags: int, source: str, interface: int) -> None:
    agent = away(flags)
    hear_igmp(agent, report(record(4, str(GROUP))), 11.0, source, interface)
    assert groups(agent) == frozenset()


def test_where_groups_are_not_offered_nobody_is_heard_or_asked() -> None:
    agent = away(settings=replace(SETTINGS, multicast=False))
    assert relay(agent) is None
    join(agent)
    assert relay(agent) is None
    assert questions(agent, until=500.0) == []


def test_a_nodes_groups_are_limited_and_the_limit_is_told() -> None:
    agent = away()
    for number in range(100):
        join(agent, IPv4Address(f"239.5.5.{number}"))
    assert len(groups(agent)) == 64
    assert agent.machine.counters["too-many-groups"] == 36
    hear_igmp(agent, report(record(3, "239.5.5.0")), 12.0)
    join(agent, GROUP, 12.0)
    assert GROUP in groups(agent)


def test_a_broken_report_is_counted_and_changes_nothing() -> None:
    agent = away()
    join(agent)
    hear_igmp(agent, report(record(3, str(GROUP)), count=2), 12.0)
    assert groups(agent) == {GROUP}
    assert agent.machine.counters["malformed-igmp"] == 1


def test_a_report_changes_the_plan_of_its_own_node_alone() -> None:
    agent = away()
    other = request(flags=D | T, home="198.51.100.24", key=b"B" * 16)
    agent.hear(heard(other))
    before = agent.machine.plan()
    join(agent)
    after = agent.machine.plan()
    assert len(before) == len(after)
    assert sum(one is not two for one, two in zip(before, after, strict=True)) <= 3
    join(agent, now=12.0)
    assert agent.machine.plan() is after
