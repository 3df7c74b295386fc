"""Where we are (RFC 5944 §2.4.2, §2.4.3): from links and agents to one attachment."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.choice import Preference
from client.core.links import Link, Links
from client.mipv4.advertisement import AgentAdvertisement, AgentFlags
from client.mipv4.discovery import Agent
from client.mipv4.movement import (
    AtHome,
    Attachment,
    CoLocated,
    Nowhere,
    Surroundings,
    ViaAgent,
    locate,
)
from tests.client.mipv4.by_hand import (
    AGENT,
    AGENT_CARE_OF,
    CARE_OF,
    ETHERNET,
    GATEWAY,
    HOME,
    HOME_AGENT,
    SETTINGS,
    WIRELESS,
    link,
)

NOWHERE = Nowhere()
FOREIGN = AgentFlags.FOREIGN_AGENT
PLAIN = link()
ADDRESSED = link(ETHERNET, f"{CARE_OF}/24", gateway=GATEWAY)
HOME_LIKE = link(ETHERNET, "198.51.100.77/24", gateway="198.51.100.254")


def agent(
    address: str = AGENT,
    *,
    interface: int = ETHERNET,
    flags: AgentFlags = FOREIGN,
    care_of: tuple[str, ...] = (AGENT_CARE_OF,),
    prefix: str | None = None,
    heard_at: float = 0.0,
    lifetime: int = 9,
    registration_lifetime: int = 1800,
    code: int = 0,
    routers: tuple[str, ...] = (),
) -> Agent:
    """An agent that was heard."""
    network = IPv4Interface(prefix) if prefix else None
    return Agent(
        interface=interface,
        address=IPv4Address(address),
        link_layer_address=bytes(6),
        heard_at=heard_at,
        advertisement=AgentAdvertisement(
            lifetime=lifetime,
            sequence_number=1,
            registration_lifetime=registration_lifetime,
            flags=flags,
            care_of_addresses=tuple(IPv4Address(one) for one in care_of),
            router_addresses=(network.ip,) if network else tuple(IPv4Address(one) for one in routers),
            prefix_lengths=(network.network.prefixlen,) if network else (),
            code=code,
        ),
    )


THE_AGENT = agent()
OTHER = agent("192.0.2.2", care_of=("192.0.2.8",))
HOME_AGENT_HEARD = agent(HOME_AGENT, flags=AgentFlags.HOME_AGENT, care_of=())


def around(
    *links: Link,
    agents: tuple[Agent, ...] = (),
    preference: Preference = Preference.AUTO,
    now: float = 1.0,
    current: Attachment = NOWHERE,
    refusing: frozenset[tuple[int, IPv4Address]] = frozenset(),
    overlaps: frozenset[tuple[int, int]] = frozenset(),
    confirmed: frozenset[tuple[int, int]] = frozenset(),
) -> Attachment:
    """Where that is."""
    return locate(
        Surroundings(
            settings=replace(SETTINGS, care_of=preference),
            home_address=IPv4Address(HOME),
            links=Links(links),
            agents=agents,
            now=now,
            current=current,
            refusing=refusing,
            overlaps=overlaps,
            confirmed=confirmed,
        )
    )


def via(one: Agent = THE_AGENT, on: Link = PLAIN, care_of: str = AGENT_CARE_OF) -> ViaAgent:
    """Attached through an agent."""
    return ViaAgent(link=on, agent=one, care_of_address=IPv4Address(care_of))


def co_located(on: Link = ADDRESSED, requiring: Agent | None = None) -> CoLocated:
    """Attached with an address of our own."""
    return CoLocated(link=on, address=on.addresses[0], agent=requiring)


# --- home (§2.4.3) ----------------------------------------------------------------------------------------


@pytest.mark.rfc("5944", "2.4.3")
def test_home_agents_own_advertisement_is_home_for_certain() -> None:
    found = around(PLAIN, agents=(HOME_AGENT_HEARD,))
    assert found == AtHome(link=PLAIN, certain=True, gateway=IPv4Address(HOME_AGENT))


@pytest.mark.rfc("5944", "2.4.3")
def test_another_home_agents_advertisement_is_not_home() -> None:
    stranger = agent("198.51.100.9", flags=AgentFlags.HOME_AGENT, care_of=())
    assert around(PLAIN, agents=(stranger,)) == Nowhere()


@pytest.mark.rfc("5944", "2.4.3")
def test_home_agent_that_serves_a_foreign_link_without_the_h_bit_is_not_home() -> None:
    assert not isinstance(around(PLAIN, agents=(agent(HOME_AGENT),)), AtHome)


def test_gateway_at_home_is_the_links_else_the_advertised_router_else_the_agent_if_it_routes() -> None:
    assert around(HOME_LIKE, agents=(HOME_AGENT_HEARD,)) == AtHome(
        link=HOME_LIKE, certain=True, gateway=IPv4Address("198.51.100.254")
    )
    for code, routers, gateway in ((0, ("198.51.100.9",), "198.51.100.9"), (16, (), None), (0, (), HOME_AGENT)):
        heard = agent(HOME_AGENT, flags=AgentFlags.HOME_AGENT, care_of=(), code=code, routers=routers)
        found = around(PLAIN, agents=(heard,))
        assert isinstance(found, AtHome)
        assert found.gateway == (IPv4Address(gateway) if gateway else None)


def test_address_of_the_home_network_looks_like_home_but_is_not_certain() -> None:
    assert around(HOME_LIKE) == AtHome(link=HOME_LIKE, certain=False, gateway=IPv4Address("198.51.100.254"))


def test_home_agents_signature_makes_it_certain_for_this_visit_alone() -> None:
    found = around(HOME_LIKE, confirmed=frozenset({(ETHERNET, 1)}))
    assert found == AtHome(link=HOME_LIKE, certain=True, gateway=HOME_LIKE.gateway)
    again = replace(HOME_LIKE, ups=2)
    found = around(again, confirmed=frozenset({(ETHERNET, 1)}))
    assert found == AtHome(link=again, certain=False, gateway=HOME_LIKE.gateway)


def test_home_agent_that_falls_silent_does_not_make_us_leave() -> None:
    before = AtHome(link=PLAIN, certain=True, gateway=IPv4Address(HOME_AGENT))
    assert around(PLAIN, confirmed=frozenset({(ETHERNET, 1)}), current=before) == before


def test_address_of_another_network_makes_us_leave_where_we_were_at_home() -> None:
    assert around(ADDRESSED, confirmed=frozenset({(ETHERNET, 1)})) == co_located()


def test_another_agent_on_the_link_speaks_against_home() -> None:
    assert around(HOME_LIKE, agents=(agent(),), confirmed=frozenset({(ETHERNET, 1)})) == via(on=HOME_LIKE)


def test_foreign_agent_that_serves_the_home_link_does_not() -> None:
    neighbour = agent("198.51.100.3", care_of=("198.51.100.3",))
    assert isinstance(around(HOME_LIKE, agents=(neighbour,)), AtHome)


def test_home_is_preferred_to_every_foreign_link() -> None:
    radio = replace(HOME_LIKE, index=WIRELESS)
    assert around(ADDRESSED, radio) == AtHome(link=radio, certain=False, gateway=radio.gateway)


def test_network_that_only_looks_like_home_is_refused_and_says_why() -> None:
    assert around(HOME_LIKE, overlaps=frozenset({(ETHERNET, 1)})) == Nowhere("care-of-in-home-network")


# --- foreign links ------------------------------------------------------------------------------------------


def test_nothing_is_nowhere() -> None:
    assert around() == Nowhere()
    assert around(PLAIN) == Nowhere()
    assert around(replace(ADDRESSED, up=False)) == Nowhere()


def test_ready_address_is_taken_at_once() -> None:
    assert around(ADDRESSED) == co_located()


def test_agent_is_taken_where_there_is_no_address() -> None:
    assert around(PLAIN, agents=(agent(),)) == via()


def test_agent_of_another_link_is_of_no_use() -> None:
    assert around(PLAIN, agents=(agent(interface=WIRELESS),)) == Nowhere()


def test_first_link_that_serves_is_taken() -> None:
    radio = link(WIRELESS, "203.0.113.99/24")
    assert around(PLAIN, radio, ADDRESSED) == co_located(radio)


@pytest.mark.parametrize(
    ("preference", "taken"),
    [(Preference.AUTO, CoLocated), (Preference.CO_LOCATED, CoLocated), (Preference.FOREIGN_AGENT, ViaAgent)],
)
def test_with_both_to_be_had_the_profile_decides(preference: Preference, taken: type[Attachment]) -> None:
    assert isinstance(around(ADDRESSED, agents=(agent(),), preference=preference), taken)


@pytest.mark.parametrize("preference", [Preference.AUTO, Preference.CO_LOCATED])
def test_without_an_agent_or_an_address_the_other_kind_serves(preference: Preference) -> None:
    assert around(PLAIN, agents=(agent(),), preference=preference) == via()
    assert around(ADDRESSED, preference=Preference.FOREIGN_AGENT) == co_located()


def test_auto_stays_with_the_kind_that_it_has() -> None:
    assert around(ADDRESSED, agents=(agent(),), current=via()) == via(on=ADDRESSED)
    assert around(ADDRESSED, agents=(agent(),), current=co_located()) == co_located()


def test_address_without_a_way_out_is_not_ready_unless_a_home_agent_is_its_neighbour() -> None:
    assert around(link(ETHERNET, f"{CARE_OF}/24", routed=False)) == Nowhere()
    wide = link(ETHERNET, "198.51.101.7/16", routed=False)
    assert around(wide) == co_located(wide)


def test_address_that_we_have_is_kept_beside_a_new_one() -> None:
    both = link(ETHERNET, "203.0.113.99/24", f"{CARE_OF}/24")
    assert around(both, current=co_located()) == CoLocated(link=both, address=both.addresses[1])


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        (HOME, "care-of-is-home-address"),
        (HOME_AGENT, "care-of-is-home-agent"),
        ("198.51.100.77", "care-of-in-home-network"),
        ("169.254.3.4", "care-of-not-routable"),
    ],
)
def test_address_that_cannot_be_a_care_of_address_is_refused_with_the_reason(address: str, reason: str) -> None:
    seeming = frozenset({(ETHERNET, 1)})
    assert around(link(ETHERNET, f"{address}/24"), overlaps=seeming) == Nowhere(reason)
    assert around(PLAIN, agents=(agent(care_of=(address,)),), overlaps=seeming) == Nowhere(reason)


def test_agents_first_care_of_address_that_can_be_one_is_taken_and_kept() -> None:
    offering = agent(care_of=(HOME, "192.0.2.8", AGENT_CARE_OF))
    assert around(PLAIN, agents=(offering,)) == via(offering, care_of="192.0.2.8")
    assert around(PLAIN, agents=(offering,), current=via()) == via(offering)


# --- agents: which one (§2.4.2, §3.6) --------------------------------------------------------------------------


@pytest.mark.rfc("5944", "3.6", "new-agents")
def test_new_agent_is_no_reason_to_move_while_the_current_one_is_heard() -> None:
    assert around(PLAIN, agents=(OTHER, agent()), current=via()) == via()


@pytest.mark.rfc("5944", "2.4.2.1")
def test_agent_that_fell_silent_is_replaced_by_one_that_is_heard() -> None:
    assert around(PLAIN, agents=(OTHER,), current=via()) == via(OTHER, care_of="192.0.2.8")


@pytest.mark.rfc("5944", "2.4.2.2", "both-prefixes")
@pytest.mark.rfc("5944", "2.4.2.2", "missing")
@pytest.mark.parametrize(
    ("ours", "theirs", "moves"),
    [
        ("192.0.2.1/25", "192.0.2.130/25", True),
        ("192.0.2.1/24", "192.0.2.2/24", False),
        (None, "192.0.2.130/25", False),
        ("192.0.2.1/25", None, False),
    ],
)
def test_other_prefix_is_a_move_only_if_both_agents_tell_theirs(
    ours: str | None, theirs: str | None, moves: bool
) -> None:
    current = agent(prefix=ours)
    newer = agent("192.0.2.130", care_of=("192.0.2.130",), prefix=theirs, heard_at=4.6)
    found = around(PLAIN, agents=(current, newer), current=via(current), now=4.6)
    assert found == (via(newer, care_of="192.0.2.130") if moves else via(current))


@pytest.mark.rfc("5944", "3.6")
def test_other_prefix_is_no_move_while_the_current_agent_keeps_its_turn() -> None:
    current = agent(prefix="192.0.2.1/25", heard_at=3.0)
    newer = agent("192.0.2.130", care_of=("192.0.2.130",), prefix="192.0.2.130/25", heard_at=4.6)
    assert around(PLAIN, agents=(current, newer), current=via(current), now=4.6) == via(current)


@pytest.mark.rfc("5944", "2.4.2.2")
def test_agent_whose_prefix_does_not_hold_our_own_address_means_that_we_moved() -> None:
    elsewhere = agent(prefix="192.0.2.1/24")
    here = agent("203.0.113.1", care_of=("203.0.113.1",), prefix="203.0.113.1/24")
    assert around(ADDRESSED, agents=(elsewhere,), current=co_located()) == via(elsewhere, ADDRESSED)
    assert around(ADDRESSED, agents=(here,), current=co_located()) == co_located()


@pytest.mark.rfc("5944", "2.1.1")
def test_busy_agent_takes_nobody_new_but_keeps_whom_it_has() -> None:
    busy = agent(flags=FOREIGN | AgentFlags.BUSY)
    assert around(PLAIN, agents=(busy,)) == Nowhere()
    assert around(PLAIN, agents=(busy, OTHER)) == via(OTHER, care_of="192.0.2.8")
    assert around(PLAIN, agents=(busy, OTHER), current=via()) == via(busy)


def test_agent_that_grants_no_lifetime_is_none() -> None:
    assert around(PLAIN, agents=(agent(registration_lifetime=0),)) == Nowhere()


def test_agent_that_turned_us_away_is_passed_over() -> None:
    refusing = frozenset({agent().key})
    assert around(PLAIN, agents=(agent(), OTHER), current=via(), refusing=refusing) == via(OTHER, care_of="192.0.2.8")
    assert around(PLAIN, agents=(agent(),), refusing=refusing) == Nowhere()


# --- the R bit (§2.4.1) -----------------------------------------------------------------------------------------

REQUIRING = agent(flags=FOREIGN | AgentFlags.REGISTRATION_REQUIRED)


@pytest.mark.rfc("5944", "2.4.1")
@pytest.mark.parametrize("preference", [Preference.AUTO, Preference.CO_LOCATED])
def test_agent_that_requires_it_sees_the_registration_of_our_own_address(preference: Preference) -> None:
    found = around(ADDRESSED, agents=(OTHER, REQUIRING), preference=preference)
    assert found == co_located(requiring=REQUIRING)


@pytest.mark.rfc("5944", "2.4.1")
def test_agent_that_requires_it_is_content_with_its_own_care_of_address() -> None:
    assert around(ADDRESSED, agents=(REQUIRING,), preference=Preference.FOREIGN_AGENT) == via(REQUIRING, ADDRESSED)
    assert around(ADDRESSED, agents=(REQUIRING,), current=via()) == via(REQUIRING, ADDRESSED)


@pytest.mark.rfc("5944", "2.4.1")
def test_of_two_that_require_it_we_stay_with_the_one_that_we_have() -> None:
    second = replace(OTHER, advertisement=replace(OTHER.advertisement, flags=REQUIRING.advertisement.flags))
    found = around(ADDRESSED, agents=(REQUIRING, second), current=co_located(requiring=second))
    assert found == co_located(requiring=second)


# --- anything ----------------------------------------------------------------------------------------------------

addresses = st.sampled_from([HOME, HOME_AGENT, CARE_OF, AGENT_CARE_OF, "198.51.100.77", "169.254.1.1", "10.0.0.1"])
some_links = st.builds(
    lambda index, own, up, routed: link(index, *(f"{one}/24" for one in own), up=up, routed=routed),
    st.integers(2, 3),
    st.lists(addresses, max_size=2),
    st.booleans(),
    st.booleans(),
)
some_agents = st.builds(
    lambda address, interface, flags, care_of, prefix, heard_at: agent(
        address,
        interface=interface,
        flags=AgentFlags(flags) | FOREIGN,
        care_of=tuple(care_of),
        prefix=prefix,
        heard_at=heard_at,
    ),
    addresses,
    st.integers(2, 3),
    st.sampled_from([0, 0x8000, 0x4000, 0xC000, 0x2000]),
    st.lists(addresses, min_size=1, max_size=2),
    st.sampled_from([None, "192.0.2.1/24", "203.0.113.1/24"]),
    st.floats(0, 9),
)


@given(
    st.lists(some_links, max_size=2, unique_by=lambda one: one.index),
    st.lists(some_agents, max_size=4),
    st.sampled_from(Preference),
    st.floats(0, 9),
)
def test_whatever_is_around_the_decision_is_steady_and_never_refused_itself(
    all_links: list[Link], agents: list[Agent], preference: Preference, now: float
) -> None:
    def once(current: Attachment) -> Attachment:
        return around(*all_links, agents=tuple(agents), preference=preference, now=now, current=current)

    found = once(Nowhere())
    match found:
        case CoLocated(address=address):
            assert str(address.ip) not in (HOME, HOME_AGENT, "198.51.100.77", "169.254.1.1")
        case ViaAgent(agent=one, care_of_address=care_of):
            assert care_of in one.advertisement.care_of_addresses
            assert str(care_of) not in (HOME, HOME_AGENT, "198.51.100.77", "169.254.1.1")
    steady = once(once(found))
    assert once(steady) == steady
