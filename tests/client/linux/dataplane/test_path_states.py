"""What was learnt of a path is believed for ten minutes."""

from __future__ import annotations

import pytest

from client.linux.dataplane.allowance import Allowance
from client.linux.dataplane.path_states import PathStates


@pytest.mark.rfc("1191", "6.3")
def test_a_narrow_path_is_forgotten_after_ten_minutes() -> None:
    now = 100.0
    states = PathStates(lambda: now)
    states.learn(b"path", 1400)
    now = 699.0
    assert states.mtu(b"path") == 1400
    assert states.mtu(b"other") is None
    now = 700.0
    assert states.mtu(b"path") is None


@pytest.mark.rfc("1191", "3")
def test_error_never_makes_a_path_wider() -> None:
    now = 100.0
    states = PathStates(lambda: now)
    states.learn(b"path", 1400)
    states.learn(b"path", 65535)
    assert states.mtu(b"path") == 1400
    now = 701.0
    states.learn(b"path", 1450)
    assert states.mtu(b"path") == 1450


def test_forged_errors_do_not_fill_memory() -> None:
    states = PathStates(lambda: 0.0)
    for number in range(10_000):
        states.learn(number.to_bytes(4, "big"), 1400)
    assert sum(states.mtu(number.to_bytes(4, "big")) is not None for number in range(10_000)) == 4096


@pytest.mark.rfc("1812", "4.3.2.8")
def test_errors_are_few_at_once_and_few_a_second() -> None:
    now = 0.0
    allowance = Allowance(lambda: now, burst=5, per_second=10.0)
    assert [allowance.take() for _ in range(7)] == [True] * 5 + [False] * 2
    now = 0.25
    assert [allowance.take() for _ in range(4)] == [True] * 2 + [False] * 2
    now = 100.0
    assert [allowance.take() for _ in range(7)] == [True] * 5 + [False] * 2
