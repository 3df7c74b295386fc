"""One seed's world with everything in it: hosts, daemons, laptop, traffic, trouble, adversary, oracle."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

from client.core.plan import Address, End, Tunnel
from client.mipv4.mobile_node import MobileNode
from tests.simulation import daemons
from tests.simulation.adversary import Adversary
from tests.simulation.chance import Chance
from tests.simulation.faults import Plot
from tests.simulation.forgery import SPI
from tests.simulation.host import Host
from tests.simulation.journal import Journal
from tests.simulation.laptop import Laptop
from tests.simulation.oracle import Oracle, Roles
from tests.simulation.process import Process
from tests.simulation.quiet import QuietLinks
from tests.simulation.timeline import Timeline
from tests.simulation.topology import (
    ADDRESS_LANS,
    AGENT_LANS,
    HOME_ADDRESS,
    HOME_AGENT,
    NAT_LAN,
    NAT_OUTSIDE,
    Topology,
)
from tests.simulation.traffic import Traffic
from tests.simulation.trouble import Trouble
from tests.simulation.wall import Clocks
from tests.simulation.wire import Key

INSPECTION = 0.5


class Scene:
    """Everything that a seed decides, put together."""

    def __init__(self, seed: int, plot: Plot, echo: Callable[[str], None] | None = None) -> None:
        self.plot = plot
        self._seed = seed
        self.timeline = Timeline()
        self.journal = Journal(lambda: self.timeline.now)
        if echo is not None:
            self.journal.echo = echo
        self.topology = Topology(self.timeline, seed, self.journal)
        self.oracle = Oracle(Roles(HOME_ADDRESS.ip, (Key(SPI, daemons.KEY),), HOME_AGENT), self.timeline, self.journal)
        self.processes = self._processes()
        mobile = self.processes["mobile"]
        self.laptop = Laptop(mobile, self.topology, self.timeline, self.chance("laptop"), self.journal)
        self.laptop.moved = self.oracle.mobile.moved
        self.laptop.slow = plot.slow_addresses
        self.laptop.serving = self._serves_addresses
        self.traffic = Traffic(self.timeline, mobile.host, self.topology.correspondent, HOME_ADDRESS.ip)
        self._quiet = QuietLinks(mobile.host, self.topology, self.journal)
        self._nosy = self.chance("nosy")
        self.journal.state = self.state

    def chance(self, purpose: str) -> Chance:
        """A generator of its own for each purpose."""
        return Chance(self._seed, purpose)

    def _processes(self) -> dict[str, Process]:
        topology, plot = self.topology, self.plot
        wall = {"mobile": (plot.mobile_skew, plot.drift), "home": (plot.home_skew, 0.0)}
        found = {
            "home": self._process(topology.home_agent, daemons.home_agent(plot, self.chance("home")), wall),
            "mobile": self._process(topology.mobile_node, daemons.mobile_node(plot, self.chance("mobile")), wall),
        }
        for name, host in topology.foreign_agents.items():
            found[name] = self._process(host, daemons.foreign_agent(host, plot, self.chance(name)), wall)
        return found

    def _process(self, host: Host, build: daemons.Build, wall: dict[str, tuple[float, float]]) -> Process:
        skew, drift = wall.get(host.name, (0.0, 0.0))
        boot = self.chance(f"boot {host.name}").between(0.0, 1e6)
        clocks = Clocks(self.timeline, boot=boot, skew=skew, drift=drift)
        process = Process(host, self.timeline, clocks, self.journal, lambda memory: build(process, memory))
        process.observers.append(self.oracle)
        return process

    def _serves_addresses(self, place: str) -> bool:
        if place == "home":
            return self.plot.home_has_addresses
        return place in (*ADDRESS_LANS, NAT_LAN) or self.plot.addresses_everywhere

    def start(self) -> None:
        """Daemons up, faults and adversary at work, inspections for ever."""
        for process in self.processes.values():
            process.start()
        self.trouble = Trouble(
            self.plot,
            self.processes,
            self.laptop,
            self.topology.lans,
            self.timeline,
            self.chance("trouble"),
            self.journal,
            daemons.toggle,
            self.topology.nat.forget,
        )
        self.adversary = Adversary(self.plot, self.topology.lans, self.timeline, self.chance("adversary"), self.journal)
        self.timeline.after(INSPECTION, self._inspect)

    def _inspect(self) -> None:
        """What stands is looked at also while nothing happens: nothing may outstay its time."""
        for name in ("home", "mobile"):
            process = self.processes[name]
            rules = self.oracle.home if name == "home" else self.oracle.mobile
            rules.planned(process, process.host.plan)
        self._ask_the_mobile_node()
        if self.laptop.place is not None and self._nosy.happens(0.1):
            self._quiet.ask(self.topology.lans[self.laptop.place])
        self.timeline.after(INSPECTION, self._inspect)

    def _ask_the_mobile_node(self) -> None:
        """What it believes of its binding, in its own words."""
        mobile = self.processes["mobile"]
        machine = mobile.machine
        if not isinstance(machine, MobileNode) or machine.registration.binding is None:
            return
        binding = machine.registration.binding
        if binding.lifetime > 0:
            expires = mobile.clocks.to_virtual(binding.expires_at)
            self.oracle.mobile.believes(binding.target.care_of_address.packed, expires)

    def calm(self) -> None:
        """No more faults from here on."""
        self.trouble.stop()
        self.adversary.stop()
        self.processes["mobile"].feed(daemons.toggle(True))  # a NAT lets no packets out that bear the home address

    # Where things stand, as anybody could see it

    def state(self) -> str:
        """What the mobile node is doing, for the coverage table."""
        if self.laptop.place is None:
            return "between-links"
        if self.oracle.mobile.asking:
            return "asking"
        if self.settled():
            return "at-home" if self.laptop.place == "home" else self._kind()
        return "unregistered"

    def _kind(self) -> str:
        agreed = self.oracle.mobile.agreed
        return "co-located" if agreed is not None and agreed.request.flags & 0x20 else "foreign-agent"

    def tunnels_home(self) -> list[Address]:
        """Where the home agent sends what is for the home address."""
        plan = self.processes["home"].host.plan
        tunnels = (item for item in plan if isinstance(item, Tunnel) and item.end is End.HOME and item.sends)
        return [tunnel.remote for tunnel in tunnels if tunnel.home_address == HOME_ADDRESS.ip]

    def settled(self) -> bool:
        """Do both ends agree on where the laptop really is?"""
        place, running = self.laptop.place, all(process.running for process in self.processes.values())
        if place is None or not running:
            return False
        agreed = self.oracle.mobile.agreed
        if place == "home":
            return not self.tunnels_home() and agreed is not None and agreed.granted == 0
        if agreed is None:
            return False
        care_of_address = IPv4Address(agreed.request.care_of_address)
        remote = NAT_OUTSIDE if place == NAT_LAN else care_of_address
        return self.tunnels_home() == [remote] and self.is_here(care_of_address)

    def is_here(self, care_of_address: Address) -> bool:
        """Is this a care-of address of the link where the laptop is?"""
        if self.laptop.place in AGENT_LANS:
            agent = self.topology.foreign_agents[self.laptop.place].ports[2].addresses[0].ip
            return care_of_address in (agent, *self.laptop.addresses)
        return care_of_address in self.laptop.addresses
