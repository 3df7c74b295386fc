from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import ARP, GRE, Ether
from scapy.packet import Packet

from lab.analysis.frames import Frame, address, decode, innermost, segment, udp
from lab.analysis.pcap import Record

ETHER = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")  # else scapy asks the network for one
FrameMaker = Callable[[float, Packet], Frame]


def test_packet_in_a_tunnel(frame: FrameMaker) -> None:
    inner = IP(src="203.0.113.80", dst="198.51.100.23") / UDP(sport=7002, dport=7001) / b"number"
    found = frame(0, ETHER / IP(src="198.51.100.1", dst="192.0.2.70", proto=4) / inner)
    assert found.ip is not None
    assert address(found.ip.destination) == "192.0.2.70"
    assert address(innermost(found.ip).destination) == "198.51.100.23"
    assert udp(innermost(found.ip)) == (7002, 7001, b"number")


INNER = IP(src="203.0.113.80", dst="198.51.100.23", ttl=61) / UDP(sport=7002, dport=7001) / b"number"
OUTER = ETHER / IP(src="198.51.100.1", dst="192.0.2.70")
MINIMAL_12 = bytes.fromhex("11 80 0000 c6336417 cb007150")  # UDP, source present; to 198.51.100.23 from 203.0.113.80
MINIMAL_8 = bytes.fromhex("11 00 0000 c6336417")


def minimal(header: bytes) -> Packet:
    return ETHER / IP(src="198.51.100.1", dst="192.0.2.70", proto=55) / (header + bytes(INNER)[20:])


@pytest.mark.parametrize(
    ("packet", "nesting"),
    [
        (ETHER / IP(proto=4) / INNER, ("ipip",)),
        (OUTER / GRE() / INNER, ("gre",)),
        (OUTER / GRE(key_present=1, seqnum_present=1, chksum_present=1, key=7, sequence_number=9) / INNER, ("gre",)),
        (minimal(MINIMAL_12), ("minimal",)),
        (OUTER / UDP(sport=434, dport=434) / b"\4\4\0\0" / INNER, ("udp",)),
        (OUTER / UDP(sport=31000, dport=434) / b"\4\4\0\0" / INNER, ("udp",)),
        (ETHER / IP(proto=4) / IP(proto=4) / INNER, ("ipip", "ipip")),
        (OUTER / UDP(sport=434, dport=434) / b"\4\4\0\0" / IP(proto=4) / INNER, ("udp", "ipip")),
    ],
)
def test_packet_is_found_in_every_tunnel(frame: FrameMaker, packet: Packet, nesting: tuple[str, ...]) -> None:
    found = frame(0, packet).ip
    assert found is not None
    assert found.nesting == nesting
    inner = innermost(found)
    assert (address(inner.source), address(inner.destination)) == ("203.0.113.80", "198.51.100.23")
    assert udp(inner) == (7002, 7001, b"number")


@pytest.mark.rfc("2004", "3.1")
def test_without_a_source_in_the_minimal_header_the_outer_one_is_meant(frame: FrameMaker) -> None:
    found = frame(0, minimal(MINIMAL_8)).ip
    assert found is not None
    assert found.inner is not None
    assert address(found.inner.source) == "198.51.100.1"
    assert found.inner.length == 34


@pytest.mark.parametrize(
    "packet",
    [
        OUTER / UDP(sport=434, dport=434) / b"\1\4\0\0" / INNER,  # a registration message, not data
        OUTER / UDP(sport=434, dport=434) / b"\4\57\0\0" / INNER,  # not IP in it
        OUTER / UDP(sport=4000, dport=4001) / b"\4\4\0\0" / INNER,
        OUTER / GRE(proto=0x6558) / INNER,
        OUTER / INNER[UDP],
    ],
)
def test_what_is_no_tunnel_has_no_inner_packet(frame: FrameMaker, packet: Packet) -> None:
    found = frame(0, packet).ip
    assert found is not None
    assert found.inner is None


def test_tcp_header(frame: FrameMaker) -> None:
    found = frame(0, ETHER / IP(dst="203.0.113.80") / TCP(sport=4711, dport=80, seq=5, ack=9, flags="SA"))
    tcp = segment(found.ip) if found.ip else None
    assert tcp is not None
    assert (tcp.source_port, tcp.destination_port, tcp.sequence, tcp.acknowledgement, tcp.flags) == (
        4711,
        80,
        5,
        9,
        0x12,
    )


def test_arp(frame: FrameMaker) -> None:
    found = frame(0, Ether(dst="ff:ff:ff:ff:ff:ff") / ARP(op=1, psrc="192.0.2.1", pdst="198.51.100.23"))
    assert found.arp is not None
    assert found.to_all
    assert (found.arp.operation, address(found.arp.sender), address(found.arp.target)) == (
        1,
        "192.0.2.1",
        "198.51.100.23",
    )


@given(st.binary(max_size=200))
def test_any_bytes_are_a_frame_or_none(data: bytes) -> None:
    found = decode(Record(0, data))
    assert (found is None) == (len(data) < 14)
    if found and found.ip:
        segment(innermost(found.ip))
        udp(innermost(found.ip))
