"""The laptop's clock is an hour wrong, either way: that costs one more request, and no more."""

from __future__ import annotations

from lab import lab
from lab.analysis.frames import between
from lab.analysis.signalling import registrations
from lab.errors import LabError
from lab.result import Result
from lab.scenarios.journey import Journey
from lab.scenarios.options import Options
from lab.scenarios.stage import begin, close, end_download

HOUR = 3600.0
MOST_REQUESTS = 2
CODE_MISMATCH = 133
SHORTEST_WAIT = 1_000_000_000
"""Nanoseconds that must lie between two requests to one home agent (RFC 5944 §3.6.3)."""


def clock_skew(options: Options) -> Result:
    """The laptop's clock is an hour ahead, then an hour behind; one more request puts it right."""
    result = Result(scenario="clock-skew")
    for offset in (HOUR, -HOUR):
        _try(options, offset, result)
        if offset > 0:
            lab.down(options.site)
    return result


def _try(options: Options, offset: float, result: Result) -> None:
    journey = begin(options, clock_offset=offset)
    before = list(result.moves)
    try:
        journey.begin_at_home()
        journey.stay(200_000)
        journey.go("cafe")
        journey.stay(500_000)
        end_download(journey, result)
    except LabError as error:
        result.problems.append(f"clock {offset:+.0f} s: {error}")
    close(journey, result, options)
    _judge(journey, result, offset)
    result.moves = before + result.moves


def _judge(journey: Journey, result: Result, offset: float) -> None:
    """In all of the journey, one request was refused with 133; the next one came a second later and was accepted."""
    messages = registrations(between(journey.world.frames("laptop"), 0, journey.notes.end))
    refused = [message for message in messages if not message.is_request and message.code == CODE_MISMATCH]
    requests = [message.at for message in messages if message.is_request]
    name = "ahead" if offset > 0 else "behind"
    result.figures |= {f"refused_{name}": len(refused), f"requests_{name}": len(requests)}
    if len(refused) != 1:
        result.problems.append(f"clock {offset:+.0f} s: {len(refused)} requests were refused with 133, not one")
    if any(_too_soon(requests, reply.at, journey) for reply in refused):
        result.problems.append(f"clock {offset:+.0f} s: the next request came less than a second after the last")
    if any(move.requests > MOST_REQUESTS for move in result.moves):
        result.problems.append(f"clock {offset:+.0f} s: a move took more than {MOST_REQUESTS} requests")


def _too_soon(requests: list[int], refusal: int, journey: Journey) -> bool:
    """Did the request after a refusal come too early? A move in between allows it."""
    earlier = max((at for at in requests if at < refusal), default=None)
    later = min((at for at in requests if at > refusal), default=None)
    if earlier is None or later is None:
        return False
    moved = any(earlier < plugged < later for _, _, plugged in journey.notes.arrivals)
    return not moved and later - earlier < SHORTEST_WAIT
