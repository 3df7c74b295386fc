"""The parts of the benchmark, by name: each measures something and gives its rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from client.core.plan import Encapsulation
from lab import lab
from lab.bench import idle, network, scale, throughput, update
from lab.bench.crowd import Crowd
from lab.bench.figures import Row
from lab.bench.gap import part as gap
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
    peers: list[System] = [OpenVpn(NO_CIPHER), OpenVpn(NO_CIPHER, tuned=True), OpenVpn(AES), WireGuard()]
    sixes: list[System] = [Ours(each, "ebpf", 6) for each in (Encapsulation.IPIP, Encapsulation.DIRECT)]
    short = [Ours(each, "ebpf", shortcut=True) for each in (Encapsulation.IPIP, Encapsulation.GRE, Encapsulation.UDP)]
    return [*ours, *short, *sixes, Ours(Encapsulation.IPIP, "tun"), *peers]


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


def run_update(options: Options) -> Result:
    """How long a switch takes."""
    site = options.site
    try:
        network.build(site)
        batches = 1 if options.quick else options.cycles
        return update.measure(site, Senders(site.scratch), batches), []
    finally:
        lab.down(site)


def run_scale(options: Options) -> Result:
    """A home agent with many bindings."""
    site = options.site
    sizes = scale.SIZES[:2] if options.quick else scale.SIZES
    crowds = [Crowd(number, bindings) for number, bindings in enumerate(sizes)]
    try:
        scale.build(site, crowds)
        agents = scale.Agents(site, Senders(site.scratch), options.length, crowds)
        with server(Node(site, network.CORRESPONDENT)):
            return scale.measure(agents, options.cycles, options.say), []
    finally:
        lab.down(site)


def run_idle(options: Options) -> Result:
    """What idle daemons cost."""
    windows, seconds = (1, 1.0) if options.quick else (6, 10.0)
    return idle.measure(options.site, windows, seconds, options.say), []


def run_gap(options: Options) -> Result:
    """What packets see of a move, beside other people's tunnels."""
    return gap.run(1 if options.quick else 2 * options.cycles, options.say, options.systems)


PARTS: dict[str, Callable[[Options], Result]] = {
    "throughput": run_throughput,
    "update": run_update,
    "scale": run_scale,
    "idle": run_idle,
    "gap": run_gap,
}
