"""A power cut takes the laptop; its care-of address goes to a stranger, who must not get its packets for long."""

from __future__ import annotations

import time
from ipaddress import IPv4Address

from lab.analysis.frames import between
from lab.analysis.signalling import registrations
from lab.errors import LabError
from lab.identity import inside, stop
from lab.namespaces import DIRECTORY, ip_batch
from lab.plug import plug, unplug
from lab.result import Result
from lab.scenarios.journey import Journey
from lab.scenarios.options import Options
from lab.scenarios.stage import begin
from lab.topology import CAFE, HOME_ADDRESS, LAPTOP, STRANGER, STRANGER_PORT

LIFETIME = 12
WATCH = 5.0
"""Seconds to watch on after the lifetime's end."""

SLACK = 200_000_000
"""Nanoseconds that an agent's timer may be late."""


def lost_laptop(options: Options) -> Result:
    """The laptop loses power; who gets its old care-of address gets none of its packets after the lifetime."""
    result = Result(scenario="lost-laptop")
    journey = begin(options, agent={"max_lifetime": LIFETIME})
    try:
        journey.begin_at_home()
        journey.go("cafe")
        journey.stay(200_000)
        _cut(journey, result)
    except LabError as error:
        result.problems.append(str(error))
    if options.keep_captures:
        journey.world.keep_captures(options.keep_captures)
    return result


def _cut(journey: Journey, result: Result) -> None:
    care_of_address = IPv4Address((journey.world.status().get("v4") or {})["coa"])
    result.dataplane = journey.dataplane
    journey.say("power cut; its care-of address goes to a stranger")
    site = journey.world.site
    journey.world.laptop.kill()
    unplug(site)
    stop(inside([DIRECTORY / site.namespace(LAPTOP)]), patience=0.0)
    cut = time.time_ns()
    address = f"address add {care_of_address}/{CAFE.prefix.prefixlen} dev {STRANGER_PORT.interface}"
    ip_batch([address], site.namespace(STRANGER))
    plug(site, "cafe", STRANGER)
    end = _expiry(journey) + SLACK
    journey.say("waiting for the end of the lifetime")
    time.sleep(max(end - time.time_ns(), 0) / 1e9 + WATCH)
    _judge(journey, result, care_of_address, cut, end)


def _expiry(journey: Journey) -> int:
    """When the last accepted registration ends: its lifetime counts from the reply, at the latest."""
    accepted = [message for message in registrations(journey.world.frames("laptop")) if message.accepted]
    if not accepted:
        raise LabError("no registration was accepted")
    return accepted[-1].at + accepted[-1].lifetime * 1_000_000_000


def _judge(journey: Journey, result: Result, care_of_address: IPv4Address, cut: int, end: int) -> None:
    before = _to_stranger(journey, care_of_address, cut, end)
    after = _to_stranger(journey, care_of_address, end, time.time_ns())
    result.figures |= {"stranger_got_before": before, "stranger_got_after": after}
    if not before:
        result.problems.append("no packet went to the old care-of address at all: nothing was tried")
    if after:
        result.problems.append(f"{after} packets went to the old care-of address after the lifetime's end")
    if not _still_sent(journey, end):
        result.problems.append("the correspondent sent nothing after the lifetime's end: nothing was tried")


def _to_stranger(journey: Journey, care_of_address: IPv4Address, start: int, end: int) -> int:
    frames = between(journey.world.frames("network-cafe"), start, end)
    tunnelled = (frame.ip for frame in frames if frame.ip and frame.ip.inner)
    return sum(1 for ip in tunnelled if ip.destination == care_of_address.packed)


def _still_sent(journey: Journey, end: int) -> int:
    frames = between(journey.world.frames("correspondent"), end, time.time_ns())
    return sum(1 for frame in frames if frame.ip and frame.ip.destination == HOME_ADDRESS.packed)
