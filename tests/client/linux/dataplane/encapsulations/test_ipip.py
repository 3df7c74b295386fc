"""IP in IP, held against bytes laid out by hand from RFC 2003 §3.1 and against scapy."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import IP, UDP

from client.linux.dataplane.encapsulations.ipip import ipip_content, ipip_headers

LOCAL, REMOTE = IPv4Address("203.0.113.5"), IPv4Address("198.51.100.1")
TUNNEL = ipip_headers(LOCAL.packed, REMOTE.packed)


def inner(**fields: object) -> bytes:
    return bytes(IP(src="10.1.0.7", dst="192.0.2.9", **fields) / UDP(sport=1, dport=2) / b"payload")


@pytest.mark.rfc("2003", "3.1")
def test_outer_header_by_hand() -> None:
    packet = inner(tos=0xB9, flags="DF", ttl=17)
    expected = bytes.fromhex(
        "45 b9 0000"  # version 4, IHL 5, the inner type of service, total length left to the kernel
        "0000 4000"  # identification left to the kernel, the inner don't-fragment bit
        "40 04 0000"  # TTL 64, protocol 4, checksum left to the kernel
        "cb007105"  # 203.0.113.5
        "c6336401"  # 198.51.100.1
    )
    assert TUNNEL.encapsulate(packet) == expected + packet


@pytest.mark.rfc("2003", "3.1")
@pytest.mark.parametrize("flags", ["", "DF", "MF", "MF+DF"])
def test_only_dont_fragment_is_taken_outside(flags: str) -> None:
    packet = inner(flags=flags, frag=3)
    parsed = IP(TUNNEL.encapsulate(packet))
    assert parsed.flags == ("DF" if "DF" in flags else "")
    assert parsed.frag == 0
    assert bytes(parsed.payload) == packet


@pytest.mark.rfc("2003", "3.1")
@given(st.integers(0, 255), st.integers(1, 255))
def test_inner_packet_goes_through_unchanged(type_of_service: int, ttl: int) -> None:
    packet = inner(tos=type_of_service, ttl=ttl)
    parsed = IP(TUNNEL.encapsulate(packet))
    assert (parsed.version, parsed.ihl, parsed.ttl, parsed.proto) == (4, 5, 64, 4)
    assert (parsed.src, parsed.dst, parsed.tos) == (str(LOCAL), str(REMOTE), type_of_service)
    assert bytes(parsed.payload) == packet


def test_inner_packet_is_found_behind_any_outer_header() -> None:
    packet = inner()
    outer = bytes(IP(src=str(REMOTE), dst=str(LOCAL), proto=4) / packet)
    assert ipip_content(outer) == packet
    assert ipip_content(b"\x46" + outer[1:20] + b"\x01\x01\x01\x01" + packet) == packet
