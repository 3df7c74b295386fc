"""What mobile node and home agent hold in the benchmarks: as their machines would say it, without the signalling.

Of IPv6 a plan holds no more than the tunnels yet; addresses and routes are then the caller's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
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


def way(encapsulation: Encapsulation, version: int) -> Way:
    """The benchmark's way; with IPv6's DIRECT the correspondent itself is at the other end (RFC 6275 §11.3)."""
    if version == 4:
        return Way(encapsulation)
    other_end = network.PEER6 if encapsulation is Encapsulation.DIRECT else network.HOME_AGENT6
    return Way(encapsulation, network.HOME_ADDRESS6, network.CARE_OF_ADDRESS6, other_end)


def at_mobile(ways: list[Way], interface: int) -> Plan:
    """The mobile node's: co-located, reverse tunnel, the outer packets by this interface."""
    address = ways[0].home_address
    tunnels = tuple(way.tunnel(End.MOBILE, interface) for way in ways)
    if not isinstance(address, IPv4Address):
        return (Anchor(mtu=_narrowest(ways)), *tunnels)
    return (
        Anchor(mtu=_narrowest(ways), address=address),
        *tunnels,
        Route(destination=EVERYWHERE, interface=ANCHOR, source=address),
        Rule(order=0, table=Table.MAIN, marked=True),
        Rule(order=2, table=Table.MAIN, bound_to=network.CARE_OF_ADDRESS),
        Rule(order=3, table=Table.OURS),
    )


def at_correspondent(way: Way, interface: int) -> Plan:
    """A correspondent's, which forwards for nobody and so must say by which interface its packets leave."""
    return (Anchor(mtu=way.mtu), way.tunnel(End.HOME, interface))


def at_home(ways: list[Way], home: IPv4Network, former: Sequence[Way] = (), *, shortcut: bool = False) -> Plan:
    """The home agent's: all packets to the home network are for nodes that are away; `former` ways only receive."""
    anchor = Anchor(mtu=_narrowest(ways), shortcut=shortcut)
    if ways[0].home_address.version == 6:
        return (anchor, *(way.tunnel(End.HOME) for way in ways))
    return (
        anchor,
        Rule(order=0, table=Table.MAIN, marked=True),
        Rule(order=1, table=Table.OURS),
        *(way.tunnel(End.HOME) for way in ways),
        *(replace(way.tunnel(End.HOME), sends=False) for way in former),
        Route(destination=home, interface=ANCHOR),
    )


def _narrowest(ways: list[Way]) -> int:
    return min(way.mtu for way in ways)
