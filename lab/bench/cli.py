"""The benchmarks' command line: python -m lab.bench."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from lab import interruption, requirements
from lab.bench.parts import PARTS, Options
from lab.bench.report import Report, machine, show, write
from lab.errors import LabError
from lab.nodes import PROJECT
from lab.site import named

FAILED, INTERRUPTED = 1, 130


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--name", default="mnbench", show_default=True, help="What its namespaces are called.")
@click.option("--part", "names", multiple=True, type=click.Choice(list(PARTS)), help="Only this; default: all.")
@click.option("--system", "systems", multiple=True, help="Only systems whose name contains this; default: all.")
@click.option("--cycles", default=15, show_default=True, help="How many pairs.")
@click.option("--seconds", default=1.0, show_default=True, help="Of each TCP measurement.")
@click.option("--quick", is_flag=True, help="One pair, too short to mean anything: to try whether it works.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), default=PROJECT / "build" / "bench.json")
def cli(
    name: str,
    names: tuple[str, ...],
    systems: tuple[str, ...],
    cycles: int,
    seconds: float,
    quick: bool,
    output: Path,
) -> None:
    """What the data planes carry, beside plain routing and other tunnels."""
    console = Console(width=None if Console().is_terminal else 160)
    options = Options(
        site=named(name),
        say=lambda words: click.echo(words, err=True),
        cycles=1 if quick else cycles,
        seconds=seconds,
        quick=quick,
        systems=systems,
    )
    report = Report(machine=machine(), quick=quick)
    interruption.listen()
    try:
        requirements.check()
        requirements.check_root()
        for part in names or PARTS:
            _run(part, options, report)
            write(report, output)
    except KeyboardInterrupt as interrupt:
        click.echo("bench: interrupted", err=True)
        raise SystemExit(INTERRUPTED) from interrupt
    show(report.rows, console)
    for problem in report.problems:
        console.print(f"PROBLEM: {problem}", style="bold red", markup=False)
    raise SystemExit(FAILED if report.problems else 0)


def _run(part: str, options: Options, report: Report) -> None:
    """A part that fails does not cost the others."""
    try:
        rows, problems = PARTS[part](options)
    except LabError as error:
        rows, problems = [], [f"{part}: {error}"]
    report.rows += rows
    report.problems += problems


def main() -> None:
    """The entry point."""
    cli(prog_name="python -m lab.bench")
