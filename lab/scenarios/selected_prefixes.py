"""Only chosen correspondents see the home address, like WireGuard's AllowedIPs; switched while packets flow."""

from __future__ import annotations

import time

from lab.analysis.frames import address, between, innermost
from lab.namespaces import ip_batch
from lab.result import Result
from lab.scenarios.journey import Journey
from lab.scenarios.options import Options
from lab.scenarios.stage import begin, close, end_download, expect, noting
from lab.stream import TO, Stream
from lab.topology import CORRESPONDENT, HOME_ADDRESS, OTHER_CORRESPONDENT

SETTLING = 0.3
WATCH = 1.0
_PORT = TO.to_bytes(2, "big")


def selected_prefixes(options: Options) -> Result:
    """The home address for one correspondent, the care-of address for another, then for both; no packet is lost."""
    result = Result(scenario="selected-prefixes")
    journey = begin(options)
    with noting(result):
        site = journey.world.site
        ip_batch([f"address add {OTHER_CORRESPONDENT}/24 dev eth0"], site.namespace("cn"))
        journey.begin_at_home()
        journey.stay()
        journey.go("cafe")
        journey.stay(200_000)
        stream = Stream(site, OTHER_CORRESPONDENT)
        journey.world.wait("the other stream to flow", lambda: bool(stream.flow.arrived), 10)
        start = time.time_ns()
        care_of = str((journey.world.status().get("v4") or {}).get("coa"))
        for words, source in (
            (["all"], HOME_ADDRESS),
            ([f"{CORRESPONDENT}/32"], care_of),
            ([f"{CORRESPONDENT}/32", f"{OTHER_CORRESPONDENT}/32"], HOME_ADDRESS),
            ([f"{CORRESPONDENT}/32"], care_of),
            (["all"], HOME_ADDRESS),
        ):
            _switch(journey, result, words, str(source))
        stream.stop()
        end_download(journey, result)
        _judge_losses(journey, result, stream, start)
    result.problems += close(journey, result, options).problems(options.lossless)
    return result


def _switch(journey: Journey, result: Result, words: list[str], source: str) -> None:
    journey.say(f"the home address is for {', '.join(words)}")
    journey.world.laptop.must("prefixes", *words)
    time.sleep(SETTLING)
    start = time.time_ns()
    time.sleep(WATCH)
    journey.refresh()
    frames = between(journey.world.frames("correspondent"), start, time.time_ns())
    packets = [innermost(frame.ip) for frame in frames if frame.ip]
    seen = {address(packet.source) for packet in packets if packet.body[2:4] == _PORT}
    expect(result, f"what the other correspondent sees with {', '.join(words)}", seen, {source})
    outside = between(journey.world.frames("router-cafe"), start, time.time_ns())
    tunnelled = [frame.ip.inner is not None for frame in outside if frame.ip and innermost(frame.ip).body[2:4] == _PORT]
    expect(result, f"its packets in a tunnel with {', '.join(words)}", set(tunnelled), {source == str(HOME_ADDRESS)})


def _judge_losses(journey: Journey, result: Result, stream: Stream, start: int) -> None:
    """Of the other correspondent's stream, and of both directions of the chosen one's, since the first switch."""
    time.sleep(0.5)
    end = time.time_ns() - 400_000_000
    to_laptop, from_laptop = journey.traffic.flows()
    for name, flow in (("other", stream.flow), ("to_laptop", to_laptop), ("from_laptop", from_laptop)):
        lost = flow.lost(start, end)
        result.figures[f"lost_{name}"] = lost
        expect(result, f"packets lost: {name}", lost, 0)
