"""From an IPv6 journey's notes and captures to figures and problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lab.analysis import connection as connections
from lab.analysis import direct
from lab.analysis.connection import Connection
from lab.analysis.direct import Path, Routability
from lab.analysis.frames import Frame, between
from lab.analysis.numbered import Flow
from lab.analysis.secrecy6 import problems6
from lab.analysis.stay6 import Binding6, Stay6, binding, elapsed
from lab.result import Move6Figures, PeerFigures, rounded
from lab.scenarios.journey6 import Notes6
from lab.topology6 import CORRESPONDENTS, HOME_AGENT6, SECOND_HOME_AGENT6, Correspondent
from lab.traffic import WEB_PORT
from lab.world6 import World6

DEMANDED6 = 200_000
"""Bytes of new data that each stay must bring from each correspondent."""

FLIGHT = 100_000_000
"""A packet sent so many nanoseconds before an event may be lost by it."""

SETTLING = 100_000_000
"""So many nanoseconds after a direct path stands, the last packets have come that went through the home agent."""

PARTING = 1_000_000_000
"""So many nanoseconds after the laptop is home, no correspondent has a binding any more."""

AGENTS = (HOME_AGENT6, SECOND_HOME_AGENT6)
Flows = Mapping[str, tuple[Flow, Flow]]


class Measure6:
    """Judges one journey."""

    def __init__(self, world: World6, notes: Notes6, flows: Flows) -> None:
        self._world = world
        self._notes = notes
        self._flows = flows
        self._laptop = world.frames("laptop")
        self._news = world.news()
        self.connections: dict[str, Connection] = {
            one.name: connections.read6(world.frames(one.capture), one.address, WEB_PORT) for one in CORRESPONDENTS
        }

    def moves(self) -> list[Move6Figures]:
        """The figures of every move; arriving where it all began is none."""
        return [self.move(stay) for stay in self._notes.stays()[1:]]

    def binding(self, stay: Stay6) -> Binding6:
        """What happened between the laptop and its home agent in a stay."""
        return binding(stay, self._laptop, self._news, AGENTS)

    def move(self, stay: Stay6) -> Move6Figures:
        """The figures of one move."""
        found = self.binding(stay)
        before = next((one for one in reversed(self._notes.stays()) if one.plugged < stay.plugged), None)
        return Move6Figures(
            to=stay.network.name,
            attachment=stay.network.attachment,
            first=before is None or before.network.attachment == "home",
            address_ms=rounded(found.address_ms),
            own_ms=rounded(found.own_ms),
            binding_ms=rounded(found.binding_ms),
            registered_ms=rounded(found.registered_ms),
            updates=found.updates,
            peers=[self._peer(one, stay, found) for one in CORRESPONDENTS],
        )

    def _peer(self, one: Correspondent, stay: Stay6, bound: Binding6) -> PeerFigures:
        link = self._at(one, stay)
        way = direct.path(link, one.address)
        tested = self.routability(one, stay)
        lost, gap = self._disturbance(one, stay)
        door = between(self._world.frames("router-home"), stay.plugged, stay.end)
        return PeerFigures(
            name=one.name,
            path=_path(way, stay),
            tests_ms=rounded(elapsed(tested.begun, tested.tested)),
            direct_ms=rounded(elapsed(bound.acknowledgement, way.direct_since)),
            home_tests=tested.home_tests,
            care_of_tests=tested.care_of_tests,
            updates=tested.updates,
            status=tested.status,
            packets_lost=lost,
            gap_ms=round(gap, 3),
            hops_tunnelled=direct.hops_tunnelled(door, link, one.address),
            hops_direct=direct.hops_direct(link, one.address),
            bytes=self.connections[one.name].bytes_between(stay.plugged, stay.end),
        )

    def routability(self, one: Correspondent, stay: Stay6) -> Routability:
        """The tests with one correspondent in a stay."""
        return direct.routability(between(self._laptop, stay.plugged, stay.end), one.address)

    def _at(self, one: Correspondent, stay: Stay6) -> Sequence[Frame]:
        return between(self._world.frames(one.capture), stay.plugged, stay.end)

    def _disturbance(self, one: Correspondent, stay: Stay6) -> tuple[int, float]:
        """Packets lost both ways, and the longest silence in either, because of the move."""
        flows = self._flows[one.name]
        lost = sum(flow.lost(stay.unplugged - FLIGHT, stay.end - FLIGHT) for flow in flows)
        return lost, max(flow.longest_silence(stay.unplugged, stay.end) for flow in flows)

    def problems(self, lossless: bool) -> list[str]:
        """All that is not as it must be."""
        found = [f"{name}: {words}" for name, one in self.connections.items() for words in one.problems()]
        for stay in self._notes.stays():
            found += self._starving(stay) + self._wrong_paths(stay) + self._visible(stay)
        for move in self.moves():
            found += _of_move(move, lossless)
        return found

    def _starving(self, stay: Stay6) -> list[str]:
        sizes = {name: one.bytes_between(stay.plugged, stay.end) for name, one in self.connections.items()}
        return [
            f"only {size} bytes came from {name} in the {stay.network.name} network"
            for name, size in sizes.items()
            if size < DEMANDED6
        ]

    def _visible(self, stay: Stay6) -> list[str]:
        if stay.network.attachment == "home":
            return []
        frames = between(self._world.frames(f"network-{stay.network.name}"), stay.plugged, stay.end)
        return problems6(stay.network, frames)

    def _wrong_paths(self, stay: Stay6) -> list[str]:
        return [words for one in CORRESPONDENTS for words in self._wrong_path(one, stay)]

    def _wrong_path(self, one: Correspondent, stay: Stay6) -> list[str]:
        """Direct: both headers at the correspondent's link, and from then on not one packet at the home agent."""
        where = f"in the {stay.network.name} network"
        way = direct.path(self._at(one, stay), one.address)
        if stay.network.attachment == "home" or not one.able:
            ended = (self.binding(stay).acknowledgement or stay.plugged) + PARTING if one.able else 0
            late = [at for at in (*way.direct_out, *way.direct_in) if at > ended]
            return [f"{len(late)} packets of {one.name} went directly {where}"] if late else []
        if way.direct_since is None:
            return [f"packets of {one.name} did not go directly {where}"]
        start, end = way.direct_since + SETTLING, stay.end
        plain = [at for at in (*way.plain_out, *way.plain_in) if start <= at < end]
        found = [f"{len(plain)} packets of {one.name} came through the home agent {where}"] if plain else []
        for capture in ("router-home", "network-home"):
            count = direct.seen(between(self._world.frames(capture), start, end), one.address)
            found += [f"{count} packets of {one.name} were seen at {capture} {where}"] if count else []
        return found


def _path(way: Path, stay: Stay6) -> str:
    """Where the last packets went."""
    if stay.network.attachment == "home":
        return "plain" if max(way.plain_out, default=0) > max(way.direct_out, default=0) else "direct"
    last_direct = min(max(way.direct_out, default=0), max(way.direct_in, default=0))
    last_plain = max((*way.plain_out, *way.plain_in), default=0)
    return "direct" if last_direct > last_plain else "home-agent" if last_plain else "none"


def _of_move(move: Move6Figures, lossless: bool) -> list[str]:
    found = []
    if move.registered_ms is None:
        found.append(f"the move to {move.to} was not registered")
    if move.own_ms is None:
        found.append(f"the move to {move.to} shows no Binding Update after a usable address")
    if lossless and move.updates != 1:
        found.append(f"the move to {move.to} took {move.updates} Binding Updates to the home agent")
    return found
