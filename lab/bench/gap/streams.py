"""Two numbered UDP streams of 1,000 packets a second between laptop and correspondent, or one."""

from __future__ import annotations

import signal
import subprocess
import time
from dataclasses import dataclass

from lab.analysis.numbered import Flow, read
from lab.bench.gap.topology import CORRESPONDENT, CORRESPONDENT_ADDRESS, LAPTOP
from lab.nodes import Node, python
from lab.site import Site
from lab.topology import HOME_ADDRESS

PERIOD = 0.001
_PORTS = {LAPTOP: 7001, CORRESPONDENT: 7002}
_PEERS = {LAPTOP: CORRESPONDENT_ADDRESS, CORRESPONDENT: str(HOME_ADDRESS)}
_OTHER = {LAPTOP: CORRESPONDENT, CORRESPONDENT: LAPTOP}


@dataclass(slots=True)
class Streams:
    """What runs; `both`: the laptop sends too."""

    site: Site
    both: bool
    processes: list[subprocess.Popen[bytes]]

    @classmethod
    def start(cls, site: Site, *, both: bool) -> Streams:
        """Start both programs."""
        streams = cls(site, both, [])
        for node in (LAPTOP, CORRESPONDENT):
            period = PERIOD if both or node == CORRESPONDENT else 0
            files = [str(site.scratch / f"{node}-{what}") for what in ("sent", "arrived")]
            ports = (str(_PORTS[node]), _PEERS[node], str(_PORTS[_OTHER[node]]))
            streams.processes.append(
                Node(site, node).start("numbered", python("lab.services.numbered", *ports, *files, str(period)))
            )
        return streams

    def stop(self) -> None:
        """No more is sent; what is under way still arrives."""
        for process in self.processes:
            process.send_signal(signal.SIGUSR1)
        time.sleep(0.3)
        for process in self.processes:
            process.terminate()
            process.wait(5)

    @property
    def arrived(self) -> int:
        """Bytes of notes about what has come to the laptop: they grow while packets pass."""
        path = self.site.scratch / f"{LAPTOP}-arrived"
        return path.stat().st_size if path.exists() else 0

    def flow(self, receiver: str) -> Flow:
        """The flow to a node."""
        sender = _OTHER[receiver]
        return Flow(read(self.site.scratch / f"{sender}-sent"), read(self.site.scratch / f"{receiver}-arrived"))
