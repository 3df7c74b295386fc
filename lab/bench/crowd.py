"""A home agent with many bindings: its address plan, and the process that holds it.

    python -m lab.bench.crowd mobile|home RUNTIME_DIRECTORY BINDINGS...

BINDINGS are those of the agents so far: `home` is the last of them. Speaks as lab.bench.plane does.
Each binding has a care-of address that nobody uses, so that what is sent there is only counted; one more has
the mobile node's own, for TCP.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from client.core.plan import Encapsulation, Plan
from lab.bench import network
from lab.bench.network import Card, card
from lab.bench.plane import MOBILE, hold
from lab.bench.plans import Way, at_home, at_mobile

CARE_OF_ADDRESSES = IPv4Network("198.18.0.0/15")
_HOME_NETWORKS = IPv4Network("10.0.0.0/8")
_HOME_PREFIX = 12


@dataclass(frozen=True, slots=True)
class Crowd:
    """One of the home agents, from 0 on."""

    number: int
    bindings: int

    @property
    def node(self) -> str:
        """Its namespace."""
        return f"ha{self.number}"

    @property
    def home_network(self) -> IPv4Network:
        """Where its nodes are at home: room for a million."""
        return list(_HOME_NETWORKS.subnets(new_prefix=_HOME_PREFIX))[self.number + 1]

    @property
    def first(self) -> IPv4Address:
        """The first of its home addresses; the others follow."""
        return self.home_network[0]

    @property
    def reached(self) -> IPv4Address:
        """The home address that the mobile node has there."""
        return self.home_network[-2]

    @property
    def address(self) -> IPv4Address:
        """The home agent's own."""
        return IPv4Address("192.0.2.130") + 4 * self.number

    @property
    def up(self) -> tuple[Card, Card]:
        """Its cable to the router."""
        ends = (self.address - 1, self.address)
        return card(network.ROUTER, f"to-{self.node}", f"{ends[0]}/30"), card(self.node, "up0", f"{ends[1]}/30")

    @property
    def down(self) -> tuple[Card, Card]:
        """Its cable to the correspondent."""
        ends = (IPv4Address("203.0.113.129") + 4 * self.number, IPv4Address("203.0.113.130") + 4 * self.number)
        return card(self.node, "home0", f"{ends[0]}/30"), card(network.CORRESPONDENT, self.node, f"{ends[1]}/30")

    def ways(self) -> list[Way]:
        """All its bindings."""
        agent, first, places = self.address, int(self.first), int(CARE_OF_ADDRESSES[0])
        size = CARE_OF_ADDRESSES.num_addresses
        crowd = [
            Way(Encapsulation.IPIP, IPv4Address(first + number), IPv4Address(places + number % size), agent)
            for number in range(self.bindings)
        ]
        return [*crowd, self.way]

    @property
    def way(self) -> Way:
        """The binding of the mobile node."""
        return Way(Encapsulation.IPIP, self.reached, network.CARE_OF_ADDRESS, self.address)


def plan_of(who: str, bindings: list[int]) -> Plan:
    """The mobile node's, with a home address at each of these agents; or that of the last of them."""
    crowds = [Crowd(number, count) for number, count in enumerate(bindings)]
    if who == MOBILE:
        return at_mobile([crowd.way for crowd in crowds], socket.if_nametoindex("eth0"))
    return at_home(crowds[-1].ways(), crowds[-1].home_network)


def main() -> None:
    """Run until SIGTERM."""
    who, runtime, *bindings = sys.argv[1:]
    asyncio.run(hold(who, plan_of(who, [int(count) for count in bindings]), Path(runtime)))


if __name__ == "__main__":
    main()
