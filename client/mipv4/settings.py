"""What a profile says about Mobile IPv4, as the machines need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from client.core.choice import Preference, Switch
from client.core.plan import Encapsulation
from client.mipv4.authentication import SecurityAssociation
from client.mipv4.pacing import SHORTEST_GAP

LONGEST_AGENT_LIFETIME = 1800
"""Seconds: through an agent we never ask for more (the default router lifetime of RFC 5944 §3.6.1.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The mobile node's configuration (RFC 5944 §3.6). Times are seconds."""

    home_address: IPv4Interface | None  # None: the home agent assigns one to the NAI
    home_agents: tuple[IPv4Address, ...]  # tried in order
    associations: tuple[SecurityAssociation, ...]  # with the home agents; the first one signs
    nai: str | None = None
    foreign_associations: Mapping[IPv4Address, tuple[SecurityAssociation, ...]] = field(default_factory=dict)
    lifetime: int = 600
    care_of: Preference = Preference.AUTO
    reverse_tunnel: Switch = Switch.AUTO
    keepalive: float = 110.0
    encapsulations: tuple[Encapsulation, ...] = (Encapsulation.IPIP,)  # in the order in which we ask for them
    broadcasts: bool = False  # shall what is sent to the whole home network reach us away?
    tunnelled: tuple[IPv4Network, ...] | None = None  # only packets to these use the home address; None: all
    overlap: bool = False  # with two working links: bound by both until the new one is proven (S bit)
    request_gap: float = (
        SHORTEST_GAP  # between two decisions to ask; what may lie between one and the wire comes on top
    )

    def __post_init__(self) -> None:
        if not self.home_agents or not self.associations:
            raise ValueError("a mobile node needs a home agent and a security association with it")
        if self.home_address is None and self.nai is None:
            raise ValueError("without a home address a mobile node needs an NAI (RFC 5944 §3.6)")

    @property
    def home_network(self) -> IPv4Network | None:
        """The home prefix, or None while only the home agent knows it."""
        return self.home_address.network if self.home_address else None
