"""What an agent is told to be: its home network, its links for visitors, its policies and keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address, IPv4Network
from typing import TypeAlias

from agents.home6.settings import Home6Settings
from client.core.plan import Encapsulation
from client.mipv4.authentication import SecurityAssociation
from mipv6.correspondent_settings import CorrespondentSettings

Associations: TypeAlias = tuple[SecurityAssociation, ...]

ANCHOR_MTU = 1480
"""What fits into a tunnel over Ethernet: 1500 less an outer IPv4 header."""


EVERY_ENCAPSULATION = frozenset({Encapsulation.IPIP, Encapsulation.GRE, Encapsulation.MINIMAL, Encapsulation.UDP})
"""What IPv4 packets can be tunnelled in."""


class ReverseTunnel(Enum):
    """May packets of mobile nodes come through the tunnel, must they, or must they not (RFC 3024)?"""

    ALLOWED = "allowed"
    REFUSED = "refused"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class AddressRange:
    """Consecutive addresses, both ends included."""

    first: IPv4Address
    last: IPv4Address

    def __iter__(self) -> Iterator[IPv4Address]:
        return (IPv4Address(number) for number in range(int(self.first), int(self.last) + 1))

    def __contains__(self, address: object) -> bool:
        return isinstance(address, IPv4Address) and self.first <= address <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeAgentSettings:
    """A home network and how it is served (RFC 5944 §3.8.1)."""

    address: IPv4Address
    network: IPv4Network
    interface: str | None = None  # the home link; None: the home network is virtual (RFC 5944 §2.3)
    max_lifetime: int = 600  # seconds; short, so that a lost laptop's care-of address is soon forgotten
    tolerance: float = 7.0  # seconds that a request's timestamp may be off our clock (RFC 5944 §5.7.1)
    reverse_tunnel: ReverseTunnel = ReverseTunnel.ALLOWED
    pool: AddressRange | None = None  # home addresses for nodes without a fixed one
    max_bindings: int = 10_000
    advertisement_lifetime: int = 9  # seconds; three advertisements are sent in it
    encapsulations: frozenset[Encapsulation] = EVERY_ENCAPSULATION  # those that are granted; IPIP always is
    udp_lifetime: int = 300  # seconds; short, since a tunnel through a NAT follows a source address that nobody signs
    keepalive: int = 0  # seconds between packets that keep a NAT's entry; 0: as the mobile node likes (RFC 3519 §3.2)
    forced_udp: bool = True  # UDP also where there is no NAT, for those who insist
    simultaneous_bindings: int = 3  # care-of addresses of one node at one time; 1: the S bit is answered with code 1
    broadcasts: bool = True  # for nodes that ask with the B bit; if not, the bit is ignored (RFC 5944 §3.8.2)
    multicast: bool = True  # groups that nodes join through their reverse tunnels (RFC 5944 §4.4)
    shortcut: bool = False  # into tunnels straight from links, past this host's firewall: quicker, and less is checked
    foreign_agents: Mapping[IPv4Address, Associations] = field(default_factory=dict)
    own_care_of_addresses: frozenset[IPv4Address] = frozenset()  # of the foreign agent in this same daemon


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignLinkSettings:
    """A link for visitors."""

    interface: str
    care_of_address: IPv4Address
    registration_lifetime: int = 1800  # seconds, the longest that a visitor may ask for
    advertisement_lifetime: int = 9  # seconds; three advertisements are sent in it, so a lost agent is seen early
    registration_required: bool = False  # the R bit: also for those with an address of their own
    reverse_tunnel: ReverseTunnel = ReverseTunnel.ALLOWED
    encapsulations: frozenset[Encapsulation] = frozenset({Encapsulation.IPIP, Encapsulation.GRE, Encapsulation.MINIMAL})
    """What visitors are offered: the G and M bits; UDP: this agent is behind a NAT (the U bit, RFC 3519 §3.4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignAgentSettings:
    """All links for visitors, and the limits and keys that they share (RFC 5944 §3.7.1)."""

    links: tuple[ForeignLinkSettings, ...]
    max_visitors: int = 1000
    max_pending: int = 256
    home_agents: Mapping[IPv4Address, Associations] = field(default_factory=dict)
    mobile_nodes: Mapping[str, Associations] = field(default_factory=dict)  # by NAI or by home address in dots
    own_home_agents: frozenset[IPv4Address] = frozenset()  # those that live in this same daemon

    def visitor_associations(self, home_address: IPv4Address, nai: str | None) -> Associations:
        """The keys that we share with a visitor; none for most."""
        return self.mobile_nodes.get(nai or "", ()) or self.mobile_nodes.get(str(home_address), ())


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSettings:
    """Everything that one daemon does."""

    home_agents: tuple[HomeAgentSettings, ...] = ()
    foreign_agent: ForeignAgentSettings | None = None
    home6: Home6Settings | None = None
    correspondent: CorrespondentSettings | None = None
