"""Which notifications there are: only for what a person must know, and nothing twice.

A fault is told once it has lasted for as long as it may mend itself, is taken back when it is over, and its end is told
only if it was told itself. What was asked for and refused is told at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from client.core.status import Setting, State, Status
from gui.view import phrases
from gui.view.headline import CARRIES, headline
from gui.view.model import Lost, Note, Translate, Withdrawal

PATIENCE: Mapping[State, float] = {
    State.REFUSED: 0.0,
    State.ONE_WAY: 0.0,
    State.PORTAL: 0.0,
    State.STALLED: 20.0,
    State.NO_ANSWER: 30.0,
}
"""Seconds that a fault lasts before it is told."""

BUSY = frozenset({State.CONNECTING, State.CHECKING})
"""On the way from one fault to the next, or out of it: these neither end a fault nor begin one."""

BETWEEN = 60.0
"""Seconds from one of them to the next at least."""

FAULT = "fault"
"""Their id: each takes the place of the one before."""


@dataclass(frozen=True, slots=True)
class _Fault:
    what: tuple[str, ...]  # the state, and what makes it another one: a code, a network
    since: float
    told: bool = False


class Notes:
    """Follows the status; every moment is in seconds of one clock that only goes on."""

    def __init__(self) -> None:
        self._status: Status | None = None
        self._fault: _Fault | None = None
        self._down_since: float | None = None
        self._told: set[tuple[str, ...]] = set()  # since it worked last
        self._last = -BETWEEN
        self._shown = False

    @property
    def deadline(self) -> float | None:
        """When to look again though nothing changes."""
        fault = self._fault
        if fault is None or fault.told:
            return None
        return max(fault.since + PATIENCE[State(fault.what[0])], self._last + BETWEEN)

    def follow(self, status: Status | Lost, now: float, translate: Translate) -> list[Note | Withdrawal]:
        """What is to be shown or taken back now."""
        if isinstance(status, Lost):
            self._status = None
            return self._over()
        before, self._status = self._status, status
        found: list[Note | Withdrawal] = list(_refused(before, status, translate))
        if status.state in CARRIES:
            return found + self._works(now, translate)
        if status.state in BUSY:
            return found
        return found + (self._failing(status, now, translate) if status.state in PATIENCE else self._over())

    def _works(self, now: float, translate: Translate) -> list[Note | Withdrawal]:
        down, shown = self._down_since, self._shown
        over = self._over()
        self._told.clear()
        if not shown or down is None or now < self._last + BETWEEN:
            return over
        self._last = now
        seconds = translate("It was down for %n second(s).", int(now - down))
        return [Note(id=FAULT, title=translate("Working again"), text=seconds)]

    def _over(self) -> list[Note | Withdrawal]:
        """Not a fault any more, or none that a notification could tell."""
        shown, self._shown = self._shown, False
        self._fault = self._down_since = None
        return [Withdrawal(id=FAULT)] if shown else []

    def _failing(self, status: Status, now: float, translate: Translate) -> list[Note | Withdrawal]:
        what = _what(status)
        if self._down_since is None:
            self._down_since = now
        if self._fault is None or self._fault.what != what:
            self._fault = _Fault(what, now, told=what in self._told)
        due = self.deadline
        if due is None or now < due:
            return []
        self._fault = _Fault(what, self._fault.since, told=True)
        self._told.add(what)
        self._last, self._shown = now, True
        told = headline(status, 0.0, translate)
        text = " ".join(part for part in (told.sentence, told.advice) if part)
        return [Note(id=FAULT, title=told.title, text=text, action=told.fix)]


def _what(status: Status) -> tuple[str, ...]:
    """Another code, another network to sign in to, are other faults."""
    if status.state is State.REFUSED:
        return (status.state.value, status.reason or "")
    if status.state in (State.PORTAL, State.ONE_WAY) and status.network:
        return (status.state.value, status.network.name or status.network.interface)
    return (status.state.value,)


def _refused(before: Status | None, status: Status, translate: Translate) -> Iterator[Note]:
    """A switch that somebody turned, and that went back (UX: the tick comes back with the reason)."""
    names = {
        "reverse_tunnel": translate("Reverse tunnel"),
        "direct_paths": translate("Direct paths (IPv6)"),
        "broadcasts": translate("Receive home broadcasts"),
    }
    for key, name in names.items():
        was, now = (each.settings.get(key) if each else None for each in (before, status))
        if was and now and was.pending and _went_back(now):
            connected = translate("You are still connected.") if status.state in CARRIES else ""
            why = translate("Not granted: {reason}.").format(reason=phrases.reason(now.why, translate))
            yield Note(id=f"switch-{key}", title=name, text=f"{why} {connected}".strip())


def _went_back(setting: Setting) -> bool:
    return not setting.pending and setting.why is not None and setting.wanted not in ("auto", setting.applied)
