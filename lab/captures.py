"""Where captures are taken: on the laptop's cables, on each network, at the correspondent, at the router's ports."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lab.nodes import Node, python
from lab.services.capture import DROPPED
from lab.site import Site
from lab.topology import CABLE, LAPTOP, NETWORKS, SECOND_CABLE, TRUNKS, WIRE

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
    """All of them; whole packets at the router's ports."""
    networks = [Point(f"network-{name}", WIRE, name, HEADERS) for name in NETWORKS]
    ports = [Point(f"router-{trunk.network}", trunk.near.node, trunk.near.interface, WHOLE) for trunk in TRUNKS]
    cards = [Point("laptop", LAPTOP, CABLE, HEADERS), Point("laptop-second", LAPTOP, SECOND_CABLE, HEADERS)]
    return [*cards, Point("correspondent", "cn", "eth0", HEADERS), *networks, *ports]


def path(directory: Path, name: str) -> Path:
    """The file of a capture."""
    return directory / f"{name}.pcap"


def start(site: Site, directory: Path) -> None:
    """Start all captures, with one program on each node."""
    directory.mkdir(parents=True, exist_ok=True)
    for node in _nodes():
        words = []
        for point in points():
            if point.node == node:
                words += [point.interface, str(point.length), str(path(directory, point.name))]
        Node(site, node).start("capture", python("lab.services.capture", *words))


def problems(site: Site) -> list[str]:
    """Figures are worth nothing if frames are missing in the captures."""
    logs = ((node, Node(site, node).log("capture")) for node in _nodes())
    return [f"capture on {node}: {line}" for node, log in logs for line in log.splitlines() if DROPPED in line]


def _nodes() -> set[str]:
    return {point.node for point in points()}
