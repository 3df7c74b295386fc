"""Captures on the links and at the nodes: one tcpdump each, with the kernel's time stamps in nanoseconds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lab.nodes import Node
from lab.site import Site
from lab.topology import CABLE, LAPTOP, NETWORKS, TRUNKS, WIRE

WHOLE = 0
HEADERS = 192
"""Enough for two IP headers, a TCP header with options, and a whole registration message."""


@dataclass(frozen=True, slots=True)
class Point:
    """Where a capture is taken."""

    name: str
    node: str
    interface: str
    length: int


def points() -> list[Point]:
    """The laptop's cable, each network, the correspondent, and (whole packets) each port of the router."""
    networks = [Point(f"network-{name}", WIRE, name, HEADERS) for name in NETWORKS]
    ports = [Point(f"router-{trunk.network}", trunk.near.node, trunk.near.interface, WHOLE) for trunk in TRUNKS]
    return [Point("laptop", LAPTOP, CABLE, HEADERS), Point("correspondent", "cn", "eth0", HEADERS), *networks, *ports]


def path(directory: Path, name: str) -> Path:
    """The file of a capture."""
    return directory / f"{name}.pcap"


def start(site: Site, directory: Path) -> None:
    """Start all captures."""
    directory.mkdir(parents=True, exist_ok=True)
    for point in points():
        file = path(directory, point.name)
        # -Z root: who made the directory also owns the files; a user namespace knows no other user anyway.
        arguments = ["tcpdump", "-n", "-U", "--immediate-mode", "--time-stamp-precision=nano", "-Z", "root"]
        arguments += ["-s", str(point.length), "-B", "8192", "-i", point.interface, "-w", str(file)]
        Node(site, point.node).start(f"capture-{point.name}", arguments)
