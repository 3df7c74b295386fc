"""Several care-of addresses of one node at one time: the S bit (RFC 5944 §3.8.2.1, §3.8.2.2)."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.bindings import Binding, Bindings
from agents.path import Path
from client.core.machine import SendArp, Timeout
from client.core.plan import Encapsulation, Route, Tunnel
from tests.agents.by_hand import CARE_OF, HOME, heard, identification, request, udp_request
from tests.agents.test_home_agent import SETTINGS, Agent

S, D, G, T = 0x80, 0x20, 0x08, 0x02
OTHER, THIRD, FOURTH = "203.0.113.78", "203.0.113.79", "203.0.113.80"


def register(agent: Agent, care_of: str, at: float, flags: int = S | D | T, lifetime: int = 300) -> int:
    """The code that comes back; the identification rises with time."""
    payload = request(flags=flags, care_of=care_of, lifetime=lifetime, ident=identification(at - 10.0))
    agent.clock.time = 1_800_000_000.0 + at - 10.0
    return agent.ask(payload, at, source=care_of).code


def copies(agent: Agent) -> dict[int, str]:
    """Slot to remote address, of the tunnels that send."""
    tunnels = [item for item in agent.machine.plan() if isinstance(item, Tunnel) and item.sends]
    assert len({tunnel.copy for tunnel in tunnels}) == len(tunnels)
    return {tunnel.copy: str(tunnel.remote) for tunnel in tunnels}


@pytest.mark.rfc("5944", "3.8.2.2")
def test_the_s_bit_adds_a_binding_and_keeps_the_others(agent: Agent) -> None:
    assert register(agent, CARE_OF, 10.0, flags=T) == 0
    assert register(agent, OTHER, 11.0) == 0
    assert register(agent, THIRD, 12.0, flags=S | D | T | G) == 0
    assert copies(agent) == {0: CARE_OF, 1: OTHER, 2: THIRD}
    [third] = [item for item in agent.machine.plan() if isinstance(item, Tunnel) and item.copy == 2]
    assert third.encapsulation is Encapsulation.GRE
    assert len([item for item in agent.machine.plan() if isinstance(item, Route)]) == 1


@pytest.mark.rfc("5944", "3.8.2.2")
def test_without_the_s_bit_all_others_go_and_the_new_one_has_the_first_slot(agent: Agent) -> None:
    for second, care_of in enumerate((CARE_OF, OTHER, THIRD)):
        register(agent, care_of, 10.0 + second)
    assert register(agent, FOURTH, 20.0, flags=D | T) == 0
    assert copies(agent) == {0: FOURTH}
    former = {str(item.remote) for item in agent.machine.plan() if isinstance(item, Tunnel) and not item.sends}
    assert former == {CARE_OF, OTHER, THIRD}


@pytest.mark.rfc("5944", "3.8.2.3")
def test_135_for_more_than_a_node_may_have_but_not_for_a_renewal(agent: Agent) -> None:
    for second, care_of in enumerate((CARE_OF, OTHER, THIRD)):
        register(agent, care_of, 10.0 + second)
    assert register(agent, FOURTH, 20.0) == 135
    assert register(agent, OTHER, 21.0) == 0
    assert copies(agent) == {0: CARE_OF, 1: OTHER, 2: THIRD}
    assert register(agent, OTHER, 22.0, lifetime=0) == 0
    assert register(agent, FOURTH, 23.0) == 0
    assert copies(agent) == {0: CARE_OF, 1: THIRD, 2: FOURTH}


@pytest.mark.rfc("5944", "3.8.2.2")
def test_deregistering_one_leaves_the_others_and_the_last_takes_its_slot(agent: Agent) -> None:
    for second, care_of in enumerate((CARE_OF, OTHER, THIRD)):
        register(agent, care_of, 10.0 + second)
    assert register(agent, CARE_OF, 20.0, lifetime=0) == 0
    assert copies(agent) == {0: THIRD, 1: OTHER}
    assert register(agent, OTHER, 21.0, lifetime=0) == 0
    assert copies(agent) == {0: THIRD}
    assert agent.binding() == THIRD


@pytest.mark.rfc("5944", "3.8.2.2")
def test_deregistering_the_home_address_ends_all(agent: Agent) -> None:
    for second, care_of in enumerate((CARE_OF, OTHER)):
        register(agent, care_of, 10.0 + second)
    assert register(agent, HOME, 20.0, lifetime=0) == 0
    assert (copies(agent), agent.binding()) == ({}, None)


@pytest.mark.rfc("5944", "4.2.3", "others-kept")
def test_each_binding_ends_by_itself_and_the_others_stay(agent: Agent) -> None:
    register(agent, CARE_OF, 10.0, lifetime=20)
    register(agent, OTHER, 11.0, lifetime=100)
    agent.machine.handle(Timeout(), 29.9)
    assert copies(agent) == {0: CARE_OF, 1: OTHER}
    agent.machine.handle(Timeout(), 30.0)
    assert copies(agent) == {0: OTHER}
    assert agent.machine.deadline <= 111.0
    agent.machine.handle(Timeout(), 111.0)
    assert copies(agent) == {}


def test_udp_and_other_tunnels_stand_side_by_side(agent: Agent) -> None:
    register(agent, CARE_OF, 10.0)
    payload = request(flags=S | D | T, care_of="10.0.0.7", extension=udp_request(), ident=identification(1))
    assert agent.ask(payload, 11.0, source="192.0.2.77", source_port=4000).code == 0
    other = request(flags=S | D | T, care_of="10.0.0.8", extension=udp_request(), ident=identification(2))
    assert agent.ask(other, 12.0, source="192.0.2.77", source_port=4001).code == 0
    tunnels = [item for item in agent.machine.plan() if isinstance(item, Tunnel)]
    assert [(tunnel.copy, str(tunnel.remote), tunnel.ports) for tunnel in tunnels] == [
        (0, CARE_OF, None),
        (1, "192.0.2.77", (434, 4000)),
        (2, "192.0.2.77", (434, 4001)),
    ]
    assert len({tunnel.key for tunnel in tunnels}) == 3


def test_two_care_of_addresses_behind_one_port_are_one_way(agent: Agent) -> None:
    for second, care_of in enumerate(("10.0.0.7", "10.0.0.8")):
        payload = request(flags=S | D | T, care_of=care_of, extension=udp_request(), ident=identification(second))
        assert agent.ask(payload, 10.0 + second, source="192.0.2.77").code == 0
    assert copies(agent) == {0: "192.0.2.77"}
    assert agent.binding() == "10.0.0.8"


def test_a_doubled_request_of_one_care_of_address_is_answered_by_its_own_binding(agent: Agent) -> None:
    register(agent, CARE_OF, 10.0, lifetime=300)
    payload = request(flags=S, care_of=OTHER, lifetime=100, ident=identification(1))
    agent.ask(payload, 11.0)
    again = agent.ask(payload, 15.0)
    assert (again.code, again.lifetime) == (0, 96)


def test_only_the_first_binding_is_told_to_the_home_link_and_only_the_last_ends_proxy_arp(agent: Agent) -> None:
    first = agent.hear(heard(request(flags=S)))
    second = agent.hear(heard(request(flags=S, care_of=OTHER, ident=identification(1))))
    assert [isinstance(output, SendArp) for output in first] == [False, True]
    assert [isinstance(output, SendArp) for output in second] == [False]
    agent.hear(heard(request(lifetime=0, care_of=CARE_OF, ident=identification(2))), 10.5)
    assert any(isinstance(output, SendArp) for output in agent.machine.handle(Timeout(), agent.machine.deadline))


def test_room_is_counted_by_nodes_not_by_care_of_addresses() -> None:
    agent = Agent(replace(SETTINGS, max_bindings=1))
    assert register(agent, CARE_OF, 10.0) == 0
    assert register(agent, OTHER, 11.0) == 0
    assert agent.ask(request(home="198.51.100.24", key=b"B" * 16, ident=identification(2)), 12.0).code == 130


# --- slots ------------------------------------------------------------------------------------------

HOMES = [IPv4Address("198.51.100.23"), IPv4Address("198.51.100.24")]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["bind", "beside", "release", "all", "forget", "expire"]),
        st.integers(0, 1),
        st.integers(0, 4),
        st.integers(1, 30),
    ),
    max_size=60,
)


def binding(home: IPv4Address, number: int, expires: float) -> Binding:
    address = IPv4Address(f"203.0.113.{number}")
    return Binding(
        nai="",
        home_address=home,
        care_of_address=address,
        identification=0,
        path=Path(remote=address),
        reverse_tunnel=True,
        co_located=True,
        expires=expires,
    )


@given(STEPS)
def test_slots_are_what_a_list_would_be_and_no_more_than_one_changes_its_slot(
    steps: list[tuple[str, int, int, int]],
) -> None:
    """When one goes, at most the last one moves, into the slot that was left."""
    bindings = Bindings()
    plain: dict[IPv4Address, dict[IPv4Address, float]] = {home: {} for home in HOMES}
    for now, (step, which, number, lifetime) in enumerate(steps):
        home, address = HOMES[which], IPv4Address(f"203.0.113.{number}")
        before = [one.care_of_address for one in bindings.of(home)]
        match step:
            case "bind" | "beside":
                bindings.bind(binding(home, number, now + lifetime), float(now), beside_others=step == "beside")
                plain[home] = {**(plain[home] if step == "beside" else {}), address: now + lifetime}
            case "release":
                left = bindings.release(home, float(now), address)
                assert left == (address in plain[home] and len(plain[home]) == 1)
                plain[home].pop(address, None)
            case "all":
                bindings.release(home, float(now))
                plain[home] = {}
            case "forget":
                bindings.forget(home)
                plain[home] = {}
            case "expire":
                bindings.expire(float(now))
                plain = {home: {one: end for one, end in ends.items() if end > now} for home, ends in plain.items()}
        for home_address in HOMES:
            slots = bindings.of(home_address)
            assert {one.care_of_address: one.expires for one in slots} == plain[home_address]
            assert len(slots) == len(plain[home_address])
        assert bindings.away == sum(bool(ends) for ends in plain.values())
        assert len(bindings) == sum(map(len, plain.values()))
        after = [one.care_of_address for one in bindings.of(home)]
        if step in ("release", "beside"):
            moved = [one for one in after if one in before and after.index(one) != before.index(one)]
            assert len(moved) <= 1


def test_what_is_over_leaves_nothing_behind() -> None:
    bindings = Bindings()
    for number in range(1, 200):
        bindings.bind(binding(HOMES[0], number % 250, number + 5.0), float(number), beside_others=number % 2 == 0)
        bindings.expire(float(number))
    bindings.expire(1000.0)
    assert (len(bindings), bindings.away, bindings.former_paths(HOMES[0])) == (0, 0, frozenset())
    assert bindings.deadline == float("inf")


@pytest.fixture(name="agent")
def make_agent() -> Agent:
    return Agent()
