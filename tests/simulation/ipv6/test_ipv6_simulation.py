"""The IPv6 machines in a virtual network where everything goes wrong that can, judged by an oracle.

`SEEDS6=500` plays so many seeds instead of the few that every run plays.
"""

from __future__ import annotations

import os
from collections import Counter

import pytest

from tests.simulation.ipv6.play import Result, play

pytestmark = pytest.mark.simulation

SEEDS = range(int(os.environ.get("SEEDS6", "16")))
MOVES = 8
RULES = (
    *("had", "tokens", "whose", "remote", "tentative", "sequence", "receiver"),
    *("bound", "packets", "direct", "home", "left", "small", "deadline"),
)
TROUBLE = (
    *("partition", "home agent restart", "correspondent restart", "mobile node restart", "clock step"),
    *("address lost", "router silent", "renumbering", "early timeout", "loss", "duplication", "reordering"),
    *(f"attack {number}" for number in range(12)),
)


@pytest.fixture(scope="module")
def results() -> list[Result]:
    """Played once for all tests of this module."""
    return [play(seed, MOVES) for seed in SEEDS]


@pytest.mark.rfc("6275", "11.7.1")
@pytest.mark.rfc("6275", "11.7.2")
@pytest.mark.rfc("6275", "5.2.7")
def test_no_rule_breaks_and_all_comes_right_when_trouble_ends(results: list[Result]) -> None:
    """`play` raises where one does."""
    assert [result.seed for result in results] == list(SEEDS)


def test_every_rule_was_looked_at_and_every_trouble_happened(results: list[Result]) -> None:
    """What never happened was not tested."""
    checks: Counter[str] = sum((Counter(result.checks) for result in results), Counter())
    faults: Counter[str] = sum((Counter(result.faults) for result in results), Counter())
    assert [rule for rule in RULES if not checks[rule]] == []
    assert [trouble for trouble in TROUBLE if not faults[trouble]] == []


def test_a_seed_decides_everything(results: list[Result]) -> None:
    """To the last microsecond the same."""
    assert play(SEEDS[0], MOVES).digest == results[0].digest


@pytest.mark.parametrize(("seed", "moves"), [(105, 12)])
def test_seeds_that_found_a_fault_once_find_none_any_more(seed: int, moves: int) -> None:
    """105: the node's own advertisement, heard late, spoke against it when it left home."""
    assert play(seed, moves).moves == moves
