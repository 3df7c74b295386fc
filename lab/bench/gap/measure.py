"""One contender in one situation: so many moves, and for each what the packets saw."""

from __future__ import annotations

import re
import statistics
import time
from bisect import bisect_right
from dataclasses import dataclass, field

from lab.analysis.numbered import Flow
from lab.bench.gap.contenders.contender import Contender
from lab.bench.gap.hand import Hand
from lab.bench.gap.streams import Streams
from lab.bench.gap.topology import ACCESSES, CARDS, CORRESPONDENT, LAPTOP, SERVER_ADDRESS, build
from lab.errors import LabError
from lab.lab import down
from lab.nodes import Node
from lab.site import Site

BOTH, DOWNLINK, MAKE_BEFORE_BREAK = "both ways", "downlink only", "make before break"
SETTLE = 1.5
"""Seconds of traffic after packets come again, before the next move: a registration may come once a second."""

PATIENCE = 40.0
LONGEST = 150.0
"""Seconds for all moves of one cell: who needs many seconds a move makes fewer moves, and the table says so."""

_FLIGHT = 100_000_000
_METRICS = (100, 200, 300)


@dataclass(slots=True)
class Cell:
    """Times in ms from the moment the new address was usable to the first packet; and packets lost."""

    contender: str
    situation: str
    delay_ms: float
    down: list[float] = field(default_factory=list)
    up: list[float] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)
    round_trip: float = 0.0  # ms between laptop and server, without any tunnel
    problem: str | None = None


def measure(contender: Contender, situation: str, delay: float, moves: int) -> Cell:
    """Run it in a world of its own."""
    cell = Cell(contender.name, situation, delay * 1000)
    site = Site(f"gap{int(time.time() * 10) % 1000000}")
    try:
        build(site, delay)
        _run(cell, contender, site, moves)
    except LabError as error:
        cell.problem = str(error)
    finally:
        down(site)
    return cell


def _run(cell: Cell, contender: Contender, site: Site, moves: int) -> None:
    hand = Hand(site)
    hand.plug(CARDS[0], ACCESSES[0], _METRICS[1])
    if cell.situation == MAKE_BEFORE_BREAK:
        hand.plug(CARDS[1], ACCESSES[1], _METRICS[2])
    cell.round_trip = _round_trip(Node(site, LAPTOP))
    contender.start(site)
    streams = Streams.start(site, both=cell.situation != DOWNLINK)
    time.sleep(SETTLE)
    usable = _switches(hand, streams, moves) if cell.situation == MAKE_BEFORE_BREAK else _moves(hand, streams, moves)
    streams.stop()
    _judge(cell, usable, streams)


def _round_trip(laptop: Node) -> float:
    told = laptop.must(["ping", "-c", "10", "-i", "0.05", SERVER_ADDRESS])
    return statistics.median(float(time) for time in re.findall(r"time=([\d.]+)", told))


def _moves(hand: Hand, streams: Streams, moves: int) -> list[int]:
    usable: list[int] = []
    end = time.monotonic() + LONGEST
    for number in range(moves):
        old, new = ACCESSES[number % 2], ACCESSES[(number + 1) % 2]
        usable.append(hand.move(CARDS[0], old, new, _METRICS[1]))
        _wait_for_packets(streams)
        time.sleep(SETTLE)
        if time.monotonic() > end:
            break
    return usable


def _wait_for_packets(streams: Streams) -> None:
    before, end = streams.arrived, time.monotonic() + PATIENCE
    while streams.arrived <= before:
        if time.monotonic() > end:
            raise LabError(f"no packet came for {PATIENCE:.0f} s")
        time.sleep(0.01)


def _switches(hand: Hand, streams: Streams, moves: int) -> list[int]:
    """Both links stay; the second one becomes the better one, and again the worse one, by its metric."""
    usable = []
    better, worse = _METRICS[0], _METRICS[2]
    for number in range(moves):
        new, old = (better, worse) if number % 2 == 0 else (worse, better)
        usable.append(hand.route(CARDS[1], ACCESSES[1], new))
        hand.unroute(CARDS[1], ACCESSES[1], old)
        time.sleep(2 * SETTLE)
    return usable


def _judge(cell: Cell, usable: list[int], streams: Streams) -> None:
    flows = {LAPTOP: streams.flow(LAPTOP)}
    if cell.situation != DOWNLINK:
        flows[CORRESPONDENT] = streams.flow(CORRESPONDENT)
    if cell.situation == MAKE_BEFORE_BREAK:
        cell.lost = [sum(lost_by(flow, moment, 2 * SETTLE) for flow in flows.values()) for moment in usable]
        return
    cell.down = first_arrivals(flows[LAPTOP], usable)
    if CORRESPONDENT in flows:
        cell.up = first_arrivals(flows[CORRESPONDENT], usable)


def lost_by(flow: Flow, moment: int, seconds: float) -> int:
    """How many packets a switch has cost: those sent from a little before it to `seconds` after."""
    return flow.lost(moment - _FLIGHT, moment - _FLIGHT + int(seconds * 1e9))


def first_arrivals(flow: Flow, usable: list[int]) -> list[float]:
    """For each moment the ms until the next packet arrived; one that is never followed by a packet is left out."""
    times = sorted(at for _, at in flow.arrived)
    places = [(moment, bisect_right(times, moment)) for moment in usable]
    return [(times[place] - moment) / 1e6 for moment, place in places if place < len(times)]
