"""From a journey's notes and captures to figures and problems."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lab.analysis import connection as connections
from lab.analysis import secrecy
from lab.analysis.connection import Connection
from lab.analysis.frames import between
from lab.analysis.moves import Moments, Stay, moments
from lab.analysis.numbered import Flow
from lab.analysis.paths import outward
from lab.analysis.signalling import registrations
from lab.result import MoveFigures, ToggleFigures, rounded
from lab.scenarios.journey import Notes, Toggle
from lab.topology import NETWORKS
from lab.traffic import CORRESPONDENT_PORT_NUMBER, LAPTOP_PORT_NUMBER, WEB_PORT
from lab.world import World

DEMANDED = 1_000_000
"""Bytes of new data that each attachment must bring."""

FLIGHT = 100_000_000
"""A packet sent so many nanoseconds before an event may be lost by it."""

SETTLING = 50_000_000
"""After so many nanoseconds all packets go by the path that was switched to."""

Flows = tuple[Flow, Flow]


class Measure:
    """Judges one journey."""

    def __init__(self, world: World, notes: Notes, flows: Flows) -> None:
        self._world = world
        self._notes = notes
        self._flows = flows
        self._laptop = world.frames("laptop")
        self._news = world.news()
        self.connection: Connection = connections.read(world.frames("correspondent"), WEB_PORT)

    def moves(self) -> list[MoveFigures]:
        """The figures of every move; arriving where it all began is none."""
        return [self.move(stay) for stay in self._notes.stays()[1:]]

    def move(self, stay: Stay) -> MoveFigures:
        """The figures of one move."""
        found = self.moments(stay)
        gap, lost = self._disturbance(stay.unplugged)
        return MoveFigures(
            to=stay.network.name,
            attachment=stay.network.attachment,
            registered_ms=rounded(found.registered_ms),
            own_ms=rounded(found.own_ms),
            gap_ms=round(gap, 3),
            packets_lost=lost,
            requests=found.requests,
            address_ms=rounded(found.between(found.link_up, found.trigger)),
            bytes=self.connection.bytes_between(stay.plugged, stay.end),
        )

    def moments(self, stay: Stay) -> Moments:
        """What happened when in a stay."""
        first_command = min((toggle.asked for toggle in self._toggles_in(stay)), default=None)
        return moments(stay, self._laptop, self._news, first_command)

    def _toggles_in(self, stay: Stay) -> list[Toggle]:
        return [toggle for toggle in self._notes.toggles if stay.plugged <= toggle.asked < stay.end]

    def toggles(self) -> list[ToggleFigures]:
        """The figures of every switching of the reverse tunnel."""
        return [self._toggle(toggle) for toggle in self._notes.toggles]

    def _toggle(self, toggle: Toggle) -> ToggleFigures:
        end = self._next(toggle.asked)
        gap, lost = self._disturbance(toggle.asked)
        messages = registrations(between(self._laptop, toggle.asked, end))
        asked = [message.at for message in messages if message.is_request]
        answered = [message.at for message in messages if message.accepted]
        seen = outward(self._world.frames(f"router-{toggle.network}"), toggle.done + SETTLING, end)
        return ToggleFigures(
            to=toggle.to,
            attachment=NETWORKS[toggle.network].attachment,
            registered_ms=rounded((answered[0] - asked[0]) / 1e6) if asked and answered else None,
            gap_ms=round(gap, 3),
            packets_lost=lost,
            requests=len(asked),
            path=seen.path,
        )

    def _next(self, moment: int) -> int:
        return min((time for time in self._notes.boundaries() if time > moment), default=moment)

    def _disturbance(self, moment: int) -> tuple[float, int]:
        """The longest silence in either direction, and the packets lost in both, because of what happened then."""
        end = self._next(moment)
        lost = sum(flow.lost(moment - FLIGHT, end - FLIGHT) for flow in self._flows)
        return max(flow.longest_silence(moment, end) for flow in self._flows), lost

    def problems(self, lossless: bool) -> list[str]:
        """All that is not as it must be; moves and toggles are judged too."""
        found = self.connection.problems()
        found += self._starving() + self._visible() + self._wrong_sources()
        moves = self.moves()
        found += _unregistered(moves)
        if lossless:
            found += [f"the move to {move.to} took {move.requests} requests" for move in moves if move.requests != 1]
        return found + self._wrong_paths()

    def _starving(self) -> list[str]:
        stays = [(stay, self.connection.bytes_between(stay.plugged, stay.end)) for stay in self._notes.stays()]
        return [f"only {size} bytes came in the {stay.network.name} network" for stay, size in stays if size < DEMANDED]

    def _visible(self) -> list[str]:
        found = []
        for name in {stay.network.name for stay in self._notes.stays()} - {"home"}:
            frames = self._world.frames(f"network-{name}")
            found += secrecy.problems(NETWORKS[name], frames)
            if not secrecy.inbound(NETWORKS[name], frames):
                found.append(f"nothing came in as it should in the {name} network")
        return found

    def _wrong_sources(self) -> list[str]:
        ports = (WEB_PORT, CORRESPONDENT_PORT_NUMBER, LAPTOP_PORT_NUMBER)
        sources = connections.strange_sources(self._world.frames("correspondent"), ports)
        return [f"programs' packets came from {source}, not from the home address" for source in sorted(sources)]

    def _wrong_paths(self) -> list[str]:
        wanted = {"on": "reverse", "off": "triangle"}
        return [
            f"reverse tunnel {toggle.to}: the router saw '{toggle.path}'"
            for toggle in self.toggles()
            if toggle.path != wanted[toggle.to]
        ]


def _unregistered(moves: Sequence[MoveFigures]) -> list[str]:
    missing: list[tuple[str, Callable[[MoveFigures], object]]] = [
        ("was not registered", lambda move: move.registered_ms),
        ("shows no packet by the new path", lambda move: move.own_ms),
    ]
    return [f"the move to {move.to} {words}" for move in moves for words, get in missing if get(move) is None]
