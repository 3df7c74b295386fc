"""Agent Advertisements, read byte by byte."""

from __future__ import annotations

import struct
from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from agents.advertiser import Advertiser, AdvertiserSettings
from client.core.ipv4 import IPv4Packet
from client.core.links import Links
from client.core.machine import NEVER, Heard, LinksChanged, Output, Send, Timeout
from client.mipv4.advertisement import AgentFlags
from tests.agents.by_hand import HOME, LINKS, UPLINK, VISITED

SETTINGS = AdvertiserSettings(
    interface="eth1",
    lifetime=9,
    registration_lifetime=1800,
    flags=AgentFlags.FOREIGN_AGENT | AgentFlags.REVERSE_TUNNEL,
    care_of_addresses=(IPv4Address("203.0.113.1"),),
)
ASKER = bytes.fromhex("020000000099")
SOLICITATION = bytes.fromhex("0a00f5ff00000000")  # type 10, code 0, checksum, reserved (RFC 1256 §3)


class Told:
    """One advertisement, taken apart by hand (RFC 5944 §2.1)."""

    def __init__(self, output: Output) -> None:
        assert isinstance(output, Send)
        self.send = output
        data = output.packet.payload
        assert sum(struct.unpack(f"!{len(data) // 2}H", data)) % 0xFFFF == 0  # the ICMP checksum
        assert data[:2] == b"\x09\x00"
        assert data[4:6] == b"\x01\x02"  # one router address, of two words
        self.lifetime = int.from_bytes(data[6:8], "big")
        self.router = str(IPv4Address(data[8:12]))
        assert data[16] == 16
        length = data[17]
        self.sequence_number, self.registration_lifetime, self.flags = struct.unpack_from("!HHH", data, 18)
        self.care_of = [str(IPv4Address(data[at : at + 4])) for at in range(24, 18 + length, 4)]
        self.rest = data[18 + length :]


def solicitation(source: str = HOME, asker: bytes = ASKER, ttl: int = 1, interface: int = 4) -> Heard:
    packet = IPv4Packet(
        source=IPv4Address(source),
        destination=IPv4Address("224.0.0.2"),
        protocol=1,
        payload=SOLICITATION,
        ttl=ttl,
    )
    return Heard(packet=packet, interface=interface, link_layer_source=asker)


def advertiser(settings: AdvertiserSettings = SETTINGS, random: float = 0.5) -> Advertiser:
    return Advertiser(settings, lambda: random)


@pytest.mark.rfc("5944", "2.3", "advertises")
@pytest.mark.rfc("5944", "2.3.1", "own-addresses")
@pytest.mark.rfc("5944", "2.1.1", "care-of-address")
@pytest.mark.rfc("5944", "2.1", "ttl")
@pytest.mark.rfc("5944", "2.1", "multicast-destination")
def test_a_link_that_is_ready_hears_an_advertisement_at_once() -> None:
    [output] = advertiser().handle(LinksChanged(LINKS), 5.0)
    told = Told(output)
    packet = told.send.packet
    assert (told.send.interface, told.send.link_layer_destination) == (4, bytes.fromhex("01005e000001"))
    assert (str(packet.source), str(packet.destination), packet.ttl) == ("203.0.113.1", "224.0.0.1", 1)
    assert (told.lifetime, told.router, told.registration_lifetime) == (9, "203.0.113.1", 1800)
    assert told.flags == 0x1100  # F and T
    assert told.care_of == ["203.0.113.1"]
    assert told.rest == bytes((19, 1, 24, 0))  # the prefix length, and one byte of padding


@pytest.mark.rfc("5944", "2.1", "interval")
@pytest.mark.rfc("5944", "2.1", "randomised")
@pytest.mark.parametrize(("random", "interval"), [(0.0, 3.0), (0.5, 2.7), (0.999, 2.4006)])
def test_advertisements_come_three_times_in_their_lifetime_and_not_in_step(random: float, interval: float) -> None:
    machine = advertiser(random=random)
    machine.handle(LinksChanged(LINKS), 5.0)
    assert machine.deadline == pytest.approx(5.0 + interval)
    assert machine.handle(Timeout(), machine.deadline - 0.01) == []
    assert len(machine.handle(Timeout(), machine.deadline)) == 1


@pytest.mark.rfc("5944", "2.3.2", "first")
@pytest.mark.rfc("5944", "2.3.2", "next")
@pytest.mark.rfc("5944", "2.3.2", "rollover")
def test_numbers_begin_at_0_and_0xffff_is_followed_by_256() -> None:
    machine = advertiser()
    first = Told(*machine.handle(LinksChanged(LINKS), 0.0))
    later = [Told(*machine.handle(Timeout(), machine.deadline)) for _ in range(0x10001)]
    seen = [told.sequence_number for told in (first, *later)]
    assert seen[:3] == [0, 1, 2]
    assert seen[0xFFFE:] == [0xFFFE, 0xFFFF, 256, 257]


@pytest.mark.rfc("5944", "2.3.2")
def test_a_link_that_went_away_does_not_look_like_a_reboot() -> None:
    machine = advertiser()
    machine.handle(LinksChanged(LINKS), 0.0)
    machine.handle(LinksChanged(Links()), 1.0)
    assert machine.deadline == NEVER
    assert Told(*machine.handle(LinksChanged(LINKS), 2.0)).sequence_number == 1


def test_news_of_other_links_makes_no_advertisement() -> None:
    machine = advertiser()
    machine.handle(LinksChanged(LINKS), 0.0)
    assert machine.handle(LinksChanged(Links((VISITED,))), 1.0) == []


@pytest.mark.parametrize(
    "links", [Links((UPLINK,)), Links((replace(VISITED, up=False),)), Links((replace(VISITED, addresses=()),))]
)
def test_nothing_is_said_on_a_link_that_is_not_ready(links: Links) -> None:
    machine = advertiser()
    assert machine.handle(LinksChanged(links), 0.0) == []
    assert machine.handle(solicitation(), 1.0) == []
    assert machine.deadline == NEVER


@pytest.mark.rfc("5944", "2.3", "answers")
@pytest.mark.rfc("5944", "2.1", "unicast-link-layer")
@pytest.mark.rfc("5944", "2.1", "unicast-destination")
def test_a_solicitation_is_answered_at_once_in_one_frame_to_the_asker() -> None:
    machine = advertiser()
    machine.handle(LinksChanged(LINKS), 0.0)
    deadline = machine.deadline
    told = Told(*machine.handle(solicitation(), 1.0))
    assert (told.send.interface, told.send.link_layer_destination) == (4, ASKER)
    assert (str(told.send.packet.destination), told.send.packet.ttl) == (HOME, 1)
    assert told.sequence_number == 1
    assert machine.deadline == deadline


@pytest.mark.rfc("5944", "2.3", "any-source")
def test_an_asker_from_another_network_or_without_an_address_is_answered() -> None:
    machine = advertiser()
    machine.handle(LinksChanged(LINKS), 0.0)
    told = Told(*machine.handle(solicitation(source="0.0.0.0"), 1.0))
    assert (str(told.send.packet.destination), told.send.link_layer_destination) == ("255.255.255.255", ASKER)


def test_each_asker_is_answered_twice_at_once_and_then_once_a_second() -> None:
    machine = advertiser()
    machine.handle(LinksChanged(LINKS), 0.0)
    assert [len(machine.handle(solicitation(), now)) for now in (1.0, 1.1, 1.5, 2.2)] == [1, 1, 0, 1]
    assert len(machine.handle(solicitation(asker=b"\2" * 6), 2.0)) == 1


@pytest.mark.rfc("5944", "2.2")
@pytest.mark.parametrize("event", [solicitation(ttl=2), solicitation(ttl=255), solicitation(interface=3)])
def test_a_solicitation_from_afar_or_another_link_is_not_answered(event: Heard) -> None:
    machine = advertiser()
    machine.handle(LinksChanged(LINKS), 0.0)
    assert machine.handle(event, 1.0) == []


@pytest.mark.rfc("5944", "2.1.1")
def test_a_busy_agent_says_so_and_goes_on() -> None:
    busy = [False]
    machine = Advertiser(SETTINGS, lambda: 0.0, lambda: busy[0])
    assert not Told(*machine.handle(LinksChanged(LINKS), 0.0)).flags & 0x4000
    busy[0] = True
    assert Told(*machine.handle(Timeout(), 3.0)).flags == 0x5100


def test_a_home_agent_speaks_from_its_own_address_also_if_it_is_not_the_links_first() -> None:
    second = replace(VISITED, addresses=(VISITED.addresses[0], UPLINK.addresses[0]))
    settings = replace(SETTINGS, address=IPv4Address("192.0.2.1"))
    told = Told(*advertiser(settings).handle(LinksChanged(Links((second,))), 0.0))
    assert (str(told.send.packet.source), told.router) == ("192.0.2.1", "192.0.2.1")
