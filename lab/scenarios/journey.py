"""The laptop on its way, with its programs running, and notes of what was done when."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from lab.analysis.moves import Stay
from lab.errors import LabError
from lab.plug import move
from lab.topology import NETWORKS
from lab.traffic import Traffic
from lab.view.scene import Scene, Screen, paths
from lab.world import World, place

ENOUGH = 1_250_000
"""Bytes of the download to wait for in each network: a little more than what is demanded."""

TOGGLE_PAUSE = 1.0
"""Seconds of traffic to see after the reverse tunnel was switched."""


@dataclass(frozen=True, slots=True)
class Toggle:
    """The reverse tunnel was switched. Times in nanoseconds since 1970."""

    to: str
    network: str
    asked: int
    done: int


@dataclass(slots=True)
class Notes:
    """What the lab itself did, and when."""

    arrivals: list[tuple[str, int, int]] = field(default_factory=list)  # network, unplugged, plugged
    toggles: list[Toggle] = field(default_factory=list)
    end: int = 0

    def close(self) -> None:
        """What comes from now on belongs to no stay: it ends here, or will have its own deeds."""
        self.end = time.time_ns()

    def boundaries(self) -> list[int]:
        """Every moment at which something was done."""
        times = [unplugged for _, unplugged, _ in self.arrivals] + [toggle.asked for toggle in self.toggles]
        return sorted([*times, self.end or time.time_ns()])

    def stays(self) -> list[Stay]:
        """Where the laptop was, in order; the first stay is where it began."""
        ends = [unplugged for _, unplugged, _ in self.arrivals[1:]] + [self.end or time.time_ns()]
        return [
            Stay(NETWORKS[network], unplugged, plugged, end)
            for (network, unplugged, plugged), end in zip(self.arrivals, ends, strict=True)
        ]


class Journey:
    """Moves the laptop about and keeps the screen true."""

    def __init__(self, world: World, traffic: Traffic, screen: Screen) -> None:
        self.world = world
        self.traffic = traffic
        self.notes = Notes()
        self.scene = Scene()
        self.dataplane: str | None = None
        self._screen = screen

    def say(self, doing: str) -> None:
        """Tell what is going on."""
        self.scene.doing = doing
        self.refresh()

    def refresh(self) -> None:
        """Show things as they are now."""
        status = self.world.status()
        self.scene.state = str(status.get("state", ""))
        path = (status.get("v4") or {}).get("path")
        self.scene.outward, self.scene.inward = paths(place(status), path)
        self.scene.received = self.traffic.received
        if status.get("dataplane"):
            self.dataplane = str(status["dataplane"])
        self._screen.show(self.scene)

    def begin_at_home(self) -> None:
        """Wait until the laptop works at home, then start its programs."""
        self.scene.network = "home"
        self.say("the laptop starts at home")
        self.world.wait_attached("home")
        now = time.time_ns()
        self.notes.arrivals.append(("home", now, now))
        self.traffic.start_correspondent()
        self.traffic.start_numbered()
        self.traffic.start_download()

    def go(self, network: str) -> None:
        """Replug the laptop, and wait until it works there."""
        self.say(f"moving to the {network} network")
        unplugged, plugged = move(self.world.site, network)
        self.notes.arrivals.append((network, unplugged, plugged))
        self.scene.network = network
        self.refresh()
        self.world.wait_attached(network)

    def stay(self, amount: int = ENOUGH, timeout: float = 15.0) -> None:
        """Wait until so much more of the download has come."""
        self.say(f"attached to the {self.scene.network} network")
        goal = self.traffic.received + amount
        end = time.monotonic() + timeout
        while self.traffic.received < goal:
            if self.traffic.ended:
                raise LabError(f"curl ended in the network '{self.scene.network}'")
            if time.monotonic() > end:
                raise LabError(f"the download stands still in the network '{self.scene.network}'")
            time.sleep(0.1)
            self.refresh()

    def switch_reverse_tunnel(self, to: str) -> None:
        """Switch it on or off with the real command line, and watch the traffic for a while."""
        self.say(f"switching the reverse tunnel {to}")
        asked = time.time_ns()
        self.world.laptop.must("reverse-tunnel", to)
        self.notes.toggles.append(Toggle(to, self.scene.network or "", asked, time.time_ns()))
        end = time.monotonic() + TOGGLE_PAUSE
        while time.monotonic() < end:
            time.sleep(0.1)
            self.refresh()
