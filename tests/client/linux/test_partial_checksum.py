"""Checksums left to a network card, held against scapy's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import IP, TCP, UDP
from scapy.packet import Packet

from client.linux.partial_checksum import datagram, filled_in, pseudo_header


def whole(layer: Packet, payload: bytes) -> bytes:
    return bytes(IP(src="192.0.2.1", dst="198.51.100.7") / layer / payload)


@pytest.mark.parametrize(("layer", "at"), [(UDP(sport=434, dport=9), 26), (TCP(sport=80, dport=81), 36)])
@pytest.mark.parametrize("payload", [b"", b"x", b"xy", bytes(1400)])
def test_checksum_becomes_what_scapy_computes(layer: Packet, at: int, payload: bytes) -> None:
    right = whole(layer, payload)
    partial = right[:at] + b"\x12\x34" + right[at + 2 :]
    assert filled_in(partial) == right


def test_udp_sum_of_zero_is_sent_as_all_ones() -> None:
    sum_zero = next(
        packet for number in range(65536) if (packet := whole(UDP(sport=number, dport=9), b""))[26:28] == b"\xff\xff"
    )
    assert filled_in(sum_zero[:26] + b"\x00\x01" + sum_zero[28:]) == sum_zero


@given(st.binary(max_size=80))
def test_anything_else_comes_back_untouched_or_as_long(data: bytes) -> None:
    assert len(filled_in(data)) == len(data)


def test_other_protocols_are_left_alone() -> None:
    packet = bytes(IP(src="192.0.2.1", dst="192.0.2.2", proto=47) / b"abcdefghijklmnopqrstuvwx")
    assert filled_in(packet) == packet


def udp_of_a_neighbour(payload: bytes, **fields: object) -> tuple[bytes, bytes]:
    """A datagram with the pseudo-header's sum alone, as it comes out of a container beside us, and as it has to be."""
    right = bytes(IP(src="10.1.0.7", dst="192.0.2.9", **fields) / UDP(sport=1, dport=2) / payload)
    words = pseudo_header(right, len(right) - 20)
    total = sum(int.from_bytes(words[at : at + 2], "big") for at in range(0, len(words), 2))
    return right[:26] + ((total & 0xFFFF) + (total >> 16)).to_bytes(2, "big") + right[28:], right


def test_datagram_that_a_neighbour_left_to_its_network_card_is_finished() -> None:
    left, right = udp_of_a_neighbour(b"hello")
    assert left != right
    assert datagram(left, 1480) == right
    assert datagram(right, 1480) == right


def test_datagrams_that_were_left_to_be_cut_are_not_made_one() -> None:
    left, _ = udp_of_a_neighbour(bytes(1461))
    assert datagram(left, 1480) == left


def test_datagram_without_checksum_and_fragment_stay_as_they_are() -> None:
    without = bytes(IP(src="10.1.0.7", dst="192.0.2.9") / UDP(sport=1, dport=2, chksum=0) / b"hello")
    fragment, _ = udp_of_a_neighbour(b"hello", flags="MF")
    assert datagram(without, 1480) == without
    assert datagram(fragment, 1480) == fragment
