"""What goes wrong by itself: bad links, partitions, restarts, clocks, addresses and routers."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv6Network

from client.core.machine import Timeout
from tests.simulation.chance import Chance
from tests.simulation.ipv6.world import AWAY, CARD, World
from tests.simulation.lan import Impairment, Lan

MEAN_PAUSE = 30.0
USED = 0.5
"""How many of the kinds of trouble a seed uses."""


class Trouble:
    """Strikes at random moments, each kind by itself, until it is stopped."""

    def __init__(self, world: World, chance: Chance) -> None:
        self._world = world
        self._chance = chance
        self._active = True
        self._renumbered = 0
        for lan in world.lans.values():
            if chance.happens(0.7):
                self._impair(lan, core=lan.name in ("core", "home"))
        world.mobile_node.knows_optimism = chance.happens(0.5)
        for name, strike in self._strikes():
            if chance.happens(USED):
                self._repeat(name, strike)

    def _strikes(self) -> list[tuple[str, Callable[[], None]]]:
        return [
            ("partition", self._partition),
            ("home agent restart", lambda: self._restart("home")),
            ("correspondent restart", lambda: self._restart("able")),
            ("mobile node restart", lambda: self._restart("mobile")),
            ("clock step", self._step),
            ("address lost", self._lose_address),
            ("router silent", self._silence),
            ("renumbering", self._renumber),
            ("early timeout", self._disturb),
        ]

    def stop(self) -> None:
        """Links are clean, and whoever was down comes back by itself."""
        self._active = False
        for lan in self._world.lans.values():
            lan.impairment = Impairment()
        for router in self._world.routers.values():
            router.silent = False

    def _repeat(self, name: str, strike: Callable[[], None]) -> None:
        def again() -> None:
            if self._active:
                self._world.journal.note(f"trouble: {name}")
                self._world.journal.fault(name)
                strike()
                self._repeat(name, strike)

        self._world.timeline.after(self._chance.wait(MEAN_PAUSE), again)

    def _impair(self, lan: Lan, *, core: bool) -> None:
        chance = self._chance
        lan.impairment = Impairment(
            delay=chance.between(0.0005, 0.08),
            jitter=chance.pick((0.0, 0.05, 0.5)),
            loss=chance.pick((0.0, 0.05, 0.2 if core else 0.4)),
            duplication=chance.pick((0.0, 0.2)),
            reordering=chance.pick((0.0, 0.1)),
            corruption=chance.pick((0.0, 0.05)),
        )

    def _partition(self) -> None:
        lan = self._world.lans[self._chance.pick(list(self._world.lans))]
        victim = self._chance.pick([port.owner for port in lan.ports]) if lan.ports else None
        if self._chance.happens(0.5):
            lan.impairment.mute = victim
        else:
            lan.impairment.deaf = victim
        self._world.timeline.after(self._chance.between(1.0, 15.0), lambda: self._mend(lan))

    @staticmethod
    def _mend(lan: Lan) -> None:
        lan.impairment.mute = lan.impairment.deaf = None

    def _restart(self, name: str) -> None:
        process = self._world.processes[name]
        if process.running:
            process.kill()
            self._world.timeline.after(self._chance.between(1.05, 4.0), process.start)

    def _step(self) -> None:
        clocks = self._world.processes["mobile"].clocks
        clocks.skew = self._chance.pick((0.0, 3.0, -3.0, 30.0, -30.0, 86_400.0, -86_400.0))

    def _lose_address(self) -> None:
        """The kernel drops an address, until the next advertisement forms it anew."""
        own = self._world.mobile_node.addresses[CARD]
        own.held = [one for one in own.held if one.ip.is_link_local]
        self._world.processes["mobile"].links_changed()

    def _silence(self) -> None:
        router = self._world.routers[self._chance.pick(AWAY)]
        router.silent = True

        def speak() -> None:
            router.silent = False

        self._world.timeline.after(self._chance.between(5.0, 60.0), speak)

    def _renumber(self) -> None:
        self._renumbered += 1
        name = self._chance.pick(AWAY[1:])
        number = AWAY.index(name) + 2
        self._world.routers[name].renumber(IPv6Network(f"2001:db8:{number}:{self._renumbered}::/64"))

    def _disturb(self) -> None:
        self._world.processes[self._chance.pick(list(self._world.processes))].feed(Timeout())
