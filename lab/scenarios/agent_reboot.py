"""The foreign agent reboots: its sequence number falls, its visitors are forgotten (RFC 5944 §2.4.4)."""

from __future__ import annotations

import time

from lab.analysis.frames import between
from lab.analysis.signalling import registrations
from lab.errors import LabError
from lab.result import Result, rounded
from lab.scenarios.journey import Journey
from lab.scenarios.measure import Measure
from lab.scenarios.options import Options
from lab.scenarios.stage import begin, close, end_download, wait_recovery

LONGEST = 15.0


def agent_reboot(options: Options) -> Result:
    """The foreign agent is killed and started again; the laptop registers again, with exactly one request."""
    result = Result(scenario="agent-reboot")
    journey = begin(options)
    moment = 0
    try:
        journey.begin_at_home()
        journey.stay(200_000)
        journey.go("office")
        journey.stay(500_000)
        moment = _reboot(journey, result)
        end_download(journey, result)
    except LabError as error:
        result.problems.append(str(error))
    _judge(close(journey, result, options), journey, result, moment)
    return result


def _reboot(journey: Journey, result: Result) -> int:
    journey.say("the foreign agent is killed and starts again")
    journey.world.foreign_agent.kill()
    moment = time.time_ns()
    journey.world.foreign_agent.start()
    seconds = wait_recovery(journey, moment, LONGEST + 5)
    result.figures["recovered_s"] = rounded(seconds)
    if seconds is None or seconds > LONGEST:
        result.problems.append(f"packets did not come through within {LONGEST:.0f} s of the foreign agent's start")
    journey.stay(200_000)
    return moment


def _judge(_measure: Measure, journey: Journey, result: Result, moment: int) -> None:
    """One request, which the home agent accepts."""
    if not moment:
        return
    frames = between(journey.world.frames("laptop"), moment, time.time_ns())
    requests = {message.token for message in registrations(frames) if message.is_request}
    result.figures["requests"] = len(requests)
    if len(requests) != 1:
        result.problems.append(f"the laptop sent {len(requests)} requests after the reboot, not one")
