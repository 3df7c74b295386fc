from __future__ import annotations

import pytest

from lab.impairment import Fate, Impairment


def fates(impairment: Impairment, direction: str, count: int = 400) -> list[list[float]]:
    fate = Fate(impairment, direction)
    return [fate.of_next(number * 0.001) for number in range(count)]


BAD = Impairment(delay=0.02, jitter=0.01, loss=0.2, duplication=0.1, reordering=0.1, seed=7)


def test_same_seed_gives_every_frame_the_same_fate() -> None:
    assert fates(BAD, "home in") == fates(BAD, "home in")


def test_another_seed_or_direction_gives_other_fates() -> None:
    other = Impairment(delay=0.02, jitter=0.01, loss=0.2, duplication=0.1, reordering=0.1, seed=8)
    assert fates(other, "home in") != fates(BAD, "home in")
    assert fates(BAD, "home out") != fates(BAD, "home in")


def test_losses_do_not_depend_on_the_other_faults() -> None:
    lost = [not times for times in fates(BAD, "x")]
    only_loss = [not times for times in fates(Impairment(loss=0.2, seed=7), "x")]
    assert lost == only_loss


@pytest.mark.parametrize("loss", [0.05, 0.3, 0.8])
def test_as_many_frames_are_lost_as_asked_for(loss: float) -> None:
    lost = sum(not times for times in fates(Impairment(loss=loss), "x", 4000))
    assert abs(lost / 4000 - loss) < 0.03


def test_without_faults_frames_pass_at_once_and_once() -> None:
    assert fates(Impairment(), "x") == [[number * 0.001] for number in range(400)]


def test_jitter_delays_but_keeps_the_order() -> None:
    times = [copies[0] for copies in fates(Impairment(delay=0.01, jitter=0.05), "x")]
    assert times == sorted(times)
    assert all(due >= number * 0.001 + 0.01 for number, due in enumerate(times))


def test_reordering_lets_later_frames_overtake() -> None:
    times = [copies[0] for copies in fates(Impairment(delay=0.01, reordering=0.2), "x")]
    assert times != sorted(times)


def test_duplication_lets_a_frame_out_twice() -> None:
    copies = [len(times) for times in fates(Impairment(duplication=0.25), "x", 4000)]
    assert set(copies) == {1, 2}
    assert abs(copies.count(2) / 4000 - 0.25) < 0.03


@pytest.mark.parametrize(("loss", "duplication", "reordering"), [(1.5, 0, 0), (0, 2, 0), (0, 0, -1)])
def test_probability_that_is_none_is_refused(loss: float, duplication: float, reordering: float) -> None:
    with pytest.raises(ValueError, match="probabilities"):
        Impairment(loss=loss, duplication=duplication, reordering=reordering)
