"""What goes wrong for IPv6 and must go right again: agents that forget, secrets that grow old, lost numbers."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence

from lab.agents6 import Agent6
from lab.analysis.direct import path
from lab.analysis.frames import between
from lab.analysis.mobility import Kind, MobilityMessage, messages
from lab.result import Result, rounded
from lab.scenarios.journey6 import Journey6
from lab.scenarios.options import Options
from lab.scenarios.stage import first_arrival, noting
from lab.scenarios.stage6 import begin6, close6, end_downloads
from lab.topology6 import CORRESPONDENTS
from lab.world6 import Design

LONGEST = 15.0
"""Seconds until it works again."""

ABLE = CORRESPONDENTS[0]
ACCEPTED, NONCE_EXPIRED, OUT_OF_WINDOW = 0, 136, 135
Check = Callable[[Journey6, Result], None]


def away(name: str, options: Options, design: Design, happen: Check, network: str = "cafe") -> Result:
    """Go abroad, let something happen, and see that nothing broke."""
    result = Result(scenario=name)
    journey = begin6(options, design)
    with noting(result):
        journey.begin()
        journey.stay(50_000)  # a connection that is just being opened would not outlive a move without a binding
        journey.go(network)
        journey.stay()
        happen(journey, result)
        end_downloads(journey, result)
    close6(journey, result, options)
    return result


def ha_restart6(options: Options) -> Result:
    """The IPv6 home agent is killed and loses its bindings; packets by the tunnel come through within 15 s."""
    return away("ha-restart6", options, Design(), _restart_home_agent)


def _restart_home_agent(journey: Journey6, result: Result) -> None:
    journey.say("the home agent is killed, and starts again without bindings")
    moment = _restart(journey.world.home6, forget=True)
    result.figures["recovered_s"] = _recover(journey, result, "unable", moment)


def correspondent_restart(options: Options) -> Result:
    """The able correspondent forgets its bindings: a Binding Error says so, and a direct path stands again."""
    return away("correspondent-restart", options, Design(), _restart_correspondent)


def _restart_correspondent(journey: Journey6, result: Result) -> None:
    journey.say("the able correspondent is killed, and starts again without bindings")
    moment = _restart(journey.world.able[ABLE.name], forget=True)
    result.figures["recovered_s"] = _recover(journey, result, ABLE.name, moment)
    result.figures["direct_s"] = _direct_again(journey, result, moment)
    errors = [one for one in _heard(journey, moment) if one.kind == Kind.BINDING_ERROR]
    result.figures["binding_errors"] = len(errors)
    if not errors:
        result.problems.append("the correspondent sent no Binding Error")


def nonce_expiry(options: Options) -> Result:
    """A correspondent's nonces grow old quickly: the token that is used again is refused with 136, new tests follow."""
    design = Design(correspondent={"nonce_interval": 2, "nonce_lifetime": 6})
    return away("nonce-expiry", options, design, _let_nonces_expire)


def _let_nonces_expire(journey: Journey6, result: Result) -> None:
    journey.say("waiting for the correspondents' nonces to expire")
    time.sleep(10)
    moment = time.time_ns()
    journey.go("office")
    result.figures["direct_s"] = _direct_again(journey, result, moment)
    answers = [one for one in _heard(journey, moment) if one.kind == Kind.BINDING_ACKNOWLEDGEMENT]
    statuses = [one.status for one in answers if one.packet.source == ABLE.address.packed]
    result.figures["refused_136"] = statuses.count(NONCE_EXPIRED)
    if NONCE_EXPIRED not in statuses or statuses[-1] != ACCEPTED:
        result.problems.append(f"the correspondent answered {statuses}: not with 136, and then with 0")


def sequence_lost(options: Options) -> Result:
    """The laptop loses its memory while it is bound: its next sequence number is out of the window (135), and cured."""
    return away("sequence-lost", options, Design(), _lose_memory)


def _lose_memory(journey: Journey6, result: Result) -> None:
    laptop = journey.world.laptop
    for turn in range(8):  # a new number is drawn by chance; half of all are in the window
        journey.say(f"the laptop's daemon is killed and forgets its numbers ({turn + 1})")
        laptop.kill()
        moment = time.time_ns()
        _forget_memory(journey)
        laptop.start()
        journey.world.wait_attached(journey.scene.network or "")
        statuses = [one.status for one in _heard(journey, moment) if one.kind == Kind.BINDING_ACKNOWLEDGEMENT]
        if OUT_OF_WINDOW in statuses:
            result.figures |= {"turns": turn + 1, "refused_135": statuses.count(OUT_OF_WINDOW)}
            result.figures["recovered_s"] = _recover(journey, result, "unable", moment)
            return
    result.problems.append("no sequence number was out of the window: nothing was tried")


def _forget_memory(journey: Journey6) -> None:
    for file in (journey.world.laptop.node.directory / "state").glob("*.memory"):
        file.unlink()


def _restart(agent: Agent6, *, forget: bool) -> int:
    """Kill a daemon and start it again a second later; when it was started."""
    agent.kill()
    if forget:
        shutil.rmtree(agent.node.directory / "runtime", ignore_errors=True)
    time.sleep(1.0)
    moment = time.time_ns()
    agent.start()
    return moment


def _heard(journey: Journey6, moment: int) -> Sequence[MobilityMessage]:
    """The mobility messages on the laptop's cable since then."""
    return messages(between(journey.world.frames("laptop"), moment, time.time_ns()))


def _recover(journey: Journey6, result: Result, name: str, moment: int) -> float | None:
    """Seconds until numbered packets come through both ways again."""

    def through() -> float | None:
        times = [first_arrival(flow, moment) for flow in journey.traffic[name].flows()]
        return None if None in times else max(at for at in times if at is not None)

    found = _wait(journey, through)
    if found is None or found > LONGEST:
        result.problems.append(f"packets of {name} did not come through within {LONGEST:.0f} s")
    return rounded(found)


def _direct_again(journey: Journey6, result: Result, moment: int) -> float | None:
    """Seconds until packets of the able correspondent go directly, both ways."""

    def since() -> float | None:
        frames = between(journey.world.frames(ABLE.capture), moment, time.time_ns())
        found = path(frames, ABLE.address)
        start = max(found.plain_out, default=moment)
        out = next((at for at in found.direct_out if at > start), None)
        into = next((at for at in found.direct_in if at > start), None)
        return None if out is None or into is None else (max(out, into) - moment) / 1e9

    found = _wait(journey, since)
    if found is None or found > LONGEST:
        result.problems.append(f"packets did not go directly within {LONGEST:.0f} s")
    return rounded(found)


def _wait(journey: Journey6, look: Callable[[], float | None], timeout: float = LONGEST + 5) -> float | None:
    end = time.monotonic() + timeout
    while (found := look()) is None and time.monotonic() < end:
        time.sleep(0.2)
        journey.refresh()
    return found
