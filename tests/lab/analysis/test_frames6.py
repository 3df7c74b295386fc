from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import TCP, UDP
from scapy.layers.inet6 import (
    HAO,
    MIP6MH_BA,
    MIP6MH_BE,
    MIP6MH_BU,
    ICMPv6ND_RA,
    ICMPv6NDOptPrefixInfo,
    ICMPv6NDOptSrcLLAddr,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
    MIP6MH_CoTI,
    MIP6MH_HoT,
    MIP6OptAltCoA,
    RouterAlert,
)
from scapy.layers.l2 import Ether
from scapy.packet import Packet

from lab.analysis.frames import Frame
from lab.analysis.frames6 import decode6, innermost6, ports
from lab.analysis.mobility import Icmp, Kind, advertised_prefixes, icmp, message

ETHER = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")  # else scapy asks the network for one
FrameMaker = Callable[[float, Packet], Frame]
HOME, CARE_OF, PEER = "2001:db8:1::23", "2001:db8:2::5", "2001:db8:80::80"
DATAGRAM = UDP(sport=7001, dport=7002) / b"number"


def packed(text: str) -> bytes:
    return IPv6Address(text).packed


@pytest.mark.rfc("6275", "6.3")
def test_home_address_option_says_whose_packet_it_is(frame: FrameMaker) -> None:
    option = IPv6ExtHdrDestOpt(options=[HAO(hoa=HOME)])
    found = frame(0, ETHER / IPv6(src=CARE_OF, dst=PEER) / option / DATAGRAM).ip6
    assert found is not None
    assert (found.source, found.home_address, found.sender) == (packed(CARE_OF), packed(HOME), packed(HOME))
    assert ports(found) == (7001, 7002)


@pytest.mark.rfc("6275", "6.4")
def test_type_2_routing_header_says_whom_a_packet_is_for(frame: FrameMaker) -> None:
    header = IPv6ExtHdrRouting(type=2, addresses=[HOME])
    found = frame(0, ETHER / IPv6(src=PEER, dst=CARE_OF) / header / DATAGRAM).ip6
    assert found is not None
    assert (found.destination, found.routing, found.receiver) == (packed(CARE_OF), packed(HOME), packed(HOME))


def test_other_extension_headers_say_nothing_of_it(frame: FrameMaker) -> None:
    alert = IPv6ExtHdrHopByHop(options=[RouterAlert()])
    old = IPv6ExtHdrRouting(type=0, addresses=[HOME])
    found = frame(0, ETHER / IPv6(src=PEER, dst=CARE_OF) / alert / old / DATAGRAM).ip6
    assert found is not None
    assert (found.routing, found.home_address, found.protocol) == (None, None, 17)


def test_packet_in_an_ipv6_tunnel(frame: FrameMaker) -> None:
    inner = IPv6(src=HOME, dst=PEER) / TCP(sport=1, dport=80)
    found = frame(0, ETHER / IPv6(src=CARE_OF, dst="2001:db8:1::1", nh=41) / inner).ip6
    assert found is not None
    assert found.inner is not None
    assert innermost6(found).source == packed(HOME)


def test_later_fragment_has_no_ports(frame: FrameMaker) -> None:
    found = frame(0, ETHER / IPv6(src=PEER, dst=HOME) / IPv6ExtHdrFragment(offset=185, nh=17) / bytes(64)).ip6
    assert found is not None
    assert ports(found) is None


@given(st.binary(max_size=200))
def test_any_bytes_are_taken_apart(data: bytes) -> None:
    decode6(data)
    decode6(b"\x60" + data)


@pytest.mark.rfc("6275", "6.1.7")
def test_binding_update_to_the_home_agent(frame: FrameMaker) -> None:
    option = IPv6ExtHdrDestOpt(options=[HAO(hoa=HOME)])
    update = MIP6MH_BU(seq=4711, flags="AH", mhtime=150, options=[MIP6OptAltCoA(acoa=CARE_OF)])
    found = message(frame(0, ETHER / IPv6(src=CARE_OF, dst="2001:db8:1::1") / option / update))
    assert found is not None
    assert (found.kind, found.sequence, found.lifetime) == (Kind.BINDING_UPDATE, 4711, 600)
    assert found.is_home_registration
    other = message(frame(0, ETHER / IPv6(src=CARE_OF, dst=PEER) / option / MIP6MH_BU(seq=1, flags="A", mhtime=1)))
    assert other is not None
    assert not other.is_home_registration


@pytest.mark.rfc("6275", "6.1.8")
def test_binding_acknowledgement_and_error(frame: FrameMaker) -> None:
    header = IPv6ExtHdrRouting(type=2, addresses=[HOME])
    answer = message(frame(0, ETHER / IPv6(src=PEER, dst=CARE_OF) / header / MIP6MH_BA(status=135, seq=7, mhtime=105)))
    assert answer is not None
    assert (answer.kind, answer.status, answer.sequence, answer.lifetime) == (6, 135, 7, 420)
    error = message(frame(0, ETHER / IPv6(src=PEER, dst=CARE_OF) / MIP6MH_BE(status=1, ha=HOME)))
    assert error is not None
    assert (error.kind, error.status) == (Kind.BINDING_ERROR, 1)


def test_tests_of_return_routability_also_in_a_tunnel(frame: FrameMaker) -> None:
    cookie = bytes(range(8))
    inside = IPv6(src=PEER, dst=HOME) / MIP6MH_HoT(index=258, cookie=cookie, token=b"tokentok")
    home = message(frame(0, ETHER / IPv6(src="2001:db8:1::1", dst=CARE_OF, nh=41) / inside))
    care_of = message(frame(0, ETHER / IPv6(src=CARE_OF, dst=PEER) / MIP6MH_CoTI(cookie=cookie)))
    assert home is not None
    assert care_of is not None
    assert (home.kind, home.tunnelled, home.cookie) == (Kind.HOME_TEST, True, cookie)
    assert (care_of.kind, care_of.tunnelled, care_of.cookie) == (Kind.CARE_OF_TEST_INIT, False, cookie)


def test_router_advertisement_names_its_prefixes(frame: FrameMaker) -> None:
    prefix = ICMPv6NDOptPrefixInfo(prefix="2001:db8:2::", prefixlen=64)
    packet = IPv6(src="fe80::1", dst="ff02::1", hlim=255) / ICMPv6ND_RA() / ICMPv6NDOptSrcLLAddr() / prefix
    found = frame(0, ETHER / packet).ip6
    assert found is not None
    assert icmp(found) == Icmp.ROUTER_ADVERTISEMENT
    assert advertised_prefixes(found) == [packed("2001:db8:2::")[:8]]
