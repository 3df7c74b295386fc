"""The lab with IPv6 in it: home agents, three correspondents, and a laptop at home that has its profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from typing import Any

from lab import captures, lab
from lab.agents6 import Agent6, correspondent, home_agent6, second_home_agent
from lab.analysis import kbm
from lab.analysis.esp import opened
from lab.analysis.frames import Frame
from lab.analysis.mobility import Icmp, icmp
from lab.errors import LabError
from lab.impairment import Impairment
from lab.plug import plug
from lab.profiles import Preparation, Value, unchanged
from lab.site import Site
from lab.topology import HOME_ADDRESS, NETWORKS, STRANGER
from lab.topology6 import CORRESPONDENTS, NETWORKS6, SECOND_AGENT_PORT, VISITED
from lab.world import IMPORTED, SETTLED, World, place

_SECOND = bytes.fromhex(SECOND_AGENT_PORT.link_layer_address.replace(":", ""))
Settings = Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What is different in this world."""

    ipv4: bool = False  # the laptop has a home address of either family
    discover: bool = False  # it finds its home agent by the anycast address
    esp: bool = False  # home signalling is in ESP instead of signed
    home6: Settings = field(default_factory=dict)  # more of the home agent's table
    second: Settings | None = None  # of another home agent's; None: there is none
    second_dies: bool = False  # once the first one knows it, without a word, before the laptop starts
    correspondent: Settings = field(default_factory=dict)
    begin: str = "home"  # where the laptop starts


class World6(World):
    """One lab with IPv6 in use."""

    def __init__(self, site: Site, design: Design) -> None:
        super().__init__(site)
        self.design = design
        self._out_of_esp: dict[str, list[Frame]] = {}
        self.home6 = home_agent6(site, design.home6, ipv4=design.ipv4)
        self.home_agent = self.home6
        self.second = second_home_agent(site, design.second or {})
        self.able: dict[str, Agent6] = {
            one.name: correspondent(site, one.node, design.correspondent) for one in CORRESPONDENTS if one.able
        }

    def build(self, *, ours: bool, impairment: Impairment | None = None, on: Sequence[str] = ()) -> None:
        """Make the networks; nothing of Mobile IP runs yet."""
        lab.up(self.site, ours=ours, impairment=impairment, on=on, ipv6=True)
        plug(self.site, VISITED.name, STRANGER)

    def start(self, prepare: Preparation = unchanged, clock_offset: float = 0.0) -> int:
        """Start agents, correspondents and the laptop. Returns the exit code of `mobilenode import --up`."""
        for agent in self.able.values():
            agent.start()
        self.home6.start()
        ipv4 = str(HOME_ADDRESS) if self.design.ipv4 else "none"
        self.home6.enrol(self.profile, ipv4=ipv4, discover=self.design.discover, esp=self.design.esp)
        if self.design.second is not None:
            self.home6.share_nodes(self.second)
            self.second.start()
            if self.design.second_dies:
                self.wait("the home agents to know each other", self._acquainted, 40.0)
                self.second.kill()
        if self.design.ipv4:
            self.foreign_agent.start()
        prepare(self.profile)
        self.laptop.start(clock_offset)
        self._plug_in()
        done = self.laptop.command("import", self.profile, "--up")
        if done.returncode not in IMPORTED:
            raise LabError(f"mobilenode import failed ({done.returncode}): {done.stderr.strip()}")
        return done.returncode

    def frames(self, capture: str) -> list[Frame]:
        """All frames of a capture so far, out of the laptop's ESP."""
        frames = super().frames(capture)
        if not self.design.esp:
            return frames
        looked_into = self._out_of_esp.setdefault(capture, [])
        keys = kbm.profile_keys(self.profile.read_text())
        looked_into += [opened(frame, keys) for frame in frames[len(looked_into) :]]
        return looked_into

    def _acquainted(self) -> bool:
        """Has the second advertised itself since the first one runs?"""
        said = [frame.ip6 for frame in self.frames("network-home") if frame.ip6 and frame.source == _SECOND]
        return any(icmp(ip) == Icmp.ROUTER_ADVERTISEMENT for ip in said)

    def _plug_in(self) -> None:
        if self.design.ipv4:
            lab.start_laptop_network(self.site, self.design.begin)
        else:
            plug(self.site, self.design.begin)

    def start_captures(self) -> None:
        """Begin to capture, and wait until all captures have begun."""
        lab.start_captures(self.site, ipv6=True)
        files = [captures.path(self.captures, point.name) for point in captures.points(ipv6=True)]
        self.wait("the captures to begin", lambda: all(file.exists() and file.stat().st_size for file in files), 10.0)

    def wait_bound6(self, network: str, timeout: float = 20.0) -> float:
        """Wait until it says so of IPv6, whatever of IPv4."""
        what = f"the laptop to be bound in the network '{network}' by IPv6"
        return self.wait(what, lambda: _is_here(network, self.status()) and _is_working6(self.status()), timeout)

    def wait_attached(self, network: str, timeout: float = 20.0) -> float:
        """Wait until the laptop says that it works in this network; the seconds that it took."""
        wanted = NETWORKS6[network].attachment

        def attached() -> bool:
            if not self.laptop.running:
                raise LabError(f"the laptop's daemon has died: {self.laptop.node.log(self.laptop.name)}")
            status = self.status()
            here = place6(status) == wanted and _is_here(network, status)
            return here and status.get("state") in SETTLED and self._is_there_by_ipv4(network, status)

        try:
            return self.wait(f"the laptop to work in the network '{network}' by IPv6 ({wanted})", attached, timeout)
        except LabError as error:
            raise LabError(f"{error}; its status is {brief6(self.status())}") from error

    def _is_there_by_ipv4(self, network: str, status: dict[str, Any]) -> bool:
        return not self.design.ipv4 or place(status) == NETWORKS[network].attachment


def _is_here(network: str, status: Mapping[str, Any]) -> bool:
    """Is the care-of address one of this network's? The status may still be of the last one."""
    care_of = (status.get("v6") or {}).get("coa")
    return network == "home" or (care_of is not None and IPv6Address(care_of) in NETWORKS6[network].prefix)


def _is_working6(status: Mapping[str, Any]) -> bool:
    return (status.get("v6") or {}).get("state") in SETTLED


def place6(status: Mapping[str, Any]) -> str | None:
    """Where a status says that the laptop is attached."""
    return (status.get("v6") or {}).get("place")


def brief6(status: Mapping[str, Any]) -> str:
    """A status in a line."""
    v6 = status.get("v6") or {}
    words = [str(status.get("state")), *(f"{name} {v6.get(name)}" for name in ("place", "coa", "ha", "code", "tries"))]
    return ", ".join([*words, f"reason {status.get('reason')}"])
