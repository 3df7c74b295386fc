"""IPv6 packets that are too long: fragments and segments that scapy puts together again."""

from __future__ import annotations

import pytest
from scapy.layers.inet import TCP, UDP
from scapy.layers.inet6 import HAO, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, defragment6

from client.linux.dataplane.oversize import fit, merged
from client.linux.dataplane.oversize6 import fragments6
from client.linux.partial_checksum import pseudo_header

PAYLOAD = bytes(range(256)) * 20
IDENTIFICATION = b"\x12\x34\x56\x78"


def merged_tcp(payload: bytes = PAYLOAD) -> bytes:
    """A TCP packet whose checksum field holds the pseudo-header's sum, as the kernel leaves it."""
    layer = TCP(sport=80, dport=5555, seq=0xFFFFF000, flags="FPA", options=[("Timestamp", (1, 2))])
    packet = bytes(IPv6(src="2001:db8::7", dst="2001:db8::9", tc=0x10, fl=5) / layer / payload)
    words = pseudo_header(packet, len(packet) - 40)
    total = sum(int.from_bytes(words[at : at + 2], "big") for at in range(0, len(words), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return packet[:56] + total.to_bytes(2, "big") + packet[58:]


@pytest.mark.rfc("2473", "7.1")
def test_only_who_made_a_packet_may_fragment_it() -> None:
    packet = bytes(IPv6() / UDP() / PAYLOAD)
    assert fit(packet, len(packet)) == [packet]
    assert fit(packet, len(packet) - 1) is None


def test_segments_carry_the_same_bytes_in_order() -> None:
    assert merged(merged_tcp())
    pieces = [IPv6(piece) for piece in fit(merged_tcp(), 1460) or ()]
    assert len(pieces) > 3
    expected = 0xFFFFF000
    for piece in pieces:
        assert piece[TCP].seq == expected
        assert len(bytes(piece)) <= 1460
        assert piece.plen == len(bytes(piece)) - 40
        again = piece.copy()
        del again[TCP].chksum
        assert bytes(again) == bytes(piece)
        expected = (expected + len(piece[TCP].payload)) & 0xFFFFFFFF
    assert b"".join(bytes(piece[TCP].payload) for piece in pieces) == PAYLOAD
    assert [str(piece[TCP].flags) for piece in pieces] == ["A"] * (len(pieces) - 1) + ["FPA"]


@pytest.mark.rfc("8200", "4.5")
@pytest.mark.parametrize("mtu", [1280, 1281, 1400])
def test_fragments_make_the_packet_again(mtu: int) -> None:
    packet = bytes(IPv6(src="2001:db8::7", dst="2001:db8::9") / UDP(sport=1, dport=2) / PAYLOAD)
    pieces = list(fragments6(packet, mtu, IDENTIFICATION))
    assert max(map(len, pieces)) <= mtu
    assert {IPv6(piece)[IPv6ExtHdrFragment].id for piece in pieces} == {0x12345678}
    assert bytes(defragment6([IPv6(piece) for piece in pieces])) == packet


@pytest.mark.rfc("6275", "6.3", "placed")
def test_home_address_option_stands_before_each_fragment_header() -> None:
    option = IPv6ExtHdrDestOpt(options=[HAO(hoa="2001:db8:1::7")])
    packet = bytes(IPv6(src="2001:db8::7", dst="2001:db8::9") / option / UDP(sport=1, dport=2) / PAYLOAD)
    for piece in fragments6(packet, 1280, IDENTIFICATION):
        layers = [layer.__name__ for layer in IPv6(piece).layers()]
        assert layers[:3] == ["IPv6", "IPv6ExtHdrDestOpt", "IPv6ExtHdrFragment"]


@pytest.mark.rfc("8200", "4.5")
def test_fragments_of_a_fragment_keep_their_place_and_their_packet() -> None:
    packet = bytes(IPv6(src="2001:db8::7", dst="2001:db8::9") / UDP(sport=1, dport=2) / PAYLOAD)
    halves = list(fragments6(packet, 2900, IDENTIFICATION))
    pieces = [piece for half in halves for piece in fragments6(half, 1280, b"\0\0\0\0")]
    assert {IPv6(piece)[IPv6ExtHdrFragment].id for piece in pieces} == {0x12345678}
    assert bytes(defragment6([IPv6(piece) for piece in pieces])) == packet


def test_what_cannot_be_cut_is_not_sent() -> None:
    """A fragment that ends behind the longest packet; extension headers that leave no room for any."""
    late = IPv6() / IPv6ExtHdrFragment(offset=8191, m=0, nh=59, id=7) / bytes(1300)
    assert list(fragments6(bytes(late), 1280, b"abcd")) == []
    crowded = bytes(IPv6(nh=60)) + b"\x3b\x99" + bytes(1230) + bytes(100)
    assert list(fragments6(crowded, 1280, b"abcd")) == []
