"""When requests go (RFC 5944 §3.6.3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.mipv4.pacing import Pace, next_wait, renewal_time

HERE, THERE = (2, 1), (3, 1)


@pytest.mark.rfc("5944", "3.6.3")
def test_waits_double_to_4_seconds_in_the_first_minute_and_then_to_60() -> None:
    waits, asking_for = [1.0], 1.0
    while len(waits) < 24:
        waits.append(next_wait(waits[-1], asking_for))
        asking_for += waits[-1]
    assert waits == [1, 2, *[4] * 15, 8, 16, 32, *[60] * 4]


def test_first_minute_ends_at_its_sixtieth_second() -> None:
    assert (next_wait(4.0, 59.9), next_wait(4.0, 60.0)) == (4, 8)


@pytest.mark.rfc("5944", "3.6.2.2")
@given(st.floats(0, 0.999999), st.floats(1, 65_534))
def test_renewal_comes_between_70_and_80_percent_of_the_lifetime(number: float, lifetime: float) -> None:
    share = (renewal_time(0, lifetime, lambda: number)) / lifetime
    assert 0.7 - 1e-9 <= share <= 0.8 + 1e-9


@pytest.mark.rfc("5944", "3.6.3")
def test_first_request_goes_at_once() -> None:
    assert Pace().earliest(HERE, 0.0) == 0.0


@pytest.mark.rfc("5944", "3.6.3")
def test_next_one_from_the_same_link_waits_for_a_second() -> None:
    pace = Pace()
    pace.sent(HERE, 10.0)
    assert (pace.earliest(HERE, 10.2), pace.earliest(HERE, 11.5)) == (11.0, 11.5)


@pytest.mark.rfc("5944", "3.6.3")
def test_link_layer_move_may_go_at_once_but_only_one_of_them() -> None:
    pace = Pace()
    pace.sent(HERE, 10.0)
    assert pace.earliest(THERE, 10.1) == 10.1
    pace.sent(THERE, 10.1)
    assert pace.earliest(HERE, 10.2) == 11.0
    assert pace.earliest(THERE, 10.2) == 11.1


@pytest.mark.rfc("5944", "3.6.3")
@given(st.lists(st.tuples(st.floats(0, 2), st.integers(0, 2)), max_size=50))
def test_three_requests_never_fit_into_a_second(moves: list[tuple[float, int]]) -> None:
    pace, now, sent = Pace(), 0.0, []
    for pause, ups in moves:
        now = pace.earliest((2, ups), now + pause)
        pace.sent((2, ups), now)
        sent.append(now)
    assert all(third - first >= 1 - 1e-9 for first, third in zip(sent, sent[2:], strict=False))
