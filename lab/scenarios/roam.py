"""The main job: a download and numbered packets go on while the laptop moves through all networks."""

from __future__ import annotations

from itertools import cycle, islice

from lab.errors import LabError
from lab.result import Result
from lab.scenarios import planes
from lab.scenarios.journey import Journey
from lab.scenarios.measure import Measure
from lab.scenarios.options import Options
from lab.scenarios.stage import begin, close, end_download

LOOP = ("office", "cafe", "office", "home")


def roam(options: Options) -> Result:
    """Home, foreign agent, DHCP network, foreign agent, home; the reverse tunnel switched on the way."""
    result = Result(scenario="roam")
    journey = begin(options)
    try:
        journey.begin_at_home()
        _travel(journey, list(islice(cycle(LOOP), options.moves or len(LOOP))))
    except LabError as error:
        result.problems.append(str(error))
    if journey.notes.arrivals:
        end_download(journey, result)
        result.problems += close(journey, result, options).problems(options.lossless)
        result.problems += planes.problems(result.planes)
    return result


def _travel(journey: Journey, route: list[str]) -> None:
    """Go all the way; in the first DHCP network the reverse tunnel is switched off and on again."""
    journey.stay()
    switched = False
    for network in route:
        journey.go(network)
        journey.stay()
        _show_move(journey)
        if network == "cafe" and not switched:
            switched = True
            journey.switch_reverse_tunnel("off")
            journey.switch_reverse_tunnel("on")
            _show_toggles(journey)


def _show_move(journey: Journey) -> None:
    journey.notes.close()
    measure = Measure(journey.world, journey.notes, journey.traffic.flows())
    journey.scene.handovers.append(measure.move(journey.notes.stays()[-1]))
    journey.refresh()


def _show_toggles(journey: Journey) -> None:
    journey.notes.close()
    measure = Measure(journey.world, journey.notes, journey.traffic.flows())
    journey.scene.handovers += measure.toggles()
    journey.refresh()
