"""Router Advertisements of a home agent: what is in them, and when they go."""

from __future__ import annotations

import struct
from dataclasses import replace
from ipaddress import IPv6Address, IPv6Interface, IPv6Network
from itertools import pairwise
from typing import Any

import pytest
from scapy.layers.inet6 import ICMPv6ND_RA, ICMPv6NDOptPrefixInfo, IPv6

from agents.home6.home_agent import HomeAgent6
from agents.home6.prefixes import PrefixesChanged
from agents.home6.settings import Home6Settings, HomePrefix
from agents.nodes import Nodes
from client.core.links import Address6, Link, Links
from client.core.machine import NEVER, LinksChanged, Output, Send6, Timeout
from tests.agents.home6.by_hand import (
    ALL_NODES_MAC,
    HOME_LINK,
    HOME_MAC,
    LINKS,
    SETTINGS,
    STRANGER_MAC,
    UPLINK,
    WALL,
    icmp,
)

ADVERTISING = replace(SETTINGS, advertise=True, interval=9.0)
SECOND = HomePrefix(prefix=IPv6Network("2001:db8:5::/64"), valid=100, preferred=50, autonomous=False)


class Router:
    """A home agent that advertises, and what it said when."""

    def __init__(self, settings: Home6Settings = ADVERTISING, links: Links = LINKS, random: float = 0.5) -> None:
        self.machine = HomeAgent6(settings, Nodes(()), lambda: WALL, lambda: random)
        self.first = self.machine.handle(LinksChanged(links), 0.0)

    def until(self, end: float) -> list[float]:
        """When advertisements go out to all."""
        times = []
        while (now := self.machine.deadline) <= end:
            times += [now] * len(self.machine.handle(Timeout(), now))
        return times

    def asked(self, now: float, source: str = "fe80::99", **arrival: Any) -> list[Output]:
        """What a Router Solicitation (RFC 4861 §4.1) gets."""
        return self.machine.handle(icmp(133, bytes(4), source, "ff02::2", **arrival), now)


def only(outputs: list[Output]) -> Send6:
    [output] = outputs
    assert isinstance(output, Send6)
    return output


def fields(send: Send6) -> tuple[tuple[int, int, int, int, int], dict[int, list[bytes]]]:
    """Hop limit, flags, lifetime, reachable time and timer; and the options by their type."""
    data = send.packet.payload
    assert data[0] == 134
    found: dict[int, list[bytes]] = {}
    place = 16
    while place < len(data):
        found.setdefault(data[place], []).append(data[place : place + 8 * data[place + 1]])
        place += 8 * data[place + 1]
    return struct.unpack_from("!BBHII", data, 4), found


@pytest.mark.rfc("6275", "7.1", "home-bit")
@pytest.mark.rfc("6275", "7.2", "router-address")
@pytest.mark.rfc("6275", "7.3", "length")
@pytest.mark.rfc("6275", "7.3", "reserved-zero")
@pytest.mark.rfc("6275", "7.3", "interval")
@pytest.mark.rfc("6275", "7.4", "length")
@pytest.mark.rfc("6275", "7.4", "reserved-zero")
@pytest.mark.rfc("6275", "7.5", "link-layer")
def test_an_advertisement_says_home_agent_our_address_and_the_interval() -> None:
    settings = replace(ADVERTISING, preference=7, home_agent_lifetime=99)
    send = only(Router(settings).first)
    (_, flags, lifetime, *_), options = fields(send)
    assert (flags, lifetime) == (0x20, 0)  # the H bit alone; no default router
    prefix = struct.pack("!BBBBII4x16s", 3, 4, 64, 0xE0, 2592000, 604800, IPv6Address("2001:db8:1::1").packed)
    assert options == {
        1: [bytes((1, 1)) + HOME_MAC],
        3: [prefix],
        7: [struct.pack("!BBHI", 7, 1, 0, 9000)],
        8: [struct.pack("!BBHHH", 8, 1, 0, 7, 99)],
    }
    packet = send.packet
    assert (str(packet.source), str(packet.destination), packet.hop_limit) == ("fe80::1", "ff02::1", 255)
    assert (send.interface, send.link_layer_destination) == (2, ALL_NODES_MAC)


@pytest.mark.rfc("6275", "7.1", "home-bit")
def test_scapy_reads_an_advertisement_alike() -> None:
    packet = IPv6(only(Router().first).packet.pack())
    assert packet[ICMPv6ND_RA].H == 1
    assert packet[ICMPv6NDOptPrefixInfo].R == 1
    assert packet[ICMPv6NDOptPrefixInfo].prefix == "2001:db8:1::1"
    del packet[ICMPv6ND_RA].cksum
    assert bytes(IPv6(bytes(packet))) == only(Router().first).packet.pack()


@pytest.mark.rfc("6275", "7.4", "needless")
def test_the_home_agent_option_is_left_out_when_it_says_nothing() -> None:
    _, options = fields(only(Router(replace(ADVERTISING, router_lifetime=1800)).first))
    assert 8 not in options


@pytest.mark.rfc("6275", "7.5", "allowance")
def test_short_intervals_are_told_a_little_longer() -> None:
    _, options = fields(only(Router(replace(ADVERTISING, interval=0.07)).first))
    assert options[7] == [struct.pack("!BBHI", 7, 1, 0, 90)]


@pytest.mark.rfc("6275", "7.2", "router-address")
def test_the_r_bit_stands_with_an_address_of_our_own_alone() -> None:
    settings = replace(ADVERTISING, prefixes=(*SETTINGS.prefixes, SECOND))
    _, options = fields(only(Router(settings).first))
    plain = struct.pack("!BBBBII4x16s", 3, 4, 64, 0x80, 100, 50, IPv6Address("2001:db8:5::").packed)
    assert options[3][1] == plain
    own = Address6(IPv6Interface("2001:db8:5::9/64"))
    link = replace(HOME_LINK, addresses6=(*HOME_LINK.addresses6, own))
    _, options = fields(only(Router(settings, Links((link,))).first))
    assert options[3][1] == struct.pack("!BBBBII4x16s", 3, 4, 64, 0xA0, 100, 50, own.ip.packed)


@pytest.mark.rfc("4861", "6.2.4")
@pytest.mark.parametrize(("random", "step"), [(0.0, 2.97), (0.5, 5.985), (0.999999, 9.0)])
def test_advertisements_come_between_a_third_of_the_interval_and_the_interval(random: float, step: float) -> None:
    times = Router(random=random).until(60.0)
    assert [later - earlier for earlier, later in pairwise(times)] == pytest.approx([step] * (len(times) - 1), abs=1e-4)


@pytest.mark.rfc("4861", "6.2.4")
def test_the_first_ones_come_quickly() -> None:
    times = [0.0, *Router(replace(ADVERTISING, interval=600.0)).until(900.0)]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert gaps[:2] == [16.0, 16.0]
    assert gaps[2] == pytest.approx(399.0)


@pytest.mark.rfc("6275", "7.5", "shorter")
@pytest.mark.rfc("6275", "7.5", "configurable")
def test_they_may_come_as_often_as_every_thirty_milliseconds() -> None:
    times = Router(replace(ADVERTISING, interval=0.07), random=0.0).until(1.0)
    assert 32 <= len(times) <= 34


def test_who_asks_is_answered_at_once_and_alone() -> None:
    router = Router()
    send = only(router.asked(1.0))
    assert str(send.packet.destination) == "fe80::99"
    assert send.link_layer_destination == STRANGER_MAC
    send = only(router.asked(1.5, "::"))
    assert (str(send.packet.destination), send.link_layer_destination) == ("ff02::1", STRANGER_MAC)


def test_who_asks_too_often_waits() -> None:
    router = Router()
    assert [len(router.asked(1.0)) for _ in range(4)] == [1, 1, 0, 0]
    assert router.machine.counters["solicitation-too-soon"] == 2
    assert len(router.asked(1.0, link_layer_source=HOME_MAC[:5] + b"\x77")) == 1
    assert len(router.asked(2.0)) == 1


@pytest.mark.rfc("4861", "6.1.1")
def test_a_solicitation_from_off_the_link_is_not_answered() -> None:
    router = Router()
    assert router.asked(1.0, hop_limit=254) == []
    assert router.asked(1.0, interface=3) == []


@pytest.mark.parametrize("links", [Links((replace(HOME_LINK, up=False),)), Links((UPLINK,)), Links()])
def test_a_link_that_is_not_there_hears_nothing(links: Links) -> None:
    router = Router(links=links)
    assert (router.first, router.machine.deadline) == ([], NEVER)
    assert router.asked(1.0) == []
    assert len(router.machine.handle(LinksChanged(LINKS), 5.0)) == 1


def test_a_link_without_its_own_address_hears_nothing() -> None:
    assert Router(links=Links((replace(HOME_LINK, link_local=None),))).first == []


def test_a_link_that_came_up_again_hears_of_us_at_once() -> None:
    router = Router()
    again: Link = replace(HOME_LINK, ups=1)
    assert len(router.machine.handle(LinksChanged(Links((again,))), 4.0)) == 1
    assert router.machine.handle(LinksChanged(Links((again,))), 4.1) == []


def test_advertisements_can_be_left_to_another_daemon() -> None:
    router = Router(SETTINGS)
    assert (router.first, router.machine.deadline) == ([], NEVER)
    assert router.asked(1.0) == []
    assert router.machine.handle(PrefixesChanged((SECOND,)), 2.0) == []
    assert router.machine.deadline == NEVER


@pytest.mark.rfc("6275", "13")
def test_a_change_is_told_soon_but_never_within_three_seconds_of_the_last_word() -> None:
    router = Router(replace(ADVERTISING, interval=600.0))
    router.machine.handle(PrefixesChanged((*SETTINGS.prefixes, SECOND)), 1.0)
    assert router.machine.deadline == 3.0
    _, options = fields(only(router.machine.handle(Timeout(), 3.0)))
    assert len(options[3]) == 2


def test_a_prefix_that_counts_down_is_told_with_what_is_left_of_it() -> None:
    router = Router(replace(ADVERTISING, prefixes=(replace(SECOND, counts_down=True), *SETTINGS.prefixes)))
    _, options = fields(only(router.asked(60.0)))
    assert struct.unpack_from("!II", options[3][0], 4) == (40, 0)
