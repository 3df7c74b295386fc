"""IPv6 packets: headers laid out by hand, extension headers in every order, and which packets are refused."""

from __future__ import annotations

import struct
from contextlib import suppress
from dataclasses import replace
from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet6 import (
    HAO,
    UDP,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
    RouterAlert,
    in6_chksum,
)
from scapy.packet import Raw

from client.core.errors import DecodeError
from client.core.ipv6 import (
    IPv6Packet,
    NextHeader,
    UnknownOptionError,
    group_link_layer_address,
    is_unicast_routable,
    options,
    solicited_node,
    upper_layer_checksum,
)

SOURCE, DESTINATION = IPv6Address("2001:db8:2::7"), IPv6Address("2001:db8:3::99")
HOME, OTHER = IPv6Address("2001:db8:1::23"), IPv6Address("2001:db8:1::24")
PAYLOAD = b"payload."

# Version 6, traffic class 0xb8, flow label 0, length 8, next header 17, hop limit 63.
FIXED = "6b800000 0008 11 3f" + SOURCE.packed.hex() + DESTINATION.packed.hex()
PACKET = IPv6Packet(
    source=SOURCE,
    destination=DESTINATION,
    next_header=NextHeader.UDP,
    payload=PAYLOAD,
    hop_limit=63,
    traffic_class=0xB8,
)

# Extension headers without their first octet, which says what follows.
HOME_ADDRESS = "02 01020000 c9 10" + HOME.packed.hex()  # destination options: length 2, PadN of 4, option at 8n + 6
TYPE_2 = "02 02 01 00000000" + HOME.packed.hex()  # routing: length 2, type 2, one segment left, reserved
DONE = "02 00 00 00000000" + OTHER.packed.hex()  # routing of type 0, no segment left
HOP_BY_HOP = "00 05 02 0000 01 00"  # length 0: router alert, PadN of 2


def packed(*headers: tuple[int, str], payload: bytes = PAYLOAD) -> bytes:
    """A packet with these extension headers (kind, octets without the first), and UDP behind them."""
    kinds = [kind for kind, _ in headers] + [NextHeader.UDP]
    body = b"".join(bytes([kinds[n + 1]]) + bytes.fromhex(octets) for n, (_, octets) in enumerate(headers)) + payload
    return struct.pack("!IHBB", 6 << 28, len(body), kinds[0], 64) + SOURCE.packed + DESTINATION.packed + body


@pytest.mark.rfc("8200", "3")
def test_packet_is_laid_out_as_in_the_rfc() -> None:
    layout = bytes.fromhex(FIXED) + PAYLOAD
    assert PACKET.pack() == layout
    assert IPv6Packet.unpack(layout) == PACKET


@pytest.mark.rfc("8200", "3")
def test_flow_label_is_not_looked_at_and_sent_as_zero() -> None:
    layout = bytes.fromhex("6b8fffff" + FIXED[8:]) + PAYLOAD
    assert IPv6Packet.unpack(layout) == PACKET


def test_octets_behind_the_payload_are_padding_of_the_link() -> None:
    assert IPv6Packet.unpack(PACKET.pack() + bytes(6)) == PACKET


@pytest.mark.rfc("6275", "6.3", "length")
@pytest.mark.rfc("6275", "6.3")
def test_home_address_option_is_laid_out_as_in_the_rfc() -> None:
    layout = packed((60, HOME_ADDRESS))
    packet = IPv6Packet.unpack(layout)
    assert (packet.home_address, packet.routing, packet.next_header) == (HOME, None, NextHeader.UDP)
    assert (packet.source, packet.sender, packet.receiver) == (SOURCE, HOME, DESTINATION)
    assert packet.payload == PAYLOAD
    assert packet.pack() == layout
    assert layout.index(b"\xc9\x10") % 8 == 6


@pytest.mark.rfc("6275", "6.4.1", "reserved-zero")
@pytest.mark.rfc("6275", "6.4.1", "length")
@pytest.mark.rfc("6275", "6.4.1", "segments")
def test_type_2_routing_header_is_laid_out_as_in_the_rfc() -> None:
    layout = packed((43, TYPE_2))
    packet = IPv6Packet.unpack(layout)
    assert (packet.home_address, packet.routing, packet.next_header) == (None, HOME, NextHeader.UDP)
    assert (packet.destination, packet.sender, packet.receiver) == (DESTINATION, SOURCE, HOME)
    assert packet.pack() == layout


@pytest.mark.rfc("6275", "6.3", "placed")
def test_home_address_option_stands_behind_the_routing_header() -> None:
    packet = replace(PACKET, home_address=OTHER, routing=HOME)
    behind = HOME_ADDRESS.replace(HOME.packed.hex(), OTHER.packed.hex())
    assert packet.pack()[40:] == packed((43, TYPE_2), (60, behind))[40:]
    assert IPv6Packet.unpack(packet.pack()) == packet


@pytest.mark.rfc("8200", "4.1")
@pytest.mark.parametrize(
    "headers",
    [
        [(0, HOP_BY_HOP), (60, HOME_ADDRESS)],
        [(60, HOME_ADDRESS), (60, "00 01 04 00000000")],
        [(60, "00 01 04 00000000"), (43, DONE), (60, HOME_ADDRESS)],
        [(0, HOP_BY_HOP), (43, DONE), (60, HOME_ADDRESS), (43, DONE)],
        [(60, "03 1e 01 ff 1e 01 ff c9 10" + HOME.packed.hex() + "0104 00000000")],  # beside options to be skipped
    ],
)
def test_home_address_is_found_among_other_headers(headers: list[tuple[int, str]]) -> None:
    packet = IPv6Packet.unpack(packed(*headers))
    assert (packet.home_address, packet.routing, packet.payload) == (HOME, None, PAYLOAD)


@pytest.mark.rfc("6275", "6.4.1", "reserved-ignored")
def test_reserved_field_of_a_type_2_header_is_not_looked_at() -> None:
    odd = TYPE_2.replace("00000000", "ffffffff", 1)
    assert IPv6Packet.unpack(packed((43, odd))).routing == HOME


@pytest.mark.rfc("6275", "6.3", "once")
@pytest.mark.parametrize(
    "headers",
    [
        [(60, HOME_ADDRESS), (60, HOME_ADDRESS)],
        [(60, "04 c910" + HOME.packed.hex() + "c910" + HOME.packed.hex() + "0100")],
    ],
)
def test_second_home_address_option_is_refused(headers: list[tuple[int, str]]) -> None:
    with pytest.raises(DecodeError):
        IPv6Packet.unpack(packed(*headers))


@pytest.mark.rfc("6275", "6.3", "length")
@pytest.mark.parametrize("option", ["c9 0f" + 15 * "00" + "0103 000000", "c9 11" + 17 * "00" + "01 01 00"])
def test_home_address_option_of_another_length_is_refused(option: str) -> None:
    with pytest.raises(DecodeError):
        IPv6Packet.unpack(packed((60, "02" + option)))


@pytest.mark.rfc("6275", "6.3", "unicast")
@pytest.mark.rfc("6275", "6.4", "unicast")
@pytest.mark.rfc("6275", "6.4", "scope")
@pytest.mark.parametrize("address", ["::", "::1", "ff02::1", "ff0e::1", "fe80::1", "fec0::1", "::ffff:192.0.2.1"])
@pytest.mark.parametrize(("kind", "layout"), [(60, HOME_ADDRESS), (43, TYPE_2)])
def test_home_address_that_no_node_of_the_internet_has_is_refused(kind: int, layout: str, address: str) -> None:
    odd = layout.replace(HOME.packed.hex(), IPv6Address(address).packed.hex())
    with pytest.raises(DecodeError):
        IPv6Packet.unpack(packed((kind, odd)))


@pytest.mark.parametrize(
    ("address", "routable"), [("2001:db8::1", True), ("fd00::1", True), ("fe80::1", False), ("ff05::2", False)]
)
def test_unicast_routable_addresses(address: str, routable: bool) -> None:
    assert is_unicast_routable(IPv6Address(address)) is routable


@pytest.mark.rfc("6275", "6.4.1", "length")
@pytest.mark.rfc("6275", "6.4.1", "segments")
@pytest.mark.parametrize(
    "headers",
    [
        [(43, "02 02 00 00000000" + HOME.packed.hex())],  # no segment left
        [(43, "02 02 02 00000000" + HOME.packed.hex())],
        [(43, "04 02 01 00000000" + HOME.packed.hex() + OTHER.packed.hex())],  # two addresses
        [(43, "00 02 01 00000000")],  # none
        [(43, "02 00 01 00000000" + HOME.packed.hex())],  # another type with a segment left (RFC 5095)
        [(43, "02 04 01 00000000" + HOME.packed.hex())],
        [(43, TYPE_2), (43, TYPE_2)],
    ],
)
def test_routing_header_that_is_not_for_us_is_refused(headers: list[tuple[int, str]]) -> None:
    with pytest.raises(DecodeError):
        IPv6Packet.unpack(packed(*headers))


@pytest.mark.rfc("8200", "4.4")
def test_routing_header_without_segments_left_is_skipped_whatever_its_type() -> None:
    packet = IPv6Packet.unpack(packed((43, "02 fd 00 00000000" + HOME.packed.hex())))
    assert (packet.routing, packet.payload) == (None, PAYLOAD)


@pytest.mark.rfc("8200", "4.2")
@pytest.mark.parametrize("kind", [0x40, 0x5E, 0x80, 0xC2, 0xFF])
def test_unknown_option_that_wants_to_be_understood_is_refused(kind: int) -> None:
    with pytest.raises(UnknownOptionError):
        IPv6Packet.unpack(packed((60, f"00 {kind:02x} 01 00 01 01 00")))


@pytest.mark.rfc("8200", "4.2")
@pytest.mark.parametrize("kind", [0x02, 0x1E, 0x3F])
def test_unknown_option_that_may_be_skipped_is_skipped(kind: int) -> None:
    assert IPv6Packet.unpack(packed((60, f"00 {kind:02x} 01 00 01 01 00"))).payload == PAYLOAD


@pytest.mark.rfc("8200", "4.5")
def test_fragment_is_refused() -> None:
    with pytest.raises(DecodeError, match="fragment"):
        IPv6Packet.unpack(packed((44, "00 0000 00000007")))


@pytest.mark.parametrize("length", [*range(48), 49, 60, 71])
def test_packet_that_is_cut_short_is_refused(length: int) -> None:
    layout = packed((60, HOME_ADDRESS))
    with pytest.raises(DecodeError):
        IPv6Packet.unpack(layout[:length])


@pytest.mark.parametrize(
    "headers",
    [[(60, "03" + HOME_ADDRESS[2:])], [(43, "09" + TYPE_2[2:])], [(0, "ff" + HOP_BY_HOP[2:])]],
)
def test_extension_header_that_runs_past_its_packet_is_refused(headers: list[tuple[int, str]]) -> None:
    with pytest.raises(DecodeError):
        IPv6Packet.unpack(packed(*headers))


@pytest.mark.rfc("8200", "4.2")
def test_options_are_read_without_padding() -> None:
    """An option of no octets, Pad1, PadN of 3, an option of two octets."""
    assert list(options(bytes.fromhex("05 00 00 01 01 00 1e 02 abcd"))) == [(5, b""), (0x1E, b"\xab\xcd")]


@pytest.mark.parametrize("octets", ["05 06 0000 0000", "01 02 00 00 1e", "01 05 00", "1e 01"])
def test_option_that_runs_past_its_header_is_refused(octets: str) -> None:
    with pytest.raises(DecodeError):
        list(options(bytes.fromhex(octets)))


def test_other_version_is_refused() -> None:
    with pytest.raises(DecodeError):
        IPv6Packet.unpack(b"\x45" + PACKET.pack()[1:])


@given(st.binary(max_size=120))
def test_any_bytes_are_a_packet_or_refused(data: bytes) -> None:
    with suppress(DecodeError):
        IPv6Packet.unpack(data)


@given(st.sampled_from([0, 43, 44, 60]), st.binary(max_size=100))
def test_any_extension_headers_are_a_packet_or_refused(kind: int, body: bytes) -> None:
    layout = struct.pack("!IHBB", 6 << 28, len(body), kind, 64) + SOURCE.packed + DESTINATION.packed + body
    with suppress(DecodeError):
        packet = IPv6Packet.unpack(layout)
        assert IPv6Packet.unpack(packet.pack()) == packet


@given(st.binary(max_size=40), st.booleans(), st.booleans(), st.booleans())
def test_scapy_writes_the_same_extension_headers(data: bytes, home: bool, routed: bool, alerted: bool) -> None:
    theirs = IPv6(src=str(SOURCE), dst=str(DESTINATION), hlim=64)
    if alerted:
        theirs /= IPv6ExtHdrHopByHop(options=[RouterAlert()])
    if routed:
        theirs /= IPv6ExtHdrRouting(type=2, addresses=[str(OTHER)])
    if home:
        theirs /= IPv6ExtHdrDestOpt(options=[HAO(hoa=str(HOME))])
    theirs /= UDP(sport=7, dport=9) / Raw(data)
    ours = IPv6Packet.unpack(bytes(theirs))
    assert (ours.home_address, ours.routing) == (HOME if home else None, OTHER if routed else None)
    assert ours.payload[8:] == data
    assert upper_layer_checksum(ours.sender, ours.receiver, NextHeader.UDP, ours.payload) == 0
    if not alerted:
        assert ours.pack() == bytes(theirs)


@pytest.mark.rfc("8200", "8.1")
@given(st.binary(max_size=60), st.sampled_from([6, 17, 58, 135]))
def test_checksum_is_what_scapy_computes(data: bytes, kind: int) -> None:
    expected = in6_chksum(kind, IPv6(src=str(SOURCE), dst=str(HOME)), data)
    assert upper_layer_checksum(SOURCE, HOME, kind, data) == expected


@pytest.mark.rfc("4291", "2.7.1")
def test_group_of_an_address_has_its_last_24_bits() -> None:
    assert solicited_node(IPv6Address("4037::1:800:200e:8c6c")) == IPv6Address("ff02::1:ff0e:8c6c")


@pytest.mark.rfc("2464", "7")
def test_ethernet_address_of_a_group_has_its_last_32_bits() -> None:
    assert group_link_layer_address(IPv6Address("ff02::1:ff0e:8c6c")) == bytes.fromhex("3333ff0e8c6c")
