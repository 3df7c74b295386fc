"""The laptop joins a group of its home network through the reverse tunnel, and sends to one (RFC 5944 §4.4)."""

from __future__ import annotations

import time
from ipaddress import IPv4Address

from lab import neighbour
from lab.analysis.frames import IGMP, between, innermost
from lab.errors import LabError
from lab.neighbour import Listener
from lab.nodes import Node
from lab.result import Result
from lab.scenarios.journey import Journey
from lab.scenarios.many import listen, tunnelled_to
from lab.scenarios.options import Options
from lab.scenarios.stage import begin, close, end_download, expect, noting
from lab.topology import HOME_ADDRESS, LAPTOP, STRANGER

GROUP, OTHER_GROUP = IPv4Address("239.1.2.3"), IPv4Address("239.1.2.4")
PORT, OTHER_PORT = 9001, 9002
PLAIN = ("ipip",)


def multicast(options: Options) -> Result:
    """In the cafe the laptop joins a group at home, hears it, sends to another, is heard; and leaves."""
    result = Result(scenario="multicast")
    journey = begin(options)
    with noting(result):
        journey.begin_at_home()
        journey.stay(200_000)
        journey.go("cafe")
        journey.stay(300_000)
        listener = _join(journey, result)
        _send(journey, result)
        journey.say("the laptop leaves the group")
        listener.stop()
        start, end = listen(journey)
        expect(result, "packets for a group that was left", tunnelled_to(journey, GROUP, start, end).total(), 0)
        end_download(journey, result)
    result.problems += close(journey, result, options).connection.problems()
    return result


def _join(journey: Journey, result: Result) -> Listener:
    journey.say("the laptop joins a group")
    site = journey.world.site
    stranger = neighbour.settle(site)
    neighbour.send(stranger, GROUP, PORT, neighbour.ADDRESS)
    before, until = listen(journey)
    expect(result, "packets for a group that nobody joined", tunnelled_to(journey, GROUP, before, until).total(), 0)
    listener = Listener(Node(site, LAPTOP), PORT, GROUP, HOME_ADDRESS)
    start, end = listen(journey)
    heard = listener.heard(start)
    result.figures["heard"] = len(heard)
    if not heard:
        raise LabError("nothing of the group was heard")
    expect(result, "senders to the group", {packet.sender for packet in heard}, {str(neighbour.ADDRESS)})
    expect(result, "packets of the group heard twice", len(heard) - len({packet.number for packet in heard}), 0)
    expect(result, "tunnels of the group's packets", set(tunnelled_to(journey, GROUP, start, end)), {PLAIN})
    if not _reports(journey, until):
        result.problems.append("no membership report went through the reverse tunnel")
    return listener


def _reports(journey: Journey, start: int) -> int:
    frames = between(journey.world.frames("router-home"), start, time.time_ns())
    inner = [innermost(frame.ip) for frame in frames if frame.ip and frame.ip.inner]
    return sum(1 for packet in inner if packet.protocol == IGMP and packet.source == HOME_ADDRESS.packed)


def _send(journey: Journey, result: Result) -> None:
    """The laptop's own packets to a group appear on the home link, each once."""
    journey.say("the laptop sends to a group")
    site = journey.world.site
    listener = Listener(Node(site, STRANGER), OTHER_PORT, OTHER_GROUP, neighbour.ADDRESS)
    neighbour.send(Node(site, LAPTOP), OTHER_GROUP, OTHER_PORT, HOME_ADDRESS)
    start, end = listen(journey)
    heard = listener.heard(start)
    result.figures["heard_at_home"] = len(heard)
    expect(result, "senders heard at home", {packet.sender for packet in heard}, {str(HOME_ADDRESS)})
    frames = between(journey.world.frames("network-home"), start, end)
    packets = [frame for frame in frames if frame.ip and frame.ip.destination == OTHER_GROUP.packed]
    addresses = {frame.destination for frame in packets}
    expect(result, "link-layer addresses of the group", addresses, {bytes.fromhex("01005e010204")})
    expect(result, "times that each packet is heard at home", len(heard), len({packet.number for packet in heard}))
