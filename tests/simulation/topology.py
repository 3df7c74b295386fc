"""The simulated world's map: a home network, foreign networks, a correspondent, and the core that joins them.

home 10.1.0.0/24 --+              +-- uplink 10.20.n.0/24 -- foreign agent -- access 10.2n.0.0/24
                   +-- the core --+
away 10.9.0.0/24 --+              +-- access 10.3n.0.0/24, where only an address server is
                                  +-- uplink 10.20.3.0/24 -- a NAT -- access 10.41.0.0/24, with an address server
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from tests.simulation.chance import Chance
from tests.simulation.host import Host
from tests.simulation.journal import Journal
from tests.simulation.lan import Lan
from tests.simulation.nat import Nat
from tests.simulation.routing import Static
from tests.simulation.timeline import Timeline

HOME_NETWORK = IPv4Network("10.1.0.0/24")
HOME_ADDRESS = IPv4Interface("10.1.0.50/24")
OTHER_HOME_ADDRESS = IPv4Interface("10.1.0.51/24")
HOME_AGENT = IPv4Address("10.1.0.2")
HOME_GATEWAY = IPv4Address("10.1.0.1")
CORRESPONDENT = IPv4Address("10.9.0.9")
AGENT_LANS = ("agent1", "agent2")
ADDRESS_LANS = ("dhcp1", "dhcp2")
NAT_LAN = "hotel"
NAT_OUTSIDE = IPv4Address("10.20.3.2")
AWAY = (*AGENT_LANS, *ADDRESS_LANS, NAT_LAN)
PLACES = ("home", *AWAY)


def mac(number: int) -> bytes:
    """A locally administered link-layer address."""
    return b"\x02\x00\x00\x00" + number.to_bytes(2, "big")


class Topology:
    """Builds the hosts and links; what runs on them is the scene's business."""

    def __init__(self, timeline: Timeline, seed: int, journal: Journal) -> None:
        self._timeline = timeline
        self._seed = seed
        self._journal = journal
        self._macs = 0
        self.lans: dict[str, Lan] = {}
        self.core = self._host("core", forwards=True)
        self._add_core_lan("home", "10.1.0.1/24")
        self._add_core_lan("away", "10.9.0.1/24")
        self.home_agent = self._join(self._host("home", forwards=True), "home", f"{HOME_AGENT}/24", "10.1.0.1")
        self.correspondent = self._join(self._host("correspondent"), "away", f"{CORRESPONDENT}/24", "10.9.0.1")
        self.foreign_agents = {name: self._add_foreign_agent(n, name) for n, name in enumerate(AGENT_LANS, 1)}
        for number, name in enumerate(ADDRESS_LANS, 1):
            self._add_core_lan(name, f"10.3{number}.0.1/24")
        self.nat = self._add_nat()
        self.mobile_node = self._host("mobile")
        self.mobile_node.add_port(2, self._mac())
        self.mobile_node.add_port(3, self._mac())

    def _host(self, name: str, *, forwards: bool = False) -> Host:
        return Host(name, self._timeline, forwards=forwards)

    def _mac(self) -> bytes:
        self._macs += 1
        return mac(self._macs)

    def _lan(self, name: str) -> Lan:
        lan = Lan(name, self._timeline, Chance(self._seed, f"lan {name}"), self._journal.fault)
        self.lans[name] = lan
        return lan

    def _join(self, host: Host, lan: str, address: str, gateway: str | None = None) -> Host:
        index = len(host.ports) + 2
        host.add_port(index, self._mac(), address, gateway)
        host.plug(index, self.lans[lan])
        return host

    def _add_core_lan(self, name: str, address: str) -> None:
        self._lan(name)
        self._join(self.core, name, address)

    def _add_nat(self) -> Nat:
        self._add_core_lan("uplink3", "10.20.3.1/24")
        host = self._join(self._host("nat", forwards=True), "uplink3", f"{NAT_OUTSIDE}/24", "10.20.3.1")
        self._lan(NAT_LAN)
        self._join(host, NAT_LAN, "10.41.0.1/24")
        host.nat = Nat(NAT_OUTSIDE, inside_port=3)
        return host.nat

    def _add_foreign_agent(self, number: int, name: str) -> Host:
        uplink = f"uplink{number}"
        self._add_core_lan(uplink, f"10.20.{number}.1/24")
        host = self._join(self._host(name, forwards=True), uplink, f"10.20.{number}.2/24", f"10.20.{number}.1")
        self._lan(name)
        self._join(host, name, f"10.2{number}.0.1/24")
        port = next(port for port in self.core.ports.values() if port.lan is self.lans[uplink])
        self.core.statics.append(
            Static(IPv4Network(f"10.2{number}.0.0/24"), port.index, IPv4Address(f"10.20.{number}.2"))
        )
        return host
