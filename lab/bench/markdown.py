"""The rows of a bench.json as a table for docs/PERFORMANCE.md: python -m lab.bench.markdown [FILE]."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from lab.bench.report import Report, short
from lab.nodes import PROJECT

_HEAD = "| figure | unit | median | 95 % interval | wanted | verdict | samples |\n|---|---|---|---|---|---|---|"


def markdown(report: Report) -> str:
    """The table, and under it the machine and what went wrong."""
    machine = report.machine
    lines = [_HEAD]
    for row in report.rows:
        ends = f"{short(row.interval[0])} .. {short(row.interval[1])}" if len(row.samples) > 1 else ""
        cells = (row.name, row.unit, short(row.median), ends, row.wanted or "", row.verdict or "", len(row.samples))
        lines.append(f"| {' | '.join(map(str, cells))} |")
    lines.append(
        f"\n{machine.model}, {machine.processors} processors, Linux {machine.kernel}, Python {machine.python}."
    )
    return "\n".join([*lines, *(f"Went wrong: {problem}" for problem in report.problems)])


def main() -> None:
    """Print it."""
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else PROJECT / "build" / "bench.json"
    print(markdown(msgspec.json.decode(file.read_bytes(), type=Report)))


if __name__ == "__main__":
    main()
