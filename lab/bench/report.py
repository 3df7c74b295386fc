"""The table on the screen, and build/bench.json."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from lab.bench.figures import MET, Row


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """Where the figures were made."""

    kernel: str
    processors: int
    model: str
    python: str


class Report(msgspec.Struct, kw_only=True):
    """All of bench.json."""

    machine: Machine
    quick: bool  # too short to mean anything
    rows: list[Row] = []
    problems: list[str] = []


def machine() -> Machine:
    """This one."""
    told = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in told if line.startswith("model name")), platform.machine())
    return Machine(
        kernel=platform.release(), processors=os.cpu_count() or 1, model=model, python=platform.python_version()
    )


def write(report: Report, path: Path) -> None:
    """Write the JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n")


def show(rows: Sequence[Row], console: Console) -> None:
    """Print the table: what was wanted stands out."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("figure")
    for heading in ("median", "95 % interval"):
        table.add_column(heading, justify="right", no_wrap=True)
    for heading in ("unit", "wanted", "verdict"):
        table.add_column(heading, no_wrap=True)
    table.add_column("samples", justify="right", no_wrap=True)
    for row in rows:
        low, high = row.interval
        style = "" if row.verdict is None else "green" if row.verdict == MET else "yellow"
        cells = (row.name, short(row.median), f"{short(low)} .. {short(high)}", row.unit)
        table.add_row(*cells, row.wanted or "", row.verdict or "", str(len(row.samples)), style=style)
    console.print(table)


def short(number: float) -> str:
    """Three digits that mean something."""
    return f"{number:.3g}" if abs(number) < 1000 else f"{number:,.0f}"
