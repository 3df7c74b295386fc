"""The lab with everything in it: networks, agents, and a laptop at home that has its profile."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from client.control.errors import Exit, NotRunningError, TimedOutError
from lab import captures, lab
from lab.analysis.frames import Frame, decode
from lab.analysis.news import Noted
from lab.analysis.news import read as read_news
from lab.analysis.pcap import Capture
from lab.daemons import Laptop, foreign_agent, home_agent
from lab.errors import LabError
from lab.impairment import Impairment
from lab.nodes import Node
from lab.profiles import Preparation, Value, unchanged
from lab.services import laptop_network
from lab.site import Site
from lab.topology import LAPTOP, NETWORKS

SETTLED = ("working", "home", "limited")
"""States in which programs' packets have been seen to come through."""

IMPORTED = (Exit.DONE, Exit.REFUSED, Exit.TIMED_OUT)


class World:
    """One lab in use."""

    def __init__(self, site: Site, agent: Mapping[str, Value] | None = None) -> None:
        self.site = site
        self.laptop = Laptop(site)
        self.home_agent = home_agent(site, agent)
        self.foreign_agent = foreign_agent(site)
        self.profile = site.directory / "alice.mobilenode"
        self._captures: dict[str, tuple[Capture, list[Frame]]] = {}

    def build(self, *, ours: bool, impairment: Impairment | None = None, on: Sequence[str] = ()) -> None:
        """Make the networks; nothing of Mobile IP runs yet."""
        lab.up(self.site, ours=ours, impairment=impairment, on=on)

    def start(self, prepare: Preparation = unchanged, clock_offset: float = 0.0) -> int:
        """Start the agents and the laptop at home, with its profile as `prepare` left it.

        Returns the exit code of `mobilenode import --up`, which does not succeed with a wrong key.
        """
        self.home_agent.start()
        self.foreign_agent.start()
        self.home_agent.add_node(self.profile)
        prepare(self.profile)
        self.laptop.start(clock_offset)
        lab.start_laptop_network(self.site, "home")
        done = self.laptop.command("import", self.profile, "--up")
        if done.returncode not in IMPORTED:
            raise LabError(f"mobilenode import failed ({done.returncode}): {done.stderr.strip()}")
        return done.returncode

    @property
    def captures(self) -> Path:
        """Where the captures are."""
        return self.site.scratch / "captures"

    def start_captures(self) -> None:
        """Begin to capture, and wait until all captures have begun."""
        lab.start_captures(self.site)
        self.wait("the captures to begin", self._capturing, 10.0)

    def _capturing(self) -> bool:
        files = (captures.path(self.captures, point.name) for point in captures.points())
        return all(file.exists() and file.stat().st_size for file in files)

    def wait(self, what: str, met: Callable[[], bool], timeout: float) -> float:
        """Wait until `met`; the seconds that it took. LabError when it does not come."""
        start = time.monotonic()
        while not met():
            if time.monotonic() - start > timeout:
                raise LabError(f"waited {timeout:.0f} s in vain for {what}")
            time.sleep(0.05)
        return time.monotonic() - start

    def wait_attached(self, network: str, timeout: float = 20.0) -> float:
        """Wait until the laptop says that it works in this network; the seconds that it took."""
        attachment = NETWORKS[network].attachment

        def attached() -> bool:
            if not self.laptop.running:
                raise LabError(f"the laptop's daemon has died: {self.laptop.node.log(self.laptop.name)}")
            status = self.status()
            return place(status) == attachment and status.get("state") in SETTLED

        try:
            return self.wait(f"the laptop to work in the network '{network}' ({attachment})", attached, timeout)
        except LabError as error:
            raise LabError(f"{error}; its status is {_brief(self.status())}") from error

    def status(self) -> dict[str, Any]:
        """The laptop's status; without a daemon, that."""
        try:
            return self.laptop.status()
        except (NotRunningError, TimedOutError):
            return {"state": "no-daemon"}

    def frames(self, capture: str) -> list[Frame]:
        """All frames of a capture so far; what was read before is not read again."""
        file, frames = self._captures.setdefault(capture, (Capture(captures.path(self.captures, capture)), []))
        frames += [frame for frame in map(decode, file.new_records()) if frame]
        return frames

    def news(self) -> list[Noted]:
        """What the laptop's kernel told so far."""
        return read_news(laptop_network.news_file(Node(self.site, LAPTOP)))

    def keep_captures(self, directory: Path) -> None:
        """Copy the captures to where a person wants them."""
        directory.mkdir(parents=True, exist_ok=True)
        for file in sorted(self.captures.glob("*.pcap")):
            shutil.copy(file, directory / file.name)

    def down(self) -> None:
        """Remove all of it."""
        lab.down(self.site)


def place(status: dict[str, Any]) -> str | None:
    """Where a status says that the laptop is attached."""
    v4 = status.get("v4") or {}
    return v4.get("place")


def _brief(status: dict[str, Any]) -> str:
    reason = f", reason {status['reason']}" if status.get("reason") else ""
    return f"{status.get('state')}, place {place(status)}{reason}"
