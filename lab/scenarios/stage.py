"""How most scenarios begin and end: a world with traffic in it, and the judging of what all of them must show."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from lab import captures
from lab.analysis.numbered import Flow
from lab.errors import LabError
from lab.profiles import Preparation, Value, unchanged
from lab.result import ConnectionFigures, Result
from lab.scenarios import planes
from lab.scenarios.journey import Journey
from lab.scenarios.measure import Measure
from lab.scenarios.options import Options
from lab.traffic import Traffic
from lab.world import World


def begin(
    options: Options,
    agent: Mapping[str, Value] | None = None,
    prepare: Preparation = unchanged,
    clock_offset: float = 0.0,
) -> Journey:
    """Build the lab, start captures, agents and laptop. `agent`: more of the home agent's configuration."""
    world = World(options.site, agent)
    journey = Journey(world, Traffic(options.site), options.screen)
    journey.say("building networks")
    world.build(ours=True, impairment=options.impairment, on=options.impaired)
    world.start_captures()
    journey.say("starting agents and laptop")
    world.start(prepare, clock_offset)
    return journey


@contextmanager
def noting(result: Result) -> Iterator[None]:
    """What cannot go on is a problem, and the judging comes all the same."""
    try:
        yield
    except LabError as error:
        result.problems.append(str(error))


def expect(result: Result, what: str, seen: object, wanted: object) -> None:
    """A problem if they differ."""
    if seen != wanted:
        result.problems.append(f"{what}: {seen} in place of {wanted}")


def end_download(journey: Journey, result: Result) -> None:
    """End the download, and note what became of it."""
    journey.say("ending the download")
    download = journey.traffic.finish_download(timeout=5.0 if result.problems else 20.0)
    result.connection = ConnectionFigures(
        survived=download.survived, bytes=download.received, checksum_ok=download.checksum_ok
    )
    if not download.survived:
        result.problems.append(f"the download broke: curl ended with {download.exit_code}")
    if not download.checksum_ok:
        result.problems.append("the checksum of the download is wrong")


def close(journey: Journey, result: Result, options: Options) -> Measure:
    """Stop the numbered packets, keep the captures if wanted, measure the moves."""
    journey.say("reading the captures")
    journey.notes.close()
    flows = journey.traffic.finish_numbered()
    if options.keep_captures:
        journey.world.keep_captures(options.keep_captures)
    measure = Measure(journey.world, journey.notes, flows)
    result.problems += captures.problems(options.site) + journey.traffic.problems()
    result.dataplane = journey.dataplane
    result.planes = planes.carried(journey.world)
    result.moves = measure.moves()
    result.toggles = measure.toggles()
    return measure


def first_arrival(flow: Flow, moment: int) -> float | None:
    """Seconds from a moment to the first arrival of a packet that was sent after it."""
    late = {number for number, at in flow.sent if at >= moment}
    times = [at for number, at in flow.arrived if number in late]
    return (min(times) - moment) / 1e9 if times else None


def recovery(journey: Journey, moment: int) -> float | None:
    """Seconds from a moment until packets come through both ways again; None: they do not."""
    times = [first_arrival(flow, moment) for flow in journey.traffic.flows()]
    return None if None in times else max(time for time in times if time is not None)


def wait_recovery(journey: Journey, moment: int, timeout: float) -> float | None:
    """Wait for it, at most `timeout` seconds from now."""
    end = time.monotonic() + timeout
    while (found := recovery(journey, moment)) is None and time.monotonic() < end:
        time.sleep(0.2)
        journey.refresh()
    return found
