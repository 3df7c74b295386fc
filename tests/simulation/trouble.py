"""Makes the faults of a plot happen, at random moments, until it is told to stop."""

from __future__ import annotations

from collections.abc import Callable

from client.core.machine import Command, PlanRefused, Timeout
from tests.simulation.chance import Chance
from tests.simulation.faults import Fault, Plot
from tests.simulation.journal import Journal
from tests.simulation.lan import Impairment, Lan
from tests.simulation.laptop import Laptop
from tests.simulation.process import Process
from tests.simulation.timeline import Timeline
from tests.simulation.topology import PLACES

MEAN_PAUSE = 30.0
IMPAIRED = 0.5
STEPS = (-7200.0, -30.0, -5.0, -0.5, 0.5, 5.0, 30.0, 7200.0)
HOME_STEPS = (-5.0, -0.5, 0.5, 5.0, 30.0, 7200.0)
"""Never far back: the home agent must not take timestamps below an accepted one (RFC 5944 §5.7.1), however long."""


class Trouble:
    """One chain of moments for each fault."""

    def __init__(
        self,
        plot: Plot,
        processes: dict[str, Process],
        laptop: Laptop,
        lans: dict[str, Lan],
        timeline: Timeline,
        chance: Chance,
        journal: Journal,
        toggle: Callable[[bool], Command],
        forget_mappings: Callable[[], None],
    ) -> None:
        self._plot = plot
        self._processes = processes
        self._laptop = laptop
        self._lans = lans
        self._timeline = timeline
        self._chance = chance
        self._journal = journal
        self._toggle = toggle
        self._forget_mappings = forget_mappings
        self._active = True
        self._agents = [name for name in processes if name.startswith("agent")]
        for lan in lans.values():
            self._impair(lan)
        for fault, strike in self._strikes():
            if plot.has(fault):
                self._repeat(fault, strike)

    def _strikes(self) -> list[tuple[Fault, Callable[[], bool]]]:
        return [
            (Fault.PARTITION, self._partition),
            (Fault.HOME_AGENT_RESTART, lambda: self._restart("home")),
            (Fault.HOME_AGENT_AMNESIA, lambda: self._restart("home", forgets=True)),
            (Fault.FOREIGN_AGENT_REBOOT, lambda: self._restart(self._chance.pick(self._agents), forgets=True)),
            (Fault.CRASH, lambda: self._restart("mobile")),
            (Fault.REBOOT, lambda: self._restart("mobile", reboots=True)),
            (Fault.MOBILE_CLOCK_STEP, lambda: self._step("mobile", STEPS)),
            (Fault.HOME_CLOCK_STEP, lambda: self._step("home", HOME_STEPS)),
            (Fault.LEASE_CHANGE, self._laptop.change_lease),
            (Fault.FLAP, self._laptop.flap),
            (Fault.NAT_FORGETS, self._lose_mappings),
            (Fault.TOGGLE, self._toggle_reverse_tunnel),
            (Fault.EARLY_TIMEOUT, self._disturb),
            (Fault.KERNEL_REFUSES, self._refuse),
        ]

    def _repeat(self, fault: Fault, strike: Callable[[], bool]) -> None:
        def again() -> None:
            if self._active:
                state = self._journal.state()
                self._journal.note(f"fault: {fault.value}")
                if strike():
                    self._journal.fault(fault.value, state)
                self._repeat(fault, strike)

        self._timeline.after(self._chance.wait(MEAN_PAUSE), again)

    def stop(self) -> None:
        """Faults end: links are clean, and whoever was down comes back by itself."""
        self._active = False
        for lan in self._lans.values():
            lan.impairment = Impairment()

    def _impair(self, lan: Lan) -> None:
        chance, has = self._chance, self._plot.has
        if not chance.happens(IMPAIRED):
            return
        # Of the links that every path crosses, the loss is limited: it multiplies, and handovers must still complete.
        loss = self._plot.loss if lan.name in PLACES and lan.name != "home" else min(self._plot.loss, 0.2)
        lan.impairment = Impairment(
            delay=chance.between(0.0005, 0.08),
            jitter=self._plot.jitter if has(Fault.JITTER) else 0.0,
            loss=loss if has(Fault.LOSS) else 0.0,
            duplication=0.2 if has(Fault.DUPLICATION) else 0.0,
            reordering=0.1 if has(Fault.REORDERING) else 0.0,
            corruption=0.1 if has(Fault.CORRUPTION) else 0.0,
        )

    def _disturb(self) -> bool:
        self._processes[self._chance.pick(list(self._processes))].feed(Timeout())
        return True

    def _partition(self) -> bool:
        """Counts for each frame that it swallows, and so not here."""
        lan = self._lans[self._chance.pick(list(self._lans))]
        if self._laptop.place is not None and self._chance.happens(0.6):
            lan = self._lans[self._laptop.place]
        victim = self._chance.pick([port.owner for port in lan.ports])
        if self._chance.happens(0.5):
            lan.impairment.mute = victim
        else:
            lan.impairment.deaf = victim
        self._timeline.after(self._chance.between(1.0, 15.0), lambda: self._mend(lan))
        return False

    @staticmethod
    def _mend(lan: Lan) -> None:
        lan.impairment.mute = lan.impairment.deaf = None

    def _restart(self, name: str, *, forgets: bool = False, reboots: bool = False) -> bool:
        process = self._processes[name]
        if not process.running:
            return False
        process.kill()
        if forgets:
            process.memory = b""
        self._timeline.after(self._chance.between(1.05, 4.0), lambda: self._start(process, reboots=reboots))
        return True

    @staticmethod
    def _start(process: Process, *, reboots: bool) -> None:
        if reboots:
            process.clocks.reboot()
        process.start()

    def _step(self, name: str, steps: tuple[float, ...]) -> bool:
        self._processes[name].clocks.skew += self._chance.pick(steps)
        return True

    def _lose_mappings(self) -> bool:
        self._forget_mappings()
        return True

    def _toggle_reverse_tunnel(self) -> bool:
        mobile = self._processes["mobile"]
        mobile.feed(self._toggle(self._chance.happens(0.5)))
        return mobile.running

    def _refuse(self) -> bool:
        process = self._processes[self._chance.pick(list(self._processes))]
        process.feed(PlanRefused(("no buffer space available",)))
        self._timeline.after(1.0, lambda: process.feed(PlanRefused(())))
        return process.running
