"""Our own data planes between mobile node and home agent."""

from __future__ import annotations

import json
from functools import partial

from client.core.plan import Address, Encapsulation
from lab.bench import network, ping
from lab.bench.plane import HOME, MOBILE, READY
from lab.bench.system import Programs, wait_until
from lab.errors import LabError
from lab.nodes import Node, python
from lab.site import Site

_WHAT = "plane"


class Ours:
    """One encapsulation on one data plane ("ebpf" or "tun")."""

    def __init__(self, encapsulation: Encapsulation, dataplane: str) -> None:
        self._encapsulation = encapsulation
        self._dataplane = dataplane
        self._programs = Programs()
        self._nodes: list[Node] = []
        self.source = str(network.HOME_ADDRESS)
        self.peer: Address = network.PEER

    @property
    def name(self) -> str:
        """The plane and the encapsulation."""
        plane = {"ebpf": "eBPF", "tun": "TUN"}[self._dataplane]
        words = {Encapsulation.IPIP: "IP-in-IP", Encapsulation.GRE: "GRE", Encapsulation.MINIMAL: "minimal"}
        return f"{plane} {words.get(self._encapsulation, 'UDP 434')}"

    def start(self, site: Site) -> None:
        """Start both ends; it counts only if the wanted plane is in use."""
        self._nodes = [Node(site, network.MOBILE), Node(site, network.HOME)]
        for node, side in zip(self._nodes, (MOBILE, HOME), strict=True):
            words = python("lab.bench.plane", side, self._encapsulation.value, node.directory / "runtime")
            self._programs.start(node, _WHAT, [str(word) for word in words], MOBILENODE_DATAPLANE=self._dataplane)
        try:
            for node in self._nodes:
                wait_until(partial(self._ready, node), f"{self.name} on {node.name}: {node.log(_WHAT)}")
            mobile = self._nodes[0]
            wait_until(lambda: ping.answers(mobile, self.source, str(network.PEER)), f"a packet through {self.name}")
        except LabError:
            self.stop()
            raise

    def stop(self) -> None:
        """End both ends."""
        self._programs.stop()

    def counters(self) -> list[dict[str, int]]:
        """What both ends counted, once they have ended."""
        logs = [(node.directory / f"{_WHAT}.log").read_text() for node in self._nodes]
        return [json.loads(log.splitlines()[-1]) for log in logs]

    def _ready(self, node: Node) -> bool:
        log = node.log(_WHAT)
        if not self._programs.alive():
            raise LabError(f"{self.name} on {node.name} has ended: {log}")
        told = [line for line in log.splitlines() if line.startswith(READY)]
        if told and told != [f"{READY} {self._dataplane}"]:
            raise LabError(f"{self.name} on {node.name}: the plane in use is another one: {log}")
        return bool(told)
