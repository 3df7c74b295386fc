"""The home agents list, and who is told of it."""

from __future__ import annotations

import struct
from dataclasses import replace
from ipaddress import IPv6Address, IPv6Interface
from typing import Any

import pytest

from agents.home6.home_agent import HomeAgent6
from agents.nodes import Nodes
from client.core.links import Address6, Links
from client.core.machine import Heard6, LinksChanged, Output, Send6
from client.core.plan import ANCHOR, Anycast
from tests.agents.home6.by_hand import CARE_OF, HOME_AGENT, HOME_LINK, LINKS, SETTINGS, UPLINK, WALL, icmp

ANYCAST = "2001:db8:1:0:fdff:ffff:ffff:fffe"
OTHER = "2001:db8:1::2"
THIRD = "2001:db8:1::3"


class Chance:
    """Numbers that tests give."""

    def __init__(self) -> None:
        self.numbers: list[float] = []

    def __call__(self) -> float:
        return self.numbers.pop(0) if self.numbers else 0.5


class Agent:
    """A home agent that others ask."""

    def __init__(self, links: Links = LINKS, **settings: Any) -> None:
        self.chance = Chance()
        self.machine = HomeAgent6(replace(SETTINGS, **settings), Nodes(()), lambda: WALL, self.chance)
        self.machine.handle(LinksChanged(links), 0.0)

    def ask(
        self, destination: str = ANYCAST, now: float = 1.0, source: str = CARE_OF, interface: int = 3
    ) -> list[Output]:
        """A Home Agent Address Discovery Request (RFC 6275 §6.5)."""
        request = icmp(144, struct.pack("!HH", 0xABCD, 0), source, destination, interface=interface, hop_limit=60)
        return self.machine.handle(request, now)

    def listed(self, now: float = 1.0) -> list[str]:
        [output] = self.ask(now=now)
        assert isinstance(output, Send6)
        data = output.packet.payload
        assert (data[0], data[4:6]) == (145, bytes.fromhex("abcd"))
        return [str(IPv6Address(data[place : place + 16])) for place in range(8, len(data), 16)]

    def advertised(self, event: Heard6, now: float = 1.0) -> None:
        assert self.machine.handle(event, now) == []


def prefix(address: str, valid: int = 1000, flags: int = 0xE0) -> bytes:
    """A prefix information option (RFC 6275 §7.2); 0x20 is the R bit."""
    return struct.pack("!BBBBII4x16s", 3, 4, 64, flags, valid, valid, IPv6Address(address).packed)


def information(preference: int, lifetime: int) -> bytes:
    """A home agent information option (RFC 6275 §7.4)."""
    return struct.pack("!BBHHH", 8, 1, 0, preference, lifetime)


def advertisement(
    *options: bytes, flags: int = 0x20, lifetime: int = 300, source: str = "fe80::2", hop_limit: int = 255
) -> Heard6:
    """A Router Advertisement (RFC 4861 §4.2); 0x20 is the H bit."""
    body = struct.pack("!BBHII", 64, flags, lifetime, 0, 0) + b"".join(options)
    return icmp(134, body, source, "ff02::1", hop_limit=hop_limit)


@pytest.mark.rfc("6275", "8.4")
def test_the_anycast_address_of_each_prefix_is_ours_on_the_home_link() -> None:
    assert Anycast(2, IPv6Address(ANYCAST)) in Agent().machine.plan()
    assert not [item for item in Agent(discovery=False).machine.plan() if isinstance(item, Anycast)]
    assert not [item for item in Agent(Links((UPLINK,))).machine.plan() if isinstance(item, Anycast)]


@pytest.mark.rfc("6275", "6.5", "to-source")
@pytest.mark.rfc("6275", "10.5.1", "reply")
def test_a_reply_comes_from_our_own_address_and_names_it() -> None:
    [output] = Agent().ask()
    assert isinstance(output, Send6)
    packet = output.packet
    assert (str(packet.source), str(packet.destination)) == (HOME_AGENT, CARE_OF)
    assert packet.payload[8:] == IPv6Address(HOME_AGENT).packed
    assert output.interface is None


@pytest.mark.rfc("6275", "10.5.1", "by-preference")
@pytest.mark.parametrize(("preference", "expected"), [(9, [OTHER, HOME_AGENT]), (3, [HOME_AGENT, OTHER])])
def test_the_most_preferred_comes_first(preference: int, expected: list[str]) -> None:
    agent = Agent(preference=5)
    agent.advertised(advertisement(prefix(OTHER), information(preference, 100)))
    assert agent.listed() == expected


@pytest.mark.rfc("6275", "10.5.1", "random-equals")
@pytest.mark.rfc("6275", "10.5.1", "default-preference")
def test_equals_come_in_a_random_order() -> None:
    agent = Agent()
    agent.advertised(advertisement(prefix(OTHER)))
    agent.chance.numbers = [0.1, 0.9]
    assert agent.listed() == [HOME_AGENT, OTHER]
    agent.chance.numbers = [0.9, 0.1]
    assert agent.listed() == [OTHER, HOME_AGENT]


@pytest.mark.rfc("6275", "10.5.1", "all-addresses")
def test_all_addresses_of_an_agent_are_told() -> None:
    own = Address6(IPv6Interface("2001:db8:1::11/64"))
    agent = Agent(Links((replace(HOME_LINK, addresses6=(*HOME_LINK.addresses6, own)), UPLINK)))
    agent.advertised(advertisement(prefix(OTHER), prefix(THIRD), prefix("2001:db8:1::", flags=0xC0)))
    assert set(agent.listed()) == {HOME_AGENT, "2001:db8:1::11", OTHER, THIRD}


@pytest.mark.rfc("6275", "10.5.1", "ended")
@pytest.mark.rfc("6275", "10.5.1", "kept")
@pytest.mark.rfc("6275", "10.5.1", "default-lifetime")
@pytest.mark.rfc("6275", "10.1", "ended")
@pytest.mark.rfc("6275", "10.1", "invalid-addresses")
@pytest.mark.parametrize(
    ("event", "lasts"),
    [
        (advertisement(prefix(OTHER), information(0, 50)), 50.0),
        (advertisement(prefix(OTHER), lifetime=70), 70.0),
        (advertisement(prefix(OTHER, valid=20)), 20.0),
    ],
)
def test_an_entry_lives_as_long_as_it_says(event: Heard6, lasts: float) -> None:
    agent = Agent()
    agent.advertised(event, 1.0)
    assert OTHER in agent.listed(0.9 + lasts)
    assert agent.listed(1.1 + lasts) == [HOME_AGENT]


@pytest.mark.rfc("6275", "10.5.1")
@pytest.mark.parametrize(
    "event",
    [
        advertisement(prefix(OTHER), flags=0),
        advertisement(prefix(OTHER), lifetime=0),
        advertisement(prefix(OTHER), information(9, 0)),
    ],
)
def test_who_is_no_home_agent_any_more_is_forgotten_at_once(event: Heard6) -> None:
    agent = Agent()
    agent.advertised(event)
    assert agent.listed() == [HOME_AGENT]
    agent.advertised(advertisement(prefix(OTHER)))
    assert OTHER in agent.listed()
    agent.advertised(event)
    assert agent.listed() == [HOME_AGENT]


@pytest.mark.rfc("6275", "7.2")
def test_an_advertisement_with_a_part_of_the_options_takes_no_address_away() -> None:
    agent = Agent()
    agent.advertised(advertisement(prefix(OTHER)))
    agent.advertised(advertisement(prefix(THIRD)))
    assert set(agent.listed()) == {HOME_AGENT, OTHER, THIRD}


@pytest.mark.rfc("4861", "6.1.2")
@pytest.mark.parametrize(
    "event",
    [
        advertisement(prefix(OTHER), hop_limit=254),
        advertisement(prefix(OTHER), source="2001:db8:1::2"),
        replace(advertisement(prefix(OTHER)), interface=3),
        advertisement(prefix(OTHER), source="fe80::1"),  # as if it were ourselves
        advertisement(prefix(OTHER), bytes((8, 0))),
    ],
)
def test_what_is_no_advertisement_of_the_home_link_makes_no_entry(event: Heard6) -> None:
    agent = Agent()
    agent.advertised(event)
    assert agent.listed() == [HOME_AGENT]


def test_the_list_is_limited() -> None:
    agent = Agent()
    for number in range(100):
        agent.advertised(advertisement(prefix(f"2001:db8:1::1:{number:x}"), source=f"fe80::1:{number:x}"))
    assert len(agent.listed()) == 17


@pytest.mark.rfc("6275", "10.5.1", "fits")
def test_a_reply_fits_into_the_smallest_mtu() -> None:
    agent = Agent()
    for number in range(16):
        many = [prefix(f"2001:db8:1::{number + 2:x}:{each:x}") for each in range(20)]
        agent.advertised(advertisement(*many, source=f"fe80::1:{number:x}"))
    [output] = agent.ask()
    assert isinstance(output, Send6)
    assert 1264 < len(output.packet.pack()) <= 1280


@pytest.mark.parametrize(
    ("destination", "source", "interface"),
    [
        (ANYCAST, "fe80::7", 3),
        (ANYCAST, "ff02::1", 3),
        (ANYCAST, "::", 3),
        (ANYCAST, CARE_OF, ANCHOR),
        ("2001:db8:9:0:fdff:ffff:ffff:fffe", CARE_OF, 3),
        ("ff02::2", CARE_OF, 3),
    ],
)
def test_no_other_request_is_answered(destination: str, source: str, interface: int) -> None:
    assert Agent().ask(destination, source=source, interface=interface) == []


def test_discovery_can_be_switched_off() -> None:
    assert Agent(discovery=False).ask() == []


def test_replies_are_limited_in_rate() -> None:
    agent = Agent()
    assert sum(len(agent.ask()) for _ in range(50)) == 20
    assert len(agent.ask(source="2001:db8:7::1")) == 1
