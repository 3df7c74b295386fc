"""A short hop on the way to the cafe: with ICMP that says so, and without."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

from lab.analysis import payload
from lab.analysis.frames import between
from lab.nodes import Node, python
from lab.obstacles import narrow, silence
from lab.result import Result, rounded
from lab.scenarios.journey import Journey
from lab.scenarios.options import Options
from lab.scenarios.stage import begin, close, end_download, noting
from lab.topology import CAFE, CORRESPONDENT, HOME_ADDRESS, LAPTOP
from lab.traffic import WEB_PORT

HOP = 1400
"""Bytes that the hop takes; the tunnel's header of 20 comes off."""

UPLOAD_PORT, LATER_UPLOAD_PORT = 9100, 9101
RATE = 1_000_000
RESUMED = 3.0
"""Seconds in which a flow of full packets must go again."""

LONGEST = 12.0
STEADY, MANY, PAUSE = 500_000_000, 50, 400_000_000
"""A flow is steady when so many segments with data came in so many ns; a longer silence than PAUSE is a pause."""

OUTER_HEADER = 20
ANEW_PORT = 8081
ENOUGH = 500_000


def narrow_hop(options: Options) -> Result:
    """A 1,400-byte hop whose routers send ICMP errors: the MTU follows, TCP flows both ways."""
    result = Result(scenario="narrow-hop")
    journey = begin(options)
    with noting(result):
        journey.begin_at_home()
        journey.stay()
        narrow(journey.world.site, CAFE, HOP)
        _upload(journey, UPLOAD_PORT)
        journey.go("cafe")
        arrived = time.time_ns()
        journey.stay()
        _judge_upload(journey, result, arrived, UPLOAD_PORT)
        _judge_download(journey, result, arrived)
        _judge_size(journey, result)
        end_download(journey, result)
    result.problems += close(journey, result, options).problems(options.lossless)
    return result


def black_hole(options: Options) -> Result:
    """The same hop in silence: found by probing, and what the laptop sends goes again within 3 s."""
    result = Result(scenario="black-hole")
    journey = begin(options)
    moment = time.time_ns()
    with noting(result):
        journey.begin_at_home()
        journey.stay()
        _upload(journey, UPLOAD_PORT)
        journey.go("cafe")
        journey.stay(200_000)
        journey.say("the hop becomes a black hole")
        silence(journey.world.site, CAFE)
        narrow(journey.world.site, CAFE, HOP)
        moment = time.time_ns()
        _judge_upload(journey, result, moment, UPLOAD_PORT)
        _judge_size(journey, result)
        _upload(journey, LATER_UPLOAD_PORT)
        _judge_upload(journey, result, time.time_ns(), LATER_UPLOAD_PORT)
        _download_anew(journey, result)
    connection = close(journey, result, options).connection
    later = moment + int(RESUMED * 1e9)
    result.figures["open_download_bytes"] = connection.bytes_between(later, time.time_ns())  # told, not judged
    return result


def _upload(journey: Journey, port: int) -> None:
    site = journey.world.site
    correspondent, laptop = Node(site, "cn"), Node(site, LAPTOP)
    correspondent.start(f"take-{port}", python("lab.services.upload", "take", str(port)))
    journey.world.wait("the upload's taker", lambda: "listening" in correspondent.log(f"take-{port}"), 10)
    laptop.start(f"give-{port}", python("lab.services.upload", "give", str(CORRESPONDENT), str(port), str(RATE)))
    journey.world.wait("the upload", lambda: "connected" in laptop.log(f"give-{port}"), 10)


def _judge_upload(journey: Journey, result: Result, moment: int, port: int) -> None:
    """Data arrives at the correspondent steadily again."""
    seconds = _resumption(journey, "correspondent", CORRESPONDENT.packed, port, moment)
    _judge_resumption(result, "upload" if port == UPLOAD_PORT else "later_upload", seconds)


def _judge_download(journey: Journey, result: Result, moment: int) -> None:
    """Data arrives at the laptop steadily again."""
    seconds = _resumption(journey, "laptop", HOME_ADDRESS.packed, WEB_PORT, moment)
    _judge_resumption(result, "download", seconds)


def _judge_resumption(result: Result, what: str, seconds: float | None) -> None:
    result.figures[f"{what}_resumed_s"] = rounded(seconds)
    if seconds is None or seconds > RESUMED:
        result.problems.append(f"the {what} did not flow again within {RESUMED:.0f} s")


def _resumption(journey: Journey, capture: str, destination: bytes, port: int, moment: int) -> float | None:
    """Seconds until the flow's last long pause ended; None: it did not flow steadily within LONGEST."""
    journey.say(f"waiting for port {port} to flow")
    while time.time_ns() < moment + LONGEST * 1e9:
        time.sleep(0.25)
        journey.refresh()
        now = time.time_ns()
        times = payload.arrivals(between(journey.world.frames(capture), moment, now), destination, port)
        if sum(1 for at in times if at > now - STEADY) >= MANY:
            pauses = [later for earlier, later in pairwise([moment, *times]) if later - earlier > PAUSE]
            return (max(pauses, default=moment) - moment) / 1e9
    return None


def _judge_size(journey: Journey, result: Result) -> None:
    """The status says what fits, and nothing longer is on the cafe's network."""
    journey.world.wait("the MTU to follow", lambda: _mtu(journey) == HOP - OUTER_HEADER, RESUMED)
    start = time.time_ns()
    time.sleep(1.0)
    frames = between(journey.world.frames("network-cafe"), start, time.time_ns())
    result.figures |= {"mtu": _mtu(journey), "longest_packet": payload.longest(frames)}
    if not 0 < payload.longest(frames) <= HOP:
        result.problems.append(f"packets of {payload.longest(frames)} bytes are on their way to a hop of {HOP}")


def _mtu(journey: Journey) -> int | None:
    mtu = (journey.world.status().get("v4") or {}).get("mtu")
    return int(mtu) if mtu is not None else None


def _download_anew(journey: Journey, result: Result) -> None:
    """A connection that is opened now knows what fits (its SYN says so), so that a download flows as well."""
    journey.say("a download is begun anew")
    site = journey.world.site
    correspondent, laptop = Node(site, "cn"), Node(site, LAPTOP)
    finish, end, file = (site.scratch / f"anew-{name}" for name in ("finish", "result", "download"))
    correspondent.start("web-server-anew", python("lab.services.web_server", str(ANEW_PORT), str(RATE), finish, end))
    journey.world.wait("the server", lambda: "listening" in correspondent.log("web-server-anew"), 10)
    words: list[str | Path] = ["curl", "--silent", "--show-error", "--max-time", "10", "--output", file]
    curl = laptop.start("curl-anew", [*words, f"http://{CORRESPONDENT}:{ANEW_PORT}/stream"])
    time.sleep(1.5)
    finish.touch()
    code = curl.wait(12)
    size = file.stat().st_size if file.exists() else 0
    result.figures["download_anew_bytes"] = size
    if code or size < ENOUGH:
        result.problems.append(f"a download that was begun anew brought {size} bytes; curl ended with {code}")
