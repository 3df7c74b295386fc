"""The handover gap as a part of the benchmark: every contender in every situation."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lab.bench.figures import Row
from lab.bench.gap.contenders.contender import Contender
from lab.bench.gap.contenders.openvpn import OpenVpn
from lab.bench.gap.contenders.ours import Ours
from lab.bench.gap.contenders.strongswan import StrongSwan
from lab.bench.gap.contenders.wireguard import WireGuard
from lab.bench.gap.measure import BOTH, DOWNLINK, MAKE_BEFORE_BREAK, Cell, measure
from lab.bench.gap.rows import rows

CONTENDERS: tuple[Callable[[], Contender], ...] = (Ours, OpenVpn, WireGuard, StrongSwan)
SITUATIONS = (BOTH, DOWNLINK, MAKE_BEFORE_BREAK)
DELAYS = (0.0, 0.020)
"""Seconds added each way."""


def cells(moves: int, say: Callable[[str], None], systems: tuple[str, ...] = ()) -> Iterator[Cell]:
    """All cells, one after the other; `systems`: only contenders whose name contains one of these."""
    for delay in DELAYS:
        for situation in SITUATIONS:
            for contender in (make() for make in CONTENDERS):
                if not systems or any(word.lower() in contender.name.lower() for word in systems):
                    say(f"gap: {contender.name}, {situation}, +{delay * 1000:g} ms")
                    yield measure(contender, situation, delay, moves)


def run(moves: int, say: Callable[[str], None], systems: tuple[str, ...] = ()) -> tuple[list[Row], list[str]]:
    """The rows, and what went wrong."""
    found: list[Row] = []
    problems: list[str] = []
    for cell in cells(moves, say, systems):
        found += rows(cell)
        problems += [f"gap: {cell.contender}, {cell.situation}: {cell.problem}"] if cell.problem else []
    return found, problems
