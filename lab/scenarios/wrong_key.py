"""The laptop's key is not the home agent's: refused, and said so."""

from __future__ import annotations

import time

from client.control.errors import Exit
from lab.analysis.frames import between
from lab.analysis.signalling import registrations
from lab.errors import LabError
from lab.plug import move
from lab.profiles import change_key
from lab.result import Result
from lab.scenarios.journey import Journey
from lab.scenarios.options import Options
from lab.scenarios.stage import begin, expect

CODE_AUTHENTICATION = 131


def wrong_key(options: Options) -> Result:
    """The laptop has another key than the home agent: it is refused, and every program says so."""
    result = Result(scenario="wrong-key")
    journey = begin(options, prepare=change_key)
    try:
        journey.scene.network = "cafe"
        journey.say("moving to the cafe network with a wrong key")
        began = time.time_ns()
        move(journey.world.site, "cafe")
        journey.world.wait("the laptop to be refused", lambda: journey.world.status()["state"] == "refused", 20)
        journey.refresh()
        _judge(journey, result, began)
    except LabError as error:
        result.problems.append(f"{error}; its state is {journey.world.status()['state']}")
    if options.keep_captures:
        journey.world.keep_captures(options.keep_captures)
    return result


def _judge(journey: Journey, result: Result, began: int) -> None:
    laptop = journey.world.laptop
    result.dataplane = journey.dataplane
    expect(result, "reason", journey.world.status().get("reason"), f"v4:{CODE_AUTHENTICATION}")
    commands = {
        "status": (("status",), Exit.DONE),
        "status --check": (("status", "--check"), Exit.FAILED),
        "check": (("check",), Exit.REFUSED),
        "wait refused": (("wait", "refused", "--timeout", "5"), Exit.DONE),
        "wait working": (("wait", "working", "--timeout", "2"), Exit.TIMED_OUT),
    }
    for name, (words, code) in commands.items():
        expect(result, f"exit code of `mobilenode {name}`", laptop.command(*words).returncode, int(code))
    frames = between(journey.world.frames("laptop"), began, time.time_ns())
    replies = [message.code for message in registrations(frames) if not message.is_request]
    expect(result, "codes of the replies", set(replies), {CODE_AUTHENTICATION})
