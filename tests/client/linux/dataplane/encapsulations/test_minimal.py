"""Minimal encapsulation, held against bytes laid out by hand from RFC 2004 §3."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import IP, UDP, IPOption_NOP

from client.linux.dataplane.encapsulations.minimal import MinimalHeaders, minimal_content

LOCAL, REMOTE = IPv4Address("203.0.113.5"), IPv4Address("198.51.100.1")
HEADERS = MinimalHeaders(LOCAL.packed, REMOTE.packed)
BEHIND = bytes(UDP(sport=1, dport=2) / b"payload")


def inner(source: str = "10.1.0.7", **fields: object) -> bytes:
    return bytes(IP(src=source, dst="192.0.2.9", id=0x1234, proto=17, **fields) / BEHIND)


# Protocol 17, S set, checksum ~(0x1180 + 0xc000 + 0x0209 + 0x0a01 + 0x0007), destination and source.
LONG = bytes.fromhex("11 80 226e c0000209 0a010007")
# Protocol 17, S clear, checksum ~(0x1100 + 0xc000 + 0x0209), destination.
SHORT = bytes.fromhex("11 00 2cf6 c0000209")


@pytest.mark.rfc("2004", "3")
def test_forwarded_packet_gets_the_long_header() -> None:
    packet = inner(tos=0xB9, flags="DF", ttl=17)
    expected = bytes.fromhex(
        "45 b9"  # as it was
        f"{20 + len(BEHIND):04x}"  # the total length is left to the kernel
        "1234 4000 11"  # identification, don't-fragment bit and time to live as they were
        "37 0000"  # protocol 55, checksum left to the kernel
        "cb007105 c6336401"  # 203.0.113.5, 198.51.100.1
    )
    assert HEADERS.encapsulate(packet) == expected + LONG + BEHIND


@pytest.mark.rfc("2004", "3")
def test_packet_of_the_encapsulator_itself_gets_the_short_header() -> None:
    found = HEADERS.encapsulate(inner(str(LOCAL)))
    assert found[20:] == SHORT + BEHIND


@pytest.mark.rfc("2004", "3")
@pytest.mark.parametrize(
    "packet",
    [inner(flags="MF"), inner(frag=8), inner(flags="MF", frag=8), inner(options=[IPOption_NOP()] * 4)],
    ids=["first fragment", "last fragment", "middle fragment", "options"],
)
def test_fragment_goes_as_ip_in_ip(packet: bytes) -> None:
    parsed = IP(HEADERS.encapsulate(packet))
    assert parsed.proto == 4
    assert bytes(parsed.payload) == packet


@pytest.mark.rfc("2004", "3")
def test_original_packet_comes_out() -> None:
    outer = IP(src=str(REMOTE), dst=str(LOCAL), proto=55, id=0x1234, tos=0xB9, flags="DF", ttl=9)
    original = IP(src="10.1.0.7", dst="192.0.2.9", proto=17, id=0x1234, tos=0xB9, flags="DF", ttl=9)
    assert minimal_content(bytes(outer / (LONG + BEHIND))) == bytes(original / BEHIND)
    original.src = str(REMOTE)
    assert minimal_content(bytes(outer / (SHORT + BEHIND))) == bytes(original / BEHIND)


@pytest.mark.rfc("2004", "3")
def test_options_of_the_outer_header_are_the_original_ones() -> None:
    options = [IPOption_NOP()] * 4
    outer = IP(src=str(REMOTE), dst=str(LOCAL), proto=55, id=1, options=options)
    original = IP(src="10.1.0.7", dst="192.0.2.9", proto=17, id=1, options=options)
    assert minimal_content(bytes(outer / (LONG + BEHIND))) == bytes(original / BEHIND)


@pytest.mark.rfc("2004", "3")
def test_reserved_bits_are_ignored() -> None:
    reserved = bytes.fromhex("11 ff 21ef c0000209 0a010007")  # 0x7f more in the first word
    assert minimal_content(bytes(IP(proto=55) / (reserved + BEHIND))) is not None


@pytest.mark.rfc("2004", "3")
@pytest.mark.parametrize("place", range(12))
def test_wrong_checksum_is_refused(place: int) -> None:
    broken = bytearray(LONG)
    broken[place] ^= 1
    assert minimal_content(bytes(IP(proto=55) / (bytes(broken) + BEHIND))) is None


@pytest.mark.parametrize("length", range(12))
def test_cut_header_is_refused(length: int) -> None:
    assert minimal_content(bytes(IP(proto=55) / LONG[:length])) is None


@given(st.binary(max_size=40))
def test_any_bytes_are_refused_or_have_content(data: bytes) -> None:
    found = minimal_content(bytes(IP(proto=55) / data))
    assert found is None or len(found) <= 20 + len(data)
