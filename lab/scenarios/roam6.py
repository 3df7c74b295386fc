"""The main job for IPv6: three correspondents, reached directly where they are able, while the laptop moves."""

from __future__ import annotations

from itertools import cycle, islice

from lab.result import Result
from lab.scenarios import planes
from lab.scenarios.journey import Notes
from lab.scenarios.journey6 import RATE6, Journey6
from lab.scenarios.measure import Measure
from lab.scenarios.measure6 import Measure6
from lab.scenarios.options import Options
from lab.scenarios.stage import noting
from lab.scenarios.stage6 import begin6, close6, end_downloads, flows, judge_authenticators, judge_clear_text
from lab.traffic import Partner, Traffic
from lab.world6 import Design

LOOP6 = ("office", "cafe", "home")


def roam6(options: Options) -> Result:
    """Home, two foreign networks, home; downloads and numbered packets with an able, an unable, a visited host."""
    return _roam("roam6", options, Design())


def esp(options: Options) -> Result:
    """The same with home signalling in ESP (RFC 3776), and no risk accepted: none of it is in clear."""
    return _roam("esp", options, Design(esp=True, home6={"accept_unprotected": False}))


def _roam(name: str, options: Options, design: Design) -> Result:
    result = Result(scenario=name)
    journey = begin6(options, design)
    with noting(result):
        journey.begin()
        journey.stay()
        for network in islice(cycle(LOOP6), options.moves or len(LOOP6)):
            journey.go(network)
            journey.stay()
            _show_move(journey)
    if journey.notes.arrivals:
        end_downloads(journey, result)
        result.problems += close6(journey, result, options).problems(options.lossless)
        result.problems += planes.problems(result.planes)
        judge_authenticators(journey, result)
        if design.esp:
            judge_clear_text(journey, result)
    return result


def both(options: Options) -> Result:
    """The same way with a home address of either family: IPv4 through a foreign agent and DHCP, IPv6 directly."""
    result = Result(scenario="both")
    journey = begin6(options, Design(ipv4=True))
    ipv4 = Traffic(options.site, Partner(rate=RATE6))
    with noting(result):
        journey.begin()
        ipv4.start_correspondent()
        ipv4.start_numbered()
        ipv4.start_download()
        journey.stay()
        for network in islice(cycle(LOOP6), options.moves or len(LOOP6)):
            journey.go(network)
            journey.stay()
            _show_move(journey)
            journey.scene.handovers.append(_ipv4(journey, ipv4).moves()[-1])
            journey.refresh()
    if journey.notes.arrivals:
        _end_both(journey, ipv4, result, options)
    return result


def _end_both(journey: Journey6, ipv4: Traffic, result: Result, options: Options) -> None:
    download = ipv4.finish_download()
    end_downloads(journey, result)
    if not (download.survived and download.checksum_ok):
        result.problems.append(f"the download by IPv4 broke: curl ended with {download.exit_code}")
    ipv4.hush()
    result.problems += close6(journey, result, options).problems(options.lossless)
    measure = _ipv4(journey, ipv4)
    result.moves = measure.moves()
    result.problems += measure.connection.problems() + ipv4.problems()
    unregistered = [move.to for move in result.moves if move.registered_ms is None]
    result.problems += [f"the move to {network} was not registered by IPv4" for network in unregistered]
    judge_authenticators(journey, result)


def _ipv4(journey: Journey6, ipv4: Traffic) -> Measure:
    """The same journey, judged for IPv4."""
    return Measure(journey.world, Notes(arrivals=journey.notes.arrivals, end=journey.notes.end), ipv4.flows())


def _show_move(journey: Journey6) -> None:
    journey.notes.close()
    measure = Measure6(journey.world, journey.notes, flows(journey))
    journey.scene.handovers.append(measure.move(journey.notes.stays()[-1]))
    journey.refresh()
