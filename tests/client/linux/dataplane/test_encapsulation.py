"""IP in IP, held against bytes laid out by hand from RFC 2003 §3.1 and against scapy."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, IP, UDP

from client.linux.dataplane.encapsulation import OuterHeaders, forwarded, inner_packet, with_congestion

LOCAL, REMOTE = IPv4Address("203.0.113.5"), IPv4Address("198.51.100.1")
TUNNEL = OuterHeaders(LOCAL, REMOTE)


def inner(**fields: object) -> bytes:
    return bytes(IP(src="10.1.0.7", dst="192.0.2.9", **fields) / UDP(sport=1, dport=2) / b"payload")


def outer(packet: bytes, **fields: object) -> bytes:
    return bytes(IP(src=str(REMOTE), dst=str(LOCAL), proto=4, **fields) / packet)


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
    assert inner_packet(outer(packet)) == packet
    with_options = b"\x46" + outer(packet)[1:20] + b"\x01\x01\x01\x01" + packet
    assert inner_packet(with_options) == packet


def test_padding_behind_the_inner_packet_is_dropped() -> None:
    packet = inner()
    assert inner_packet(outer(packet) + bytes(6)) == packet


@pytest.mark.rfc("2003", "3.1")
@pytest.mark.parametrize(
    "packet",
    [
        inner(ttl=0),
        inner(chksum=1),
        inner(version=6),
        inner(ihl=4),
        inner(len=19),
        inner(len=400),
        inner()[:19],
        b"",
    ],
    ids=["time to live 0", "checksum", "version", "header length", "too short", "too long", "cut", "empty"],
)
def test_unfit_inner_packet_is_refused(packet: bytes) -> None:
    assert inner_packet(outer(packet)) is None


@given(st.binary(max_size=64))
def test_any_bytes_are_refused_or_make_a_packet(data: bytes) -> None:
    found = inner_packet(outer(data))
    assert found is None or (data.startswith(found) and IP(found).len == len(found))


@pytest.mark.rfc("6040", "4.2")
@pytest.mark.parametrize(
    ("outside", "inside", "result"),
    [(0, 0, 0), (0, 1, 1), (0, 2, 2), (0, 3, 3), (1, 2, 2), (2, 2, 2), (3, 1, 3), (3, 2, 3), (3, 3, 3), (3, 0, None)],
)
def test_congestion_mark_moves_inside(outside: int, inside: int, result: int | None) -> None:
    packet = inner(tos=0xB8 | inside)
    found = with_congestion(outer(packet, tos=outside), packet)
    assert (found is None) is (result is None)
    if found is not None and result is not None:
        assert found == inner(tos=0xB8 | result)  # scapy computed that checksum


def test_forwarding_takes_one_off_and_the_checksum_is_right() -> None:
    packet = bytes(IP(src="10.1.0.7", dst="192.0.2.9", ttl=9) / ICMP())
    assert forwarded(packet) == bytes(IP(src="10.1.0.7", dst="192.0.2.9", ttl=8) / ICMP())


def test_last_time_to_live_is_not_forwarded() -> None:
    assert forwarded(inner(ttl=1)) is None
