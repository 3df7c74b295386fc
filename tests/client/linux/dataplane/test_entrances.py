"""Which tunnels a packet goes into."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6

from client.core.plan import Address, Encapsulation, End, Tunnel
from client.linux.dataplane.entrances import Entrance, Entrances

HOME = IPv4Address("10.1.0.7")
AGENT = IPv4Address("198.51.100.1")
FIRST = IPv4Address("203.0.113.5")
SECOND = IPv4Address("203.0.113.66")
CORRESPONDENT = IPv4Address("192.0.2.9")
HOME6, CARE_OF6 = IPv6Address("2001:db8:1::7"), IPv6Address("2001:db8:5::5")
PEER6, OTHER6 = IPv6Address("2001:db8:9::9"), IPv6Address("2001:db8:9::a")
AGENT6 = IPv6Address("2001:db8:1::1")


def at_home(remote: IPv4Address, *, copy: int = 0, sends: bool = True) -> Tunnel:
    return Tunnel(end=End.HOME, home_address=HOME, local=AGENT, remote=remote, sends=sends, copy=copy)


def mobile(local: IPv4Address) -> Tunnel:
    return Tunnel(end=End.MOBILE, home_address=HOME, local=local, remote=AGENT)


def packet(source: Address, destination: Address) -> bytes:
    header = IP if source.version == 4 else IPv6
    return bytes(header(src=str(source), dst=str(destination)) / UDP())


def sends_to(entrances: Entrances, data: bytes) -> list[Address]:
    return [entrance.tunnel.remote for entrance in entrances.of(data)]


def test_mobile_end_sends_by_inner_source_home_end_by_inner_destination() -> None:
    entrances = Entrances()
    entrances.add(mobile(FIRST))
    assert sends_to(entrances, packet(HOME, CORRESPONDENT)) == [AGENT]
    assert sends_to(entrances, packet(CORRESPONDENT, HOME)) == []
    entrances = Entrances()
    entrances.add(at_home(FIRST))
    assert sends_to(entrances, packet(CORRESPONDENT, HOME)) == [FIRST]
    assert sends_to(entrances, packet(HOME, CORRESPONDENT)) == []


def test_new_tunnel_takes_the_slot_and_removing_the_old_one_leaves_it() -> None:
    entrances = Entrances()
    entrances.add(at_home(FIRST))
    entrances.add(at_home(SECOND))
    assert sends_to(entrances, packet(CORRESPONDENT, HOME)) == [SECOND]
    entrances.remove(at_home(FIRST))
    assert sends_to(entrances, packet(CORRESPONDENT, HOME)) == [SECOND]
    entrances.remove(at_home(SECOND))
    assert sends_to(entrances, packet(CORRESPONDENT, HOME)) == []


def test_same_key_replaces() -> None:
    entrances = Entrances()
    entrances.add(at_home(FIRST))
    entrances.add(at_home(FIRST, sends=False))
    assert sends_to(entrances, packet(CORRESPONDENT, HOME)) == []


@pytest.mark.rfc("5944", "3.6.1.2")
def test_every_packet_goes_by_all_copies_in_order() -> None:
    entrances = Entrances()
    entrances.add(at_home(SECOND, copy=1))
    entrances.add(at_home(FIRST, copy=0))
    assert sends_to(entrances, packet(CORRESPONDENT, HOME)) == [FIRST, SECOND]


def test_copies_may_change_places() -> None:
    entrances = Entrances()
    for tunnel in (at_home(FIRST, copy=0), at_home(SECOND, copy=1), at_home(SECOND, copy=0), at_home(FIRST, copy=1)):
        entrances.add(tunnel)
    assert sends_to(entrances, packet(CORRESPONDENT, HOME)) == [SECOND, FIRST]
    entrances.remove(at_home(FIRST, copy=1))
    assert sends_to(entrances, packet(CORRESPONDENT, HOME)) == [SECOND]


def test_same_other_end_in_another_encapsulation_is_another_tunnel_in_the_same_slot() -> None:
    entrances = Entrances()
    gre = Tunnel(end=End.HOME, home_address=HOME, local=AGENT, remote=FIRST, encapsulation=Encapsulation.GRE)
    entrances.add(at_home(FIRST))
    entrances.add(gre)
    entrances.remove(at_home(FIRST))
    assert [entrance.tunnel for entrance in entrances.of(packet(CORRESPONDENT, HOME))] == [gre]


@pytest.mark.rfc("6275", "11.3.1", "direct")
@pytest.mark.rfc("6275", "11.3.1", "reverse-tunnel")
def test_correspondent_that_knows_the_care_of_address_is_sent_to_directly_all_others_through_the_tunnel() -> None:
    entrances = Entrances()
    entrances.add(Tunnel(end=End.MOBILE, home_address=HOME6, local=CARE_OF6, remote=AGENT6))
    entrances.add(direct(End.MOBILE, CARE_OF6, PEER6))
    assert [each.tunnel.encapsulation for each in entrances.of(packet(HOME6, PEER6))] == [Encapsulation.DIRECT]
    assert sends_to(entrances, packet(HOME6, PEER6)) == [PEER6]
    assert sends_to(entrances, packet(HOME6, OTHER6)) == [AGENT6]
    entrances.remove(direct(End.MOBILE, CARE_OF6, PEER6))
    assert sends_to(entrances, packet(HOME6, PEER6)) == [AGENT6]


@pytest.mark.rfc("6275", "9.1", "cache-per-address")
@pytest.mark.rfc("6275", "9.3.2", "look-up")
def test_correspondent_sends_to_the_care_of_address_only_from_the_address_that_was_bound() -> None:
    entrances = Entrances()
    entrances.add(direct(End.HOME, PEER6, CARE_OF6))
    assert sends_to(entrances, packet(PEER6, HOME6)) == [CARE_OF6]
    assert sends_to(entrances, packet(OTHER6, HOME6)) == []


def direct(end: End, local: IPv6Address, remote: IPv6Address) -> Tunnel:
    return Tunnel(end=end, home_address=HOME6, local=local, remote=remote, encapsulation=Encapsulation.DIRECT)


@pytest.mark.rfc("2003", "3.2")
def test_packet_from_the_other_end_never_goes_back_into_the_tunnel() -> None:
    entrance = Entrance(at_home(FIRST))
    assert entrance.loops(packet(FIRST, HOME))
    assert not entrance.loops(packet(CORRESPONDENT, HOME))


@pytest.mark.rfc("2003", "3.2")
@pytest.mark.parametrize("protocol", [4, 47, 55])
def test_our_own_outer_packet_is_a_loop_and_our_own_ping_is_not(protocol: int) -> None:
    outer = bytes(IP(src=str(AGENT), dst=str(HOME), proto=protocol) / packet(CORRESPONDENT, HOME))
    assert Entrance(at_home(FIRST)).loops(outer)
    assert not Entrance(at_home(FIRST)).loops(packet(AGENT, HOME))


@pytest.mark.rfc("2003", "3.2")
@pytest.mark.parametrize(("first", "loop"), [(4, True), (1, False)])
def test_our_own_tunnel_data_is_a_loop_and_our_own_signalling_is_not(first: int, *, loop: bool) -> None:
    outer = bytes(IP(src=str(AGENT), dst=str(HOME)) / UDP(sport=434, dport=434) / bytes([first, 4, 0, 0]))
    assert Entrance(at_home(FIRST)).loops(outer) is loop


@pytest.mark.rfc("2473", "4.1")
def test_ipv6_loops_are_refused_too() -> None:
    entrance = Entrance(Tunnel(end=End.HOME, home_address=HOME6, local=AGENT6, remote=CARE_OF6))
    assert entrance.loops(packet(CARE_OF6, HOME6))
    assert entrance.loops(bytes(IPv6(src=str(AGENT6), dst=str(HOME6), nh=41) / packet(PEER6, HOME6)))
    assert not entrance.loops(packet(AGENT6, HOME6))


def test_tunnel_of_an_error_is_the_one_that_the_packet_took() -> None:
    entrances = Entrances()
    entrances.add(at_home(FIRST))
    quoted = packet(CORRESPONDENT, HOME)
    found = entrances.sent_by(AGENT.packed, FIRST.packed, quoted)
    assert found is not None
    assert found.tunnel == at_home(FIRST)
    assert entrances.sent_by(AGENT.packed, SECOND.packed, quoted) is None
    assert entrances.sent_by(AGENT.packed, FIRST.packed, packet(CORRESPONDENT, IPv4Address("10.1.0.8"))) is None


def test_only_tunnels_that_packets_went_through_are_found_by_their_path() -> None:
    entrances = Entrances()
    entrances.add(at_home(FIRST))
    assert entrances.through(AGENT.packed, FIRST.packed) == ()
    [entrance] = entrances.of(packet(CORRESPONDENT, HOME))
    entrances.use(entrance)
    assert entrances.through(AGENT.packed, FIRST.packed) == (entrance,)
    entrances.add(at_home(SECOND))
    assert entrances.through(AGENT.packed, FIRST.packed) == ()
