"""Round-trip times by ping."""

from __future__ import annotations

import re
from statistics import median

from lab.errors import LabError
from lab.nodes import Node

_TIME = re.compile(r"time=([0-9.]+) ms")
_WARM = 5  # the first ones also look for neighbours and wake processors


def round_trip(node: Node, source: str, destination: str, count: int) -> float:
    """The median round-trip time in microseconds."""
    words = ["ping", "-I", source, "-i", "0.005", "-c", str(count + _WARM), "-W", "1", destination]
    times = [float(text) * 1000 for text in _TIME.findall(node.run(words).stdout)][_WARM:]
    if len(times) < count / 2:
        raise LabError(f"ping from {source} to {destination}: {len(times)} of {count} came back")
    return median(times)


def answers(node: Node, source: str, destination: str) -> bool:
    """Whether one comes back."""
    return node.run(["ping", "-I", source, "-c", "1", "-W", "1", destination]).returncode == 0
