"""Plays one seed: fifty handovers with faults, then calm in which all must come right.

`python -m tests.simulation.play SEED` prints what happens.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from types import TracebackType

from tests.simulation.chance import Chance
from tests.simulation.faults import Plot, plot
from tests.simulation.growth import count_objects
from tests.simulation.journal import Journal
from tests.simulation.scene import Scene
from tests.simulation.topology import AWAY, PLACES

HANDOVERS = 50
LONGEST_RUN = 6 * 3600.0
MOST_OBJECTS = 6_000
"""What a machine may hold after all this, its bounded history included."""


@dataclass(slots=True)
class Result:
    """What a seed has shown."""

    seed: int
    handovers: int = 0
    digest: str = ""
    checks: Counter[str] = field(default_factory=Counter)
    faults: Counter[tuple[str, str]] = field(default_factory=Counter)
    virtual_seconds: float = 0.0


class Told:
    """Adds to whatever goes wrong the seed, its faults and the last lines of its journal."""

    def __init__(self, seed: int, plotted: Plot, journal: Journal) -> None:
        self._seed = seed
        self._plot = plotted
        self._journal = journal

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            faults = ", ".join(sorted(fault.value for fault in self._plot.faults))
            error.add_note(f"seed {self._seed}; faults: {faults}; {replace(self._plot, faults=frozenset())}")
            error.add_note("\n".join(self._journal.last))


def play(seed: int, handovers: int = HANDOVERS, plotted: Plot | None = None, *, echo: bool = False) -> Result:
    """Run a seed, with its own plot or a kept one, to its end, or raise Violation."""
    plotted = plotted or plot(seed)
    scene = Scene(seed, plotted, print if echo else None)
    with Told(seed, plotted, scene.journal):
        result = _play(scene, seed, handovers)
    return result


def _play(scene: Scene, seed: int, handovers: int) -> Result:
    result = Result(seed)
    scene.start()
    chance = scene.chance("story")
    while result.handovers < handovers:
        scene.journal.check("story", scene.timeline.now < LONGEST_RUN, f"only {result.handovers} handovers")
        result.handovers += _hand_over(scene, chance)
    _come_to_rest(scene, chance)
    _go_home(scene)
    for process in scene.processes.values():
        objects = count_objects(process.machine)
        scene.journal.check("I15", objects < MOST_OBJECTS, f"{process.name} holds {objects} objects")
    result.digest = scene.journal.digest
    result.checks, result.faults = scene.journal.checks, scene.journal.faults
    result.virtual_seconds = scene.timeline.now
    return result


def _hand_over(scene: Scene, chance: Chance) -> bool:
    """Carry the laptop elsewhere; was it registered there before it is carried on?"""
    elsewhere = [place for place in PLACES if place != scene.laptop.place]
    if scene.plot.overlap and scene.laptop.place in AWAY and chance.happens(0.5):
        scene.laptop.shift(chance.pick([place for place in elsewhere if place in AWAY]))
    else:
        scene.laptop.go(chance.pick(elsewhere))
    patience = chance.between(8.0, 90.0)
    done = _await(scene, patience)
    dwell = chance.pick((0.0, 0.3, 2.0, 10.0, 40.0))
    if chance.happens(0.03):
        dwell = scene.plot.lifetime * 1.3
    scene.timeline.run_until(scene.timeline.now + chance.between(0.0, dwell + 0.01))
    return done


def _await(scene: Scene, patience: float) -> bool:
    start = scene.timeline.now
    while scene.timeline.now < start + patience:
        scene.timeline.run_until(scene.timeline.now + 0.25)
        if scene.settled():
            return True
    return False


def _bound(scene: Scene) -> float:
    """Two longest waits and a lifetime (RELIABILITY §5), and what a slow address server takes."""
    return 120.0 + scene.plot.lifetime + 30.0


def _come_to_rest(scene: Scene, chance: Chance) -> None:
    """L1: away and without faults the binding is where the laptop is, packets flow, and it stays so."""
    scene.calm()
    if scene.laptop.place in (None, "home"):
        scene.laptop.go(chance.pick([place for place in PLACES if place != "home"]))
    scene.timeline.run_until(scene.timeline.now + 5.0)  # whoever was down is back
    scene.journal.check("L1", _await(scene, _bound(scene)), f"no binding for {scene.laptop.place}")
    _await_traffic(scene)
    until = scene.timeline.now + min(scene.plot.lifetime, 300) * 1.5
    while scene.timeline.now < until:
        scene.timeline.run_until(scene.timeline.now + 1.0)
        scene.journal.check("L1", scene.settled() or scene.oracle.mobile.asking, "the binding did not last")
    since = until - 10.0
    scene.journal.check("L1", scene.traffic.both_since(since), "packets stopped")


def _await_traffic(scene: Scene) -> None:
    start = scene.timeline.now
    while scene.timeline.now < start + 90.0 and not scene.traffic.both_since(start):
        scene.timeline.run_until(scene.timeline.now + 1.0)
    words = f"no packets both ways at {scene.laptop.place}"
    scene.journal.check("L1", scene.traffic.both_since(start), words)


def _go_home(scene: Scene) -> None:
    """L2: at home there is no binding, and the neighbours find the laptop itself."""
    if scene.laptop.place != "home":
        scene.laptop.go("home")
    scene.timeline.run_until(scene.timeline.now + 2.0)
    scene.journal.check("L2", _await(scene, _bound(scene)), "a binding is left at home")
    _await_traffic(scene)
    gateway = next(port for port in scene.topology.core.ports.values() if port.lan is scene.topology.lans["home"])
    found = scene.topology.core.neighbour(gateway.index, scene.traffic.home_address)
    own = scene.processes["mobile"].host.ports[scene.laptop.port].link_layer_address
    scene.journal.check("L2", found == own, "the home link is told that someone else has the home address")


def main() -> None:
    """Play the seeds named on the command line, aloud."""
    for argument in sys.argv[1:]:
        result = play(int(argument), echo=True)
        print(result)


if __name__ == "__main__":
    main()
