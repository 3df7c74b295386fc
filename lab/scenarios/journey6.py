"""The laptop on its way with IPv6, talking to three correspondents, and notes of what was done when."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lab.analysis.stay6 import Stay6
from lab.errors import LabError
from lab.plug import move
from lab.site import Site
from lab.topology6 import CORRESPONDENTS, HOME_ADDRESS6, NETWORKS6, Correspondent
from lab.traffic import Partner, Traffic
from lab.view.scene import Scene, Screen, paths
from lab.world6 import World6, place6

RATE6 = 250_000
"""Bytes a second of each download: there are three."""

ENOUGH6 = 250_000
"""Bytes of each download to wait for in each network: a little more than what is demanded."""

SETTLED_FOR = 1.0
"""Seconds to stay after all direct paths that can be are there."""

_PORTS = {"able": (7101, 7102), "unable": (7111, 7112), "visited": (7121, 7122)}
"""UDP ports of the numbered packets: the laptop's and the correspondent's."""


@dataclass(slots=True)
class Notes6:
    """What the lab itself did, and when."""

    arrivals: list[tuple[str, int, int]] = field(default_factory=list)  # network, unplugged, plugged
    end: int = 0

    def close(self) -> None:
        """What comes from now on belongs to no stay."""
        self.end = time.time_ns()

    def stays(self) -> list[Stay6]:
        """Where the laptop was, in order; the first stay is where it began."""
        ends = [unplugged for _, unplugged, _ in self.arrivals[1:]] + [self.end or time.time_ns()]
        return [
            Stay6(NETWORKS6[network], unplugged, plugged, end)
            for (network, unplugged, plugged), end in zip(self.arrivals, ends, strict=True)
        ]


def partner(correspondent: Correspondent) -> Partner:
    """What programs say to a correspondent."""
    return Partner(
        name=f"v6-{correspondent.name}",
        node=correspondent.node,
        address=correspondent.address,
        home_address=HOME_ADDRESS6,
        ports=_PORTS[correspondent.name],
        rate=RATE6,
    )


class Journey6:
    """Moves the laptop about and keeps the screen true."""

    def __init__(self, site: Site, world: World6, screen: Screen) -> None:
        self.world = world
        self.traffic = {one.name: Traffic(site, partner(one)) for one in CORRESPONDENTS}
        self.notes = Notes6()
        self.scene = Scene()
        self.dataplane: str | None = None
        self._screen = screen

    def say(self, doing: str) -> None:
        """Tell what is going on."""
        self.scene.doing = doing
        self.refresh()

    def refresh(self) -> Mapping[str, Any]:
        """Show things as they are now; the status."""
        status = self.world.status()
        self.scene.state = str(status.get("state", ""))
        self.scene.outward, self.scene.inward = paths(place6(status), (status.get("v6") or {}).get("path"))
        self.scene.peers = {peer["address"]: peer["path"] for peer in (status.get("v6") or {}).get("peers", [])}
        self.scene.received = sum(traffic.received for traffic in self.traffic.values())
        if status.get("dataplane"):
            self.dataplane = str(status["dataplane"])
        self._screen.show(self.scene)
        return status

    def begin(self) -> None:
        """Wait until the laptop works where it begins, then start its programs."""
        where = self.world.design.begin
        self.scene.network = where
        self.say(f"the laptop starts in the {where} network")
        now = time.time_ns()
        self.world.wait_attached(where)
        self.notes.arrivals.append((where, now, now))
        for traffic in self.traffic.values():
            traffic.start_correspondent()
        for traffic in self.traffic.values():
            traffic.start_numbered()
            traffic.start_download()

    def go(self, network: str) -> None:
        """Replug the laptop, and wait until it works there."""
        self.put(network)
        self.world.wait_attached(network)

    def put(self, network: str) -> None:
        """Replug the laptop."""
        self.say(f"moving to the {network} network")
        unplugged, plugged = move(self.world.site, network)
        self.notes.arrivals.append((network, unplugged, plugged))
        self.scene.network = network
        self.refresh()

    def stay(self, amount: int = ENOUGH6, timeout: float = 20.0, *, direct: bool = True) -> None:
        """Wait until so much more of each download has come, and until `direct` paths are where they can be."""
        self.say(f"attached to the {self.scene.network} network")
        goals = {name: traffic.received + amount for name, traffic in self.traffic.items()}
        end = time.monotonic() + timeout
        while waiting := self._waiting(goals, direct=direct and self.scene.network != "home"):
            ended = [name for name, traffic in self.traffic.items() if traffic.ended]
            if ended:
                raise LabError(f"curl ended in the network '{self.scene.network}': from {', '.join(ended)}")
            if time.monotonic() > end:
                raise LabError(f"in the network '{self.scene.network}' {' and '.join(waiting)}")
            time.sleep(0.1)
        time.sleep(SETTLED_FOR)
        self.refresh()

    def _waiting(self, goals: Mapping[str, int], *, direct: bool) -> list[str]:
        """What is still to come."""
        self.refresh()
        found = [
            f"the download from {name} stands still" for name in goals if self.traffic[name].received < goals[name]
        ]
        if direct:
            able = (one for one in CORRESPONDENTS if one.able)
            missing = [one.name for one in able if self.scene.peers.get(str(one.address)) != "direct"]
            found += [f"there is no direct path with {name}" for name in missing]
        return found
