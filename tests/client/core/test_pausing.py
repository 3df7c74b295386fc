"""Pauses and farewells."""

from __future__ import annotations

from client.core.machine import NEVER
from client.core.pausing import Pausing


def test_no_pause_has_no_deadline() -> None:
    assert (Pausing().deadline, Pausing().in_force) == (NEVER, False)


def test_pause_without_a_farewell_is_in_force_at_once_until_its_time() -> None:
    pausing = Pausing()
    pausing.begin(100.0, 10.0, farewell=False)
    assert (pausing.in_force, pausing.deadline) == (True, 100.0)
    assert [pausing.is_over(now) for now in (99.9, 100.0)] == [False, True]


def test_farewell_takes_two_seconds_at_most_and_comes_before_the_pause() -> None:
    pausing = Pausing()
    pausing.begin(11.0, 10.0, farewell=True)
    assert (pausing.in_force, pausing.deadline, pausing.is_over(11.5)) == (False, 12.0, False)
    assert [pausing.is_farewell_over(now) for now in (11.9, 12.0)] == [False, True]
