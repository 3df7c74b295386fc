"""The one loop that runs every machine: in the daemons, the lab, the tests and the simulation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from client.core.machine import NEVER, Event, Machine, Output, Timeout
from client.core.plan import Plan


class World(Protocol):
    """What a driver needs around it: real (client/linux) or simulated (tests/simulation)."""

    def now(self) -> float:
        """Monotonic seconds, suspended time included."""

    def wake_at(self, deadline: float, wake: Callable[[], None]) -> None:
        """Call `wake` at `deadline` (NEVER: not at all), instead of at any time asked for before."""

    def perform(self, plan: Plan, outputs: Sequence[Output]) -> None:
        """Make the kernel hold `plan`, then send `outputs`; may go on in the background, in this order."""

    def remember(self, memory: bytes) -> None:
        """Store `memory` so that a restart finds it."""


class Driver:
    """Feeds a machine, and does what it says."""

    def __init__(self, machine: Machine, world: World, changed: Callable[[], None] = lambda: None) -> None:
        self._machine = machine
        self._world = world
        self._changed = changed
        self._memory = machine.memory()

    def feed(self, event: Event) -> None:
        """Hand the machine one event and do what it says."""
        outputs = self._machine.handle(event, self._world.now())
        self._store()
        self._world.perform(self._machine.plan(), outputs)
        self._arm()
        self._changed()

    def _store(self) -> None:
        memory = self._machine.memory()
        if memory != self._memory:
            self._memory = memory
            self._world.remember(memory)

    def _arm(self) -> None:
        self._world.wake_at(self._machine.deadline, self._wake)

    def _wake(self) -> None:
        deadline = self._machine.deadline
        if deadline is not NEVER and self._world.now() >= deadline:
            self.feed(Timeout())
        else:
            self._arm()
