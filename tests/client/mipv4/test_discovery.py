"""Agent discovery (RFC 5944 §2.4): who is believed, who is asked, and how often."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.machine import NEVER, Heard
from client.mipv4.discovery import Discovery
from tests.client.mipv4.by_hand import (
    AGENT,
    AGENT_MAC,
    CARE_OF,
    ETHERNET,
    HOME,
    IS_FOREIGN_AGENT,
    WIRELESS,
    heard_advertisement,
    ip,
    link,
    links,
    solicitations_in,
)
from tests.client.mipv4.conversation import Dice

ALL_ROUTERS_MAC = bytes.fromhex("01005e000002")


def plugged() -> Discovery:
    """Discovery on a link that came up at second 0."""
    discovery = Discovery(Dice().throw)
    discovery.change_links(links(link()), 0.0)
    return discovery


def run(discovery: Discovery, start: float, end: float) -> list[float]:
    """When solicitations go out between two times."""
    times, now = [], start
    while discovery.deadline <= end:
        now = max(discovery.deadline, now)
        times += [now for _ in solicitations_in(discovery.tick(now))]
        assert discovery.deadline > now
    return times


# --- soliciting ----------------------------------------------------------------------------------------


@pytest.mark.rfc("5944", "2.4", "solicits")
@pytest.mark.rfc("5944", "2.2", "ttl")
def test_solicitation_goes_at_once_to_all_routers_with_ttl_1() -> None:
    [send] = Discovery(Dice().throw).change_links(links(link()), 0.0)
    assert (str(send.packet.destination), send.packet.ttl) == ("224.0.0.2", 1)
    assert (send.interface, send.link_layer_destination) == (ETHERNET, ALL_ROUTERS_MAC)
    assert send.packet.payload == b"\x0a\x00\xf5\xff\x00\x00\x00\x00"


def test_solicitation_comes_from_an_address_of_the_link_else_the_home_address_else_nobody() -> None:
    [send] = Discovery(Dice().throw).change_links(links(link(ETHERNET, f"{CARE_OF}/24")), 0.0)
    assert str(send.packet.source) == CARE_OF
    discovery = Discovery(Dice().throw)
    [send] = discovery.change_links(links(link()), 0.0)
    assert str(send.packet.source) == "0.0.0.0"
    discovery.home_address = ip(HOME, HOME, 1, b"").source
    [send] = discovery.change_links(links(link(ups=2)), 1.0)
    assert str(send.packet.source) == HOME


@pytest.mark.rfc("5944", "2.4", "rate")
@pytest.mark.rfc("5944", "2.4", "slower")
@pytest.mark.rfc("5944", "2.4", "doubling")
@pytest.mark.rfc("5944", "2.4", "minute")
def test_three_solicitations_at_most_one_a_second_then_doubling_to_a_minute() -> None:
    times = run(plugged(), 0.0, 700.0)
    gaps = [later - earlier for earlier, later in pairwise([0.0, *times])]
    nominal = [1, 1, 2, 4, 8, 16, 32] + [60] * (len(gaps) - 7)
    assert all(wanted <= gap <= wanted * 1.1 for wanted, gap in zip(nominal, gaps, strict=True))
    assert len(gaps) > 12


@pytest.mark.rfc("5944", "2.4", "randomised")
def test_intervals_are_randomised() -> None:
    times = run(plugged(), 0.0, 700.0)
    late = {round(later - earlier, 6) for earlier, later in pairwise(times[8:])}
    assert len(late) == len(times[8:]) - 1


@pytest.mark.rfc("5944", "2.4", "only-when-needed")
@pytest.mark.rfc("5944", "2.4", "advertisements")
def test_first_advertisement_stops_the_asking() -> None:
    discovery = plugged()
    discovery.hear(heard_advertisement(lifetime=1000), 0.2)
    assert run(discovery, 0.2, 999.0) == []


@pytest.mark.rfc("5944", "2.4", "fast-again")
def test_agent_that_falls_silent_is_asked_for_anew_at_the_initial_rate() -> None:
    discovery = plugged()
    discovery.hear(heard_advertisement(lifetime=9), 0.2)
    times = run(discovery, 0.2, 12.0)
    assert times[0] == pytest.approx(9.2)
    assert len(times) == 3


@pytest.mark.rfc("5944", "2.4")
def test_link_that_comes_up_again_is_asked_at_once_and_its_agents_are_forgotten() -> None:
    discovery = plugged()
    discovery.hear(heard_advertisement(), 0.2)
    [send] = discovery.change_links(links(link(ups=2)), 0.3)
    assert send.interface == ETHERNET
    assert discovery.agents == ()


def test_address_that_comes_or_goes_causes_no_asking() -> None:
    discovery = plugged()
    assert discovery.change_links(links(link(ETHERNET, f"{CARE_OF}/24")), 0.3) == []


def test_link_that_goes_down_is_not_asked_and_its_agents_are_forgotten() -> None:
    discovery = plugged()
    discovery.hear(heard_advertisement(), 0.2)
    assert discovery.change_links(links(link(up=False)), 0.3) == []
    assert (discovery.agents, discovery.deadline) == ((), NEVER)


@pytest.mark.rfc("5944", "2.4")
def test_where_a_care_of_address_is_known_three_solicitations_are_enough() -> None:
    discovery = plugged()
    discovery.settle(frozenset({ETHERNET}), 0.1)
    assert len(run(discovery, 0.1, 1000.0)) == 2
    assert discovery.deadline == NEVER


@pytest.mark.rfc("5944", "2.4")
def test_where_the_care_of_address_is_lost_the_search_begins_anew() -> None:
    discovery = plugged()
    discovery.settle(frozenset({ETHERNET}), 0.1)
    run(discovery, 0.1, 100.0)
    assert len(solicitations_in(discovery.settle(frozenset(), 100.0))) == 1
    assert len(run(discovery, 100.0, 102.5)) == 2


@pytest.mark.rfc("5944", "2.4", "rate")
@given(st.lists(st.tuples(st.floats(0, 0.5), st.integers(0, 3)), max_size=60))
def test_whoever_comes_and_goes_we_solicit_at_most_once_a_second(script: list[tuple[float, int]]) -> None:
    discovery, now, times = plugged(), 0.0, [0.0]
    for pause, what in script:
        times += run(discovery, now, now + pause)
        now += pause
        match what:
            case 0:
                discovery.hear(heard_advertisement(lifetime=1), now)
            case 1:
                discovery.hear(heard_advertisement(lifetime=0), now)
            case 2:
                times += [now for _ in solicitations_in(discovery.settle(frozenset({ETHERNET}), now))]
            case 3:
                times += [now for _ in solicitations_in(discovery.settle(frozenset(), now))]
    assert all(later - earlier >= 1 - 1e-9 for earlier, later in pairwise(times))


# --- whom we believe ------------------------------------------------------------------------------------


@pytest.mark.rfc("5944", "2.1")
@pytest.mark.parametrize(
    "heard",
    [
        heard_advertisement(ttl=2),
        heard_advertisement(ttl=255),
        heard_advertisement(wrong_checksum=True),
        heard_advertisement(code=1),
        heard_advertisement(flags=0),
        heard_advertisement(care_of=()),
        heard_advertisement(routers=(AGENT,), prefix_lengths=(33,)),
        heard_advertisement(routers=(AGENT,), prefix_lengths=(24, 24)),
        heard_advertisement(source="0.0.0.0"),
        heard_advertisement(source="224.0.0.9"),
        heard_advertisement(source="127.0.0.1"),
        heard_advertisement(interface=WIRELESS),
        Heard(packet=ip(AGENT, "224.0.0.1", 1, b"\x09", 1), interface=ETHERNET, link_layer_source=AGENT_MAC),
        Heard(packet=ip(AGENT, "224.0.0.1", 17, bytes(40), 1), interface=ETHERNET, link_layer_source=AGENT_MAC),
    ],
    ids=str,
)
def test_advertisement_that_is_not_right_is_counted_and_forgotten(heard: Heard) -> None:
    discovery = plugged()
    before = discovery.deadline
    assert discovery.hear(heard, 0.2) is None
    assert (discovery.agents, discovery.dropped, discovery.deadline) == ((), 1, before)


@pytest.mark.rfc("5944", "2.4")
def test_reserved_bits_are_ignored() -> None:
    discovery = plugged()
    agent = discovery.hear(heard_advertisement(flags=IS_FOREIGN_AGENT | 0x021F), 0.2)
    assert agent is not None
    assert agent.advertisement.flags == IS_FOREIGN_AGENT


def test_our_own_address_is_no_agent() -> None:
    discovery = Discovery(Dice().throw)
    discovery.change_links(links(link(ETHERNET, f"{AGENT}/24")), 0.0)
    assert discovery.hear(heard_advertisement(), 0.2) is None


def test_another_station_cannot_speak_for_an_agent_that_is_alive() -> None:
    discovery = plugged()
    discovery.hear(heard_advertisement(lifetime=9), 0.2)
    impostor = heard_advertisement(mac=b"\x02\x66\x66\x66\x66\x66", sequence=0, lifetime=0)
    assert discovery.hear(impostor, 4.0) is None
    [agent] = discovery.agents
    assert (agent.link_layer_address, agent.reboots, agent.heard_at) == (AGENT_MAC, 0, 0.2)


def test_agent_that_missed_its_turn_may_come_back_with_another_network_card() -> None:
    discovery = plugged()
    discovery.hear(heard_advertisement(lifetime=9), 0.2)
    discovery.hear(heard_advertisement(lifetime=9, mac=b"\x02\x00\x00\x00\x0a\x02"), 6.0)
    [agent] = discovery.agents
    assert agent.link_layer_address == b"\x02\x00\x00\x00\x0a\x02"


def flood(discovery: Discovery, count: int, now: float) -> None:
    """So many strangers advertise."""
    for number in range(count):
        source, mac = f"10.0.{number // 200}.{number % 200 + 1}", number.to_bytes(6, "big")
        discovery.hear(heard_advertisement(source=source, mac=mac, lifetime=9000), now)


def test_sixteen_agents_are_remembered_however_many_there_are() -> None:
    discovery = plugged()
    flood(discovery, 500, 1.0)
    assert len(discovery.agents) == 16


def test_flood_of_strangers_does_not_push_out_the_agent_in_use() -> None:
    discovery = plugged()
    mine = discovery.hear(heard_advertisement(lifetime=9000), 0.2)
    assert mine is not None
    discovery.kept = frozenset({mine.address})
    flood(discovery, 500, 1.0)
    assert mine in discovery.agents
    assert len(discovery.agents) == 16


def test_least_recently_heard_agent_makes_room() -> None:
    discovery = plugged()
    flood(discovery, 16, 1.0)
    old, *others = discovery.agents
    discovery.hear(heard_advertisement(), 2.0)
    assert old not in discovery.agents
    assert set(others) < set(discovery.agents)


# --- lifetime (§2.4.2.1) and sequence numbers (§2.4.4) -----------------------------------------------------


@pytest.mark.rfc("5944", "2.4.2.1", "lifetime")
@pytest.mark.rfc("5944", "2.4.2.1", "lost")
def test_agent_is_lost_when_its_lifetime_is_over_and_not_before() -> None:
    discovery = plugged()
    discovery.hear(heard_advertisement(lifetime=9), 0.5)
    discovery.tick(9.4)
    assert len(discovery.agents) == 1
    discovery.tick(9.5)
    assert not discovery.agents


@pytest.mark.rfc("5944", "2.4.2.1")
def test_each_advertisement_begins_the_lifetime_anew() -> None:
    discovery = plugged()
    discovery.hear(heard_advertisement(lifetime=9), 0.5)
    discovery.hear(heard_advertisement(lifetime=9, sequence=8), 3.5)
    discovery.tick(12.4)
    assert len(discovery.agents) == 1


def test_advertisement_with_lifetime_0_is_a_goodbye() -> None:
    discovery = plugged()
    discovery.hear(heard_advertisement(), 1.5)
    discovery.hear(heard_advertisement(lifetime=0, sequence=8), 2.5)
    assert not discovery.agents
    assert run(discovery, 2.5, 2.6) == [2.5]


def test_first_word_that_is_a_goodbye_makes_no_agent() -> None:
    discovery = plugged()
    discovery.hear(heard_advertisement(lifetime=0), 0.5)
    assert not discovery.agents


@pytest.mark.rfc("5944", "2.4.4", "restart")
@pytest.mark.rfc("5944", "2.4.4", "rollover")
@pytest.mark.parametrize(
    ("first", "second", "reboots"),
    [
        (7, 8, 0),
        (7, 7, 0),
        (300, 0, 1),
        (300, 255, 1),
        (300, 256, 0),
        (0xFFFF, 256, 0),
        (0xFFFF, 300, 0),
        (0xFFFF, 0, 1),
        (200, 100, 1),
        (0, 0, 0),
        (255, 256, 0),
        (5, 0, 1),
    ],
)
def test_smaller_below_256_is_a_reboot_and_smaller_above_a_roll_over(first: int, second: int, reboots: int) -> None:
    discovery = plugged()
    discovery.hear(heard_advertisement(sequence=first), 0.2)
    agent = discovery.hear(heard_advertisement(sequence=second), 0.4)
    assert agent is not None
    assert agent.reboots == reboots


@given(st.binary(max_size=120), st.integers(0, 3), st.integers(0, 255))
def test_any_bytes_are_heard_without_harm(payload: bytes, protocol: int, ttl: int) -> None:
    discovery = plugged()
    heard = Heard(packet=ip(AGENT, "224.0.0.1", protocol, payload, ttl), interface=ETHERNET)
    assert discovery.hear(heard, 0.2) is None
    assert discovery.dropped == 1
