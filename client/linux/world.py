"""The real world around a driver: this machine's kernel, sockets, clock and disk.

    world = LinuxWorld(MOBILE_NODE, state_file=Path("/var/lib/mobilenode/v4"),
                       runtime_directory=Path("/run/mobilenode"), reports=log)
    machine = MobileNode(..., memory=world.memory())     # b"" when nothing was ever stored
    driver = Driver(machine, world, changed=publish)
    await world.start(driver)                            # from here on the machine hears and acts
    ...
    await world.stop()                                   # the kernel is as it was before

Raises KernelError at `start` (or from `client.linux.preflight.check`) with one sentence for people.
`driver.feed(command)` may be called at any time after `start`, from the event loop's thread. All that
the kernel is asked for happens inside `perform`: when it returns the plan stands (or is refused, which
the machine hears as `PlanRefused`), and the outputs are on the wire unless a `remember` before them still
waits for the disk; they follow then, in order.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias

from client.core.driver import Driver
from client.core.ipv6 import NextHeader
from client.core.links import Links
from client.core.machine import NEVER, Correspondence, Heard6, LinksChanged, Output, PlanRefused, Traffic
from client.core.plan import EMPTY, Plan
from client.linux import packet_filter, preflight, state_file
from client.linux.dataplane.choice import plane_choice
from client.linux.dataplane.tun import TunPlane
from client.linux.durable_memory import DurableMemory
from client.linux.ears import Ears
from client.linux.equipment import Equipment
from client.linux.ownership import Owner

Reports: TypeAlias = Callable[[str, Mapping[str, str]], None]
"""Takes what happened: an id and its parameters, as a `LogEntry` has them."""

_LONGEST_SLEEP = 5.0  # timers stand still while the machine is suspended: look at the clock at least so often
_MEASURE_EVERY, _MEASURE_FLOW_EVERY = 1.0, 0.25  # a flow that stops must be seen in time to help it (PathSearch)
_RETRY_REFUSED = 2.0
_AUDIT_DELAY = 0.02  # a link that goes down takes routes of ours along, and an address may follow at once


class LinuxWorld:
    """Implements client.core.driver.World."""

    def __init__(self, owner: Owner, state_file: Path | None, runtime_directory: Path, reports: Reports) -> None:
        self._owner = owner
        self._state_file = state_file
        self._runtime_directory = runtime_directory
        self._reports = reports
        self._memory = DurableMemory(state_file, self._memory_failed)
        self._plan: Plan = EMPTY
        self._refused: tuple[str, ...] = ()
        self._esp: tuple[int, int] | None = None  # under which SPIs we hear it
        self._timer: asyncio.TimerHandle | None = None
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._links: Links | None = None
        self._traffic = Traffic(sent=0, received=0)
        self._corresponds = False  # it must be known soon whom programs begin to talk to
        self._counters: Counter[str] = Counter()
        self._counts: Callable[[], Mapping[str, int]] = dict  # of the BPF programs
        self.dataplane = TunPlane.name

    @property
    def counters(self) -> Counter[str]:
        """What was carried, refused and dropped, by either plane and by all else of ours."""
        return Counter({**self._counters, **self._counts()})

    def memory(self) -> bytes:
        """What the machine's predecessor remembered; b"" for nothing."""
        return b"" if self._state_file is None else state_file.load(self._state_file)

    def now(self) -> float:
        """Monotonic seconds, suspended time included."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def wake_at(self, deadline: float, wake: Callable[[], None]) -> None:
        """Call `wake` at `deadline`, or earlier: it looks at the clock itself."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if deadline != NEVER:
            delay = min(max(0.0, deadline - self.now()), _LONGEST_SLEEP)
            self._timer = asyncio.get_running_loop().call_later(delay, wake)

    def perform(self, plan: Plan, outputs: Sequence[Output]) -> None:
        """Make the kernel hold `plan`, then send `outputs`."""
        if plan is not self._plan and plan != self._plan:
            self._plan = plan
            self._apply()
        if outputs:
            self._memory.afterwards(partial(self._speak, tuple(outputs)))

    def remember(self, memory: bytes) -> None:
        """Store `memory`; outputs performed from now on wait for the disk."""
        self._memory.remember(memory)

    async def start(self, driver: Driver) -> None:
        """Remove what a crashed daemon left, then let the machine hear. Raises KernelError or ProfileError."""
        preflight.check()
        self._runtime_directory.mkdir(parents=True, exist_ok=True)
        self._driver = driver
        choice = plane_choice()
        self._equipment = Equipment(self._owner, self._runtime_directory, self._counters, self.now, choice)
        self.dataplane, self._counts = self._equipment.plane.name, self._equipment.counts
        if self._equipment.refusal is not None:
            self._reports("dataplane-fallback", {"reason": self._equipment.refusal})
        self._listen()
        self._show_links()
        self._measure()

    def traffic(self) -> Traffic:
        """What programs sent and received so far."""
        return self._equipment.meter.measure()

    async def stop(self) -> None:
        """Leave nothing of ours in the kernel, and everything of others as it was."""
        self.wake_at(NEVER, lambda: None)
        for timer in self._timers.values():
            timer.cancel()
        self._deafen()
        await self._memory.finish()
        for reason in self._equipment.reconciler.close():
            self._reports("cleanup-refused", {"reason": reason})
        last = self._counts()
        self._counts = lambda: last
        self._equipment.close()

    def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        equipment = self._equipment
        ears = Ears(self._owner, self._counters, equipment.meter, self._driver.feed, equipment.plane.tunnel_error)
        equipment.plane.read_first(partial(self._read_requests, ears))
        equipment.plane.tell(self._driver.feed)
        loop.add_reader(equipment.packets, ears.signalling, equipment.packets)
        loop.add_reader(equipment.packets6, ears.signalling6, equipment.packets6)
        loop.add_reader(equipment.arp, ears.arp, equipment.arp)
        loop.add_reader(equipment.monitor, self._kernel_spoke)

    def _read_requests(self, ears: Ears) -> None:
        ears.signalling(self._equipment.packets)
        ears.signalling6(self._equipment.packets6)

    def _deafen(self) -> None:
        loop = asyncio.get_running_loop()
        equipment = self._equipment
        for source in (equipment.packets, equipment.packets6, equipment.arp, equipment.monitor):
            loop.remove_reader(source)

    def _kernel_spoke(self) -> None:
        """Netlink has events. The machine hears first: a move waits for it, and for nothing else."""
        monitor = self._equipment.monitor
        monitor.receive()
        self._show_links()
        self._equipment.follow_links()  # to attach a program takes milliseconds, and nothing waits for it yet
        if monitor.audit_due and "audit" not in self._timers:
            self._later("audit", _AUDIT_DELAY, self._audit)

    def _audit(self) -> None:
        """Put back what we lost. All is read for that, which takes milliseconds that a move has not got."""
        del self._timers["audit"]
        monitor, reconciler = self._equipment.monitor, self._equipment.reconciler
        lost = reconciler.audit(by_others=monitor.taken_by_others)
        monitor.audit_due = monitor.taken_by_others = False
        if lost:
            self._apply()

    def _show_links(self) -> None:
        links = self._equipment.monitor.links()
        if links == self._links:
            return
        known = {link.index for link in self._links.links} if self._links else set()
        self._links = links
        for link in links.links:
            if link.index not in known:
                self._equipment.packets.join(link.index)
        self._driver.feed(LinksChanged(links))

    def _apply(self) -> None:
        refused = self._equipment.reconciler.apply(self._plan)
        kernel, plane = self._equipment.kernel, self._equipment.plane
        if plane.has_correspondents and not self._corresponds:
            self._later("measure", _MEASURE_FLOW_EVERY, self._measure)
        self._corresponds = plane.has_correspondents
        self._hear_esp(kernel.esp_heard)
        plane.hear_strays(self._stray if kernel.leaves_mobility_to_us else None)
        anchor = kernel.anchor
        self._equipment.meter.follow(self._plan, None if anchor is None else anchor.index)
        if refused != self._refused:
            self._refused = refused
            self._reports("plan-refused" if refused else "plan-stands", {"reasons": "; ".join(refused)})
            # Not at once: the machine is in the middle of an event.
            asyncio.get_running_loop().call_soon(self._driver.feed, PlanRefused(refused))
        if refused:
            self._later("retry", _RETRY_REFUSED, self._apply)

    def _hear_esp(self, spis: tuple[int, int] | None) -> None:
        if spis != self._esp:
            self._esp = spis
            self._equipment.packets6.hear(packet_filter.signalling6(spis))

    def _stray(self, heard: Heard6) -> None:
        if self._esp is None or heard.packet.next_header != NextHeader.ESP:  # the ears hear that already
            self._driver.feed(heard)

    def _measure(self) -> None:
        traffic = self._equipment.meter.measure()
        flows = traffic != self._traffic
        if flows:
            self._traffic = traffic
            self._driver.feed(traffic)
        if self._corresponds:
            self._tell_correspondence(self._equipment.plane.correspondence())
        often = flows or self._corresponds
        self._later("measure", _MEASURE_FLOW_EVERY if often else _MEASURE_EVERY, self._measure)

    def _tell_correspondence(self, correspondence: Correspondence) -> None:
        if correspondence.packets:
            self._driver.feed(correspondence)

    def _later(self, name: str, delay: float, do: Callable[[], None]) -> None:
        if name in self._timers:
            self._timers[name].cancel()
        self._timers[name] = asyncio.get_running_loop().call_later(delay, do)

    def _speak(self, outputs: tuple[Output, ...]) -> None:
        for output in outputs:
            self._equipment.voice.speak(output)

    def _memory_failed(self, error: OSError) -> None:
        self._counters["memory_not_stored"] += 1
        self._reports("memory-not-stored", {"reason": error.strerror or str(error)})
