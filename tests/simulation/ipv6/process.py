"""A daemon: one IPv6 machine on the real driver, in a simulated world."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Protocol

from client.core.driver import Driver
from client.core.machine import Correspondence, Event, Heard6, LinksChanged, Machine, Output, Send6
from client.core.plan import EMPTY, Plan
from tests.simulation.ipv6.host import Host
from tests.simulation.journal import Journal
from tests.simulation.timeline import Timeline
from tests.simulation.wall import Clocks

NEVER = float("inf")
MOST_TIMEOUTS_AT_ONCE = 12
MOST_PLAN_ITEMS = 200
COUNTING = 1.0
"""Seconds between two counts of the programs' packets."""


class Observer(Protocol):
    """Who watches a machine: the oracle."""

    def heard(self, process: Process, heard: Heard6) -> None:
        """The machine is about to hear this."""

    def acted(self, process: Process, plan: Plan, outputs: Sequence[Output]) -> None:
        """The machine wants this, and sends that."""


class Process:
    """The world (client.core.driver.World) of one machine, and the life of its daemon."""

    def __init__(
        self,
        host: Host,
        timeline: Timeline,
        clocks: Clocks,
        journal: Journal,
        build: Callable[[Process, bytes], Machine],
    ) -> None:
        self.host = host
        self.clocks = clocks
        self.memory = b""
        self.observers: list[Observer] = []
        self.machine: Machine | None = None
        self._timeline = timeline
        self._journal = journal
        self._build = build
        self._driver: Driver | None = None
        self._alarm = 0
        self.life = 0
        self._last_timeout = (-1.0, 0)
        host.links_changed = self.links_changed

    @property
    def name(self) -> str:
        """The host's name: a host runs one of our daemons."""
        return self.host.name

    @property
    def running(self) -> bool:
        """Is the daemon alive?"""
        return self._driver is not None

    def start(self) -> None:
        """Start the daemon: it finds its memory and hears of its links."""
        self._journal.note(f"{self.name} starts with {len(self.memory)} bytes of memory")
        self.life += 1
        self.machine = self._build(self, self.memory)
        self._driver = Driver(self.machine, self)
        self.host.hears = self._hear
        self.links_changed()
        self._count(self.life)

    def kill(self) -> None:
        """The daemon is gone, and what it held in the kernel with it."""
        self._journal.note(f"{self.name} killed")
        self.machine = self._driver = None
        self.host.hears = None
        self.host.plan = EMPTY
        self._alarm += 1
        self.life += 1

    def links_changed(self) -> None:
        """Netlink tells the machine what the links are now."""
        self.feed(LinksChanged(self.host.links()))

    def feed(self, event: Event) -> None:
        """Hand the machine an event, if the daemon runs."""
        if self._driver is not None:
            self._driver.feed(event)

    def _hear(self, heard: Heard6) -> None:
        for observer in self.observers:
            observer.heard(self, heard)
        self.feed(heard)

    def _count(self, life: int) -> None:
        if life != self.life:
            return
        packets, direct = dict(self.host.exchanged), dict(self.host.exchanged_directly)
        self.host.exchanged.clear()
        self.host.exchanged_directly.clear()
        if packets:
            self.feed(Correspondence(packets, direct))
        self._timeline.after(COUNTING, lambda: self._count(life))

    # client.core.driver.World

    def now(self) -> float:
        """This host's monotonic clock."""
        return self.clocks.monotonic()

    def wake_at(self, deadline: float, wake: Callable[[], None]) -> None:
        """One timer, the latest asked for."""
        self._alarm += 1
        alarm = self._alarm
        self._journal.check("deadline", not math.isnan(deadline), f"{self.name}: a deadline that is no number")
        if deadline < NEVER:
            self._timeline.at(self.clocks.to_virtual(deadline) + 1e-6, lambda: self._ring(alarm, wake))

    def _ring(self, alarm: int, wake: Callable[[], None]) -> None:
        if alarm != self._alarm or not self.running:
            return
        time, count = self._last_timeout
        count = count + 1 if self._timeline.now - time < 1e-4 else 1
        self._last_timeout = (self._timeline.now, count)
        self._journal.check("deadline", count < MOST_TIMEOUTS_AT_ONCE, f"{self.name}: its deadline stays in the past")
        wake()

    def perform(self, plan: Plan, outputs: Sequence[Output]) -> None:
        """The plan stands, then the packets go."""
        self._journal.check("deadline", len(plan) <= MOST_PLAN_ITEMS, f"{self.name}: a plan of {len(plan)} items")
        if plan != self.host.plan:
            self.host.plan = plan
            self._journal.note(f"{self.name} holds {len(plan)} items")
        for observer in self.observers:
            observer.acted(self, plan, outputs)
        for output in outputs:
            self._send(output)

    def _send(self, output: Output) -> None:
        assert isinstance(output, Send6), "this world has no IPv4"
        packet = output.packet
        self._journal.note(
            f"{self.name} sends {packet.source} > {packet.destination} {packet.next_header} {packet.payload.hex()[:56]}"
        )
        if output.link_layer_destination is not None and output.interface is not None:
            self.host.send_frame(output.interface, output.link_layer_destination, packet)
        else:
            self.host.send(packet, marked=output.signalling, out_of=output.interface)

    def remember(self, memory: bytes) -> None:
        """The disk."""
        self.memory = memory
