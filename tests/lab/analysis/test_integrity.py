from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Packet
from scapy.utils import wrpcap

from lab.analysis.integrity import Integrity, examine

SOUND: list[Packet] = [
    Ether() / IP(dst="203.0.113.80") / UDP(sport=4000, dport=4001) / b"hello",
    Ether() / IP(dst="203.0.113.80") / TCP(dport=80),
    Ether() / IP(dst="192.0.2.70", proto=4) / IP(dst="198.51.100.23") / TCP(dport=80) / b"data",
    Ether() / IP(dst="203.0.113.80") / ICMP() / b"ping",
]


def examined(directory: Path, *packets: Packet) -> Integrity:
    wrpcap(str(directory / "router-cn.pcap"), [*SOUND, *packets])
    return examine(directory)


def test_sound_packets_are_counted_and_found_sound(tmp_path: Path) -> None:
    found = examined(tmp_path)
    assert (found.packets, found.bad, found.problems) == (4, 0, [])
    assert found.good_checksums == {"ip": 4, "udp": 1, "tcp": 2, "icmp": 1}


def test_wrong_checksums_are_found_also_inside_a_tunnel(tmp_path: Path) -> None:
    to = Ether() / IP(dst="203.0.113.80")
    found = examined(
        tmp_path,
        to / UDP(sport=4000, dport=4001, chksum=1) / b"x",
        to / TCP(chksum=1),
        to / ICMP(chksum=1),
        Ether() / IP(dst="203.0.113.80", chksum=1) / TCP(),
        Ether() / IP(dst="192.0.2.70", proto=4) / IP(dst="198.51.100.23", chksum=1) / TCP(),
    )
    assert found.bad == 5


def test_malformed_packet_is_found(tmp_path: Path) -> None:
    question_that_is_not_there = b"\x00\x01\x01\x00\x00\x05\x00\x00\x00\x00\x00\x00"
    found = examined(tmp_path, Ether() / IP(dst="203.0.113.80") / UDP(sport=53, dport=53) / question_that_is_not_there)
    assert found.bad == 1
    assert "alformed" in found.problems[0]


def test_capture_that_verifies_nothing_does_not_pass(tmp_path: Path) -> None:
    wrpcap(str(tmp_path / "router-cn.pcap"), [Ether(type=0x9000) / b"nothing known"])
    assert examine(tmp_path).problems


@pytest.mark.parametrize(("directories", "sentence"), [([], "usage:"), (["."], "no capture of the router")])
def test_what_cannot_be_examined_is_told_in_a_sentence(tmp_path: Path, directories: list[str], sentence: str) -> None:
    arguments = [str(tmp_path / directory) for directory in directories]
    command = [sys.executable, "-m", "lab.analysis.integrity", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
