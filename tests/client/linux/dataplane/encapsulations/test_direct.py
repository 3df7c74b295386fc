"""Home address option and type 2 routing header, held against bytes by hand from RFC 6275 and against scapy."""

from __future__ import annotations

from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import UDP
from scapy.layers.inet6 import (
    HAO,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
    RouterAlert,
)
from scapy.packet import Packet

from client.linux.dataplane.encapsulations.direct import (
    HomeAddressOption,
    TypeTwoRouting,
    without_home_address,
    without_routing,
)

HOME, CARE_OF, PEER = "2001:db8:1::7", "2001:db8:5::5", "2001:db8:9::9"
HOME_BYTES, CARE_OF_BYTES = IPv6Address(HOME).packed, IPv6Address(CARE_OF).packed
UP = bytes(IPv6(src=HOME, dst=PEER, hlim=9) / UDP(sport=1, dport=2) / b"payload")
DOWN = bytes(IPv6(src=PEER, dst=HOME, hlim=9) / UDP(sport=2, dport=1) / b"payload")


def bare(packet: Packet) -> bytes:
    return bytes(packet)


@pytest.mark.rfc("6275", "11.3.1", "option")
@pytest.mark.rfc("6275", "11.3.1", "care-of-source")
@pytest.mark.rfc("6275", "6.3", "length")
def test_home_address_option_by_hand() -> None:
    found = HomeAddressOption(CARE_OF_BYTES).encapsulate(UP)
    assert found is not None
    length = len(UP) - 40 + 24
    assert found[:40] == bytes.fromhex(f"60000000 {length:04x} 3c 09") + CARE_OF_BYTES + IPv6Address(PEER).packed
    option = bytes.fromhex("11 02 01 02 0000 c9 10")  # next header UDP, 24 bytes, PadN, then the option at 8n + 6
    assert found[40:64] == option + HOME_BYTES
    assert found[64:] == UP[40:]


@pytest.mark.rfc("6275", "9.3.2", "routing-header")
@pytest.mark.rfc("6275", "6.4.1", "length")
@pytest.mark.rfc("6275", "6.4.1", "segments")
@pytest.mark.rfc("6275", "6.4.1", "reserved-zero")
def test_type_two_routing_header_by_hand() -> None:
    found = TypeTwoRouting(CARE_OF_BYTES).encapsulate(DOWN)
    assert found is not None
    length = len(DOWN) - 40 + 24
    assert found[:40] == bytes.fromhex(f"60000000 {length:04x} 2b 09") + IPv6Address(PEER).packed + CARE_OF_BYTES
    assert found[40:64] == bytes.fromhex("11 02 02 01 00000000") + HOME_BYTES
    assert found[64:] == DOWN[40:]


@pytest.mark.rfc("6275", "11.3.1")
@pytest.mark.rfc("6275", "6.1.3")
def test_scapy_sends_the_same_and_its_checksums_are_ours() -> None:
    """It computes UDP's over home address and last destination, whatever the IPv6 header says."""
    up = IPv6(src=CARE_OF, dst=PEER, hlim=9) / IPv6ExtHdrDestOpt(options=[HAO(hoa=HOME)])
    down = IPv6(src=PEER, dst=CARE_OF, hlim=9) / IPv6ExtHdrRouting(type=2, segleft=1, addresses=[HOME])
    sent = HomeAddressOption(CARE_OF_BYTES).encapsulate(UP)
    assert sent == bytes(up / UDP(sport=1, dport=2) / b"payload")
    sent = TypeTwoRouting(CARE_OF_BYTES).encapsulate(DOWN)
    assert sent == bytes(down / UDP(sport=2, dport=1) / b"payload")


@pytest.mark.rfc("6275", "9.3.1", "as-if-home")
@pytest.mark.rfc("6275", "6.4")
@pytest.mark.rfc("6275", "6.3")
def test_what_scapy_sends_comes_back_as_it_was() -> None:
    udp = UDP(UP[40:])
    up = IPv6(src=CARE_OF, dst=PEER, hlim=9) / IPv6ExtHdrDestOpt(options=[HAO(hoa=HOME)]) / udp
    found = without_home_address(bytes(up))
    assert found is not None
    assert (found.packet, found.home_address) == (UP, HOME_BYTES)
    down = IPv6(src=PEER, dst=CARE_OF, hlim=9) / IPv6ExtHdrRouting(type=2, segleft=1, addresses=[HOME]) / UDP(DOWN[40:])
    found = without_routing(bytes(down))
    assert found is not None
    assert (found.packet, found.home_address) == (DOWN, HOME_BYTES)


@pytest.mark.rfc("6275", "6.3", "placed")
def test_option_goes_behind_hop_by_hop_options_and_before_a_fragment_header() -> None:
    packet = (
        IPv6(src=HOME, dst=PEER)
        / IPv6ExtHdrHopByHop(options=[RouterAlert()])
        / IPv6ExtHdrFragment(id=5, m=1)
        / UDP(sport=1, dport=2)
    )
    found = HomeAddressOption(CARE_OF_BYTES).encapsulate(bytes(packet))
    assert found is not None
    parsed = IPv6(found)
    layers = [layer.__name__ for layer in parsed.layers()]
    assert layers[:4] == ["IPv6", "IPv6ExtHdrHopByHop", "IPv6ExtHdrDestOpt", "IPv6ExtHdrFragment"]
    assert parsed.plen == len(found) - 40
    back = without_home_address(found)
    assert back is not None
    assert back.packet == bytes(packet)


def test_packet_that_is_already_routed_does_not_enter() -> None:
    routed = IPv6(src=PEER, dst=HOME) / IPv6ExtHdrRouting(type=0, addresses=["2001:db8::1"]) / UDP()
    assert TypeTwoRouting(CARE_OF_BYTES).encapsulate(bytes(routed)) is None


def test_longest_packet_has_no_room() -> None:
    longest = UP[:4] + b"\xff\xff" + UP[6:40] + bytes(0xFFFF)
    assert HomeAddressOption(CARE_OF_BYTES).encapsulate(longest) is None
    assert TypeTwoRouting(CARE_OF_BYTES).encapsulate(longest) is None


@pytest.mark.rfc("6275", "6.4.1", "length")
@pytest.mark.rfc("6275", "6.4.1", "segments")
@pytest.mark.rfc("6275", "6.4")
@pytest.mark.parametrize(
    "header",
    [
        IPv6ExtHdrRouting(type=2, segleft=0, addresses=[HOME]),
        IPv6ExtHdrRouting(type=2, segleft=2, addresses=[HOME, PEER]),
        IPv6ExtHdrRouting(type=2, segleft=1, addresses=[HOME, PEER]),
        IPv6ExtHdrRouting(type=0, segleft=1, addresses=[HOME]),
    ],
    ids=["no segment left", "two segments", "two addresses", "type 0"],
)
def test_other_routing_headers_are_left(header: Packet) -> None:
    assert without_routing(bytes(IPv6(src=PEER, dst=CARE_OF) / header / UDP())) is None


@pytest.mark.rfc("6275", "6.3")
def test_options_beside_it_stay() -> None:
    options = bytes.fromhex("11 03 1e 00 01 02 0000") + bytes.fromhex("0104 00000000 c910") + HOME_BYTES
    packet = bare(IPv6(src=CARE_OF, dst=PEER, nh=60) / options / UDP(UP[40:]))
    found = without_home_address(packet)
    assert found is not None
    assert found.packet[8:24] == HOME_BYTES
    assert found.packet[40:54] == options[:14]
    assert found.packet[54:72] == b"\x01\x10" + bytes(16)
    assert found.packet[72:] == UP[40:]


@pytest.mark.rfc("6275", "6.3", "length")
@pytest.mark.rfc("6275", "6.3", "once")
@pytest.mark.parametrize(
    "options",
    [
        b"\x11\x02\x01\x02\0\0\xc9\x0f" + HOME_BYTES,
        b"\x11\x02\x01\x02\0\0\xc9\x11" + HOME_BYTES,
        b"\x11\x04" + (b"\xc9\x10" + HOME_BYTES) * 2 + b"\x01\0",
        b"\x11\x00\x1e\x00\x01\x02\0\0",
    ],
    ids=["too short", "too long", "twice", "another option"],
)
def test_wrong_or_missing_home_address_is_left(options: bytes) -> None:
    assert without_home_address(bare(IPv6(src=CARE_OF, dst=PEER, nh=60) / options / UDP())) is None


@given(st.binary(min_size=1, max_size=80), st.sampled_from([0, 43, 60]))
def test_any_bytes_are_left_or_turned_back(data: bytes, kind: int) -> None:
    packet = bytes(IPv6(src=CARE_OF, dst=PEER, nh=kind) / data)
    for found in (without_home_address(packet), without_routing(packet)):
        assert found is None or len(found.packet) <= len(packet)
