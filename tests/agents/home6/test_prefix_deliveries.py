"""Prefixes of the home link for those who are away."""

from __future__ import annotations

import struct
from dataclasses import replace
from ipaddress import IPv6Address, IPv6Network
from typing import Any

import pytest

from agents.home6.prefixes import PrefixesChanged
from agents.home6.settings import HomePrefix
from client.core.machine import NEVER, Heard6, Output, Send6, Timeout
from client.core.plan import ANCHOR, Tunnel
from tests.agents.home6.by_hand import CARE_OF, HOME, HOME_AGENT, SETTINGS, heard, icmp, timestamp, update
from tests.agents.home6.test_home_agent import NEXT, Agent, at_home, later

ACCEPTING = replace(SETTINGS, accept_unprotected=True, max_prefix_interval=1000.0, max_lifetime=4000)
SECOND = HomePrefix(prefix=IPv6Network("2001:db8:5::/64"))


def solicited(**changes: Any) -> Heard6:
    """A Mobile Prefix Solicitation (RFC 6275 §6.7)."""
    arrival: dict[str, Any] = {"source": CARE_OF, "destination": HOME_AGENT, "home": HOME, "interface": 3}
    return icmp(146, struct.pack("!HH", 0xABCD, 0), hop_limit=60, **{**arrival, **changes})


def away(settings: Any = ACCEPTING) -> Agent:
    agent = Agent(settings)
    agent.bind(header=update(stamp=timestamp(-5), lifetime=600 * 4))
    return agent


def read(output: Output) -> tuple[Send6, int, list[bytes]]:
    """A Mobile Prefix Advertisement (RFC 6275 §6.8): how it goes, its identifier, its options."""
    assert isinstance(output, Send6)
    data = output.packet.payload
    assert (data[0], data[6:8]) == (147, b"\0\0")  # neither M nor O
    options = [data[place : place + 32] for place in range(8, len(data), 32)]
    return output, int.from_bytes(data[4:6], "big"), options


def quiet(agent: Agent, now: float) -> list[Output]:
    """What is due now, but for what the home link hears."""
    return [each for each in agent.machine.handle(Timeout(), now) if isinstance(each, Send6) and not each.interface]


@pytest.mark.rfc("6275", "10.6.2", "solicited")
@pytest.mark.rfc("6275", "10.6.3", "source")
@pytest.mark.rfc("6275", "10.6.3", "destination")
@pytest.mark.rfc("6275", "10.6.3", "routing-header")
@pytest.mark.rfc("6275", "6.8", "identifier")
@pytest.mark.rfc("6275", "6.8", "routing-header")
@pytest.mark.rfc("6275", "6.8", "prefix-information")
@pytest.mark.rfc("6275", "6.8", "no-dhcp")
@pytest.mark.rfc("6275", "6.8", "option-format")
def test_who_asks_is_told_at_once_with_the_identifier_and_a_routing_header() -> None:
    agent = away(replace(ACCEPTING, prefixes=(*SETTINGS.prefixes, SECOND)))
    [output] = agent.hear(solicited())
    send, identifier, options = read(output)
    packet = send.packet
    assert identifier == 0xABCD
    assert (str(packet.source), str(packet.destination), str(packet.routing)) == (HOME_AGENT, CARE_OF, HOME)
    assert options == [
        struct.pack("!BBBBII4x16s", 3, 4, 64, 0xE0, 2592000, 604800, IPv6Address(HOME_AGENT).packed),
        struct.pack("!BBBBII4x16s", 3, 4, 64, 0xC0, 2592000, 604800, IPv6Address("2001:db8:5::").packed),
    ]


@pytest.mark.rfc("4285", "2")
def test_where_nothing_protects_it_nothing_is_told() -> None:
    agent = away(replace(ACCEPTING, accept_unprotected=False))
    assert agent.hear(solicited()) == []
    assert agent.machine.counters["prefix-solicitation-ignored"] == 1
    agent.machine.handle(PrefixesChanged((*SETTINGS.prefixes, SECOND)), 20.0)
    agent.machine.handle(Timeout(), 30.0)
    agent.machine.handle(Timeout(), 31.0)
    assert agent.machine.deadline > 600.0  # the binding's end


@pytest.mark.parametrize(
    "changes",
    [
        {"source": NEXT},
        {"home": None},
        {"home": "2001:db8:1::24"},
        {"interface": ANCHOR},
    ],
)
def test_strangers_are_not_told(changes: dict[str, Any]) -> None:
    assert away().hear(solicited(**changes)) == []


def test_what_is_for_others_is_not_answered() -> None:
    assert away().hear(solicited(destination="2001:db8:3::1")) == []


def test_who_is_home_is_not_told() -> None:
    assert Agent(ACCEPTING).hear(solicited()) == []


def test_who_asks_too_often_waits() -> None:
    agent = away()
    assert [len(agent.hear(solicited(), now)) for now in (20.0, 20.0, 20.0, 20.9, 21.0)] == [1, 1, 0, 0, 1]


def test_what_was_sent_unasked_and_is_asked_about_at_once_is_answered() -> None:
    """The mobile node discards the first and solicits (§11.4.3): that would take seconds otherwise."""
    agent = away()
    agent.machine.handle(PrefixesChanged((*SETTINGS.prefixes, SECOND)), 20.0)
    while not (unasked := quiet(agent, due := agent.machine.deadline)):
        assert due < 900
    assert [read(output)[1] for output in unasked] == [0]
    assert [read(output)[1] for output in agent.hear(solicited(), due + 0.001)] == [0xABCD]


@pytest.mark.rfc("6275", "10.6.2", "back-off")
@pytest.mark.rfc("6275", "10.6.2", "prefix-added")
@pytest.mark.rfc("6275", "10.6.2", "repeat")
def test_a_change_is_told_after_a_random_delay_and_repeated_until_it_is_acknowledged() -> None:
    agent = away()
    agent.hear(solicited(), 20.0)
    agent.machine.handle(PrefixesChanged((*SETTINGS.prefixes, SECOND)), 30.0)
    times = []
    for _ in range(20):
        now = agent.machine.deadline
        if now < 900:
            times += [now] * len(quiet(agent, now))
    assert times == [830.0, 833.0, 839.0, 851.0]  # 600 and half of what is up to 1000


@pytest.mark.rfc("6275", "6.8", "destination")
@pytest.mark.rfc("6275", "10.6.2", "repeat")
def test_a_solicitation_acknowledges_it() -> None:
    agent = away()
    agent.machine.handle(PrefixesChanged((*SETTINGS.prefixes, SECOND)), 30.0)
    [output] = quiet(agent, 830.0)
    send, identifier, options = read(output)
    assert (identifier, len(options)) == (0, 2)
    assert (str(send.packet.destination), str(send.packet.routing)) == (CARE_OF, HOME)
    assert len(agent.hear(solicited(), 831.0)) == 1
    assert quiet(agent, 833.0) == []


@pytest.mark.rfc("6275", "10.6.2")
def test_it_goes_to_where_the_node_is_by_then() -> None:
    agent = away()
    agent.machine.handle(PrefixesChanged((*SETTINGS.prefixes, SECOND)), 30.0)
    agent.hear(heard(later(care_of=NEXT, lifetime=2400), source=NEXT), 100.0)
    [output] = quiet(agent, 830.0)
    assert str(read(output)[0].packet.destination) == NEXT


@pytest.mark.rfc("6275", "10.6.2", "expired")
def test_who_is_home_again_is_told_nothing() -> None:
    agent = away()
    agent.machine.handle(PrefixesChanged((*SETTINGS.prefixes, SECOND)), 30.0)
    agent.hear(heard(at_home(), source=HOME, home=None, interface=2), 100.0)
    assert quiet(agent, 830.0) == []
    assert agent.machine.deadline == NEVER


@pytest.mark.rfc("6275", "10.6.2")
def test_who_was_told_nothing_for_long_is_told() -> None:
    agent = away()
    assert len(quiet(agent, 811.0)) == 1


@pytest.mark.rfc("6275", "10.3.1", "prefix-ended")
def test_a_prefix_that_is_taken_away_takes_its_bindings_with_it() -> None:
    agent = away()
    agent.machine.handle(PrefixesChanged((SECOND,)), 30.0)
    assert agent.care_of == ""
    assert not [item for item in agent.machine.plan() if isinstance(item, Tunnel)]


@pytest.mark.rfc("6275", "10.3.1", "within-prefix")
def test_a_prefix_with_less_left_shortens_its_bindings() -> None:
    agent = away()
    ending = replace(SETTINGS.prefixes[0], valid=100, preferred=0, counts_down=True)
    agent.machine.handle(PrefixesChanged((ending,)), 30.0)
    agent.machine.handle(Timeout(), 129.0)
    assert agent.care_of == CARE_OF
    agent.machine.handle(Timeout(), 130.0)
    assert agent.care_of == ""


@pytest.mark.rfc("6275", "10.6.1")
def test_what_was_read_again_and_is_the_same_is_no_news() -> None:
    agent = away()
    agent.hear(solicited(), 20.0)
    agent.machine.handle(PrefixesChanged(SETTINGS.prefixes), 30.0)
    assert quiet(agent, 900.0) == []
