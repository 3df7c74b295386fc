from __future__ import annotations

import pytest

from lab.bench.figures import MET, NOT_SHOWN, AtLeast, AtMost, interval, percentile, ratios, row


def test_the_interval_of_equal_samples_is_that_sample() -> None:
    assert interval([2.5] * 15) == (2.5, 2.5)


def test_the_same_samples_give_the_same_interval() -> None:
    samples = [1.0, 5.0, 2.0, 8.0, 3.0, 9.0, 4.0]
    assert interval(samples) == interval(samples)


def test_the_interval_is_that_of_the_median_and_not_of_the_samples() -> None:
    # Of 15 samples the binomial distribution says: the ends are the 4th and the 12th (P(4th..12th) = 0.965),
    # which the bootstrap of the median finds, too.
    samples = [float(number) for number in range(1, 16)]
    assert interval(samples) == (4.0, 12.0)


def test_a_larger_part_of_bad_samples_moves_the_lower_end() -> None:
    good = [1.0] * 15
    assert interval(good[:-3] + [0.5] * 3)[0] == 1.0
    assert interval(good[:-5] + [0.5] * 5)[0] == 0.5


def test_a_figure_is_met_only_when_the_lower_end_reaches_it() -> None:
    samples = [0.85, 0.92, 0.93, 0.95, 0.96] * 3
    assert row("x", "ratio", samples).verdict is None
    assert row("x", "ratio", samples, AtLeast(0.9)).median > 0.9
    assert row("x", "ratio", samples, AtLeast(0.92)).verdict == MET
    assert row("x", "ratio", samples, AtLeast(0.93)).verdict == NOT_SHOWN


def test_a_figure_that_should_be_small_is_met_only_when_the_upper_end_is() -> None:
    samples = [4.0, 5.0, 30.0]
    assert row("x", "us", samples, AtMost(20)).verdict == NOT_SHOWN
    assert row("x", "us", samples, AtMost(30)).verdict == MET


def test_ratios_are_taken_pair_by_pair() -> None:
    assert ratios([1.0, 4.0], [2.0, 2.0]) == [0.5, 2.0]


def test_ratios_of_unequal_numbers_of_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="longer"):
        ratios([1.0], [1.0, 2.0])


@pytest.mark.parametrize(("part", "expected"), [(0.5, 50.0), (0.99, 99.0), (1.0, 100.0), (0.001, 1.0)])
def test_a_percentile_is_the_sample_that_this_part_does_not_exceed(part: float, expected: float) -> None:
    assert percentile([float(number) for number in range(100, 0, -1)], part) == expected
