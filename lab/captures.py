"""Where captures are taken: on the laptop's cables, on each network, at the correspondent, at the router's ports."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lab.nodes import Node, python
from lab.services.capture import DROPPED
from lab.site import Site
from lab.topology import CABLE, LAPTOP, NETWORKS, SECOND_CABLE, TRUNKS, WIRE
from lab.topology6 import CORRESPONDENTS, STOCK, STOCK_TRUNK

WHOLE = 0
HEADERS = 192
"""Enough for two IP headers, a TCP header with options, and a whole registration message."""

HEADERS6 = 320
"""The same in a lab with IPv6: two headers, two extension headers, and a whole Binding Update."""


@dataclass(frozen=True, slots=True)
class Point:
    """Where a capture is taken."""

    name: str
    node: str
    interface: str
    length: int


def points(ipv6: bool = False) -> list[Point]:
    """All of them; whole packets at the router's ports. `ipv6`: in a lab that has that, too."""
    if not ipv6:
        return _points(HEADERS)
    others = [one for one in CORRESPONDENTS if one.capture != "correspondent"]
    more = [Point(one.capture, one.node, CABLE, HEADERS6) for one in others]
    return [*_points(HEADERS6), Point(f"router-{STOCK}", "router", STOCK_TRUNK.near.interface, WHOLE), *more]


def _points(length: int) -> list[Point]:
    networks = [Point(f"network-{name}", WIRE, name, length) for name in NETWORKS]
    ports = [Point(f"router-{trunk.network}", trunk.near.node, trunk.near.interface, WHOLE) for trunk in TRUNKS]
    cards = [Point("laptop", LAPTOP, CABLE, length), Point("laptop-second", LAPTOP, SECOND_CABLE, length)]
    return [*cards, Point("correspondent", "cn", "eth0", length), *networks, *ports]


def path(directory: Path, name: str) -> Path:
    """The file of a capture."""
    return directory / f"{name}.pcap"


def start(site: Site, directory: Path, ipv6: bool = False) -> None:
    """Start all captures, with one program on each node."""
    directory.mkdir(parents=True, exist_ok=True)
    every = points(ipv6)
    for node in {point.node for point in every}:
        words = []
        for point in every:
            if point.node == node:
                words += [point.interface, str(point.length), str(path(directory, point.name))]
        Node(site, node).start("capture", python("lab.services.capture", *words))


def problems(site: Site) -> list[str]:
    """Figures are worth nothing if frames are missing in the captures."""
    logs = ((node, Node(site, node).log("capture")) for node in {point.node for point in points(ipv6=True)})
    return [f"capture on {node}: {line}" for node, log in logs for line in log.splitlines() if DROPPED in line]
