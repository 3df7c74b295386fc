from __future__ import annotations

import io
import json
from pathlib import Path

from rich.console import Console

from lab.bench.figures import AtLeast, row
from lab.bench.report import Report, machine, show, write


def test_the_json_holds_every_row_with_its_samples(tmp_path: Path) -> None:
    made = row("eBPF: TCP up", "ratio", [0.91, 0.92, 0.93], AtLeast(0.9))
    write(Report(machine=machine(), quick=False, rows=[made], problems=[]), tmp_path / "build" / "bench.json")
    told = json.loads((tmp_path / "build" / "bench.json").read_text())
    assert told["rows"] == [
        {
            "name": "eBPF: TCP up",
            "unit": "ratio",
            "median": 0.92,
            "interval": [0.91, 0.93],
            "wanted": ">= 0.9",
            "verdict": "met",
            "samples": [0.91, 0.92, 0.93],
        }
    ]
    assert told["machine"]["kernel"]


def test_the_table_says_what_was_wanted_and_what_came_of_it() -> None:
    screen = io.StringIO()
    show([row("eBPF: TCP up", "ratio", [0.8] * 3, AtLeast(0.9))], Console(file=screen, width=120))
    [line] = [line for line in screen.getvalue().splitlines() if line.startswith("eBPF")]
    assert line.split("  ")[0] == "eBPF: TCP up"
    assert "0.8 .. 0.8" in line
    assert ">= 0.9" in line
    assert "not shown" in line
