"""How long a switch to another care-of address takes in the data plane: alone, and while packets flow."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

from lab.bench import network
from lab.bench.figures import AtMost, Row, Wanted, percentile, row
from lab.bench.plane import HOME, READY
from lab.bench.senders import Load, Senders
from lab.bench.switcher import ADD, MAP, PLAN
from lab.bench.system import Programs, wait_until
from lab.errors import LabError
from lab.nodes import Node, python
from lab.site import Site

BATCH = 250
"""Switches of which the percentiles are taken: each batch is one sample of the table."""

_LOAD = 60_000.0  # packets a second
_WORDS = {MAP: "BPF map update alone", ADD: "data plane's switch", PLAN: "whole plan switched"}
_WANTED: dict[str, Wanted] = {MAP: AtMost(20), ADD: AtMost(20)}
_LONGEST = 0.02  # seconds that a round of the switcher takes at most
_PORT = 7001


def measure(site: Site, senders: Senders, batches: int) -> list[Row]:
    """The rows: first idle, then under load."""
    home = Node(site, network.HOME)
    rounds = batches * BATCH
    rows = list(_rows("idle", _switch(Node(site, network.MOBILE), rounds)))
    programs = Programs()
    words = python("lab.bench.plane", HOME, "ipip", "4", home.directory / "runtime")
    programs.start(home, "plane", [str(word) for word in words], MOBILENODE_DATAPLANE="ebpf")
    try:
        wait_until(lambda: READY in home.log("plane"), f"the home agent's plane: {home.log('plane')}")
        rows += _rows("under load", _switch(Node(site, network.MOBILE), rounds, lambda: _load(site, senders)))
    finally:
        programs.stop()
    return rows


def _load(site: Site, senders: Senders) -> None:
    load = Load(str(network.PEER), _PORT, _LOAD, 1.0, str(network.HOME_ADDRESS))
    senders.send_and_count(Node(site, network.MOBILE), Node(site, network.CORRESPONDENT), load)


def _switch(mobile: Node, rounds: int, meanwhile: Callable[[], None] = lambda: time.sleep(0.2)) -> dict[str, list[int]]:
    """The times of each way, while something goes on."""
    programs = Programs()
    words = python("lab.bench.switcher", str(rounds), mobile.directory / "runtime")
    programs.start(mobile, "switcher", [str(word) for word in words], MOBILENODE_DATAPLANE="ebpf")
    try:
        wait_until(lambda: READY in mobile.log("switcher"), f"the switcher: {mobile.log('switcher')}")
        end = time.monotonic() + 10 + rounds * _LONGEST
        while "{" not in mobile.log("switcher"):
            if time.monotonic() > end or not programs.alive():
                raise LabError(f"the switcher does not come to an end: {mobile.log('switcher')}")
            meanwhile()
        told = mobile.log("switcher").splitlines()[-1]
    finally:
        programs.stop()
    return {name: list(times) for name, times in json.loads(told).items()}


def _rows(when: str, times: dict[str, list[int]]) -> Iterator[Row]:
    for name, nanoseconds in times.items():
        microseconds = [time / 1000 for time in nanoseconds]
        batches = [microseconds[start : start + BATCH] for start in range(0, len(microseconds), BATCH)]
        for part, words in ((0.5, "median"), (0.99, "99th percentile")):
            samples = [percentile(batch, part) for batch in batches]
            wanted = _WANTED.get(name) if part > 0.5 else None
            yield row(f"{_WORDS[name]}, {when}: {words}", "us", samples, wanted)
