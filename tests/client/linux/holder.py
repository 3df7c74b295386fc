"""A process in a namespace with a real LinuxWorld, whose machine plans, remembers and says what a test tells it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

from pyroute2 import netns

from client.core.driver import Driver
from client.core.links import Links
from client.core.machine import NEVER, Command, Event, LinksChanged, Output, PlanRefused
from client.core.plan import EMPTY, Plan
from client.linux.dataplane.choice import VARIABLE
from client.linux.ownership import MOBILE_NODE, Owner
from client.linux.world import LinuxWorld
from tests.client.linux.capabilities import give_up
from tests.client.linux.namespaces import SPAWN, Namespace
from tests.client.linux.patience import PATIENCE

Some = TypeVar("Some", bound=Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Do(Command):
    """What a test tells the machine."""

    plan: Plan | None = None
    memory: bytes | None = None
    outputs: tuple[Output, ...] = ()


@dataclass
class Puppet:
    """The machine."""

    planned: Plan = EMPTY
    remembered: bytes = b""
    refused: tuple[str, ...] = ()
    events: list[tuple[float, Event]] = field(default_factory=list)
    deadline: float = NEVER

    def handle(self, event: Event, now: float) -> list[Output]:
        """Obey, or note the event."""
        match event:
            case Do():
                self.planned = self.planned if event.plan is None else event.plan
                self.remembered = self.remembered if event.memory is None else event.memory
                return list(event.outputs)
            case PlanRefused(reasons):
                self.refused = reasons
        self.events.append((now, event))
        return []

    def plan(self) -> Plan:
        """What it was told."""
        return self.planned

    def memory(self) -> bytes:
        """What it was told."""
        return self.remembered


class Holder:
    """The test's end of such a process."""

    def __init__(
        self,
        namespace: Namespace,
        runtime: Path,
        owner: Owner = MOBILE_NODE,
        state: Path | None = None,
        plane: str | None = None,
        forbidden: tuple[int, ...] = (),
    ) -> None:
        """`plane` is what MOBILENODE_DATAPLANE says; `forbidden` are capabilities that it does not have."""
        self._pipe, theirs = SPAWN.Pipe()
        arguments = (theirs, namespace.name, owner, state, runtime, plane, forbidden)
        self.process = SPAWN.Process(target=_hold, args=arguments, daemon=True)
        self.process.start()
        theirs.close()
        self.started: str = self._answer()

    def hold(self, plan: Plan) -> tuple[str, ...]:
        """Have the kernel hold a plan; returns what is refused."""
        return tuple(self._ask("do", Do(plan=plan)))

    def say(self, *outputs: Output) -> None:
        """Send packets."""
        self._ask("do", Do(outputs=outputs))

    def remember(self, memory: bytes, *outputs: Output) -> None:
        """Store memory, then send packets."""
        self._ask("do", Do(memory=memory, outputs=outputs))

    def refused(self) -> tuple[str, ...]:
        """What the kernel refuses now."""
        return tuple(self._ask("refused"))

    def heard(self, kind: type[Some]) -> list[Some]:
        """The events of one kind so far."""
        return [event for _, event in self.events() if isinstance(event, kind)]

    def events(self) -> list[tuple[float, Event]]:
        """All events so far, with their times."""
        events: list[tuple[float, Event]] = self._ask("events")
        return events

    def links(self) -> Links:
        """The newest links."""
        return self.heard(LinksChanged)[-1].links

    def counters(self) -> Counter[str]:
        """What the world counted."""
        counters: Counter[str] = self._ask("counters")
        return counters

    def plane(self) -> str:
        """Which data plane is in use."""
        plane: str = self._ask("plane")
        return plane

    def reports(self) -> list[tuple[str, dict[str, str]]]:
        """What the world reported."""
        reports: list[tuple[str, dict[str, str]]] = self._ask("reports")
        return reports

    def stop(self) -> None:
        """Let it give everything back and end."""
        self._ask("stop")
        self.process.join(10)

    def kill(self) -> None:
        """End it with no chance to do anything."""
        self.process.kill()
        self.process.join(10)

    def _ask(self, *request: object) -> Any:
        self._pipe.send(request)
        return self._answer()

    def _answer(self) -> Any:
        if not self._pipe.poll(20 * PATIENCE):
            raise TimeoutError("the holder does not answer")
        return self._pipe.recv()


def eventually(condition: Callable[[], object], seconds: float = 5.0) -> bool:
    """Whether a condition comes true in time."""
    end = time.monotonic() + seconds * PATIENCE
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return bool(condition())


def _hold(
    pipe: Connection,
    name: str,
    owner: Owner,
    state: Path | None,
    runtime: Path,
    plane: str | None,
    forbidden: tuple[int, ...],
) -> None:
    netns.setns(name)
    give_up(*forbidden)
    if plane is not None:
        os.environ[VARIABLE] = plane
    asyncio.run(_live(pipe, owner, state, runtime))


async def _live(pipe: Connection, owner: Owner, state: Path | None, runtime: Path) -> None:
    puppet = Puppet()
    reports: list[tuple[str, dict[str, str]]] = []
    world = LinuxWorld(owner, state, runtime, lambda id_, parameters: reports.append((id_, dict(parameters))))
    driver = Driver(puppet, world)
    try:
        await world.start(driver)
    except OSError as error:
        pipe.send(str(error))
        return
    asked: asyncio.Queue[tuple[Any, ...]] = asyncio.Queue()
    asyncio.get_running_loop().add_reader(pipe.fileno(), _read, pipe, asked)
    pipe.send("ready")
    while True:
        match await asked.get():
            case ("do", Do() as command):
                driver.feed(command)
                await asyncio.sleep(0.01)  # refusals are told after the event
                pipe.send(puppet.refused)
            case ("refused",):
                pipe.send(puppet.refused)
            case ("events",):
                pipe.send(puppet.events)
            case ("counters",):
                pipe.send(world.counters)
            case ("plane",):
                pipe.send(world.dataplane)
            case ("reports",):
                pipe.send(reports)
            case _:
                await world.stop()
                with contextlib.suppress(BrokenPipeError):
                    pipe.send("stopped")
                return


def _read(pipe: Connection, asked: asyncio.Queue[tuple[Any, ...]]) -> None:
    try:
        asked.put_nowait(pipe.recv())
    except EOFError:  # the test is gone: without this the loop would turn for ever
        asyncio.get_running_loop().remove_reader(pipe.fileno())
        asked.put_nowait(("stop",))
