"""The NAT loses its mapping, then gets another address: the laptop notices, and registers anew (RFC 3519 §4.10)."""

from __future__ import annotations

import time
from collections.abc import Callable

from lab.analysis import tunnels
from lab.analysis.frames import between
from lab.nat import change_address, forget_mappings
from lab.result import Result, rounded
from lab.scenarios.journey import Journey
from lab.scenarios.nat import KEEPALIVE
from lab.scenarios.options import Options
from lab.scenarios.stage import begin, close, end_download, noting, wait_recovery
from lab.site import Site
from lab.topology import HOTEL, Network

LONGEST = KEEPALIVE + 7.0
"""Seconds until packets must come through both ways again."""


def nat_rebinding(options: Options) -> Result:
    """Hotel; the NAT forgets its mappings, then changes its address; packets come through again in time."""
    result = Result(scenario="nat-rebinding")
    journey = begin(options, agent={"keepalive": KEEPALIVE})
    with noting(result):
        journey.begin_at_home()
        journey.stay(200_000)
        journey.go("hotel")
        journey.stay(500_000)
        _lose(journey, result, "mapping", forget_mappings)
        _lose(journey, result, "address", change_address)
        end_download(journey, result)
    close(journey, result, options)
    return result


def _lose(journey: Journey, result: Result, what: str, lose: Callable[[Site, Network], None]) -> None:
    journey.say(f"the NAT loses its {what}")
    before = _mappings(journey, time.time_ns() - 1_000_000_000)
    lose(journey.world.site, HOTEL)
    moment = time.time_ns()
    seconds = wait_recovery(journey, moment, LONGEST + 5)
    result.figures[f"recovered_{what}_s"] = rounded(seconds)
    if seconds is None or seconds > LONGEST:
        result.problems.append(f"packets did not come through within {LONGEST:.0f} s of the loss of the {what}")
    journey.stay(200_000)
    if before == _mappings(journey, time.time_ns() - 500_000_000):
        result.problems.append(f"the NAT's mapping is the same after the loss of the {what}: nothing was tried")


def _mappings(journey: Journey, start: int) -> set[tuple[str, int, str, int]]:
    frames = between(journey.world.frames("router-home"), start, time.time_ns())
    return tunnels.outer_ports(frame for frame in frames if tunnels.from_laptop([frame]))
