"""Packets longer than their way: fragments and segments that scapy puts together again."""

from __future__ import annotations

import pytest
from scapy.layers.inet import IP, TCP, UDP, defragment

from client.linux.dataplane.oversize import fit, merged
from client.linux.partial_checksum import pseudo_header

PAYLOAD = bytes(range(256)) * 20


def long_udp(**fields: object) -> bytes:
    return bytes(IP(src="10.1.0.7", dst="192.0.2.9", id=77, **fields) / UDP(sport=1, dport=2) / PAYLOAD)


def merged_tcp(payload: bytes = PAYLOAD, flags: str = "FPA", options: object = None) -> bytes:
    """A TCP packet whose checksum field holds the pseudo-header's sum, as the kernel leaves it."""
    layer = TCP(sport=80, dport=5555, seq=0xFFFFF000, ack=9, flags=flags, options=options or [])
    packet = bytes(IP(src="10.1.0.7", dst="192.0.2.9", id=65535, flags="DF", tos=0x10) / layer / payload)
    words = pseudo_header(packet, len(packet) - 20)
    total = sum(int.from_bytes(words[at : at + 2], "big") for at in range(0, len(words), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return packet[:36] + total.to_bytes(2, "big") + packet[38:]


def test_what_fits_stays() -> None:
    packet = bytes(IP(flags="DF") / UDP() / b"x")
    assert fit(packet, 1480) == [packet]


@pytest.mark.rfc("2003", "3.1")
def test_dont_fragment_is_obeyed() -> None:
    assert fit(long_udp(flags="DF"), 1480) is None


@pytest.mark.parametrize("mtu", [68, 576, 1479, 1480])
def test_fragments_make_the_packet_again(mtu: int) -> None:
    packet = long_udp()
    pieces = fit(packet, mtu)
    assert pieces is not None
    assert max(len(piece) for piece in pieces) <= mtu
    assert all(IP(piece).chksum == IP(_without_checksum(piece)).chksum for piece in pieces)
    [again] = defragment([IP(piece) for piece in pieces])
    assert bytes(again[UDP]) == packet[20:]


def test_fragments_of_a_fragment_keep_their_place() -> None:
    whole = long_udp()
    first = fit(whole, 2996)
    assert first is not None
    pieces = [piece for half in first for piece in fit(half, 800) or ()]
    [again] = defragment([IP(piece) for piece in pieces])
    assert bytes(again[UDP]) == whole[20:]


def test_finished_checksum_is_not_taken_for_a_merged_packet() -> None:
    assert not merged(bytes(IP(src="10.1.0.7", dst="192.0.2.9") / TCP() / PAYLOAD))
    assert merged(merged_tcp())


def test_segments_carry_the_same_bytes_in_order() -> None:
    pieces = [IP(piece) for piece in fit(merged_tcp(options=[("Timestamp", (1, 2))]), 1480) or ()]
    assert len(pieces) > 3
    expected = 0xFFFFF000
    for piece in pieces:
        assert piece.seq == expected
        assert piece.len <= 1480
        assert piece[TCP].options[0] == ("Timestamp", (1, 2))
        assert bytes(piece) == bytes(IP(_without_checksums(bytes(piece))))
        expected = (expected + len(piece[TCP].payload)) & 0xFFFFFFFF
    assert b"".join(bytes(piece[TCP].payload) for piece in pieces) == PAYLOAD
    assert [str(piece[TCP].flags) for piece in pieces[:-1]] == ["A"] * (len(pieces) - 1)
    assert str(pieces[-1][TCP].flags) == "FPA"


def test_short_merged_packet_gets_its_checksum() -> None:
    packet = merged_tcp(b"abc")
    assert fit(packet, 1480) == [bytes(IP(_without_checksums(packet)))]


def _without_checksum(packet: bytes) -> bytes:
    parsed = IP(packet)
    del parsed.chksum
    return bytes(parsed)


def _without_checksums(packet: bytes) -> bytes:
    parsed = IP(packet)
    del parsed.chksum
    del parsed[TCP].chksum
    return bytes(parsed)


def tcp_like(segment: bytes, protocol: int = 6) -> bytes:
    """An IPv4 packet with this behind its header; the source makes the pseudo-header's sum what stands there."""
    rest = 0x0A63 + 0x0005 + protocol + len(segment)
    written = int.from_bytes(segment[16:18], "big")
    source = (written - rest) % 0xFFFF
    return bytes(IP(src=f"{source >> 8}.{source & 255}.0.0", dst="10.99.0.5", proto=protocol) / segment)


@pytest.mark.parametrize(
    "segment",
    [b"", bytes(8), bytes(17), bytes(12) + b"\x00" + bytes(3000), bytes(12) + b"\xf0" + bytes(20), bytes(2000)],
)
def test_who_writes_a_pseudo_headers_sum_over_no_tcp_header_has_merged_nothing(segment: bytes) -> None:
    packet = tcp_like(segment)
    assert not merged(packet)
    assert b"".join(piece[20:] for piece in fit(packet, 1480) or ()) == segment


def test_way_that_holds_no_fragment_takes_nothing() -> None:
    assert fit(long_udp(), 27) is None
