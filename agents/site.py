"""What the command line must know of a daemon to make a node's entry: its home networks and its state directory."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

import msgspec

from agents.addresses import AssignedAddresses
from agents.home6.enrolment import HomeNetwork6, home_network6
from agents.mobility_agent import read_memory
from agents.settings import AddressRange, AgentSettings, HomeAgentSettings
from client.core.errors import ProfileError


class HomeNetwork(msgspec.Struct, frozen=True, kw_only=True):
    """A home network where nodes can be enrolled."""

    address: IPv4Address  # of its home agent
    network: str
    first: IPv4Address | None = None  # of the pool
    last: IPv4Address | None = None
    assigned: list[IPv4Address] = []  # addresses of the pool that nodes have already

    @property
    def prefix(self) -> IPv4Network:
        """The home network."""
        return IPv4Network(self.network)

    @property
    def pool(self) -> AddressRange | None:
        """The addresses for nodes that are not told theirs."""
        return AddressRange(self.first, self.last) if self.first and self.last else None


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about one daemon that enrolment needs. There are no keys in it."""

    state: str
    homes: list[HomeNetwork]
    home6: HomeNetwork6 | None = None

    def home_of(self, home_address: IPv4Address | None) -> HomeNetwork:
        """The home network of an address; without one the only one, or the first with a pool. Else ProfileError."""
        if not self.homes:
            raise ProfileError("this agent is no home agent: its configuration has no [[home_agent]]")
        if home_address is None:
            return next((home for home in self.homes if home.pool), self.homes[0])
        for home in self.homes:
            if home_address in home.prefix:
                return home
        networks = ", ".join(home.network for home in self.homes)
        raise ProfileError(f"{home_address} is not in a home network of this agent ({networks})")


def site_of(settings: AgentSettings, state: Path, memory: bytes) -> Site:
    """The site of a configuration, with what its daemon remembers."""
    stored = read_memory(memory)
    assigned = {
        home.address: AssignedAddresses(home.pool, stored.get(str(home.address), "").encode()).all()
        for home in settings.home_agents
    }
    return Site(
        state=str(state.absolute()),
        homes=[_home(home, assigned[home.address]) for home in settings.home_agents],
        home6=home_network6(settings.home6) if settings.home6 else None,
    )


def _home(settings: HomeAgentSettings, assigned: Iterable[IPv4Address]) -> HomeNetwork:
    return HomeNetwork(
        address=settings.address,
        network=str(settings.network),
        first=settings.pool.first if settings.pool else None,
        last=settings.pool.last if settings.pool else None,
        assigned=sorted(assigned),
    )


def read_site(answer: Any) -> Site:
    """What a daemon answered to `site`."""
    return msgspec.convert(answer, Site, dec_hook=lambda kind, value: kind(value))
