"""The parts of the benchmark, by name: each measures something and gives its rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from client.core.plan import Encapsulation
from lab import lab
from lab.bench import network, throughput
from lab.bench.figures import Row
from lab.bench.iperf import server
from lab.bench.openvpn import AES, NO_CIPHER, OpenVpn
from lab.bench.ours import Ours
from lab.bench.senders import Senders
from lab.bench.system import System
from lab.bench.visit import QUICK, Length, Visitor
from lab.bench.wireguard import WireGuard
from lab.nodes import Node
from lab.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to measure."""

    site: Site
    say: Callable[[str], None]
    cycles: int
    seconds: float  # of each TCP measurement
    quick: bool
    systems: tuple[str, ...] = ()  # only those whose name contains one of these; none: all

    @property
    def length(self) -> Length:
        """Of each measurement."""
        return QUICK if self.quick else Length(tcp=self.seconds)


Result: TypeAlias = tuple[list[Row], list[str]]
"""Rows, and what went wrong."""


def all_systems() -> list[System]:
    """In the order of the table."""
    fast = (Encapsulation.IPIP, Encapsulation.GRE, Encapsulation.MINIMAL, Encapsulation.UDP)
    ours: list[System] = [Ours(encapsulation, "ebpf") for encapsulation in fast]
    return [*ours, Ours(Encapsulation.IPIP, "tun"), OpenVpn(NO_CIPHER), OpenVpn(AES), WireGuard()]


def chosen(options: Options) -> list[System]:
    """Those that were asked for."""
    names = [name.lower() for name in options.systems]
    return [system for system in all_systems() if not names or any(name in system.name.lower() for name in names)]


def run_throughput(options: Options) -> Result:
    """TCP each way, small packets, ping."""
    site = options.site
    try:
        network.build(site)
        visitor = Visitor(site, Senders(site.scratch), options.length)
        with server(Node(site, network.CORRESPONDENT)):
            pairs = throughput.measure(site, visitor, chosen(options), options.cycles, options.say)
    finally:
        lab.down(site)
    return throughput.rows(pairs), pairs.problems


PARTS: dict[str, Callable[[Options], Result]] = {"throughput": run_throughput}
