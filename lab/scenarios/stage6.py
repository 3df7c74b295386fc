"""The beginning and the end of every IPv6 scenario."""

from __future__ import annotations

import time

from lab import captures
from lab.analysis import kbm
from lab.analysis.mobility import Kind, MobilityMessage, messages
from lab.profiles import Preparation, unchanged
from lab.result import ConnectionFigures, Result
from lab.scenarios import planes
from lab.scenarios.journey6 import Journey6
from lab.scenarios.measure6 import Flows, Measure6
from lab.scenarios.options import Options
from lab.topology6 import HOME_AGENT6
from lab.traffic import STRAGGLERS, DownloadResult
from lab.world6 import Design, World6


def begin6(options: Options, design: Design | None = None, prepare: Preparation = unchanged) -> Journey6:
    """Build the lab, start captures, agents, correspondents and laptop."""
    world = World6(options.site, design or Design())
    journey = Journey6(options.site, world, options.screen)
    journey.say("building networks")
    world.build(ours=True, impairment=options.impairment, on=options.impaired)
    world.start_captures()
    journey.say("starting agents, correspondents and laptop")
    world.start(prepare)
    return journey


def end_downloads(journey: Journey6, result: Result) -> None:
    """End all downloads, and note what became of them."""
    journey.say("ending the downloads")
    patience = 5.0 if result.problems else 20.0
    ended = {name: traffic.finish_download(patience) for name, traffic in journey.traffic.items()}
    for name, download in ended.items():
        result.problems += _broken(name, download)
    result.connection = ConnectionFigures(
        survived=all(download.survived for download in ended.values()),
        bytes=sum(download.received for download in ended.values()),
        checksum_ok=all(download.checksum_ok for download in ended.values()),
    )


def _broken(name: str, download: DownloadResult) -> list[str]:
    found = [] if download.survived else [f"the download from {name} broke: curl ended with {download.exit_code}"]
    return found if download.checksum_ok else [*found, f"the checksum of the download from {name} is wrong"]


def close6(journey: Journey6, result: Result, options: Options) -> Measure6:
    """Stop the numbered packets, keep the captures if wanted, measure the moves."""
    journey.say("reading the captures")
    journey.notes.close()
    result.problems += [problem for traffic in journey.traffic.values() for problem in traffic.problems()]
    for traffic in journey.traffic.values():
        traffic.hush()
    time.sleep(STRAGGLERS)
    if options.keep_captures:
        journey.world.keep_captures(options.keep_captures)
    measure = Measure6(journey.world, journey.notes, flows(journey))
    result.problems += captures.problems(options.site)
    result.dataplane = journey.dataplane
    result.planes = planes.carried(journey.world)
    result.moves6 = measure.moves()
    return measure


def judge_authenticators(journey: Journey6, result: Result) -> None:
    """All authenticators that the laptop sent or heard are computed again, by a script that shares no code with it."""
    found = kbm.verdicts(journey.world.frames("laptop"), kbm.profile_keys(journey.world.profile.read_text()))
    result.figures["authenticators"] = len(found)
    result.problems += [str(verdict) for verdict in found if verdict.finding is not kbm.Finding.AGREES]
    missing = {"Kbm", "ESP" if journey.world.design.esp else "MN-HA"} - {verdict.by for verdict in found}
    result.problems += [f"no {by} authenticator was seen" for by in sorted(missing)]


def judge_clear_text(journey: Journey6, result: Result) -> None:
    """With ESP no home registration and no answer to one is in clear, nor a home test, where the laptop is."""
    protected = [one for one in messages(journey.world.frames("laptop")) if _should_be_in_esp(one)]
    result.figures["in_esp"] = sum(one.esp is not None for one in protected)
    result.figures["home_tests_in_esp"] = sum(one.kind == Kind.HOME_TEST for one in protected if one.esp)
    result.problems += [f"{one.kind} in clear" for one in protected if one.esp is None]


def _should_be_in_esp(message: MobilityMessage) -> bool:
    if message.kind in (Kind.HOME_TEST_INIT, Kind.HOME_TEST):
        return True
    if message.kind == Kind.BINDING_ACKNOWLEDGEMENT:
        return message.packet.source == HOME_AGENT6.packed
    return message.kind == Kind.BINDING_UPDATE and message.is_home_registration


def flows(journey: Journey6) -> Flows:
    """The numbered packets so far, by correspondent."""
    return {name: traffic.flows() for name, traffic in journey.traffic.items()}
