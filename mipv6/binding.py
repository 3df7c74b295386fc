"""Where the mobile node is, or wants to be, bound; and what its home agent has agreed to."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address

from client.core.machine import NEVER
from client.core.status import Place

FAREWELL = -NEVER
"""The end of a care-of address that is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """The router that takes our packets on a link: by its link-local and its link-layer address, if they are known."""

    interface: int
    router: IPv6Address | None = None
    link_layer_address: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where we are: the care-of address, and how packets with it leave. At home it is the home address."""

    place: Place
    care_of_address: IPv6Address
    hop: Hop
    expires_at: float = NEVER  # the care-of address
    home_agents: tuple[tuple[IPv6Address, bytes], ...] = ()  # at home: those heard, with their link-layer addresses

    @property
    def at_home(self) -> bool:
        """On the home link?"""
        return self.place is Place.HOME

    @property
    def is_farewell(self) -> bool:
        """Shall nothing be bound here: at home, and when we leave?"""
        return self.at_home or self.expires_at == FAREWELL

    @property
    def spot(self) -> tuple[Place, IPv6Address, int]:
        """What makes it another place: only then is the home agent told."""
        return (self.place, self.care_of_address, self.hop.interface)


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What the home agent agreed to: it sends packets for `home_address` to `target.care_of_address`.

    `lifetime` 0 at home: nothing is bound, and packets come by themselves. Times are machine times.
    """

    target: Target
    home_address: IPv6Address
    home_agent: IPv6Address
    status: int
    lifetime: float
    sent_at: float
    granted_at: float
    expires_at: float  # NEVER at home

    @property
    def care_of_address(self) -> IPv6Address:
        """Where packets go."""
        return self.target.care_of_address

    @property
    def at_home(self) -> bool:
        """Were we at home when this was agreed?"""
        return self.target.at_home
