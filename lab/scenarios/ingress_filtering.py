"""A router that drops foreign source addresses (BCP 38): triangle routing fails, the reverse tunnel cures it."""

from __future__ import annotations

import time

from lab.analysis.frames import between
from lab.analysis.paths import outward
from lab.obstacles import filter_ingress
from lab.result import Result
from lab.scenarios.journey import Journey
from lab.scenarios.options import Options
from lab.scenarios.stage import begin, close, end_download, expect, noting
from lab.topology import CAFE

WATCH = 1.0
SETTLING = 0.2


def ingress_filtering(options: Options) -> Result:
    """Behind an ingress filter triangle routing fails; with the reverse tunnel on, packets come through again."""
    result = Result(scenario="ingress-filtering")
    journey = begin(options)
    with noting(result):
        journey.begin_at_home()
        journey.stay()
        filter_ingress(journey.world.site, CAFE)
        journey.go("cafe")
        journey.stay()
        for to, passes in (("off", False), ("on", True)):
            _switch(journey, result, to, passes)
        journey.stay(200_000)
        end_download(journey, result)
    measure = close(journey, result, options)
    result.problems += measure.connection.problems()
    return result


def _switch(journey: Journey, result: Result, to: str, passes: bool) -> None:
    """With it off, packets leave the laptop plainly and none arrives; with it on, all do."""
    journey.say(f"switching the reverse tunnel {to}")
    journey.world.laptop.must("reverse-tunnel", to, "--no-wait")
    time.sleep(SETTLING if passes else 2 * SETTLING)
    start = time.time_ns()
    time.sleep(WATCH)
    end = time.time_ns()
    journey.refresh()
    left = outward(journey.world.frames("network-cafe"), start, end)
    expect(
        result,
        f"the way out of the laptop with the reverse tunnel {to}",
        left.path,
        "reverse" if passes else "triangle",
    )
    _, from_laptop = journey.traffic.flows()
    sent = sum(1 for _, at in from_laptop.sent if start <= at < end - 100_000_000)
    lost = from_laptop.lost(start, end - 100_000_000)
    result.figures |= {f"sent_{to}": sent, f"lost_{to}": lost}
    if lost != (0 if passes else sent) or not sent:
        result.problems.append(f"reverse tunnel {to}: {lost} of {sent} packets did not come through")
    passed = outward(between(journey.world.frames("router-cafe"), start, end), start, end)
    expect(
        result, f"what the filter lets out with the reverse tunnel {to}", passed.path, "reverse" if passes else "none"
    )
