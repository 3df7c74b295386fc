"""Plays one seed of the IPv6 world: moves with trouble, then calm in which all must come right.

`python -m tests.simulation.ipv6.play FIRST LAST [MOVES]` plays seeds; with one number it prints what happens.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv6Address

from client.core.ipv6 import IPv6Packet
from client.core.plan import Address, Encapsulation, End, Tunnel
from tests.simulation.growth import count_objects
from tests.simulation.ipv6.adversary import Adversary
from tests.simulation.ipv6.oracle import Oracle
from tests.simulation.ipv6.traffic import Traffic
from tests.simulation.ipv6.trouble import Trouble
from tests.simulation.ipv6.world import ABLE, AWAY, CORRESPONDENTS, HOME_ADDRESS, LIFETIME, LOCAL, PLACES, World
from tests.simulation.journal import Journal, Violation
from tests.simulation.timeline import Timeline

MOVES = 12
MOST_OBJECTS = 8_000
INSPECTION = 1.0
BOUND = 120.0 + 60.0 + LIFETIME
"""Seconds until all works again: two longest waits, a rest after failed tests, and a lifetime."""

DIRECT_BOUND = 700.0
"""The longest that a correspondent is left alone after a refusal (600 s), and the tests."""


@dataclass(slots=True)
class Result:
    """What a seed has shown."""

    seed: int
    moves: int
    digest: str
    checks: dict[str, int]
    faults: dict[str, int]
    virtual_seconds: float


class Scene:
    """A world with programs, an oracle, and what a seed makes go wrong."""

    def __init__(self, seed: int, echo: Callable[[str], None] | None = None, lifetime: int = LIFETIME) -> None:
        self.timeline = Timeline()
        self.journal = Journal(lambda: self.timeline.now)
        self.journal.state = lambda: str(self.world.place)
        if echo is not None:
            self.journal.echo = echo
        self.world = World(seed, self.timeline, self.journal, lifetime=lifetime)
        self.oracle = Oracle(self.world)
        world = self.world
        hosts = dict(zip(CORRESPONDENTS, (world.able, world.unable, world.local), strict=True))
        self.traffics = {
            address: Traffic(world.mobile_node, host, HOME_ADDRESS, address, self.timeline, self.oracle.strange)
            for address, host in hosts.items()
        }
        world.mobile_node.application = self._arrived

    def _arrived(self, packet: IPv6Packet) -> None:
        traffic = self.traffics.get(packet.source)
        if traffic is not None:
            traffic.arrived_down(packet)

    def start(self) -> None:
        """Daemons up; what stands is looked at also while nothing happens."""
        for process in self.world.processes.values():
            process.start()
        self._inspect()

    def _inspect(self) -> None:
        for process in self.world.processes.values():
            self.oracle.planned(process, process.host.plan)
        self.timeline.after(INSPECTION, self._inspect)

    def run(self, seconds: float) -> None:
        """Let time pass."""
        self.timeline.run_until(self.timeline.now + seconds)

    def wait(self, wanted: Callable[[], bool], bound: float) -> bool:
        """Is it so within this time?"""
        end = self.timeline.now + bound
        while self.timeline.now < end and not wanted():
            self.run(0.25)
        return wanted()

    # Where things stand, as anybody could see it

    def tunnels(self, name: str, encapsulation: Encapsulation) -> list[Address]:
        """Where a host sends what is for the home address."""
        plan = self.world.processes[name].host.plan
        found = (item for item in plan if isinstance(item, Tunnel) and item.sends)
        return [
            item.remote if item.end is End.HOME else item.local for item in found if item.encapsulation is encapsulation
        ]

    def bound(self) -> bool:
        """Do both ends agree on where the laptop is?"""
        here = self.world.care_of_addresses
        at_agent = self.tunnels("home", Encapsulation.IPIP)
        if self.world.place == "home":
            return not at_agent and not self.tunnels("mobile", Encapsulation.IPIP)
        return bool(at_agent) and at_agent[0] in here and self.tunnels("mobile", Encapsulation.IPIP) == at_agent

    def is_direct(self, name: str, address: IPv6Address) -> bool:
        """Is the direct path up, both ways?"""
        plan = self.world.processes["mobile"].host.plan
        ours = [t.local for t in plan if isinstance(t, Tunnel) and t.sends and t.remote == address]
        theirs = self.tunnels(name, Encapsulation.DIRECT)
        return ours == theirs != [] and theirs[0] in self.world.care_of_addresses

    def is_forgotten(self, name: str) -> bool:
        """Has this correspondent no binding?"""
        return not self.tunnels(name, Encapsulation.DIRECT)

    def talking(self, since: float) -> bool:
        """Do all conversations go on, both ways?"""
        return all(traffic.both_since(since) for traffic in self.traffics.values())


def play(seed: int, moves: int = MOVES, echo: Callable[[str], None] | None = None) -> Result:
    """Run a seed to its end, or raise Violation."""
    scene = Scene(seed, echo)
    try:
        return _play(scene, seed, moves)
    except BaseException as error:
        error.add_note("\n".join(scene.journal.last))
        raise


def _play(scene: Scene, seed: int, moves: int) -> Result:
    chance = scene.world.chance("story")
    trouble = Trouble(scene.world, scene.world.chance("trouble"))
    adversary = Adversary(scene.world, scene.world.chance("adversary"))
    scene.start()
    for _ in range(moves):
        scene.world.go(chance.pick([place for place in PLACES if place != scene.world.place]))
        scene.wait(scene.bound, chance.between(5.0, 40.0))
        scene.run(chance.between(0.0, chance.pick((0.3, 3.0, 20.0, 90.0))))
    trouble.stop()
    adversary.stop()
    _come_right(scene, chance.pick([place for place in AWAY if place != scene.world.place]))
    _go_home(scene)
    _stay_small(scene)
    faults = scene.journal.faults
    return Result(
        seed,
        moves,
        scene.journal.digest,
        dict(scene.journal.checks),
        {name: sum(count for (fault, _), count in faults.items() if fault == name) for name, _ in faults},
        scene.timeline.now,
    )


def _come_right(scene: Scene, place: str) -> None:
    """Away and without trouble: bound, packets both ways, direct where it can be; and it stays so."""
    check = scene.journal.check
    scene.run(6.0)
    scene.world.go(place)
    check("bound", scene.wait(scene.bound, BOUND), f"no binding at {place}")
    since = scene.timeline.now
    check("packets", scene.wait(lambda: scene.talking(since), 60.0), f"no packets both ways at {place}")
    for name, address in (("able", ABLE), ("local", LOCAL)):
        direct = scene.wait(partial(scene.is_direct, name, address), DIRECT_BOUND)
        check("direct", direct, f"no direct path with {name} at {place}")
    scene.run(LIFETIME * 1.5)
    check("bound", scene.bound(), "the binding did not last")
    check("packets", scene.talking(scene.timeline.now - 5.0), "packets stopped")


def _go_home(scene: Scene) -> None:
    """At home nothing of all that is left."""
    check = scene.journal.check
    scene.world.go("home")
    check("home", scene.wait(scene.bound, BOUND), "a binding is left at home")
    since = scene.timeline.now
    check("packets", scene.wait(lambda: scene.talking(since), 90.0), "no packets both ways at home")
    for name in ("able", "local"):
        gone = scene.wait(partial(scene.is_forgotten, name), DIRECT_BOUND)
        check("left", gone, f"{name} still has a binding")


def _stay_small(scene: Scene) -> None:
    for process in scene.world.processes.values():
        objects = count_objects(process.machine)
        scene.journal.check("small", objects < MOST_OBJECTS, f"{process.name} holds {objects} objects")


def main() -> None:
    """Play the seeds named on the command line."""
    first, *more = (int(argument) for argument in sys.argv[1:])
    if not more:
        print(play(first, echo=print))
        return
    failures = 0
    for seed in range(first, more[0] + 1):
        try:
            play(seed, more[1] if len(more) > 1 else MOVES)
        except Violation as broken:
            failures += 1
            print(f"seed {seed}: {broken}", flush=True)
    print(f"{failures} failures in seeds {first} to {more[0]}")


if __name__ == "__main__":
    main()
