"""All seeds of one test run, played by as many processes as there are processors."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections import Counter
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.simulation.faults import plot, to_json
from tests.simulation.journal import Violation
from tests.simulation.play import HANDOVERS, Result, play

SEEDS = range(200)
KEPT = Path(__file__).parent / "seeds"
MOST_KEPT = 3


@dataclass(slots=True)
class Season:
    """What all of them have shown together."""

    handovers: int = 0
    virtual_seconds: float = 0.0
    checks: Counter[str] = field(default_factory=Counter)
    faults: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def add(self, result: Result) -> None:
        """One more seed came to its end."""
        self.handovers += result.handovers
        self.virtual_seconds += result.virtual_seconds
        self.checks += result.checks
        self.faults += result.faults


def play_season() -> Season:
    """Play every seed; the failing ones are told and kept."""
    season = Season()
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=context) as pool:
        futures = [(seed, pool.submit(play, seed)) for seed in SEEDS]
        for seed, future in futures:
            _collect(season, seed, future)
    return season


def _collect(season: Season, seed: int, future: Future[Result]) -> None:
    error = future.exception()
    if error is None:
        season.add(future.result())
        return
    notes = "\n".join(getattr(error, "__notes__", []))
    season.failures.append(f"seed {seed}: {error!r}\n{notes}")
    if len(season.failures) <= MOST_KEPT and isinstance(error, Violation):
        keep(seed, str(error))


def keep(seed: int, why: str) -> None:
    """Write a failing seed beside the others, with its plot, so that it is played for ever."""
    kept = {"seed": seed, "handovers": HANDOVERS, "why": why, "plot": to_json(plot(seed))}
    (KEPT / f"{seed}.json").write_text(json.dumps(kept, indent=1) + "\n")
