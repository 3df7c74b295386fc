"""SYNs that go through tunnels ask for segments that fit; scapy computes the checksums."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6

from client.linux.dataplane.segment_size import clamped
from client.linux.partial_checksum import pseudo_header

MSS, SCALE, STAMP, NOTHING = ("MSS", 1460), ("WScale", 7), ("Timestamp", (1, 2)), ("NOP", None)
SELECTIVE = ("SAckOK", b"")


def syn(options: list[tuple[str, object]], flags: str = "S", **fields: object) -> bytes:
    return bytes(IP(src="10.1.0.7", dst="192.0.2.9", **fields) / TCP(dport=80, flags=flags, options=options))


def syn6(options: list[tuple[str, object]]) -> bytes:
    return bytes(IPv6(src="2001:db8:1::7", dst="2001:db8:9::9") / TCP(dport=80, flags="S", options=options))


@pytest.mark.rfc("9293", "3.7.1")
@pytest.mark.parametrize(
    "options",
    [
        [MSS],
        [MSS, SELECTIVE, STAMP, NOTHING, SCALE],
        [NOTHING, MSS, NOTHING],
        [NOTHING, NOTHING, NOTHING, MSS],
        [SCALE, MSS],
        [STAMP, SCALE, MSS, SELECTIVE],
    ],
)
@pytest.mark.parametrize("flags", ["S", "SA", "SEC"])
def test_segment_size_becomes_the_tunnels_wherever_it_stands(options: list[tuple[str, object]], flags: str) -> None:
    expected = [("MSS", 1360) if option is MSS else option for option in options]
    assert clamped(syn(options, flags), 1400) == syn(expected, flags)


@pytest.mark.parametrize("options", [[MSS], [NOTHING, MSS, NOTHING], [STAMP, SCALE, MSS]])
def test_ipv6_has_longer_headers(options: list[tuple[str, object]]) -> None:
    expected = [("MSS", 1340) if option is MSS else option for option in options]
    assert clamped(syn6(options), 1400) == syn6(expected)


def test_behind_ip_options() -> None:
    options = bytes([1, 1, 1, 1])
    before, after = (syn([("MSS", size)])[20:] for size in (1460, 1360))
    header = bytes(IP(src="10.1.0.7", dst="192.0.2.9", proto=6, ihl=6) / options)
    assert clamped(header + before, 1400) == header + after


@pytest.mark.parametrize(
    "packet",
    [
        syn([("MSS", 1360)]),
        syn([("MSS", 536)]),
        syn([]),
        syn([SCALE, STAMP]),
        syn([MSS], flags="A"),
        syn([MSS], frag=9),
        bytes(IP(dst="192.0.2.9") / UDP() / bytes(40)),
        bytes(IP(dst="192.0.2.9", proto=6) / bytes(10)),
    ],
    ids=["fits", "less", "no options", "none", "no SYN", "fragment", "UDP", "cut"],
)
def test_everything_else_stays(packet: bytes) -> None:
    assert clamped(packet, 1400) == packet


@pytest.mark.parametrize("options", ["020405", "01010102", "03000204", "020305b4", "00000000"])
def test_broken_options_stay(options: str) -> None:
    header = bytes(TCP(dport=80, flags="S", dataofs=6))
    packet = bytes(IP(dst="192.0.2.9", proto=6) / (header + bytes.fromhex(options)))
    assert clamped(packet, 1400) == packet


def test_forged_path_cannot_cut_segments_to_nothing() -> None:
    assert clamped(syn([MSS]), 60) == syn([("MSS", 88)])


def test_unfinished_checksum_stays_the_pseudo_headers() -> None:
    packet = syn([NOTHING, MSS, NOTHING])
    words = pseudo_header(packet, len(packet) - 20)
    total = sum(int.from_bytes(words[at : at + 2], "big") for at in range(0, len(words), 2))
    checksum = ((total & 0xFFFF) + (total >> 16)).to_bytes(2, "big")
    found = clamped(packet[:36] + checksum + packet[38:], 1400, partial=True)
    expected = syn([NOTHING, ("MSS", 1360), NOTHING])
    assert found == expected[:36] + checksum + expected[38:]


@given(st.binary(max_size=80), st.integers(48, 1500))
def test_any_bytes_keep_their_length(data: bytes, mtu: int) -> None:
    for packet in (bytes(IP(dst="192.0.2.9", proto=6) / data), bytes(IPv6(dst="2001:db8::1", nh=6) / data)):
        found = clamped(packet, mtu)
        assert len(found) == len(packet)
        assert sum(one != other for one, other in zip(found, packet, strict=True)) <= 5
