"""What the cells of the handover gap say, as rows of the benchmark's table."""

from __future__ import annotations

from lab.bench.figures import AtMost, Row, Wanted, row
from lab.bench.gap.contenders.ours import Ours
from lab.bench.gap.measure import BOTH, Cell

BOTH_WAYS_ALLOWANCE, DOWNLINK_ALLOWANCE = 2.0, 5.0
"""Ms above the round trip."""


def rows(cell: Cell) -> list[Row]:
    """One row a direction; losses as packets a switch. What is wanted is wanted of ours alone."""
    name = f"gap, {cell.situation}, +{cell.delay_ms:g} ms: {cell.contender}"
    ours = cell.contender == Ours.name
    found = []
    if cell.down:
        found.append(row(f"{name}, down", "ms", cell.down, _down(cell) if ours else None))
    if cell.up:
        found.append(row(f"{name}, up", "ms", cell.up, AtMost(_up(cell)) if ours else None))
    if cell.lost:
        lost = [float(count) for count in cell.lost]
        # No median: a single packet lost in any of the switches is one too many.
        found.append(row(f"{name}, lost", "packets in all", [sum(lost)], AtMost(0) if ours else None))
    return found


def _down(cell: Cell) -> Wanted:
    allowance = BOTH_WAYS_ALLOWANCE if cell.situation == BOTH else DOWNLINK_ALLOWANCE
    return AtMost(round(cell.round_trip + allowance, 2))


def _up(cell: Cell) -> float:
    return round(cell.round_trip / 2 + BOTH_WAYS_ALLOWANCE, 2)
