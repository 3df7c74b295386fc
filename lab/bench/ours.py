"""Our own data planes between mobile node and home agent."""

from __future__ import annotations

import json
from functools import partial

from client.core.plan import Address, Encapsulation
from client.linux.ownership import MOBILE_NODE, MOBILITY_AGENT
from lab.bench import network, ping
from lab.bench.plane import HOME, MOBILE, SHORTCUT, standing
from lab.bench.system import Programs, wait_until
from lab.errors import LabError
from lab.nodes import Node, python
from lab.site import Site

_WHAT = "plane"
_PLANES = {"ebpf": "eBPF", "tun": "TUN"}
_NAMES = {
    (Encapsulation.IPIP, 4): "IP-in-IP",
    (Encapsulation.GRE, 4): "GRE",
    (Encapsulation.MINIMAL, 4): "minimal",
    (Encapsulation.UDP, 4): "UDP 434",
    (Encapsulation.IPIP, 6): "IPv6-in-IPv6",
    (Encapsulation.DIRECT, 6): "home address option, type 2 routing header",
}
_SLOW, _FAST = ("sent", "received"), ("ebpf_packets",)
_MOST_SLOW = 0.01


class Ours:
    """One encapsulation on one data plane ("ebpf" or "tun")."""

    def __init__(
        self, encapsulation: Encapsulation, dataplane: str, version: int = 4, *, shortcut: bool = False
    ) -> None:
        self._encapsulation = encapsulation
        self._dataplane = dataplane
        self._version = version
        self._programs = Programs()
        self._nodes: list[Node] = []
        self._home = SHORTCUT if shortcut else HOME
        self.name = f"{_PLANES[dataplane]} {_NAMES[encapsulation, version]}{', shortcut' if shortcut else ''}"
        self.source = str(network.HOME_ADDRESS if version == 4 else network.HOME_ADDRESS6)
        self.peer: Address = network.PEER if version == 4 else network.PEER6

    def start(self, site: Site) -> None:
        """Start both ends; it counts only if the wanted plane is in use."""
        other_end = network.CORRESPONDENT if self._encapsulation is Encapsulation.DIRECT else network.HOME
        self._nodes = [Node(site, network.MOBILE), Node(site, other_end)]
        try:
            for node, side in zip(self._nodes, (MOBILE, self._home), strict=True):
                self._start(node, side)
            if self._version == 6:
                self._route()
            mobile = self._nodes[0]
            wait_until(partial(ping.answers, mobile, self.source, str(self.peer)), f"a packet through {self.name}")
        except LabError:
            self.stop()
            raise

    def stop(self) -> None:
        """End both ends. LabError if packets went by another plane than the wanted one: the figures are not its own."""
        stood = self._programs.alive()
        self._programs.stop()
        if self._version == 6 and self._nodes:
            self._nodes[0].run(["ip", "-6", "rule", "del", "from", self.source])
        if stood and self._dataplane == "ebpf":
            for node in self._nodes:
                self._judge(node)

    def _judge(self, node: Node) -> None:
        told = node.log(_WHAT).splitlines()[-1]
        counters: dict[str, int] = json.loads(told) if told.startswith("{") else {}
        slow, fast = (sum(counters.get(name, 0) for name in names) for names in (_SLOW, _FAST))
        if slow > _MOST_SLOW * (slow + fast):
            raise LabError(f"{self.name} on {node.name}: {slow} packets by TUN beside {fast} by eBPF: {told}")

    def _start(self, node: Node, side: str) -> None:
        words = [side, self._encapsulation.value, str(self._version), node.directory / "runtime"]
        command = [str(word) for word in python("lab.bench.plane", *words)]
        self._programs.start(node, _WHAT, command, MOBILENODE_DATAPLANE=self._dataplane)
        wait_until(lambda: self._ready(node), f"{self.name} on {node.name}: {node.log(_WHAT)}")

    def _route(self) -> None:
        """What a plan does not say of IPv6 yet: the home address, and the routes to the anchors."""
        mobile, other = self._nodes
        anchor, table = MOBILE_NODE.anchor, str(MOBILE_NODE.ours)
        mobile.must(["ip", "-6", "address", "add", f"{self.source}/128", "dev", anchor, "nodad"])
        mobile.must(["ip", "-6", "route", "add", "default", "dev", anchor, "table", table])
        mobile.must(["ip", "-6", "rule", "add", "from", self.source, "lookup", table])
        other.must(["ip", "-6", "route", "add", self.source, "dev", MOBILITY_AGENT.anchor])

    def _ready(self, node: Node) -> bool:
        log = node.log(_WHAT)
        if not self._programs.alive():
            raise LabError(f"{self.name} on {node.name} has ended: {log}")
        stands = standing(log)
        if stands and stands.dataplane != self._dataplane:
            raise LabError(f"{self.name} on {node.name}: the plane in use is {stands.dataplane}: {log}")
        return stands is not None
