"""Deadlines count from the wire: the longest lag of the last seconds is told."""

from __future__ import annotations

from client.linux.lag import LONGEST, MEMORY, Lag


def test_without_a_packet_there_is_no_lag() -> None:
    assert Lag().longest(100.0) == 0.0


def test_shorter_lag_does_not_hide_a_longer_one_that_is_young() -> None:
    lag = Lag()
    lag.note(0.02, 100.0)
    lag.note(0.001, 100.5)
    assert lag.longest(101.0) == 0.02


def test_old_lag_is_forgotten_and_then_a_shorter_one_counts() -> None:
    lag = Lag()
    lag.note(0.02, 100.0)
    assert lag.longest(100.1 + MEMORY) == 0.0
    lag.note(0.001, 100.1 + MEMORY)
    assert lag.longest(100.2 + MEMORY) == 0.001


def test_lag_is_bounded() -> None:
    lag = Lag()
    lag.note(10.0, 100.0)
    assert lag.longest(100.0) == LONGEST
