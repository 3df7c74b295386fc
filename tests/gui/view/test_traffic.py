from __future__ import annotations

import pytest

from client.core.traffic import Totals
from gui.view.traffic import LEAST_SCALE, LONGEST, Sample, TrafficHistory, plot, words
from tests.gui.english import english


def totals(incoming: int, outgoing: int = 0) -> Totals:
    return Totals(received_bytes=incoming, sent_bytes=outgoing)


def test_between_two_looks_there_is_a_rate() -> None:
    history = TrafficHistory()
    history.add(totals(0), 100.0)
    assert not history.samples
    history.add(totals(2_000_000, 80_000), 101.0)
    assert list(history.samples) == [Sample(at=101.0, incoming=2_000_000, outgoing=80_000)]
    assert words(history.samples, english) == "In 2.0 MB/s, out 80.0 kB/s"


def test_a_service_that_began_anew_is_no_negative_rate() -> None:
    history = TrafficHistory()
    for at, count in enumerate((0, 500, 20, 70)):
        history.add(totals(count), float(at))
    assert [sample.incoming for sample in history.samples] == [500, 50]


def test_what_passed_while_nobody_looked_belongs_to_no_second() -> None:
    history = TrafficHistory()
    history.add(totals(0), 0.0)
    history.pause()
    history.add(totals(10**9), 1000.0)
    assert not history.samples


def test_only_the_last_ten_minutes_are_kept() -> None:
    history = TrafficHistory()
    for at in range(LONGEST + 50):
        history.add(totals(at), float(at))
    assert len(history.samples) == LONGEST


def test_nothing_known_nothing_said() -> None:
    assert words([], english) == ""


def test_in_goes_up_from_the_middle_and_out_goes_down_to_one_scale() -> None:
    samples = [Sample(at=900.0, incoming=0, outgoing=0), Sample(at=1000.0, incoming=40_000, outgoing=10_000)]
    found = plot(samples, [800.0, 975.0, 1001.0], 1000.0)
    assert found.incoming == ((0.0, 0.5), (1.0, 0.0))
    assert found.outgoing == ((0.0, 0.5), (1.0, 0.625))
    assert found.ticks == (0.75,)
    assert found.scale == 40_000


def test_what_is_older_is_not_seen_and_a_keepalive_is_no_mountain() -> None:
    samples = [Sample(at=1.0, incoming=10**9, outgoing=0), Sample(at=1000.0, incoming=100, outgoing=0)]
    found = plot(samples, [], 1000.0)
    assert len(found.incoming) == 1
    assert found.scale == LEAST_SCALE
    assert found.incoming[0][1] == pytest.approx(0.495)


def test_at_first_a_minute_is_seen() -> None:
    [(place, _)] = plot([Sample(at=985.0, incoming=0, outgoing=0)], [], 1000.0).incoming
    assert place == pytest.approx(0.75)
