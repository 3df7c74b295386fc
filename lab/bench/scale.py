"""What a home agent carries with many bindings, beside one with a single binding: A B A B in one run.

All agents stand at once, each in a namespace of its own between the same router and correspondent. The small
packets go to all home addresses in random order, so that a lookup seldom finds its entry in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from client.linux.ownership import MOBILE_NODE
from lab.bench import iperf, network, ping
from lab.bench.crowd import CARE_OF_ADDRESSES, Crowd
from lab.bench.figures import AtLeast, Row, ratios, row
from lab.bench.plane import HOME, MOBILE, Standing, standing
from lab.bench.search import Search
from lab.bench.senders import Load, Senders
from lab.bench.system import START_TIME, Programs, wait_until
from lab.bench.visit import Length
from lab.errors import LabError
from lab.nodes import Node, python
from lab.site import Site

SIZES = (1, 1_000, 100_000, 1_000_000)
_SECONDS_EACH = 0.001  # that a binding takes at most to be added
_WITHIN = AtLeast(0.9)
_PORT, _PORTS = 7002, 1024  # flows as different with one binding as with many: each may go by the other processor
_RECEIVED = "/sys/class/net/eth0/statistics/rx_packets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What one agent carries now."""

    up: float  # Gbit/s of TCP
    down: float
    packets: float  # of 64 bytes a second, to all its nodes


FIGURES: dict[str, tuple[str, Callable[[Visit], float]]] = {
    "TCP up": ("Gbit/s", lambda visit: visit.up),
    "TCP down": ("Gbit/s", lambda visit: visit.down),
    "64-byte packets to all": ("1000/s", lambda visit: visit.packets / 1000),
}


@dataclass
class Agents:
    """All of them, standing, and the mobile node."""

    site: Site
    senders: Senders
    length: Length
    crowds: list[Crowd]
    programs: Programs = field(default_factory=Programs)
    searches: dict[int, Search] = field(default_factory=dict)

    def start(self) -> dict[int, Standing]:
        """Start them, the largest last; what each took, by its bindings."""
        counts = [str(crowd.bindings) for crowd in self.crowds]
        found = {}
        for number, crowd in enumerate(self.crowds):
            found[crowd.bindings] = self._start(Node(self.site, crowd.node), HOME, counts[: number + 1])
        mobile = Node(self.site, network.MOBILE)
        self._start(mobile, MOBILE, counts)
        for crowd in self.crowds[1:]:  # the plan's anchor has the first one's
            mobile.must(["ip", "address", "add", f"{crowd.reached}/32", "dev", MOBILE_NODE.anchor])
        for crowd in self.crowds:
            what = f"a packet through the agent with {crowd.bindings} bindings"
            wait_until(partial(ping.answers, mobile, str(crowd.reached), str(network.PEER)), what)
        return found

    def _start(self, node: Node, side: str, bindings: list[str]) -> Standing:
        words = python("lab.bench.crowd", side, node.directory / "runtime", *bindings)
        self.programs.start(node, "plane", [str(word) for word in words], MOBILENODE_DATAPLANE="ebpf")
        patience = START_TIME + int(bindings[-1]) * _SECONDS_EACH
        wait_until(lambda: self._stands(node) is not None, f"the plane on {node.name}", patience)
        stands = self._stands(node)
        if stands is None:
            raise LabError(f"the plane on {node.name} does not stand")
        return stands

    def _stands(self, node: Node) -> Standing | None:
        log = node.log("plane")
        if not self.programs.alive():
            raise LabError(f"the plane on {node.name} has ended: {log}")
        return standing(log)

    def visit(self, crowd: Crowd) -> Visit:
        """Measure one of them."""
        mobile, peer, source = Node(self.site, network.MOBILE), str(network.PEER), str(crowd.reached)
        seconds = self.length.tcp
        up, down = (iperf.throughput(mobile, source, peer, down=down, seconds=seconds) for down in (False, True))
        search = self.searches.setdefault(crowd.number, Search())
        return Visit(up=up, down=down, packets=search.sample(lambda rate: self._delivered(crowd, rate)))

    def _delivered(self, crowd: Crowd, rate: float) -> float:
        """Packets a second that come out of the tunnels at the mobile node's interface."""
        mobile, peer = Node(self.site, network.MOBILE), Node(self.site, network.CORRESPONDENT)
        load = Load(str(crowd.first), _PORT, rate, self.length.packets, count=crowd.bindings, ports=_PORTS)
        before = int(mobile.must(["cat", _RECEIVED]))
        sent = self.senders.send(peer, load)
        return (int(mobile.must(["cat", _RECEIVED])) - before) / sent.nanoseconds * 1e9


def build(site: Site, crowds: Sequence[Crowd]) -> None:
    """The benchmark's network, with these home agents in it."""
    network.build(site, (*network.NODES, *(crowd.node for crowd in crowds)))
    network.route(site, network.ROUTER, str(CARE_OF_ADDRESSES), str(network.CARE_OF_ADDRESS))
    for crowd in crowds:
        (router, up), (down, correspondent) = crowd.up, crowd.down
        network.connect(site, router, up)
        network.connect(site, down, correspondent)
        network.route(site, crowd.node, "default", str(router.addresses[0].ip))
        network.route(site, crowd.node, str(network.PEER), str(correspondent.addresses[0].ip))
        network.route(site, network.CORRESPONDENT, str(crowd.home_network), str(down.addresses[0].ip))


def measure(agents: Agents, cycles: int, say: Callable[[str], None]) -> list[Row]:
    """The rows: each size beside one binding."""
    stood = agents.start()
    one, *others = agents.crowds
    pairs: dict[int, list[tuple[Visit, Visit]]] = {crowd.bindings: [] for crowd in others}
    for cycle in range(cycles):
        for crowd in others:
            pairs[crowd.bindings].append((agents.visit(one), agents.visit(crowd)))
            say(f"cycle {cycle + 1} of {cycles}, {crowd.bindings} bindings: {_words(*pairs[crowd.bindings][-1])}")
    return [*_carried(one, pairs), *_costs(stood)]


def _words(one: Visit, many: Visit) -> str:
    told = (f"{name} {of(many):.4g} {unit} ({of(many) / of(one):.2f} of one)" for name, (unit, of) in FIGURES.items())
    return ", ".join(told)


def _carried(one: Crowd, pairs: dict[int, list[tuple[Visit, Visit]]]) -> Iterator[Row]:
    for name, (unit, of) in FIGURES.items():
        yield row(_name(one.bindings, name), unit, [of(alone) for found in pairs.values() for alone, _ in found])
        for bindings, found in pairs.items():
            samples = ratios([of(many) for _, many in found], [of(alone) for alone, _ in found])
            wanted = _WITHIN if bindings == SIZES[-1] else None
            yield row(_name(bindings, name), unit, [of(many) for _, many in found])
            yield row(_name(bindings, f"{name}, of one binding"), "ratio", samples, wanted)


def _costs(stood: dict[int, Standing]) -> Iterator[Row]:
    for bindings, stands in stood.items():
        yield row(_name(bindings, "the process"), "MB", [stands.resident / 1e6])
        yield row(_name(bindings, "its BPF maps"), "MB", [stands.maps / 1e6])
        yield row(_name(bindings, "until all stand"), "s", [stands.seconds])


def _name(bindings: int, what: str) -> str:
    return f"home agent, {bindings:,} binding{'s' if bindings > 1 else ''}: {what}"
