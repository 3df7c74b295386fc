"""`traffic`: how much goes through."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import pytest
from click.testing import Result

from client.core.traffic import Totals, amount, rates
from tests.client.cli.scripted_service import ScriptedService

Run = Callable[..., Result]


def test_totals_are_told_in_words(run: Run) -> None:
    assert run("traffic").output == "In   1.2 MB, 20 packets\nOut  80.0 kB, 10 packets\n"


def test_totals_as_json_are_as_the_service_says_them(run: Run) -> None:
    assert json.loads(run("traffic", "--json").output)["received_bytes"] == 1_234_567


def test_watching_tells_rates_line_by_line(service: ScriptedService) -> None:
    command = [sys.executable, "-m", "client.cli", "--socket", str(service.path), "traffic", "--watch"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        line = process.stdout.readline()
        process.terminate()
    assert line == "in 0 B/s, out 0 B/s\n"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (99_400, "99.4 kB"),
        (99_960, "100 kB"),
        (999_499, "999 kB"),
        (999_600, "1.0 MB"),
        (1_234_567, "1.2 MB"),
        (5e9, "5.0 GB"),
        (7e12, "7.0 TB"),
        (8e15, "8000.0 TB"),
    ],
)
def test_amounts_have_one_to_three_digits_before_the_point(number: float, words: str) -> None:
    assert amount(number) == words


def test_rates_are_per_second_and_none_for_a_service_that_began_anew() -> None:
    before, after = Totals(received_bytes=100, sent_bytes=10), Totals(received_bytes=300, sent_bytes=10)
    assert rates(before, after, 2.0) == (100.0, 0.0)
    assert rates(after, before, 2.0) is None
    assert rates(before, after, 0.0) is None
