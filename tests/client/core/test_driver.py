"""The loop that runs every machine: the order of what it does, and its timer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from client.core.driver import Driver
from client.core.ipv4 import IPv4Packet
from client.core.links import Links
from client.core.machine import NEVER, Event, LinksChanged, Output, Send, Timeout
from client.core.plan import EMPTY, Plan, QuietArp

PACKET = IPv4Packet(source=IPv4Address("192.0.2.1"), destination=IPv4Address("192.0.2.2"), protocol=17, payload=b"")
HELLO = Send(packet=PACKET)


@dataclass
class Ticker:
    """A machine that says hello and wants to be woken a second after each event that it takes."""

    deadline: float = NEVER
    taken: list[Event] = field(default_factory=list)
    remembers: bytes = b""

    def handle(self, event: Event, now: float) -> list[Output]:
        """Take note."""
        self.taken.append(event)
        self.remembers = str(len(self.taken)).encode()
        self.deadline = now + 1
        return [HELLO]

    def plan(self) -> Plan:
        """One item per event."""
        return tuple(QuietArp(index) for index in range(len(self.taken)))

    def memory(self) -> bytes:
        """How many events there were."""
        return self.remembers


@dataclass
class Diary:
    """A world that writes down all that is asked of it."""

    time: float = 0.0
    entries: list[object] = field(default_factory=list)
    alarm: tuple[float, Callable[[], None]] = (NEVER, lambda: None)

    def now(self) -> float:
        """What the test set."""
        return self.time

    def wake_at(self, deadline: float, wake: Callable[[], None]) -> None:
        """The last one holds."""
        self.alarm = (deadline, wake)

    def perform(self, plan: Plan, outputs: Sequence[Output]) -> None:
        """Note it."""
        self.entries.append((plan, list(outputs)))

    def remember(self, memory: bytes) -> None:
        """Note it."""
        self.entries.append(memory)


def test_memory_is_stored_before_the_plan_and_the_packets() -> None:
    machine, world = Ticker(), Diary()
    Driver(machine, world).feed(LinksChanged(Links()))
    assert world.entries == [b"1", ((QuietArp(0),), [HELLO])]


def test_memory_that_did_not_change_is_not_stored_again() -> None:
    machine, world = Ticker(remembers=b"1"), Diary()
    Driver(machine, world).feed(Timeout())
    assert world.entries == [((QuietArp(0),), [HELLO])]


def test_deadline_is_read_after_each_event() -> None:
    machine, world = Ticker(), Diary(time=5.0)
    Driver(machine, world).feed(LinksChanged(Links()))
    assert world.alarm[0] == 6.0


def test_timeout_is_fed_when_the_deadline_has_come() -> None:
    machine, world = Ticker(), Diary()
    Driver(machine, world).feed(LinksChanged(Links()))
    world.time = 1.0
    world.alarm[1]()
    assert machine.taken == [LinksChanged(Links()), Timeout()]
    assert world.alarm[0] == 2.0


def test_timer_that_rings_too_early_is_set_again_and_feeds_nothing() -> None:
    machine, world = Ticker(), Diary()
    Driver(machine, world).feed(LinksChanged(Links()))
    _, wake = world.alarm
    world.alarm = (NEVER, lambda: None)
    world.time = 0.9
    wake()
    assert machine.taken == [LinksChanged(Links())]
    assert world.alarm[0] == 1.0


def test_those_who_watch_hear_of_a_change_after_it_is_made() -> None:
    machine, world = Ticker(), Diary()
    Driver(machine, world, changed=lambda: world.entries.append("changed")).feed(Timeout())
    assert world.entries[-1] == "changed"
    assert len(world.entries) == 3


def test_machine_that_was_never_fed_has_changed_nothing() -> None:
    world = Diary()
    machine = Ticker()
    Driver(machine, world)
    assert (world.entries, machine.plan()) == ([], EMPTY)
