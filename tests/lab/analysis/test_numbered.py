from __future__ import annotations

import struct
from pathlib import Path

from lab.analysis.numbered import Flow, read

MS = 1_000_000


def flow(count: int, missing: range, late: int = 0) -> Flow:
    """A packet every 10 ms that takes 1 ms; those in `missing` never arrive."""
    sent = [(number, number * 10 * MS) for number in range(count)]
    arrived = [(number, at + MS + late) for number, at in sent if number not in missing]
    return Flow(sent, arrived)


def test_losses_are_counted_where_they_were_sent() -> None:
    broken = flow(100, range(40, 55))
    assert broken.lost(0, 1000 * MS) == 15
    assert broken.lost(0, 450 * MS) == 5
    assert broken.lost(550 * MS, 1000 * MS) == 0


def test_silence_is_from_the_last_arrival_before_to_the_first_after() -> None:
    assert flow(100, range(40, 55)).longest_silence(400 * MS, 900 * MS) == 160.0
    assert flow(100, range(0)).longest_silence(400 * MS, 900 * MS) == 10.0


def test_silence_that_never_ends_lasts_to_the_end() -> None:
    assert flow(100, range(40, 100)).longest_silence(400 * MS, 900 * MS) == 509.0


def test_doubles_are_no_losses() -> None:
    one = flow(10, range(0))
    twice = Flow(one.sent, one.arrived * 2)
    assert twice.lost(0, 100 * MS) == 0


def test_half_a_record_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "arrived"
    path.write_bytes(struct.pack("!QQQQ", 1, 10, 2, 20) + b"half")
    assert read(path) == [(1, 10), (2, 20)]
