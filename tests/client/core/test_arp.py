"""ARP packets: scapy and bytes by hand as judges."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.l2 import ARP

from client.core.arp import ArpOperation, ArpPacket, gratuitous_arp
from client.core.errors import DecodeError

OURS, THEIRS = bytes.fromhex("0200 0000 0001"), bytes.fromhex("0200 0000 0002")
VECTOR = bytes.fromhex("0001 0800 06 04 0002 020000000001 c0000201 020000000002 c0000202")
REPLY = ArpPacket(
    operation=ArpOperation.REPLY,
    sender_link_layer_address=OURS,
    sender_address=IPv4Address("192.0.2.1"),
    target_link_layer_address=THEIRS,
    target_address=IPv4Address("192.0.2.2"),
)


@pytest.mark.rfc("826", "Packet format")
def test_packet_is_laid_out_as_in_the_rfc() -> None:
    assert REPLY.pack() == VECTOR
    assert ArpPacket.unpack(VECTOR) == REPLY


def test_scapy_reads_what_we_write() -> None:
    read = ARP(REPLY.pack())
    seen = (read.op, read.hwsrc, read.psrc, read.hwdst, read.pdst)
    assert seen == (2, "02:00:00:00:00:01", "192.0.2.1", "02:00:00:00:00:02", "192.0.2.2")


def test_padding_of_the_link_is_dropped() -> None:
    assert ArpPacket.unpack(VECTOR + bytes(18)) == REPLY


@pytest.mark.rfc("5944", "4.6")
def test_gratuitous_arp_names_the_same_address_twice() -> None:
    """An ARP request whose sender and target protocol address are the one to be updated."""
    read = ARP(gratuitous_arp(IPv4Address("198.51.100.23"), OURS).pack())
    assert (read.op, read.psrc, read.pdst, read.hwsrc) == (1, "198.51.100.23", "198.51.100.23", "02:00:00:00:00:01")


@pytest.mark.parametrize(
    "offset", [1, 2, 4, 5], ids=["hardware type", "protocol type", "hardware size", "protocol size"]
)
def test_arp_for_something_else_is_refused(offset: int) -> None:
    data = bytearray(VECTOR)
    data[offset] += 1
    with pytest.raises(DecodeError, match="not ARP for IPv4"):
        ArpPacket.unpack(bytes(data))


@pytest.mark.parametrize("length", [0, 8, 27])
def test_less_than_a_packet_is_refused(length: int) -> None:
    with pytest.raises(DecodeError, match="shorter"):
        ArpPacket.unpack(VECTOR[:length])


@given(st.binary(max_size=40) | st.binary(max_size=40).map(VECTOR[:8].__add__))
def test_any_bytes_are_a_packet_or_refused(data: bytes) -> None:
    with suppress(DecodeError):
        packet = ArpPacket.unpack(data)
        assert packet.pack() == data[:28]
