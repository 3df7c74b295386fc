"""A mobile node at work: one profile's machine on the kernel, from start to farewell."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import msgspec

from client.core.commands import Leave, Pause
from client.core.driver import Driver
from client.core.history import iso
from client.core.machine import NEVER, Command, WallClock
from client.core.plan import EMPTY
from client.core.profile import Profile
from client.core.status import Handover, LogEntry, Status
from client.core.traffic import Totals
from client.daemon.machines import Families, Machines
from client.daemon.status import headline, report
from client.linux.world import LinuxWorld

POLL = 0.5
"""Seconds: proof grows old without an event, so the headline is looked at this often while it may change."""


class RunningNode:
    """The machine, its driver and its world, with the status that they make together."""

    def __init__(
        self,
        profile: Profile,
        families: Families,
        world: LinuxWorld,
        wall_clock: WallClock,
        changed: Callable[[], None],
        announce: Callable[[LogEntry], None],
    ) -> None:
        self._wall_clock = wall_clock
        self._world = world
        self._changed = changed
        self._announce = announce
        self._profile = profile
        self._announced: dict[int, int] = {}  # log entries by the history's place
        self._headline: object = None
        self._since = wall_clock()
        self.parted = asyncio.Event()  # set while nothing is bound, on purpose
        self._watch: asyncio.Task[None] | None = None
        self.machines = Machines(families, wall_clock, random.SystemRandom().random, world.memory())
        self._machine = self.machines.machine
        self.driver = Driver(self._machine, world, self._look)

    async def start(self) -> None:
        """Begin: from now on the kernel holds what the machine plans."""
        await self._world.start(self.driver)
        self._watch = asyncio.create_task(self._keep_looking())

    def begin_paused(self, seconds: float | None) -> None:
        """Start in a pause that a person asked for before: for so long, or with None until it is resumed."""
        now = self._world.now()
        self._machine.handle(Pause(None if seconds is None else now + seconds), now)

    async def stop(self) -> None:
        """Deregister if away, then give everything back to the kernel."""
        if self._watch:
            self._watch.cancel()
        self.obey(Leave())
        await self.parted.wait()  # bounded: the machine gives up by itself
        self._world.perform(EMPTY, ())
        await self._world.stop()

    def obey(self, command: Command) -> None:
        """Do what a person asks."""
        self.driver.feed(command)

    def now(self) -> float:
        """The machine's time."""
        return self._world.now()

    def traffic(self) -> Totals:
        """How much has come and gone by the path in force."""
        seen = self._world.traffic()
        return Totals(
            sent=seen.sent, received=seen.received, sent_bytes=seen.sent_bytes, received_bytes=seen.received_bytes
        )

    def binding_ends(self) -> float | None:
        """When the home agent will forget us by itself, in seconds since 1970; None if nothing is bound."""
        ends = self.machines.binding_ends
        return None if ends == NEVER else self._wall_clock() + ends - self.now()

    @property
    def handovers(self) -> list[Handover]:
        """Those of both families, the oldest first."""
        histories = self.machines.histories
        return sorted((one for history in histories for one in history.handovers), key=lambda one: one.at)

    @property
    def events(self) -> list[LogEntry]:
        """What happened in both families, the oldest first."""
        return sorted((one for history in self.machines.histories for one in history.log), key=lambda one: one.at)

    def _look(self) -> None:
        seen = headline(self.machines, self._profile, self._world.now())
        if seen != self._headline:
            self._headline, self._since = seen, self._wall_clock()
        if self.machines.left:
            self.parted.set()
        else:
            self.parted.clear()
        self._tell()
        self._changed()

    def _tell(self) -> None:
        for place, history in enumerate(self.machines.histories):
            fresh = min(history.noted - self._announced.get(place, 0), len(history.log))
            self._announced[place] = history.noted
            for entry in list(history.log)[len(history.log) - fresh :]:
                self._announce(entry)

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(POLL)
            if headline(self.machines, self._profile, self._world.now()) != self._headline:
                self._look()

    def status(self) -> Status:
        """The snapshot now."""
        status = report(self.machines, self._profile, self._world.now(), self._wall_clock(), self._world.counters)
        return msgspec.structs.replace(status, since=iso(self._since), dataplane=self._world.dataplane)
