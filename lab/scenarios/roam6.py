"""The main job for IPv6: three correspondents, reached directly where they are able, while the laptop moves."""

from __future__ import annotations

from itertools import cycle, islice

from lab.result import Result
from lab.scenarios import planes
from lab.scenarios.journey6 import Journey6
from lab.scenarios.measure6 import Measure6
from lab.scenarios.options import Options
from lab.scenarios.stage import noting
from lab.scenarios.stage6 import begin6, close6, end_downloads, flows, judge_authenticators

LOOP6 = ("office", "cafe", "home")


def roam6(options: Options) -> Result:
    """Home, two foreign networks, home; downloads and numbered packets with an able, an unable, a visited host."""
    result = Result(scenario="roam6")
    journey = begin6(options)
    with noting(result):
        journey.begin()
        journey.stay()
        for network in islice(cycle(LOOP6), options.moves or len(LOOP6)):
            journey.go(network)
            journey.stay()
            _show_move(journey)
    if journey.notes.arrivals:
        end_downloads(journey, result)
        result.problems += close6(journey, result, options).problems(options.lossless)
        result.problems += planes.problems(result.planes)
        judge_authenticators(journey, result)
    return result


def _show_move(journey: Journey6) -> None:
    journey.notes.close()
    measure = Measure6(journey.world, journey.notes, flows(journey))
    journey.scene.handovers.append(measure.move(journey.notes.stays()[-1]))
    journey.refresh()
