from __future__ import annotations

from collections.abc import Callable

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import GRE, Ether
from scapy.packet import Packet

from lab.analysis import tunnels
from lab.analysis.frames import Frame

FrameMaker = Callable[[float, Packet], Frame]
ETHER = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
HOME, AGENT, NAT, CARE_OF, OTHER = "198.51.100.23", "198.51.100.1", "192.0.2.146", "192.0.2.70", "203.0.113.80"
DATA = b"\4\4\0\0"
TO_LAPTOP = IP(src=OTHER, dst=HOME) / UDP(sport=7002, dport=7001) / b"number"
FROM_LAPTOP = IP(src=HOME, dst=OTHER) / TCP(sport=40000, dport=80)


def test_packets_are_counted_by_their_tunnels_and_direction(frame: FrameMaker) -> None:
    packets = [
        ETHER / IP(src=AGENT, dst=CARE_OF) / GRE() / TO_LAPTOP,
        ETHER / IP(src=AGENT, dst=CARE_OF) / GRE() / TO_LAPTOP,
        ETHER / IP(src=AGENT, dst=NAT) / UDP(sport=434, dport=20001) / DATA / TO_LAPTOP,
        ETHER / IP(src=CARE_OF, dst=AGENT, proto=4) / FROM_LAPTOP,
        ETHER / TO_LAPTOP,
        ETHER / FROM_LAPTOP,
    ]
    frames = [frame(number, packet) for number, packet in enumerate(packets)]
    assert tunnels.to_laptop(frames) == {("gre",): 2, ("udp",): 1}
    assert tunnels.from_laptop(frames) == {("ipip",): 1}


def test_the_daemons_own_packets_are_nobodys_programs(frame: FrameMaker) -> None:
    outer = ETHER / IP(src=AGENT, dst=CARE_OF, proto=4)
    packets = [
        outer / IP(src=AGENT, dst=HOME) / ICMP(type=0),
        outer / IP(src=AGENT, dst=HOME) / UDP(sport=434, dport=434),
    ]
    assert not tunnels.to_laptop(frame(number, packet) for number, packet in enumerate(packets))


@pytest.mark.rfc("3519", "3.3")
def test_ports_of_tunnel_data_messages_alone_are_told(frame: FrameMaker) -> None:
    packets = [
        ETHER / IP(src=NAT, dst=AGENT) / UDP(sport=20001, dport=434) / DATA / FROM_LAPTOP,
        ETHER / IP(src=NAT, dst=AGENT) / UDP(sport=20002, dport=434) / b"\1" / bytes(40),
        ETHER / IP(src=NAT, dst=AGENT, proto=4) / FROM_LAPTOP,
    ]
    frames = [frame(number, packet) for number, packet in enumerate(packets)]
    assert tunnels.outer_ports(frames) == {(NAT, 20001, AGENT, 434)}


@pytest.mark.rfc("3519", "4.9")
def test_keepalives_are_echoes_with_the_home_agent_in_udp(frame: FrameMaker) -> None:
    out, back = IP(src=CARE_OF, dst=AGENT), IP(src=AGENT, dst=CARE_OF)
    ports = UDP(sport=434, dport=434) / DATA
    packets = [
        out / ports / IP(src=HOME, dst=AGENT) / ICMP(type=8),
        back / ports / IP(src=AGENT, dst=HOME) / ICMP(type=0),
        out / ports / IP(src=HOME, dst=OTHER) / ICMP(type=8),
        IP(src=CARE_OF, dst=AGENT, proto=4) / IP(src=HOME, dst=AGENT) / ICMP(type=8),
    ]
    frames = [frame(number, ETHER / packet) for number, packet in enumerate(packets)]
    assert tunnels.keepalives(frames) == ([frames[0].at], [frames[1].at])
