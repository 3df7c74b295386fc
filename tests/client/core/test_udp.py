"""UDP datagrams: a vector by hand, the checksum's two special values, and scapy."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import IPv4Address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scapy.layers.inet import IP, UDP
from scapy.packet import Raw

from client.core.errors import DecodeError
from client.core.ipv4 import IPv4Packet, Protocol
from client.core.udp import UdpDatagram

SOURCE, DESTINATION = IPv4Address("192.0.2.1"), IPv4Address("198.51.100.23")
# c000 + 0201 + c633 + 6417 + 0011 + 000a (pseudo-header) + 01b2 + 01b2 + 000a + 6869 (`hi`) = 2583d: 583f folded.
VECTOR = bytes.fromhex("01b2 01b2 000a a7c0") + b"hi"


def packet(payload: bytes, protocol: int = Protocol.UDP) -> IPv4Packet:
    """The payload between our two addresses."""
    return IPv4Packet(source=SOURCE, destination=DESTINATION, protocol=protocol, payload=payload)


@pytest.mark.rfc("768", "Fields")
def test_datagram_is_laid_out_as_in_the_rfc() -> None:
    datagram = UdpDatagram(source_port=434, destination_port=434, payload=b"hi")
    assert datagram.pack(SOURCE, DESTINATION) == VECTOR
    assert UdpDatagram.unpack(packet(VECTOR)) == datagram


@pytest.mark.rfc("768", "Fields")
def test_checksum_of_zero_means_none_was_computed() -> None:
    assert UdpDatagram.unpack(packet(VECTOR[:6] + b"\x00\x00ho")).payload == b"ho"


@pytest.mark.rfc("768", "Fields")
def test_computed_checksum_of_zero_is_sent_as_all_ones() -> None:
    # All words but the payload's fold to efd5; this payload brings the sum to ffff, whose complement is 0.
    datagram = UdpDatagram(source_port=434, destination_port=434, payload=bytes.fromhex("102a"))
    data = datagram.pack(SOURCE, DESTINATION)
    assert data[6:8] == b"\xff\xff"
    assert UdpDatagram.unpack(packet(data)).payload == data[8:]


@pytest.mark.rfc("1122", "4.1.3.4")
def test_wrong_checksum_is_refused() -> None:
    with pytest.raises(DecodeError, match="checksum"):
        UdpDatagram.unpack(packet(VECTOR[:-1] + b"o"))


@pytest.mark.rfc("768", "Fields")
def test_checksum_covers_the_addresses() -> None:
    strayed = IPv4Packet(source=SOURCE, destination=IPv4Address("198.51.100.24"), protocol=17, payload=VECTOR)
    with pytest.raises(DecodeError, match="checksum"):
        UdpDatagram.unpack(strayed)


@pytest.mark.parametrize("length", range(8))
def test_less_than_a_header_is_refused(length: int) -> None:
    with pytest.raises(DecodeError):
        UdpDatagram.unpack(packet(VECTOR[:length]))


@pytest.mark.parametrize("length", [0, 7, 11, 65535])
def test_length_that_does_not_fit_is_refused(length: int) -> None:
    with pytest.raises(DecodeError, match="length"):
        UdpDatagram.unpack(packet(VECTOR[:4] + length.to_bytes(2) + VECTOR[6:]))


def test_other_protocol_is_refused() -> None:
    with pytest.raises(DecodeError):
        UdpDatagram.unpack(packet(VECTOR, protocol=Protocol.TCP))


@given(st.binary(max_size=60), st.integers(0, 65535), st.integers(0, 65535))
@example(b"odd", 434, 1024)
def test_scapy_writes_the_same(payload: bytes, source_port: int, destination_port: int) -> None:
    datagram = UdpDatagram(source_port=source_port, destination_port=destination_port, payload=payload)
    other = (
        IP(src=str(SOURCE), dst=str(DESTINATION), id=0) / UDP(sport=source_port, dport=destination_port) / Raw(payload)
    )
    assert datagram.packet(SOURCE, DESTINATION).pack() == bytes(other)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_datagram_or_refused(data: bytes) -> None:
    with suppress(DecodeError):
        datagram = UdpDatagram.unpack(packet(data))
        assert datagram.payload in data
