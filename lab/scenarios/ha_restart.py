"""The home agent is killed and forgets its bindings; the laptop must notice long before its lifetime ends."""

from __future__ import annotations

import shutil
import time

from lab.errors import LabError
from lab.result import Result, rounded
from lab.scenarios.journey import Journey
from lab.scenarios.options import Options
from lab.scenarios.stage import begin, close, end_download, wait_recovery

LONGEST = 15.0
"""Seconds from the new start until packets must come through again."""

OUTAGE = 1.0


def ha_restart(options: Options) -> Result:
    """The home agent is killed and loses its bindings; the laptop works again within 15 s."""
    result = Result(scenario="ha-restart")
    journey = begin(options)
    try:
        journey.begin_at_home()
        journey.stay(200_000)
        journey.go("cafe")
        journey.stay(500_000)
        _restart(journey, result)
        end_download(journey, result)
    except LabError as error:
        result.problems.append(str(error))
    close(journey, result, options)
    return result


def _restart(journey: Journey, result: Result) -> None:
    journey.say("the home agent is killed")
    agent = journey.world.home_agent
    agent.kill()
    forget_bindings(journey)
    time.sleep(OUTAGE)
    journey.say("the home agent starts again, without bindings")
    moment = time.time_ns()
    agent.start()
    if agent.call("bindings"):
        result.problems.append("the home agent kept its bindings: nothing was tried")
    seconds = wait_recovery(journey, moment, LONGEST + 5)
    result.figures["recovered_s"] = rounded(seconds)
    if seconds is None or seconds > LONGEST:
        result.problems.append(f"packets did not come through within {LONGEST:.0f} s of the home agent's start")
    journey.stay(200_000)


def forget_bindings(journey: Journey) -> None:
    """Whatever an agent keeps about bindings from one run to the next is lost; its nodes and keys are not."""
    runtime = journey.world.home_agent.node.directory / "runtime"
    shutil.rmtree(runtime, ignore_errors=True)
