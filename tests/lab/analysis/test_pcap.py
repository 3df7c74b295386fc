from __future__ import annotations

import struct
from pathlib import Path

import pytest
from scapy.layers.l2 import Ether
from scapy.utils import PcapWriter

from lab.analysis.pcap import Capture, Record, records


def test_reads_what_scapy_wrote_with_nanoseconds(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    with PcapWriter(str(path), nano=True, sync=True) as writer:
        packet = Ether(dst="02:00:00:00:00:01", src="02:00:00:00:00:02", type=0x0806) / b"hello"
        packet.time = 1_800_000_000.25
        writer.write(packet)
    assert records(path) == [Record(1_800_000_000_250_000_000, bytes(packet))]


@pytest.mark.parametrize("order", ["<", ">"])
def test_microseconds_and_both_byte_orders(tmp_path: Path, order: str) -> None:
    path = tmp_path / "x.pcap"
    header = struct.pack(f"{order}IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    path.write_bytes(header + struct.pack(f"{order}IIII", 5, 7, 3, 60) + b"abc")
    assert records(path) == [Record(5_000_007_000, b"abc")]


def test_half_a_record_is_read_once_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    header = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1)
    first = struct.pack("<IIII", 1, 1, 3, 3) + b"abc"
    second = struct.pack("<IIII", 2, 2, 3, 3) + b"def"
    path.write_bytes(header[:10])
    capture = Capture(path)
    assert list(capture.new_records()) == []
    path.write_bytes(header + first + second[:-1])
    assert list(capture.new_records()) == [Record(1_000_000_001, b"abc")]
    path.write_bytes(header + first + second)
    assert list(capture.new_records()) == [Record(2_000_000_002, b"def")]
    assert list(capture.new_records()) == []


def test_what_is_no_capture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(b"x" * 100)
    with pytest.raises(ValueError, match="no capture"):
        records(path)
