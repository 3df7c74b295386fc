"""Every encapsulation, co-located and through a foreign agent: the captures show the one that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lab import lab
from lab.analysis import tunnels
from lab.analysis.frames import between
from lab.profiles import with_mipv4
from lab.result import Result
from lab.scenarios.journey import Journey
from lab.scenarios.options import Options
from lab.scenarios.stage import begin, close, end_download, expect, noting

KINDS = ("ipip", "gre", "minimal", "udp")
ONLY_CO_LOCATED = ("udp",)
"""A foreign agent has an address of its own: there is no NAT before it that would need UDP."""


def encapsulation(options: Options) -> Result:
    """The profile asks for IP-in-IP, GRE, minimal encapsulation, forced UDP; packets go so, and no other way."""
    result = Result(scenario="encapsulation")
    kinds = options.encapsulations or KINDS
    for kind in kinds:
        _try(_with_captures_apart(options, kind), kind, result)
        if kind != kinds[-1]:
            lab.down(options.site)
    return result


def _with_captures_apart(options: Options, kind: str) -> Options:
    directory = options.keep_captures
    return replace(options, keep_captures=directory / kind) if directory else options


def _try(options: Options, kind: str, result: Result) -> None:
    found = Result(scenario=kind)
    journey = begin(options, prepare=with_mipv4(encapsulation=[kind]))
    with noting(found):
        journey.begin_at_home()
        journey.stay()
        for network in _route(kind):
            journey.go(network)
            _look(journey, found, kind)
            journey.stay()
        end_download(journey, found)
    found.problems += close(journey, found, options).problems(options.lossless)
    _judge(journey, found, kind)
    result.dataplane, result.connection, result.planes = found.dataplane, found.connection, found.planes
    result.moves += found.moves
    result.figures |= {f"{kind}_{name}": value for name, value in found.figures.items()}
    result.problems += [f"{kind}: {problem}" for problem in found.problems]


def _route(kind: str) -> Sequence[str]:
    return ("cafe", "home") if kind in ONLY_CO_LOCATED else ("office", "cafe", "home")


def _look(journey: Journey, found: Result, kind: str) -> None:
    """What the status says must be what the captures show."""
    if journey.scene.network != "home":
        said = (journey.world.status().get("v4") or {}).get("encap")
        expect(found, f"the status's encapsulation in the {journey.scene.network} network", said, kind)


def _judge(journey: Journey, found: Result, kind: str) -> None:
    """At the home agent's door, in every stay abroad, both ways."""
    frames = journey.world.frames("router-home")
    for stay in journey.notes.stays():
        if stay.network.name != "home":
            inside = between(frames, stay.plugged, stay.end)
            for way, count in (("to", tunnels.to_laptop(inside)), ("from", tunnels.from_laptop(inside))):
                found.figures[f"{stay.network.name}_{way}_laptop"] = count[(kind,)]
                expect(found, f"tunnels {way} the laptop in the {stay.network.name} network", set(count), {(kind,)})
