"""Virtual time and chance."""

from __future__ import annotations

from tests.simulation.chance import Chance
from tests.simulation.timeline import Timeline


def test_things_happen_in_the_order_of_their_time_and_equal_times_in_the_order_asked() -> None:
    """Else a seed would not decide everything."""
    timeline, seen = Timeline(), list[str]()
    timeline.at(2.0, lambda: seen.append("late"))
    timeline.at(1.0, lambda: seen.append("first"))
    timeline.at(1.0, lambda: seen.append("second"))
    timeline.run_until(1.5)
    assert (seen, timeline.now) == (["first", "second"], 1.5)
    timeline.run_until(9.0)
    assert seen[-1] == "late"


def test_chance_is_even_and_its_purposes_are_strangers() -> None:
    """A thousand draws lie about where they should."""
    one, other = Chance(7, "loss"), Chance(7, "delay")
    draws = [one.draw() for _ in range(1000)]
    assert draws == [Chance(7, "loss").draw(), *draws[1:]]
    assert 0.45 < sum(draws) / 1000 < 0.55
    assert draws[0] != other.draw()
    assert 200 < sum(one.happens(0.3) for _ in range(1000)) < 400
