"""Virtual time: what happens when, in one order for one seed."""

from __future__ import annotations

import heapq
from collections.abc import Callable


class Timeline:
    """A heap of things to come; equal times keep the order in which they were asked for."""

    def __init__(self) -> None:
        self.now = 0.0
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def at(self, time: float, action: Callable[[], None]) -> None:
        """Do this at `time`, or now if that has passed."""
        self._count += 1
        heapq.heappush(self._heap, (max(time, self.now), self._count, action))

    def after(self, delay: float, action: Callable[[], None]) -> None:
        """Do this in `delay` seconds."""
        self.at(self.now + delay, action)

    def step(self) -> bool:
        """Do the next thing; False if there is none."""
        if not self._heap:
            return False
        self.now, _, action = heapq.heappop(self._heap)
        action()
        return True

    def run_until(self, time: float, enough: Callable[[], bool] = lambda: False) -> None:
        """Do all that comes up to `time`, or until it is enough."""
        while self._heap and self._heap[0][0] <= time and not enough():
            self.step()
        if not enough():
            self.now = max(self.now, time)
