"""Who is in the virtual IPv6 network, and where: one home link, three visited links, three correspondents.

home (1::/64) --- home agent ---+
one  (2::/64) --- router one ---+--- core (c::/64) --- able, unable
two  (3::/64) --- router two ---+
three (4::/64) -- router three -+          `local`, able too, is on link one
"""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network

from agents.home6.agents6 import Agents6
from agents.home6.node import Association6, Node6
from agents.home6.settings import Home6Settings, HomePrefix
from agents.nodes import Node, Nodes
from agents.settings import AgentSettings
from client.core.machine import Machine
from client.core.secret import Secret
from mipv6.correspondent_node import CorrespondentNode
from mipv6.correspondent_settings import CorrespondentSettings
from mipv6.mobile_node import MobileNode6
from mipv6.path_policy import PathPolicy
from mipv6.settings import Settings
from tests.simulation.chance import Chance
from tests.simulation.ipv6.host import EVERYWHERE, Host
from tests.simulation.ipv6.process import Process
from tests.simulation.ipv6.router import Router
from tests.simulation.ipv6.routing import Way
from tests.simulation.journal import Journal
from tests.simulation.lan import Lan
from tests.simulation.timeline import Timeline
from tests.simulation.wall import Clocks

PLACES = ("home", "one", "two", "three")
AWAY = PLACES[1:]
HOME_PREFIX = IPv6Network("2001:db8:1::/64")
HOME_ADDRESS = IPv6Address("2001:db8:1::1000")
OTHER_HOME_ADDRESS = IPv6Address("2001:db8:1::2000")
HOME_AGENT = IPv6Address("2001:db8:1::1")
ABLE = IPv6Address("2001:db8:c::a")
UNABLE = IPv6Address("2001:db8:c::b")
LOCAL = IPv6Address("2001:db8:2::a")
CORRESPONDENTS = (ABLE, UNABLE, LOCAL)
CORE, INNER, CARD = 2, 3, 2
KEY = b"the key that both of them know"
LIFETIME = 120


class World:
    """Everything that has no will of its own, and the daemons."""

    def __init__(self, seed: int, timeline: Timeline, journal: Journal, *, lifetime: int = LIFETIME) -> None:
        self.seed = seed
        self.timeline = timeline
        self.journal = journal
        self.lifetime = lifetime
        self.lans = {name: self._lan(name) for name in (*PLACES, "core")}
        self.home_agent = self._router("home", 1)
        self.routers = {name: self._visited(name, number) for number, name in enumerate(AWAY, 2)}
        self.mobile_node = Host("mobile", timeline)
        self.mobile_node.add_port(CARD, bytes.fromhex("020000000099"))
        self.able = self._host("able", ABLE, "core", 0xA)
        self.unable = self._host("unable", UNABLE, "core", 0xB)
        self.local = self._host("local", LOCAL, "one", 0xD)
        self.place: str | None = None
        self._route()
        self.processes = {
            "home": self._process(self.home_agent, self._home_agent),
            "mobile": self._process(self.mobile_node, self._mobile_node),
            "able": self._process(self.able, self._correspondent),
            "local": self._process(self.local, self._correspondent),
        }

    def chance(self, purpose: str) -> Chance:
        """A generator of its own for each purpose."""
        return Chance(self.seed, f"6/{purpose}")

    def _lan(self, name: str) -> Lan:
        return Lan(name, self.timeline, self.chance(f"lan {name}"), lambda fault: self.journal.fault(fault))

    def _router(self, name: str, number: int) -> Host:
        host = Host(name, self.timeline, forwards=True)
        host.add_port(CORE, bytes((2, 0, 0, 1, 0, number)), f"2001:db8:c::{number}/64")
        host.add_port(INNER, bytes((2, 0, 0, 2, 0, number)), f"2001:db8:{number}::1/64")
        host.plug(CORE, self.lans["core"])
        host.plug(INNER, self.lans[name])
        return host

    def _visited(self, name: str, number: int) -> Router:
        prefix = IPv6Network(f"2001:db8:{number}::/64")
        return Router(self._router(name, number), INNER, prefix, self.timeline, self.chance(f"router {name}"))

    def _host(self, name: str, address: IPv6Address, lan: str, number: int) -> Host:
        host = Host(name, self.timeline)
        host.add_port(CARD, bytes((2, 0, 0, 3, 0, number)), f"{address}/64")
        host.plug(CARD, self.lans[lan])
        return host

    def _route(self) -> None:
        """Static routes on the core, and of those who need no advertisement."""
        inner = {number: IPv6Address(f"2001:db8:c::{number}") for number in range(1, len(PLACES) + 1)}
        for host in (self.home_agent, *(router.host for router in self.routers.values()), self.able, self.unable):
            for number, gateway in inner.items():
                if host.addresses[CORE].find(gateway) is None:
                    host.statics.append((IPv6Network(f"2001:db8:{number}::/48"), Way(CORE, gateway)))
        self.local.statics.append((EVERYWHERE, Way(CARD, IPv6Address("2001:db8:2::1"))))

    # Daemons

    def _process(self, host: Host, build: object) -> Process:
        assert callable(build)
        boot = self.chance(f"boot {host.name}").between(0.0, 1e6)
        return Process(host, self.timeline, Clocks(self.timeline, boot=boot), self.journal, build)

    def _mobile_node(self, process: Process, memory: bytes) -> Machine:
        settings = Settings(
            home_address=HOME_ADDRESS,
            home_prefix=HOME_PREFIX,
            home_agents=(HOME_AGENT,),
            identity="alice@example.net",
            association=Association6(spi=300, key=Secret(KEY)),
            lifetime=self.lifetime,
            keepalive=20.0,
            paths=PathPolicy(after_packets=5),
            accept_unprotected=True,
        )
        return MobileNode6(settings, process.clocks.wall, self.chance(f"mobile {self.timeline.now}").draw, memory)

    def _home_agent(self, process: Process, memory: bytes) -> Machine:
        home = Home6Settings(
            address=HOME_AGENT,
            prefixes=(HomePrefix(prefix=HOME_PREFIX),),
            interface=f"eth{INNER}",
            max_lifetime=600,
            interval=10.0,
            router_lifetime=1800,
        )
        nodes = Nodes((_node("alice", HOME_ADDRESS, 300, KEY), _node("mallory", OTHER_HOME_ADDRESS, 301, KEY[::-1])))
        draw = self.chance(f"home {self.timeline.now}").draw
        return Agents6(AgentSettings(home6=home), nodes, process.clocks.wall, draw, memory)

    def _correspondent(self, process: Process, memory: bytes) -> Machine:
        return CorrespondentNode(CorrespondentSettings(), self.chance(f"{process.name} {self.timeline.now}").draw)

    # Where the mobile node is

    def go(self, place: str | None) -> None:
        """Carry the laptop there."""
        self.journal.note(f"laptop goes to {place}")
        if self.place is not None:
            self.mobile_node.unplug(CARD)
            self.processes["mobile"].links_changed()
        self.place = place
        if place is not None:
            self.mobile_node.plug(CARD, self.lans[place])
            self.processes["mobile"].links_changed()

    @property
    def care_of_addresses(self) -> list[IPv6Address]:
        """Those of the link where the laptop is."""
        if self.place not in self.routers:
            return []
        prefix = self.routers[self.place].prefix
        return [one.ip for one in self.mobile_node.addresses[CARD].held if one.ip in prefix]


def _node(name: str, home_address: IPv6Address, spi: int, key: bytes) -> Node:
    association = Association6(spi=spi, key=Secret(key))
    return Node(nai=f"{name}@example.net", v6=Node6(home_address=home_address, associations=(association,)))
