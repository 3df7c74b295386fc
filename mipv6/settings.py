"""What a profile says about Mobile IPv6, as the mobile node needs it."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv6Address, IPv6Network

from mipv6.esp import Associations
from mipv6.mn_ha_authentication import SecurityAssociation
from mipv6.path_policy import PathPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The mobile node's configuration (RFC 6275 §11). Times are seconds."""

    home_address: IPv6Address
    home_prefix: IPv6Network
    home_agents: tuple[IPv6Address, ...] = ()  # tried in order, after those that discovery finds
    discover: bool = False  # ask the home link for its home agents (§11.4.1)
    identity: str | None = None  # our NAI (RFC 4283)
    association: SecurityAssociation | None = None  # with the home agents (RFC 4285)
    esp: Associations | None = None  # with the home agents, in place of RFC 4285 (RFC 3776)
    timestamps: bool = True  # replay protection by the time of day, beside the sequence number (RFC 4285 §6)
    lifetime: int = 600
    keepalive: float = 110.0
    paths: PathPolicy = field(default_factory=PathPolicy)
    accept_unprotected: bool = False  # use what nothing protects but the registration (RFC 4285 §2)

    def __post_init__(self) -> None:
        if self.home_address not in self.home_prefix:
            raise ValueError("the home address must lie in the home prefix")
        if not self.home_agents and not self.discover:
            raise ValueError("a mobile node needs a home agent, or must look for one")
        if (self.association is None) == (self.esp is None):
            raise ValueError("home signalling is protected by RFC 4285 or by ESP, one of them")
        if self.association is not None and self.identity is None:
            raise ValueError("RFC 4285 needs to know who we are")

    @property
    def allows_prefix_discovery(self) -> bool:
        """May it be used: is it protected, or is the risk accepted (RFC 4285 §2)?"""
        return self.esp is not None or self.accept_unprotected

    @property
    def allows_direct_paths(self) -> bool:
        """Return routability rests on secrecy up to the home agent (RFC 6275 §15.4.1): a cipher has to hide it."""
        return self.accept_unprotected or (self.esp is not None and self.esp.hides)
