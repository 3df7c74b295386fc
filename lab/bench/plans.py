"""What mobile node and home agent hold in the benchmarks: as their machines would say it, without the signalling."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from client.core.overhead import overhead
from client.core.plan import ANCHOR, Address, Anchor, Encapsulation, End, Plan, Route, Rule, Table, Tunnel
from lab.bench import network

EVERYWHERE = IPv4Network("0.0.0.0/0")
MIP_PORT = 434
LINK_MTU = 1500


@dataclass(frozen=True, slots=True)
class Way:
    """One home address's tunnel between mobile node and home agent."""

    encapsulation: Encapsulation
    home_address: Address = network.HOME_ADDRESS
    care_of_address: Address = network.CARE_OF_ADDRESS
    home_agent: Address = network.HOME_AGENT

    @property
    def mtu(self) -> int:
        """The longest packet that fits in."""
        return LINK_MTU - overhead(self.encapsulation, ipv6=self.home_address.version == 6)

    def tunnel(self, end: End, interface: int | None = None) -> Tunnel:
        """Its tunnel, at one end."""
        ends = (self.care_of_address, self.home_agent)
        local, remote = ends if end is End.MOBILE else ends[::-1]
        return Tunnel(
            end=end,
            home_address=self.home_address,
            local=local,
            remote=remote,
            encapsulation=self.encapsulation,
            ports=(MIP_PORT, MIP_PORT) if self.encapsulation is Encapsulation.UDP else None,
            mtu=self.mtu,
            interface=interface,
        )


def at_mobile(ways: list[Way], interface: int) -> Plan:
    """The mobile node's: co-located, reverse tunnel, the outer packets by this interface."""
    first = ways[0].home_address
    return (
        Anchor(mtu=min(way.mtu for way in ways), address=first if isinstance(first, IPv4Address) else None),
        *(way.tunnel(End.MOBILE, interface) for way in ways),
        Route(destination=EVERYWHERE, interface=ANCHOR, source=first if isinstance(first, IPv4Address) else None),
        Rule(order=0, table=Table.MAIN, marked=True),
        Rule(order=2, table=Table.MAIN, bound_to=network.CARE_OF_ADDRESS),
        Rule(order=3, table=Table.OURS),
    )


def at_home(ways: list[Way], network_of_ours: IPv4Network) -> Plan:
    """The home agent's: all packets to the home network are those of nodes that are away."""
    return (
        Anchor(mtu=min(way.mtu for way in ways)),
        Rule(order=0, table=Table.MAIN, marked=True),
        Rule(order=1, table=Table.OURS),
        *(way.tunnel(End.HOME) for way in ways),
        Route(destination=network_of_ours, interface=ANCHOR),
    )
