"""What the scenarios of broadcasts and of groups share: a time to listen, and what went through the tunnels."""

from __future__ import annotations

import time
from collections import Counter
from ipaddress import IPv4Address

from lab.analysis.frames import between, innermost
from lab.analysis.tunnels import Nesting
from lab.scenarios.journey import Journey

LISTEN = 1.5
"""Seconds to listen; 20 packets a second are sent."""

SETTLING = 0.3
"""Seconds after which a switch must show."""


def listen(journey: Journey) -> tuple[int, int]:
    """Wait for a while; from when to when."""
    time.sleep(SETTLING)
    start = time.time_ns()
    time.sleep(LISTEN)
    journey.refresh()
    return start, time.time_ns()


def tunnelled_to(journey: Journey, destination: IPv4Address, start: int, end: int) -> Counter[Nesting]:
    """Packets for these many that passed the home agent's door in tunnels, by their tunnels."""
    frames = between(journey.world.frames("router-home"), start, end)
    packets = [frame.ip for frame in frames if frame.ip and frame.ip.inner]
    return Counter(packet.nesting for packet in packets if innermost(packet).destination == destination.packed)
