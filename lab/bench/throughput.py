"""What each system carries, beside plain routing: A B A B in one run, ratios pair by pair."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from lab.bench.figures import AtLeast, Row, Wanted, ratios, row
from lab.bench.system import Plain, System
from lab.bench.visit import Visit, Visitor
from lab.errors import LabError
from lab.site import Site

Say: TypeAlias = Callable[[str], None]

IPIP, GRE, UDP = "eBPF IP-in-IP", "eBPF GRE", "eBPF UDP 434"
SHORTCUT = ", shortcut"
PEERS = ("OpenVPN, no cipher", "OpenVPN, no cipher, tuned")
_OURS = (IPIP, GRE, UDP)
_TCP: dict[str, Wanted] = {
    f"{name}{how}": AtLeast(0.9 if name is IPIP else 0.85) for name in _OURS for how in ("", SHORTCUT)
}
_SMALL: dict[str, Wanted] = {f"{name}{how}": AtLeast(0.8) for name in _OURS for how in ("", SHORTCUT)}
_TIMES_PEER = AtLeast(5.0)


@dataclass(frozen=True, slots=True)
class _Figure:
    """One of the figures of a visit."""

    name: str
    unit: str
    of: Callable[[Visit], float]
    wanted: dict[str, Wanted]


FIGURES = (
    _Figure("TCP up", "Gbit/s", lambda visit: visit.up, _TCP),
    _Figure("TCP down", "Gbit/s", lambda visit: visit.down, _TCP),
    _Figure("64-byte packets", "1000/s", lambda visit: visit.packets / 1000, _SMALL),
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A system, and plain routing just before it."""

    plain: Visit
    system: Visit
    beside: str  # what plain routing is called there


@dataclass
class Pairs:
    """All pairs of a run: by system, then by cycle."""

    of: dict[str, dict[int, Pair]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def measure(site: Site, visitor: Visitor, systems: Sequence[System], cycles: int, say: Say) -> Pairs:
    """Visit all systems in every cycle, in turn from the first and from the last."""
    pairs = Pairs()
    for cycle in range(cycles):
        for system in systems if cycle % 2 == 0 else reversed(systems):
            try:
                pair = _pair(site, visitor, system)
            except LabError as error:
                pairs.problems.append(f"cycle {cycle + 1}, {system.name}: {error}")
                say(pairs.problems[-1])
                continue
            pairs.of.setdefault(system.name, {})[cycle] = pair
            say(f"cycle {cycle + 1} of {cycles}, {system.name}: {_words(pair)}")
    return pairs


def _pair(site: Site, visitor: Visitor, system: System) -> Pair:
    routing = Plain(system.peer)
    plain = visitor.visit(routing)
    system.start(site)
    try:
        return Pair(plain, visitor.visit(system), routing.name)
    finally:
        system.stop()


def _words(pair: Pair) -> str:
    visit, plain = pair.system, pair.plain
    told = (f"{f.name} {f.of(visit):.4g} {f.unit} ({f.of(visit) / f.of(plain):.2f} of plain)" for f in FIGURES)
    return ", ".join(told)


def rows(pairs: Pairs) -> list[Row]:
    """The table's rows."""
    return [*_plain(pairs), *_each(pairs), *_besides(pairs), *_pings(pairs)]


def _plain(pairs: Pairs) -> Iterator[Row]:
    visits: dict[str, list[Visit]] = {}
    for pair in (pair for found in pairs.of.values() for pair in found.values()):
        visits.setdefault(pair.beside, []).append(pair.plain)
    for name, found in visits.items():
        yield from (row(f"{name}: {f.name}", f.unit, [f.of(visit) for visit in found]) for f in FIGURES)


def _each(pairs: Pairs) -> Iterator[Row]:
    for name, found in pairs.of.items():
        for figure in FIGURES:
            ours = [figure.of(pair.system) for pair in found.values()]
            plain = [figure.of(pair.plain) for pair in found.values()]
            yield row(f"{name}: {figure.name}", figure.unit, ours)
            yield row(f"{name}: {figure.name}, of plain routing", "ratio", ratios(ours, plain), figure.wanted.get(name))


def _besides(pairs: Pairs) -> Iterator[Row]:
    for ours in (IPIP, IPIP + SHORTCUT):
        for peer in PEERS:
            yield from _beside(ours, peer, pairs)


def _beside(name: str, peer: str, pairs: Pairs) -> Iterator[Row]:
    """Both in the same cycle."""
    ours, theirs = pairs.of.get(name, {}), pairs.of.get(peer, {})
    cycles = sorted(ours.keys() & theirs.keys())
    for figure in FIGURES if cycles else ():
        samples = ratios(
            [figure.of(ours[cycle].system) for cycle in cycles], [figure.of(theirs[cycle].system) for cycle in cycles]
        )
        wanted = _TIMES_PEER if figure.name.startswith("TCP") else None
        yield row(f"{name}: {figure.name}, of {peer}", "ratio", samples, wanted)


def _pings(pairs: Pairs) -> Iterator[Row]:
    for name, found in pairs.of.items():
        added = [pair.system.round_trip - pair.plain.round_trip for pair in found.values()]
        yield row(f"{name}: ping, more than plain routing", "us", added)
