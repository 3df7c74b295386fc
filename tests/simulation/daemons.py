"""The product's own machines, as the scene runs them."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

from agents.mobility_agent import MobilityAgent
from agents.nodes import Node, Nodes
from agents.settings import AgentSettings, ForeignAgentSettings, ForeignLinkSettings, HomeAgentSettings
from client.core.choice import Switch
from client.core.machine import Command, Machine
from client.core.plan import Encapsulation
from client.core.secret import Secret
from client.mipv4.authentication import SecurityAssociation
from client.mipv4.commands import SetReverseTunnel
from client.mipv4.mobile_node import MobileNode
from client.mipv4.settings import Settings
from tests.simulation.chance import Chance
from tests.simulation.faults import Plot
from tests.simulation.forgery import OTHER_NODE, SPI
from tests.simulation.host import Host
from tests.simulation.process import Process
from tests.simulation.topology import HOME_ADDRESS, HOME_AGENT, HOME_NETWORK, OTHER_HOME_ADDRESS

KEY = b"the key that both of them know"
ASSOCIATION = SecurityAssociation(spi=SPI, key=Secret(KEY))
Build = Callable[[Process, bytes], Machine]


def mobile_node(plot: Plot, chance: Chance) -> Build:
    """The laptop's daemon."""
    settings = Settings(
        home_address=HOME_ADDRESS,
        home_agents=(HOME_AGENT,),
        associations=(ASSOCIATION,),
        lifetime=plot.lifetime,
        encapsulations=tuple(Encapsulation(name) for name in plot.wanted),
        overlap=plot.overlap,
    )
    return lambda process, memory: MobileNode(settings, process.clocks.wall, chance.draw, memory)


def home_agent(plot: Plot, chance: Chance) -> Build:
    """The agent of the home network; it also serves another node, which is not to be trusted with our address."""
    settings = HomeAgentSettings(
        address=HOME_AGENT,
        network=HOME_NETWORK,
        interface="eth2",
        encapsulations=frozenset(Encapsulation(name) for name in plot.granted),
        forced_udp=plot.forced_udp,
        simultaneous_bindings=plot.most_bindings,
        keepalive=plot.keepalive,
    )
    nodes = Nodes(
        [
            Node(nai="alice@example.net", associations=(ASSOCIATION,), home_address=HOME_ADDRESS.ip),
            Node(nai="mallory@example.net", associations=(OTHER_NODE,), home_address=OTHER_HOME_ADDRESS.ip),
        ]
    )
    agent = AgentSettings(home_agents=(settings,))
    return lambda process, memory: MobilityAgent(agent, nodes, process.clocks.wall, chance.draw, memory)


def foreign_agent(host: Host, plot: Plot, chance: Chance) -> Build:
    """The agent of an access network; its care-of address is that of its uplink."""
    care_of_address: IPv4Address = host.ports[2].addresses[0].ip
    link = ForeignLinkSettings(
        interface="eth3",
        care_of_address=care_of_address,
        registration_required=plot.agents_require,
        encapsulations=frozenset(Encapsulation(name) for name in plot.offered),
    )
    settings = AgentSettings(foreign_agent=ForeignAgentSettings(links=(link,)))
    return lambda process, memory: MobilityAgent(settings, Nodes(), process.clocks.wall, chance.draw, memory)


def toggle(on: bool) -> Command:
    """What a person says at run time."""
    return SetReverseTunnel(Switch.ON if on else Switch.OFF)
