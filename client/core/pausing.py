"""A pause, and the farewell before it: the home agent gets a moment to confirm that nothing is bound any more."""

from __future__ import annotations

from dataclasses import dataclass

from client.core.machine import NEVER

FAREWELL = 2.0
"""Seconds to wait for the answer to a deregistration before a pause or the end."""


@dataclass(slots=True)
class Pausing:
    """No pause; or one until a time (NEVER: until Resume), perhaps with the farewell still going on."""

    until: float | None = None
    farewell_until: float | None = None

    @property
    def deadline(self) -> float:
        """When the farewell, or else the pause, is over."""
        if self.farewell_until is not None:
            return self.farewell_until
        return NEVER if self.until is None else self.until

    @property
    def in_force(self) -> bool:
        """Is nothing bound, or did nobody answer in time?"""
        return self.until is not None and self.farewell_until is None

    def begin(self, until: float, now: float, *, farewell: bool) -> None:
        """Pause, with or without somebody to say farewell to."""
        self.until = until
        self.farewell_until = now + FAREWELL if farewell else None

    def is_farewell_over(self, now: float) -> bool:
        """Has the home agent had its moment?"""
        return self.farewell_until is not None and now >= self.farewell_until

    def is_over(self, now: float) -> bool:
        """Is it time to go on?"""
        return self.in_force and now >= self.deadline
