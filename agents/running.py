"""An agent at work: the machine on this machine's kernel, and what people may ask of it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from agents.home6.agents6 import Agents6
from agents.home6.prefixes import PrefixesChanged
from agents.inspection import AgentStatus, BindingStatus, VisitorStatus, inspect
from agents.mobility_agent import MobilityAgent
from agents.node_store import NodeStore
from agents.nodes import Nodes, NodesChanged
from agents.paths import MEMORY
from agents.router_checks import router_problems, router_problems6
from agents.settings import AgentSettings
from agents.site import site_of
from client.control.methods import Methods
from client.core.both import Both, memories
from client.core.driver import Driver
from client.core.errors import ProfileError
from client.core.machine import Machine, WallClock
from client.core.plan import EMPTY
from client.linux.ownership import MOBILITY_AGENT
from client.linux.world import LinuxWorld

_ROUTINE = frozenset({"accepted", "advertisements", "relayed", "repeated", "replies"})
"""Counters that tell of no trouble."""


class RunningAgent:
    """The machine, its driver and its world."""

    def __init__(
        self,
        settings: AgentSettings,
        state: Path,
        runtime: Path,
        wall_clock: WallClock,
        say: Callable[[str], None],
        reread: Callable[[], AgentSettings] | None = None,
    ) -> None:
        self.changed: Callable[[], None] = lambda: None
        self._settings = settings
        self._state = state
        self._say = say
        self._reread = reread if reread is not None else lambda: settings
        self._store = NodeStore(state)
        self._problems: tuple[str, ...] = ()
        self._seen: Counter[str] = Counter()
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._world = LinuxWorld(MOBILITY_AGENT, state / MEMORY, runtime, self._report)
        loaded = self._load()
        draw = random.SystemRandom().random
        memory4, memory6 = memories(self._world.memory())
        self.machine = MobilityAgent(settings, loaded, wall_clock, draw, memory4)
        self.machine6 = Agents6(settings, loaded, wall_clock, draw, memory6)
        self._driver = Driver(self._together(), self._world, self._look)
        self._started = False

    def _together(self) -> Machine:
        """Each family by itself, or both in one world."""
        if self._settings.home6 is None and self._settings.correspondent is None:
            return self.machine
        return Both(self.machine, self.machine6)

    async def start(self) -> None:
        """Begin to serve. Raises KernelError."""
        await self._world.start(self._driver)
        self._started = True
        for problem in self._router_problems():
            self._say(problem)

    async def stop(self) -> None:
        """Give everything back to the kernel."""
        if self._started:
            self._world.perform(EMPTY, ())
            await self._world.stop()

    def methods(self) -> Methods:
        """What the control socket offers beside `status`."""
        return {"bindings": self._bindings, "visitors": self._visitors, "site": self._site, "reload": self._reload}

    def status(self) -> AgentStatus:
        """The snapshot now."""
        problems = (*self._router_problems(), *self._problems)
        status = inspect(self.machine, self.machine6, self._world.now(), problems, self._world.dataplane)
        return msgspec.structs.replace(
            status, counters={**status.counters, **dict(sorted(self._world.counters.items()))}
        )

    def _router_problems(self) -> tuple[str, ...]:
        return (*router_problems(self._settings, MOBILITY_AGENT.anchor), *router_problems6(self._settings.home6))

    def _bindings(self, _: dict[str, Any]) -> list[BindingStatus]:
        return self.status().bindings

    def _visitors(self, _: dict[str, Any]) -> list[VisitorStatus]:
        return self.status().visitors

    def _site(self, _: dict[str, Any]) -> Any:
        return msgspec.to_builtins(site_of(self._settings, self._state, self.machine.memory()), enc_hook=str)

    def _reload(self, _: dict[str, Any]) -> dict[str, Any]:
        """Read the nodes again, and the prefixes of the home link: what a person changed there is live at once."""
        nodes = self._load()
        self._driver.feed(NodesChanged(nodes))
        self._renumber()
        return {"nodes": len(nodes), "problems": list(self._problems)}

    def _renumber(self) -> None:
        """The rest of the configuration waits for the next start."""
        before = self._settings.home6
        try:
            now = self._reread().home6
        except ProfileError as error:
            self._problems = (*self._problems, str(error))
            return
        if before is None or now is None or now.prefixes == before.prefixes:
            return
        self._settings = replace(self._settings, home6=replace(before, prefixes=now.prefixes))
        self._driver.feed(PrefixesChanged(now.prefixes))

    def _load(self) -> Nodes:
        loaded = self._store.load()
        self._problems = loaded.problems
        for problem in loaded.problems:
            self._say(problem)
        return loaded.nodes

    def _look(self) -> None:
        """Security exceptions are logged (RFC 5944 §3.8.2.1): by reason, never with a key or a place."""
        counters = self.machine.counters + self.machine6.counters
        for reason, count in counters.items():
            # A flood must not fill the disk: each doubling of a count is told.
            if reason not in _ROUTINE and count.bit_length() != self._seen[reason].bit_length():
                self._say(f"{reason}: {count} so far")
        if counters != self._seen:
            self._seen = counters
            self.changed()

    def _report(self, event: str, parameters: Mapping[str, str]) -> None:
        self._say(" ".join([event, *parameters.values()]))
