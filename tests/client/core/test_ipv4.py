"""IPv4 packets: a header laid out by hand, bad ones refused, and scapy as the other reader and writer."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import IP, IPOption_Timestamp
from scapy.packet import Raw

from client.core.errors import DecodeError
from client.core.ipv4 import IPv4Packet, Protocol

# From 192.0.2.1 to 198.51.100.23, TTL 1, UDP, identification 0x1234, don't fragment, 4 bytes of payload.
HEADER = bytes.fromhex("45 00 00 18 12 34 40 00 01 11 7b 55 c0 00 02 01 c6 33 64 17")
VECTOR = HEADER + b"data"
PACKET = IPv4Packet(
    source=IPv4Address("192.0.2.1"),
    destination=IPv4Address("198.51.100.23"),
    protocol=Protocol.UDP,
    payload=b"data",
    ttl=1,
    identification=0x1234,
    dont_fragment=True,
)


def changed(offset: int, value: int) -> bytes:
    """The vector with one byte changed and its header checksum made right again, by scapy."""
    data = bytearray(VECTOR)
    data[offset] = value
    packet = IP(bytes(data))
    del packet.chksum
    return bytes(packet)


@pytest.mark.rfc("791", "3.1")
def test_packet_is_laid_out_as_in_the_rfc() -> None:
    assert PACKET.pack() == VECTOR
    assert IPv4Packet.unpack(VECTOR) == PACKET


@pytest.mark.rfc("791", "3.1")
def test_padding_of_the_link_is_dropped() -> None:
    assert IPv4Packet.unpack(VECTOR + bytes(22)) == PACKET


@pytest.mark.rfc("791", "3.1")
def test_options_are_skipped() -> None:
    packet = IP(src="192.0.2.1", dst="198.51.100.23", proto=17, options=[IPOption_Timestamp()]) / Raw(b"data")
    assert IPv4Packet.unpack(bytes(packet)).payload == b"data"


@pytest.mark.rfc("791", "3.1")
def test_wrong_header_checksum_is_refused() -> None:
    with pytest.raises(DecodeError, match="checksum"):
        IPv4Packet.unpack(VECTOR[:10] + b"\x7b\x56" + VECTOR[12:])


@pytest.mark.parametrize("length", range(20))
def test_less_than_a_header_is_refused(length: int) -> None:
    with pytest.raises(DecodeError, match="shorter"):
        IPv4Packet.unpack(VECTOR[:length])


@pytest.mark.parametrize(
    ("offset", "value"),
    [
        (0, 0x65),  # version 6
        (0, 0x44),  # a header of 16 bytes
        (0, 0x4F),  # a header of 60 bytes, longer than the packet
        (3, 19),  # a total length shorter than the header
        (3, 25),  # a total length of one byte more than there is
    ],
)
def test_lengths_that_do_not_fit_are_refused(offset: int, value: int) -> None:
    data = bytearray(VECTOR)
    data[offset] = value
    with pytest.raises(DecodeError, match="not an IPv4 packet"):
        IPv4Packet.unpack(bytes(data))


@pytest.mark.parametrize(("offset", "value"), [(6, 0x20), (7, 0x01)], ids=["more fragments", "offset"])
def test_fragments_are_refused(offset: int, value: int) -> None:
    with pytest.raises(DecodeError, match="fragment"):
        IPv4Packet.unpack(changed(offset, value))


@given(
    payload=st.binary(max_size=64),
    ttl=st.integers(0, 255),
    type_of_service=st.integers(0, 255),
    identification=st.integers(0, 65535),
    dont_fragment=st.booleans(),
    source=st.ip_addresses(v=4),
    protocol=st.integers(0, 255),
)
def test_scapy_reads_what_we_write(
    payload: bytes,
    ttl: int,
    type_of_service: int,
    identification: int,
    dont_fragment: bool,
    source: IPv4Address,
    protocol: int,
) -> None:
    packet = IPv4Packet(
        source=source,
        destination=IPv4Address("198.51.100.23"),
        protocol=protocol,
        payload=payload,
        ttl=ttl,
        type_of_service=type_of_service,
        identification=identification,
        dont_fragment=dont_fragment,
    )
    read = IP(packet.pack())
    seen = (read.src, read.dst, read.proto, read.ttl, read.tos, read.id, read.flags.DF, read.len)
    assert seen == (
        str(source),
        "198.51.100.23",
        protocol,
        ttl,
        type_of_service,
        identification,
        dont_fragment,
        20 + len(payload),
    )
    given_checksum = read.chksum
    del read.chksum
    assert IP(bytes(read)).chksum == given_checksum
    assert IPv4Packet.unpack(packet.pack()) == packet


@given(st.binary(max_size=80) | st.binary(max_size=60).map(HEADER.__add__))
def test_any_bytes_are_a_packet_or_refused(data: bytes) -> None:
    with suppress(DecodeError):
        packet = IPv4Packet.unpack(data)
        assert packet.payload in data
