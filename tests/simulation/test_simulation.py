"""Ten thousand handovers with everything going wrong that can, judged by an oracle."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation import coverage
from tests.simulation.faults import from_json
from tests.simulation.play import HANDOVERS, play
from tests.simulation.season import KEPT, SEEDS, Season, play_season

pytestmark = pytest.mark.simulation

RULES = ("I1", "I2", "I3", "I4", "I5", "I15", "L1", "L2", "ARP", "4.6", "TTL")
SAMPLE = range(1000, 1020)
SHORT = 4


@pytest.fixture(scope="module")
def season() -> Season:
    """Played once for all tests of this module."""
    return play_season()


@pytest.mark.rfc("5944", "3.6.3")
@pytest.mark.rfc("5944", "5.7.1")
@pytest.mark.rfc("5944", "4.6")
def test_no_rule_breaks_in_ten_thousand_handovers(season: Season, capsys: pytest.CaptureFixture[str]) -> None:
    """Safety while faults last, liveness when they end; the first failures are told in full."""
    with capsys.disabled():
        print(
            f"\n{season.handovers} handovers in {season.virtual_seconds / 3600:.0f} virtual hours, {len(SEEDS)} seeds"
        )
        print("checks executed: " + ", ".join(f"{rule} {count}" for rule, count in sorted(season.checks.items())))
    assert not season.failures, "\n\n".join(season.failures[:3])
    assert season.handovers >= 10_000 == len(SEEDS) * HANDOVERS


def test_every_rule_was_looked_at(season: Season) -> None:
    """A rule that nobody checked holds for no reason."""
    assert [rule for rule in RULES if not season.checks[rule]] == []


def test_every_fault_met_every_state(season: Season, capsys: pytest.CaptureFixture[str]) -> None:
    """A pair that never happened was not tested."""
    with capsys.disabled():
        print("\n" + "\n".join(coverage.table(season.faults)))
    assert coverage.missing(season.faults) == []


@pytest.mark.parametrize("path", sorted(KEPT.glob("*.json")), ids=lambda path: path.stem)
def test_seeds_that_failed_once_do_so_no_more(path: Path) -> None:
    """Each with the plot that it had then."""
    kept = json.loads(path.read_text())
    assert play(kept["seed"], kept["handovers"], from_json(kept["plot"])).handovers >= kept["handovers"]


def digests() -> list[str]:
    """What the sample comes to."""
    return [play(seed, SHORT).digest for seed in SAMPLE]


def test_a_seed_decides_everything() -> None:
    """Twice here, and once in a process that hashes differently: to the last microsecond the same."""
    first = digests()
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "PYTHONPATH": "."}
    code = "from tests.simulation.test_simulation import digests; print(' '.join(digests()))"
    elsewhere = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert digests() == first
    assert elsewhere.stdout.split() == first
    assert len(set(first)) == len(first)
