"""Behind a real NAT: it is noticed, data goes in UDP, and the laptop is reached at its home address."""

from __future__ import annotations

import time

from lab.analysis import tunnels
from lab.analysis.frames import address, between
from lab.analysis.signalling import registrations
from lab.errors import LabError
from lab.nodes import Node, python
from lab.result import Result
from lab.scenarios.journey import Journey
from lab.scenarios.options import Options
from lab.scenarios.stage import begin, close, end_download, expect, noting
from lab.topology import HOME_ADDRESS, HOME_AGENT, HOTEL, LAPTOP

KEEPALIVE = 10
"""Seconds; the shortest that there is (RFC 3519 §4.10)."""

SLACK = 3.0
WEB_PORT_OF_LAPTOP = 8080
REGISTRATION_PORT = 434


def nat(options: Options) -> Result:
    """Hotel behind a NAT: it is detected, data goes in UDP, the correspondent reaches the laptop, keepalives go."""
    result = Result(scenario="nat")
    journey = begin(options, agent={"keepalive": KEEPALIVE})
    with noting(result):
        journey.begin_at_home()
        journey.stay()
        journey.go("hotel")
        journey.stay()
        _look(journey, result)
        _serve(journey)
        end_download(journey, result)
    result.problems += close(journey, result, options).problems(options.lossless)
    _judge(journey, result)
    with noting(result):
        _idle(journey, result)
    if options.keep_captures:
        journey.world.keep_captures(options.keep_captures)
    return result


def _look(journey: Journey, result: Result) -> None:
    status = journey.world.status()
    expect(result, "the status's encapsulation", (status.get("v4") or {}).get("encap"), "udp")
    expect(result, "a NAT in the status", (status.get("network") or {}).get("nat"), True)


def _serve(journey: Journey) -> None:
    """The correspondent opens a connection to the home address, to a server on the laptop."""
    journey.say("the correspondent connects to the laptop")
    site = journey.world.site
    finish, end = site.scratch / "finish-of-laptop", site.scratch / "result-of-laptop.json"
    laptop, correspondent = Node(site, LAPTOP), Node(site, "cn")
    server = python("lab.services.web_server", str(WEB_PORT_OF_LAPTOP), "1000000", finish, end)
    laptop.start("web-server", server)
    journey.world.wait("the laptop's web server", lambda: "listening" in laptop.log("web-server"), 10)
    words = ["curl", "--silent", "--show-error", "--max-time", "10", "--output", "/dev/null"]
    curl = correspondent.start("curl", [*words, f"http://{HOME_ADDRESS}:{WEB_PORT_OF_LAPTOP}/stream"])
    time.sleep(1.0)
    finish.touch()
    if curl.wait(12):
        raise LabError(f"the correspondent does not reach the home address: {correspondent.log('curl')}")


def _judge(journey: Journey, result: Result) -> None:
    """On both sides of the NAT: tunnel data messages both ways, by the registration's own mapping."""
    for stay in journey.notes.stays()[1:]:
        for capture in ("network-hotel", "router-home"):
            frames = between(journey.world.frames(capture), stay.plugged, stay.end)
            for way, count in (("to", tunnels.to_laptop(frames)), ("from", tunnels.from_laptop(frames))):
                result.figures[f"{capture}_{way}_laptop"] = count.total()
                expect(result, f"{capture}: tunnels {way} the laptop", set(count), {("udp",)})
        outside = between(journey.world.frames("router-home"), stay.plugged, stay.end)
        _judge_mapping(tunnels.outer_ports(outside), result)
        sources = {address(message.source) for message in registrations(outside) if message.is_request}
        if any(source in map(str, HOTEL.prefix) for source in sources):
            result.problems.append("a request bears an address from behind the NAT: nothing was translated")


def _judge_mapping(pairs: set[tuple[str, int, str, int]], result: Result) -> None:
    """One outside address and port, at the home agent's port 434 both ways."""
    home = (str(HOME_AGENT), REGISTRATION_PORT)
    inward = {(there, port) for *here, there, port in pairs if tuple(here) == home}
    outward = {(here, port) for here, port, *there in pairs if tuple(there) == home}
    if inward != outward or len(inward) != 1:
        result.problems.append(f"data goes to {sorted(inward)} and comes from {sorted(outward)}: not one mapping")
    elif REGISTRATION_PORT in {port for _, port in inward}:
        result.problems.append("the NAT left the port as it was: nothing was tried")


def _idle(journey: Journey, result: Result) -> None:
    """Without traffic, keepalives go in time, and each is answered (RFC 3519 §4.9)."""
    journey.say("waiting for a keepalive")
    began = time.time_ns()
    time.sleep(KEEPALIVE + SLACK)
    asked, answered = tunnels.keepalives(between(journey.world.frames("network-hotel"), began, time.time_ns()))
    result.figures |= {"keepalives": len(asked), "keepalives_answered": len(answered)}
    if not asked:
        result.problems.append(f"no keepalive within {KEEPALIVE + SLACK:.0f} s of silence")
    if not answered:
        result.problems.append("no keepalive was answered")
