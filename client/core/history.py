"""What happened: handovers by their phases, and a log of ids and parameters."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise

from client.core.machine import WallClock
from client.core.status import Handover, LogEntry, Phase, Place

LONGEST_LOG = 500
LONGEST_HISTORY = 100


def iso(unix_time: float) -> str:
    """A time as people and machines read it: ISO 8601, UTC, milliseconds."""
    return datetime.fromtimestamp(unix_time, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(slots=True)
class _Move:
    """A handover under way; the marks are machine times."""

    origin: str | None
    to: str
    place: Place
    index: int
    marks: dict[str, float] = field(default_factory=dict)
    requests_before: int = 0
    requests: int = 0

    def phases(self) -> list[Phase]:
        spans = pairwise(self.marks)
        return [Phase(name=end, ms=round((self.marks[end] - self.marks[start]) * 1000, 1)) for start, end in spans]

    @property
    def total_ms(self) -> float:
        times = list(self.marks.values())
        return round((times[-1] - times[0]) * 1000, 1)


class History:
    """Keeps the last handovers and log entries, in the order in which they happened."""

    def __init__(self, wall_clock: WallClock, family: str = "ipv4") -> None:
        self._family = family
        self._wall_clock = wall_clock
        self._left_at: float | None = None
        self._links_up: dict[int, float] = {}
        self._move: _Move | None = None
        self._last: str | None = None
        self.handovers: deque[Handover] = deque(maxlen=LONGEST_HISTORY)
        self.log: deque[LogEntry] = deque(maxlen=LONGEST_LOG)
        self.noted = 0  # entries ever, also those that the log has forgotten

    def note(self, event: str, **parameters: object) -> None:
        """Log an id with its parameters; words are made by whoever shows it."""
        texts = {name: str(value) for name, value in parameters.items()}
        if self._family != "ipv4":
            texts["family"] = self._family
        self.noted += 1
        self.log.append(LogEntry(at=iso(self._wall_clock()), id=event, parameters=texts))

    def link_up(self, index: int, now: float) -> None:
        """A link came up."""
        self._links_up[index] = now

    def left(self, now: float) -> None:
        """The former attachment is gone."""
        if self._left_at is None:
            self._left_at = now

    @property
    def under_way(self) -> bool:
        """Has a move begun that has not arrived?"""
        return self._move is not None

    def begin_anew(self) -> None:
        """After a pause: what links did meanwhile is no part of any handover."""
        self._left_at, self._move = None, None
        self._links_up.clear()

    def moving(self, to: str, place: Place, index: int, now: float, requests: int) -> None:
        """A new attachment is chosen; its registration begins, after so many requests ever."""
        link_up = self._links_up.get(index, now)  # of a link that was up all the time the move begins now
        left = self._left_at if self._left_at is not None else link_up
        found = "discovery" if place is not Place.CO_LOCATED else "address"
        marks = {"left": left, "link": max(left, link_up), found: now}
        self._move = _Move(self._last, to, place, index, marks, requests)
        self._left_at = None

    def registered(self, now: float, requests: int) -> None:
        """The home agent agreed to the new attachment, after so many requests ever."""
        if self._move and "registration" not in self._move.marks:
            self._move.marks["registration"] = now
            self._move.requests = requests - self._move.requests_before

    def arrived(self, now: float) -> None:
        """Data is proven to flow, or, at home, may flow."""
        move, self._move = self._move, None
        if move is None:
            return
        move.marks["data"] = now
        self._last = move.to
        self._links_up.pop(move.index, None)
        self.handovers.append(
            Handover(
                at=iso(self._wall_clock()),
                origin=move.origin,
                to=move.to,
                place=move.place,
                phases=move.phases(),
                total_ms=move.total_ms,
                requests=move.requests,
                family=self._family,
            )
        )
        self.note("arrived", to=move.to, ms=move.total_ms)
