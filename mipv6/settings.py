"""What a profile says about Mobile IPv6, as the mobile node needs it."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv6Address, IPv6Network

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
    association: SecurityAssociation | None = None  # with the home agents (RFC 4285); None: ESP, in the kernel
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
        if self.association is not None and self.identity is None:
            raise ValueError("RFC 4285 needs to know who we are")

    @property
    def protected(self) -> bool:
        """Does anything protect what goes between the home address and the home agent, besides the registration?"""
        return self.association is None

    @property
    def allows_unprotected(self) -> bool:
        """May direct paths and prefix discovery be used: are they protected, or is the risk accepted (RFC 4285 §2)?"""
        return self.protected or self.accept_unprotected
