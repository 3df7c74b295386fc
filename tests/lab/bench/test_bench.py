"""The benchmark itself, too short to give figures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from client.core.plan import Encapsulation
from lab.analysis.pcap import Capture
from lab.bench import network, ping
from lab.bench.figures import Row
from lab.bench.ours import Ours
from lab.lab import down
from lab.nodes import Node
from lab.site import Site, named
from tests.lab.conftest import kernel_snapshot

pytestmark = pytest.mark.lab


def bench(output: Path, *words: str) -> dict[str, Any]:
    """Run the real command line; what it wrote."""
    command = [sys.executable, "-m", "lab.bench", "--name", f"bench{os.getpid()}", "--quick"]
    done = subprocess.run(
        [*command, "--output", output, *words], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return dict(json.loads(output.read_text()))


def test_throughput_of_the_slow_path_is_measured_beside_plain_routing(tmp_path: Path) -> None:
    before = kernel_snapshot()
    report = bench(tmp_path / "bench.json", "--part", "throughput", "--system", "TUN")
    rows = {row["name"]: row for row in report["rows"]}
    ratio = rows["TUN IP-in-IP: TCP up, of plain routing"]
    assert set(ratio) == set(Row.__struct_fields__)
    assert 0 < ratio["median"] < 1
    assert report["quick"]
    assert report["problems"] == []
    assert kernel_snapshot() == before


def test_the_gap_of_a_move_is_measured_both_ways_downwards_and_between_two_links(tmp_path: Path) -> None:
    report = bench(tmp_path / "bench.json", "--part", "gap", "--system", "mobilenode")
    assert report["problems"] == []
    rows = {row["name"]: row for row in report["rows"]}
    assert set(rows) == {
        f"gap, {words}: mobilenode, {figure}"
        for delay in ("+0 ms", "+20 ms")
        for words, figure in (
            (f"both ways, {delay}", "down"),
            (f"both ways, {delay}", "up"),
            (f"downlink only, {delay}", "down"),
            (f"make before break, {delay}", "lost"),
        )
    }
    assert rows["gap, downlink only, +20 ms: mobilenode, down"]["median"] > 40


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("update", "BPF map update alone, under load: 99th percentile"),
        ("scale", "home agent, 1,000 bindings: 64-byte packets to all, of one binding"),
        ("idle", "mobilenoded, registered and idle, processor time a minute"),
    ],
)
def test_every_other_part_gives_its_rows(tmp_path: Path, part: str, expected: str) -> None:
    report = bench(tmp_path / "bench.json", "--part", part)
    rows = {row["name"]: row for row in report["rows"]}
    assert rows[expected]["median"] > 0
    assert report["problems"] == []


@pytest.fixture
def site() -> Iterator[Site]:
    """The benchmark's world."""
    mine = named(f"bench{os.getpid()}")
    network.build(mine)
    yield mine
    down(mine)


@pytest.mark.parametrize(
    ("encapsulation", "dataplane", "outer"),
    [
        (Encapsulation.IPIP, "ebpf", "ip proto 4"),
        (Encapsulation.GRE, "ebpf", "ip proto 47"),
        (Encapsulation.MINIMAL, "ebpf", "ip proto 55"),
        (Encapsulation.UDP, "ebpf", "udp port 434"),
        (Encapsulation.IPIP, "tun", "ip proto 4"),
    ],
)
def test_what_is_measured_crosses_the_router_in_its_encapsulation_alone(
    site: Site, encapsulation: Encapsulation, dataplane: str, outer: str
) -> None:
    system = Ours(encapsulation, dataplane)
    system.start(site)
    home = str(network.HOME_ADDRESS)
    with captured(Node(site, network.ROUTER), f"({outer}) or host {home}") as packets:
        ping.round_trip(Node(site, network.MOBILE), system.source, str(system.peer), 10)
    system.stop()
    assert len(packets) >= 20
    assert all(network.HOME_AGENT.packed in (packet[12:16], packet[16:20]) for packet in packets)


@contextmanager
def captured(node: Node, expression: str) -> Iterator[list[bytes]]:
    """The IPv4 packets that this node's interface `left` saw meanwhile, by tcpdump; known afterwards."""
    file = node.directory / "seen.pcap"
    words = ["tcpdump", "-i", "left", "-U", "--immediate-mode", "-w", str(file), expression]
    with subprocess.Popen(node.command(words), stderr=subprocess.PIPE, text=True) as capture:
        assert capture.stderr is not None
        while "listening" not in capture.stderr.readline():
            assert capture.poll() is None
        packets: list[bytes] = []
        yield packets
        time.sleep(0.2)
        capture.terminate()
    packets += [record.frame[14:] for record in Capture(file).new_records()]
