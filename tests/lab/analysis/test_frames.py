from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Packet

from lab.analysis.frames import Frame, address, decode, innermost, segment, udp
from lab.analysis.pcap import Record

FrameMaker = Callable[[float, Packet], Frame]


def test_packet_in_a_tunnel(frame: FrameMaker) -> None:
    inner = IP(src="203.0.113.80", dst="198.51.100.23") / UDP(sport=7002, dport=7001) / b"number"
    found = frame(0, Ether() / IP(src="198.51.100.1", dst="192.0.2.70", proto=4) / inner)
    assert found.ip is not None
    assert address(found.ip.destination) == "192.0.2.70"
    assert address(innermost(found.ip).destination) == "198.51.100.23"
    assert udp(innermost(found.ip)) == (7002, 7001, b"number")


def test_tcp_header(frame: FrameMaker) -> None:
    found = frame(0, Ether() / IP(dst="203.0.113.80") / TCP(sport=4711, dport=80, seq=5, ack=9, flags="SA"))
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
