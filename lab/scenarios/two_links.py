"""Two links at once: a move between them loses no packet (S bit; RFC 5944 §3.6.1.2, §3.8.2.1)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from ipaddress import IPv4Address

from lab import lab
from lab.analysis.frames import Frame, address, between, innermost
from lab.analysis.signalling import registrations
from lab.errors import LabError
from lab.namespaces import ip_batch
from lab.plug import SECOND, plug
from lab.result import Result
from lab.scenarios.journey import Journey
from lab.scenarios.options import Options
from lab.scenarios.stage import begin, close, end_download, expect, noting
from lab.topology import CAFE, CORRESPONDENT, HOME_ADDRESS, LAPTOP, LIBRARY, SECOND_CABLE, Network
from lab.world import SETTLED

SWITCHES = 4
PREFERRED, NEGLECTED = 50, 200
"""Metrics of the second card's default route; the first card's is 100."""

BOTH = 2
STAY = 0.6


def two_links(options: Options) -> Result:
    """In the cafe a second card comes up in the library: the move between the two, there and back, loses nothing."""
    result = Result(scenario="two-links")
    journey = begin(options)
    with noting(result):
        journey.begin_at_home()
        journey.stay(200_000)
        journey.go("cafe")
        journey.stay(300_000)
        start = time.time_ns()
        lab.start_second_card(journey.world.site)
        journey.say("the second card comes up in the library")
        plug(journey.world.site, LIBRARY.name, SECOND)
        most = _follow(journey, LIBRARY)
        for number in range(1, options.moves or SWITCHES):
            preferred = number % 2 == 0
            _prefer_second(journey, PREFERRED if preferred else NEGLECTED)
            most = min(most, _follow(journey, LIBRARY if preferred else CAFE))
        result.figures["bindings_at_once"] = most
        expect(result, "bindings at once, in each move", most, BOTH)
        _judge(journey, result, start)
        end_download(journey, result)
    result.problems += close(journey, result, options).connection.problems()
    return result


def _prefer_second(journey: Journey, metric: int) -> None:
    """As a network manager does when it finds another card better: the new route stands before the old one goes."""
    other = PREFERRED + NEGLECTED - metric
    router = LIBRARY.router.address
    if router is None:
        raise LabError("the library has no router")
    route = f"default via {router.ip} dev {SECOND_CABLE} metric"
    commands = [f"route add {route} {metric}", f"route delete {route} {other}"]
    ip_batch(commands, journey.world.site.namespace(LAPTOP))


def _follow(journey: Journey, network: Network, timeout: float = 10.0) -> int:
    """Wait until the laptop works with a care-of address there alone; the most bindings that were seen meanwhile."""
    journey.say(f"moving to the {network.name} network, both links up")
    most, end = 0, time.monotonic() + timeout
    while True:
        bound = _bound(journey)
        most = max(most, len(bound))
        if len(bound) == 1 and IPv4Address(bound[0]) in network.prefix and _works(journey, network):
            break
        if time.monotonic() > end:
            raise LabError(f"bound to {', '.join(bound)}, not to the {network.name} network")
        time.sleep(0.003)
    time.sleep(STAY)
    journey.refresh()
    return most


def _bound(journey: Journey) -> list[str]:
    """The care-of addresses that the home agent has for the laptop."""
    bindings = journey.world.home_agent.call("bindings")
    return [binding["care_of_address"] for binding in bindings if binding["home_address"] == str(HOME_ADDRESS)]


def _works(journey: Journey, network: Network) -> bool:
    status = journey.world.status()
    care_of = (status.get("v4") or {}).get("coa")
    return status.get("state") in SETTLED and care_of is not None and IPv4Address(care_of) in network.prefix


def _judge(journey: Journey, result: Result, start: int) -> None:
    """No packet of either direction is lost; requests bear S; both copies of packets are on the wire."""
    time.sleep(0.5)
    end = time.time_ns() - 400_000_000
    for name, flow in zip(("to_laptop", "from_laptop"), journey.traffic.flows(), strict=True):
        lost = flow.lost(start, end)
        result.figures[f"lost_{name}"] = lost
        expect(result, f"packets lost {name}", lost, 0)
    frames = between(journey.world.frames("router-home"), start, end)
    asked = [message for message in registrations(frames) if message.is_request]
    result.figures["simultaneous_requests"] = sum(message.simultaneous for message in asked)
    if not result.figures["simultaneous_requests"]:
        result.problems.append("no request bears the S bit")
    result.figures["copied"] = copied = _copied(frames)
    if not copied:
        result.problems.append("no packet went to both care-of addresses")


def _copied(frames: Sequence[Frame]) -> int:
    """Numbered packets that went to more than one care-of address."""
    ways: dict[bytes, set[str]] = {}
    for frame in frames:
        inner = innermost(frame.ip) if frame.ip and frame.ip.inner else None
        if frame.ip and inner and inner.source == CORRESPONDENT.packed and inner.destination == HOME_ADDRESS.packed:
            ways.setdefault(inner.body, set()).add(address(frame.ip.destination))
    return sum(len(found) > 1 for found in ways.values())
