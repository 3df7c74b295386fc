"""Our own captures, against tcpdump's of the same frames."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from lab import captures, lab
from lab.analysis.pcap import records
from lab.nodes import Node
from lab.site import Site

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("unchanged_kernel")]


def wait_for(path: Path, size: int) -> None:
    end = time.monotonic() + 10
    while not (path.exists() and path.stat().st_size >= size) and time.monotonic() < end:
        time.sleep(0.02)


def test_captures_hold_what_tcpdump_sees_at_the_same_time(site: Site) -> None:
    lab.up(site, ours=True)
    ours, theirs = captures.path(site.scratch / "captures", "router-cn"), site.scratch / "theirs.pcap"
    lab.start_captures(site)
    words = ["tcpdump", "-i", "to-cn", "-U", "--immediate-mode", "--time-stamp-precision=nano", "-Z", "root"]
    Node(site, "router").start("tcpdump", [*words, "-w", theirs])
    wait_for(ours, 24)
    wait_for(theirs, 24)
    Node(site, "cn").must(["ping", "-c", "20", "-i", "0.01", "-s", "1000", "198.51.100.1"])
    time.sleep(0.3)
    assert len(records(theirs)) >= 40
    assert [(record.at, record.frame) for record in records(ours)] == [(one.at, one.frame) for one in records(theirs)]
    assert captures.problems(site) == []


def test_frames_are_cut_to_their_headers_where_no_more_is_needed(site: Site) -> None:
    lab.up(site, ours=True)
    lab.start_captures(site)
    file = captures.path(site.scratch / "captures", "correspondent")
    wait_for(file, 24)
    Node(site, "cn").must(["ping", "-c", "1", "-s", "1000", "198.51.100.1"])
    wait_for(file, 24 + 2 * captures.HEADERS)
    assert max(len(record.frame) for record in records(file)) == captures.HEADERS
