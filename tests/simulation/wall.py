"""A host's two clocks: one that only runs on, and a time of day that is wrong, drifts and steps."""

from __future__ import annotations

from tests.simulation.timeline import Timeline

TRUE_START = 1_798_761_600.0
"""Virtual time 0 is 2027-01-01."""


class Clocks:
    """`boot`: the monotonic clock's value at virtual time 0, since every host booted at another time."""

    def __init__(self, timeline: Timeline, *, boot: float = 0.0, skew: float = 0.0, drift: float = 0.0) -> None:
        self._timeline = timeline
        self._boot = boot
        self.skew = skew
        self._drift = drift

    def monotonic(self) -> float:
        """Seconds since some moment of this host's own."""
        return self._timeline.now + self._boot

    def wall(self) -> float:
        """Seconds since 1970, as this host believes."""
        return TRUE_START + self._timeline.now * (1.0 + self._drift) + self.skew

    def reboot(self) -> None:
        """The monotonic clock begins anew."""
        self._boot = -self._timeline.now

    def to_virtual(self, monotonic: float) -> float:
        """When this clock shows that."""
        return monotonic - self._boot
