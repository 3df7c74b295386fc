"""Another stream of numbered packets, one way: from the laptop to one of the correspondent's addresses."""

from __future__ import annotations

import signal
import subprocess
from ipaddress import IPv4Address
from pathlib import Path

from lab.analysis import numbered
from lab.analysis.numbered import Flow
from lab.nodes import Node, python
from lab.site import Site
from lab.topology import HOME_ADDRESS, LAPTOP

FROM, TO = 7011, 7012
"""UDP ports."""


class Stream:
    """A program on the laptop that binds no address sends; one at the correspondent writes down what arrives."""

    def __init__(self, site: Site, address: IPv4Address) -> None:
        self._files = {name: site.scratch / f"stream-{name}" for name in ("sent", "arrived", "nothing", "unasked")}
        files = self._files
        listen: list[str | Path] = [str(TO), str(HOME_ADDRESS), str(FROM), files["nothing"], files["arrived"], "0"]
        Node(site, "cn").start("stream", python("lab.services.numbered", *listen))
        send: list[str | Path] = [str(FROM), str(address), str(TO), files["sent"], files["unasked"]]
        self._sender: subprocess.Popen[bytes] = Node(site, LAPTOP).start(
            "stream", python("lab.services.numbered", *send)
        )

    def stop(self) -> None:
        """End the sending."""
        self._sender.send_signal(signal.SIGUSR1)

    @property
    def flow(self) -> Flow:
        """What was sent and what arrived so far."""
        sent, arrived = (self._files[name] for name in ("sent", "arrived"))
        return Flow(*(numbered.read(file) if file.exists() else [] for file in (sent, arrived)))
