from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import GRE, Ether
from scapy.packet import Packet
from scapy.utils import wrpcap

from lab.analysis.integrity import Integrity, examine

ETHER = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")  # else scapy asks the network for one
SOUND: list[Packet] = [
    ETHER / IP(dst="203.0.113.80") / UDP(sport=4000, dport=4001) / b"hello",
    ETHER / IP(dst="203.0.113.80") / TCP(dport=80),
    ETHER / IP(dst="192.0.2.70", proto=4) / IP(dst="198.51.100.23") / TCP(dport=80) / b"data",
    ETHER / IP(dst="203.0.113.80") / ICMP() / b"ping",
]


def examined(directory: Path, *packets: Packet) -> Integrity:
    wrpcap(str(directory / "router-cn.pcap"), [*SOUND, *packets])
    return examine(directory)


def test_sound_packets_are_counted_and_found_sound(tmp_path: Path) -> None:
    found = examined(tmp_path)
    assert (found.packets, found.bad, found.problems) == (4, 0, [])
    assert found.good_checksums == {"ip": 4, "udp": 1, "tcp": 2, "icmp": 1, "icmpv6": 0}


def test_wrong_checksums_are_found_also_inside_a_tunnel(tmp_path: Path) -> None:
    to = ETHER / IP(dst="203.0.113.80")
    found = examined(
        tmp_path,
        to / UDP(sport=4000, dport=4001, chksum=1) / b"x",
        to / TCP(chksum=1),
        to / ICMP(chksum=1),
        ETHER / IP(dst="203.0.113.80", chksum=1) / TCP(),
        ETHER / IP(dst="192.0.2.70", proto=4) / IP(dst="198.51.100.23", chksum=1) / TCP(),
    )
    assert found.bad == 5


INNER = IP(src="203.0.113.80", dst="198.51.100.23") / UDP(sport=7002, dport=7001) / b"number"
OUTER = ETHER / IP(src="198.51.100.1", dst="192.0.2.70")
# A minimal forwarding header (RFC 2004 §3.1): UDP, source present, its checksum, destination and source.
FORWARDING = bytes.fromhex("11 80 87e3 c6336417 cb007150")


def in_minimal(header: bytes, inner: Packet = INNER) -> Packet:
    return ETHER / IP(src="198.51.100.1", dst="192.0.2.70", proto=55) / (header + bytes(inner)[20:])


def test_every_tunnel_is_looked_into(tmp_path: Path) -> None:
    found = examined(
        tmp_path,
        OUTER / GRE() / INNER,
        in_minimal(FORWARDING),
        OUTER / UDP(sport=434, dport=31000) / b"\4\4\0\0" / INNER,
        OUTER / UDP(sport=31000, dport=434, chksum=0) / b"\4\4\0\0" / INNER,
    )
    assert (found.packets, found.bad, found.problems) == (8, 0, [])
    assert (found.minimal, found.registrations) == (1, 0)
    assert found.good_checksums["udp"] == 5


WRONG_INNER = IP(src="203.0.113.80", dst="198.51.100.23") / UDP(sport=7002, dport=7001, chksum=1) / b"number"
TUNNELLED_BADLY = [
    OUTER / GRE() / WRONG_INNER,
    OUTER / UDP(sport=434, dport=434) / b"\4\4\0\0" / WRONG_INNER,
    OUTER / UDP(sport=434, dport=434, chksum=1) / b"\4\4\0\0" / INNER,
    in_minimal(FORWARDING, WRONG_INNER),
    in_minimal(FORWARDING[:2] + b"\0\0" + FORWARDING[4:]),
    in_minimal(bytes.fromhex("11 80 87e2 c6336418 cb007150")),  # right by itself, but not the address it came with
    in_minimal(FORWARDING[:6]),
]


@pytest.mark.parametrize("packet", TUNNELLED_BADLY)
def test_what_is_wrong_in_a_tunnel_is_found(tmp_path: Path, packet: Packet) -> None:
    found = examined(tmp_path, packet)
    assert found.bad == 1
    assert found.problems


def zero_sum(written: int) -> Packet:
    """A TCP segment whose checksum is zero, written in one of the two ways."""
    segment = IP(src="203.0.113.80", dst="198.51.100.23") / TCP(sport=80, dport=80, seq=0)
    rest = IP(bytes(segment))[TCP].chksum
    return ETHER / IP(src="203.0.113.80", dst="198.51.100.23") / TCP(sport=80, dport=80, seq=rest, chksum=written)


def test_both_zeroes_of_a_checksum_are_right(tmp_path: Path) -> None:
    assert examined(tmp_path, zero_sum(0x0000), zero_sum(0xFFFF)).problems == []
    assert examined(tmp_path, zero_sum(0xFFFE)).bad == 1


def test_group_membership_query_in_a_tunnel_is_sound_though_scapy_would_write_its_header_otherwise(
    tmp_path: Path,
) -> None:
    query = bytes.fromhex("1164ec1e 00000000 027d0000")
    inner = IP(src="198.51.100.1", dst="198.51.100.23", proto=2, ttl=1) / query
    wrpcap(str(tmp_path / "router-cn.pcap"), [ETHER / IP(dst="192.0.2.70", proto=4) / inner, *SOUND])
    assert examine(tmp_path).problems == []


def test_malformed_packet_is_found(tmp_path: Path) -> None:
    question_that_is_not_there = b"\x00\x01\x01\x00\x00\x05\x00\x00\x00\x00\x00\x00"
    found = examined(tmp_path, ETHER / IP(dst="203.0.113.80") / UDP(sport=53, dport=53) / question_that_is_not_there)
    assert found.bad == 1
    assert "alformed" in found.problems[0]


def test_capture_that_verifies_nothing_does_not_pass(tmp_path: Path) -> None:
    wrpcap(
        str(tmp_path / "router-cn.pcap"),
        [Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02", type=0x9000) / b"nothing known"],
    )
    assert examine(tmp_path).problems


@pytest.mark.parametrize(("directories", "sentence"), [([], "usage:"), (["."], "no capture of the router")])
def test_what_cannot_be_examined_is_told_in_a_sentence(tmp_path: Path, directories: list[str], sentence: str) -> None:
    arguments = [str(tmp_path / directory) for directory in directories]
    command = [sys.executable, "-m", "lab.analysis.integrity", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
