"""python -m lab.bench.gap [--moves N] [--only NAME] [--delay MS ...]: the handover gap, contender by contender."""

from __future__ import annotations

import statistics

import click

from lab.bench.gap.measure import Cell, measure
from lab.bench.gap.part import CONTENDERS, SITUATIONS


@click.command()
@click.option("--moves", default=30, help="Moves in each cell.")
@click.option("--only", default="", help="Part of a contender's name.")
@click.option("--situation", default="", help="Part of a situation's name.")
@click.option("--delay", multiple=True, type=float, default=(0.0, 20.0), help="Added one-way delay in ms.")
def main(moves: int, only: str, situation: str, delay: tuple[float, ...]) -> None:
    """Measure, and print a line for each cell."""
    for milliseconds in delay:
        for where in SITUATIONS:
            for contender in (make() for make in CONTENDERS):
                if only.lower() in contender.name.lower() and situation in where:
                    show(measure(contender, where, milliseconds / 1000, moves))


def show(cell: Cell) -> None:
    """One line."""
    words = [f"{cell.contender:18} {cell.situation:18} +{cell.delay_ms:.0f} ms"]
    for name, values in (("down", cell.down), ("up", cell.up)):
        if values:
            ordered = sorted(values)
            words.append(f"{name} median {statistics.median(values):.2f} worst {ordered[-1]:.2f} ms (n={len(values)})")
    if cell.lost:
        words.append(f"lost {sum(cell.lost)} in {len(cell.lost)} switches")
    if cell.problem:
        words.append(f"PROBLEM: {cell.problem}")
    click.echo("  ".join(words))


if __name__ == "__main__":
    main()
