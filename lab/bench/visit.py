"""One visit to a system: what it carries now, each direction by itself."""

from __future__ import annotations

from dataclasses import dataclass

from lab.bench import iperf, network, ping
from lab.bench.search import Search
from lab.bench.senders import Load, Senders
from lab.bench.system import System
from lab.nodes import Node
from lab.site import Site

_PORT = 7000


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """The figures of one visit."""

    up: float  # Gbit/s of TCP
    down: float
    packets: float  # of 64 bytes a second, up
    round_trip: float  # microseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """How long each measurement takes."""

    tcp: float = 1.0  # seconds
    packets: float = 0.4
    pings: int = 50


QUICK = Length(tcp=0.3, packets=0.05, pings=10)


class Visitor:
    """Measures systems in one site."""

    def __init__(self, site: Site, senders: Senders, length: Length) -> None:
        self._mobile, self._peer = Node(site, network.MOBILE), Node(site, network.CORRESPONDENT)
        self._senders = senders
        self._length = length
        self._searches: dict[str, Search] = {}

    def visit(self, system: System) -> Visit:
        """Measure a system that has been started. Raises LabError."""
        peer, length, mobile = str(system.peer), self._length, self._mobile
        up, down = (
            iperf.throughput(mobile, system.source, peer, down=down, seconds=length.tcp) for down in (False, True)
        )
        search = self._searches.setdefault(system.name, Search())
        packets = search.sample(lambda rate: self._delivered(system, rate))
        round_trip = ping.round_trip(mobile, system.source, peer, length.pings)
        return Visit(up=up, down=down, packets=packets, round_trip=round_trip)

    def _delivered(self, system: System, rate: float) -> float:
        load = Load(str(system.peer), _PORT, rate, self._length.packets, system.source)
        return self._senders.send_and_count(self._mobile, self._peer, load)[1].rate
