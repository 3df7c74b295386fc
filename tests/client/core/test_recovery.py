"""Register again at once, then ever more seldom."""

from __future__ import annotations

from client.core.machine import NEVER
from client.core.recovery import Recovery


def test_first_try_is_at_once_and_the_next_after_4_8_16_32_60_60_seconds() -> None:
    recovery, now, gaps = Recovery(), 100.0, []
    assert recovery.is_due(now)
    for _ in range(6):
        assert not recovery.is_due(recovery.deadline - 0.01)
        gaps.append(recovery.deadline - now)
        now = recovery.deadline
        assert recovery.is_due(now)
    assert gaps == [4, 8, 16, 32, 60, 60]


def test_what_came_back_ends_it_and_the_next_time_begins_anew() -> None:
    recovery = Recovery()
    recovery.is_due(0.0)
    recovery.is_due(4.0)
    recovery.end()
    assert (recovery.deadline, recovery.under_way) == (NEVER, False)
    assert recovery.is_due(50.0)
    assert recovery.deadline == 54.0
