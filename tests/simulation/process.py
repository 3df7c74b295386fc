"""A daemon: one machine on the real driver, in a simulated world."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Protocol

from client.core.arp import ArpPacket
from client.core.driver import Driver
from client.core.ipv4 import IPv4Packet
from client.core.machine import ArpHeard, Event, Heard, LinksChanged, Machine, Output, Send, SendArp
from client.core.plan import EMPTY, Plan
from tests.simulation.host import Host
from tests.simulation.journal import Journal
from tests.simulation.timeline import Timeline
from tests.simulation.wall import Clocks

NEVER = float("inf")
MOST_TIMEOUTS_AT_ONCE = 8
MOST_PLAN_ITEMS = 200


class Observer(Protocol):
    """Who watches a machine: the oracle."""

    def heard(self, process: Process, packet: IPv4Packet) -> None:
        """The machine is about to hear this."""

    def acted(self, process: Process, plan: Plan, outputs: Sequence[Output]) -> None:
        """The machine wants this, and sends that."""

    def started(self, process: Process) -> None:
        """The daemon starts, with the memory that it has."""


class Process:
    """The world (client.core.driver.World) of one machine, and the life of its daemon."""

    def __init__(
        self, host: Host, timeline: Timeline, clocks: Clocks, journal: Journal, build: Callable[[bytes], Machine]
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
        self._last_timeout = (-1.0, 0)

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
        for observer in self.observers:
            observer.started(self)
        self.machine = self._build(self.memory)
        self._driver = Driver(self.machine, self)
        self.host.hears = self._hear
        self.host.hears_arp = self._hear_arp
        self.links_changed()

    def kill(self) -> None:
        """The daemon is gone, and what it held in the kernel with it."""
        self._journal.note(f"{self.name} killed")
        self.machine = self._driver = None
        self.host.hears = self.host.hears_arp = None
        self.host.plan = EMPTY
        self._alarm += 1

    def links_changed(self) -> None:
        """Netlink tells the machine what the links are now."""
        self.feed(LinksChanged(self.host.links()))

    def feed(self, event: Event) -> None:
        """Hand the machine an event, if the daemon runs."""
        if self._driver is not None:
            self._driver.feed(event)

    def _hear(self, packet: IPv4Packet, index: int, source: bytes) -> None:
        for observer in self.observers:
            observer.heard(self, packet)
        self.feed(Heard(packet=packet, interface=index, link_layer_source=source))

    def _hear_arp(self, arp: ArpPacket, index: int, source: bytes, unicast: bool) -> None:
        self.feed(ArpHeard(arp=arp, interface=index, link_layer_source=source, unicast=unicast))

    # client.core.driver.World

    def now(self) -> float:
        """This host's monotonic clock."""
        return self.clocks.monotonic()

    def wake_at(self, deadline: float, wake: Callable[[], None]) -> None:
        """One timer, the latest asked for."""
        self._alarm += 1
        alarm = self._alarm
        self._journal.check("I15", not math.isnan(deadline), f"{self.name}: a deadline that is no number")
        if deadline < NEVER:
            self._timeline.at(self.clocks.to_virtual(deadline) + 1e-6, lambda: self._ring(alarm, wake))

    def _ring(self, alarm: int, wake: Callable[[], None]) -> None:
        if alarm != self._alarm or not self.running:
            return
        time, count = self._last_timeout
        count = count + 1 if self._timeline.now - time < 1e-4 else 1
        self._last_timeout = (self._timeline.now, count)
        self._journal.check("I15", count < MOST_TIMEOUTS_AT_ONCE, f"{self.name}: its deadline stays in the past")
        wake()

    def perform(self, plan: Plan, outputs: Sequence[Output]) -> None:
        """The plan stands, then the packets go."""
        self._journal.check("I15", len(plan) <= MOST_PLAN_ITEMS, f"{self.name}: a plan of {len(plan)} items")
        if plan != self.host.plan:
            self.host.adopt(plan)
            self._journal.note(f"{self.name} holds {len(plan)} items")
        for observer in self.observers:
            observer.acted(self, plan, outputs)
        for output in outputs:
            self._send(output)

    def _send(self, output: Output) -> None:
        if isinstance(output, SendArp):
            self._journal.note(f"{self.name} sends ARP {output.arp.sender_address} to {output.arp.target_address}")
            self.host.send_arp(output.interface, output.arp, output.link_layer_destination)
            return
        assert isinstance(output, Send), "this world has no IPv6"
        packet = output.packet
        self._journal.note(f"{self.name} sends {packet.source} > {packet.destination} {packet.payload.hex()[:64]}")
        if output.link_layer_destination is not None and output.interface is not None:
            self.host.send_frame(output.interface, output.link_layer_destination, packet.pack())
        else:
            self.host.send(packet, marked=output.signalling, out_of=output.interface)

    def remember(self, memory: bytes) -> None:
        """The disk."""
        self.memory = memory
