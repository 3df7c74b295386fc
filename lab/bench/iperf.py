"""TCP throughput by iperf3, one direction at a time."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

from lab.errors import LabError
from lab.nodes import Node

PORT = 5201
_START_TIME = 5.0


@contextmanager
def server(node: Node) -> Iterator[None]:
    """iperf3 waiting on a node, while in use."""
    process = node.start("iperf3", ["iperf3", "--server", "--port", str(PORT)])
    try:
        end = time.monotonic() + _START_TIME
        while f":{PORT} " not in node.must(["ss", "-Hltn"]):
            if time.monotonic() > end:
                raise LabError(f"iperf3 does not start: {node.log('iperf3')}")
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.wait(5)


def throughput(node: Node, source: str, peer: str, *, down: bool, seconds: float) -> float:
    """Gbit/s that arrive: from this node up to the peer's server, or from there down."""
    words = ["iperf3", "--client", peer, "--port", str(PORT), "--bind", source, "--json", *_length(seconds)]
    done = node.run([*words, *(["--reverse"] if down else [])], timeout=seconds + 30)
    report = json.loads(done.stdout or "{}")
    if done.returncode or "error" in report:
        raise LabError(f"iperf3 from {source} to {peer}: {report.get('error', done.stderr.strip())}")
    return float(report["end"]["sum_received"]["bits_per_second"]) / 1e9


def _length(seconds: float) -> list[str]:
    """It takes whole seconds; less is said in bytes (0.3 s: what Python carries in this time)."""
    if seconds < 1:
        return ["--bytes", f"{int(seconds * 50)}M"]
    return ["--time", str(round(seconds)), "--omit", "0"]
