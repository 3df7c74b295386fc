"""The icon does not flicker: while a handover takes less than a second it stays; what is broken shows at once."""

from __future__ import annotations

from client.core.status import State
from gui.view.notes import BUSY

HOLD = 1.0
"""Seconds that something busy must last before the icon says so."""


class Steadiness:
    """Says which icon is shown; every moment is in seconds of one clock that only goes on."""

    def __init__(self) -> None:
        self._shown = ""
        self._busy_since: float | None = None

    def icon(self, state: State, wanted: str, now: float) -> str:
        """The icon to show now for a state whose icon is `wanted`."""
        if state not in BUSY:
            self._busy_since = None
        elif self._busy_since is None:
            self._busy_since = now
        if self._busy_since is None or not self._shown or now >= self._busy_since + HOLD:
            self._shown = wanted
        return self._shown

    @property
    def deadline(self) -> float | None:
        """When to ask again though nothing changes; a moment in the past means nothing."""
        return None if self._busy_since is None else self._busy_since + HOLD
