"""What a home agent for IPv6 is told to be: its home link, the prefixes there, its limits."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network

FOR_EVER = 0xFFFFFFFF
"""A prefix lifetime that never ends (RFC 4861 §4.6.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePrefix:
    """A prefix of the home link, as it is advertised (RFC 4861 §4.6.2). Lifetimes are seconds."""

    prefix: IPv6Network
    valid: int = 2_592_000
    preferred: int = 604_800
    autonomous: bool = True  # hosts may form addresses with it
    counts_down: bool = False  # the lifetimes run from the moment that we read them: the prefix goes


@dataclass(frozen=True, slots=True, kw_only=True)
class Home6Settings:
    """A home link and how it is served (RFC 6275 §10)."""

    address: IPv6Address  # ours on the home link, which mobile nodes register with
    prefixes: tuple[HomePrefix, ...]
    interface: str | None = None  # the home link; None: the home network is virtual
    max_lifetime: int = 600  # seconds; short, so that a lost laptop's care-of address is soon forgotten
    refresh: int = 0  # seconds after which nodes are advised to renew their binding; 0: no advice
    tolerance: float = 7.0  # seconds that a timestamp may be off our clock (RFC 4285 §6)
    max_bindings: int = 10_000
    preference: int = 0  # among the home agents of the link: higher is better (RFC 6275 §7.4)
    home_agent_lifetime: int = 1800  # seconds that an advertisement makes us known as a home agent
    advertise: bool = True  # send Router Advertisements to the home link
    interval: float = 600.0  # seconds between advertisements at most (MaxRtrAdvInterval, RFC 4861 §6.2.1)
    router_lifetime: int = 0  # seconds; 0: we are no default router of the home link
    discovery: bool = True  # answer home agent address discovery
    accept_unprotected: bool = False  # prefix discovery for nodes that authenticate by RFC 4285 (its §2)
    min_prefix_interval: float = 600.0  # seconds between unsolicited prefix advertisements (MinMobPfxAdvInterval)
    shortcut: bool = False  # into tunnels straight from links, past this host's firewall: quicker, and less is checked
    max_prefix_interval: float = 86_400.0  # (MaxMobPfxAdvInterval, RFC 6275 §13)
