from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Packet

from lab.analysis import payload
from lab.analysis.frames import Frame

FrameMaker = Callable[[float, Packet], Frame]
ETHER = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
HOME, OTHER = "198.51.100.23", "203.0.113.80"
OTHER_PACKED = IPv4Address(OTHER).packed


def test_only_segments_with_data_arrive(frame: FrameMaker) -> None:
    up = IP(src=HOME, dst=OTHER)
    packets = [
        up / TCP(sport=40000, dport=9100) / b"data",
        up / TCP(sport=40000, dport=9100),
        up / TCP(sport=40000, dport=9100, options=[("Timestamp", (1, 2))]),
        up / TCP(sport=40000, dport=80) / b"of another",
        IP(src=OTHER, dst=HOME) / TCP(sport=9100, dport=40000) / b"the other way",
        IP(src="192.0.2.70", dst="198.51.100.1", proto=4) / up / TCP(sport=40000, dport=9100) / b"in a tunnel",
        up / UDP(sport=40000, dport=9100) / b"no TCP",
    ]
    frames = [frame(number, ETHER / packet) for number, packet in enumerate(packets)]
    assert payload.arrivals(frames, OTHER_PACKED, 9100) == [frames[0].at, frames[5].at]


def test_a_server_is_known_by_its_port_as_the_source_too(frame: FrameMaker) -> None:
    down = frame(0, ETHER / IP(src=OTHER, dst=HOME) / TCP(sport=80, dport=40000) / b"data")
    assert payload.arrivals([down], IPv4Address(HOME).packed, 80) == [down.at]


def test_the_longest_packet_counts_with_its_tunnel(frame: FrameMaker) -> None:
    inner = IP(src=HOME, dst=OTHER) / TCP() / bytes(960)
    packets = [ETHER / IP(proto=4) / inner, ETHER / inner, ETHER / IP() / UDP() / bytes(1400)]
    assert payload.longest(frame(number, packet) for number, packet in enumerate(packets)) == 1020
    assert payload.longest([]) == 0
