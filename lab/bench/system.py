"""One way to carry packets between mobile node and correspondent, set up and taken down as the figures need it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from typing import Protocol

from client.core.plan import Address
from lab.bench import network
from lab.errors import LabError
from lab.nodes import Node
from lab.site import Site

START_TIME = 15.0


class System(Protocol):
    """What is measured."""

    @property
    def name(self) -> str:
        """As the table calls it."""

    @property
    def source(self) -> str:
        """The mobile node's address whose packets go this way."""

    @property
    def peer(self) -> Address:
        """The correspondent's address."""

    def start(self, site: Site) -> None:
        """Set it up; it carries packets when this returns. Raises LabError."""

    def stop(self) -> None:
        """Take it down."""


class Plain:
    """No tunnel: routers, and the care-of address itself."""

    def __init__(self, peer: Address = network.PEER) -> None:
        self.peer = peer
        self.name = "plain routing" if peer.version == 4 else "plain routing, IPv6"
        self.source = str(network.CARE_OF_ADDRESS if peer.version == 4 else network.CARE_OF_ADDRESS6)

    def start(self, site: Site) -> None:
        """It is there always."""

    def stop(self) -> None:
        """It stays."""


class Programs:
    """The programs of one system, started together and ended together."""

    def __init__(self) -> None:
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, node: Node, what: str, arguments: list[str], **variables: str) -> None:
        """Start one; its log begins anew."""
        (node.directory / f"{what}.log").unlink(missing_ok=True)
        self._started.append(node.start(what, arguments, **variables))

    def alive(self) -> bool:
        """Whether none has ended."""
        return all(process.poll() is None for process in self._started)

    def stop(self) -> None:
        """End them all."""
        for process in self._started:
            process.terminate()
        for process in self._started:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._started.clear()


def wait_until(met: Callable[[], bool], what: str, patience: float = START_TIME) -> None:
    """Wait for something so many seconds, or raise LabError."""
    end = time.monotonic() + patience
    while not met():
        if time.monotonic() > end:
            raise LabError(f"waited {patience:.0f} s in vain for {what}")
        time.sleep(0.05)
