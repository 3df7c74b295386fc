"""The tables [home6] and [correspondent] of mobilityagentd's configuration file, and what they mean."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv6Address, IPv6Network

import msgspec

from agents.home6.settings import FOR_EVER, Home6Settings, HomePrefix
from client.core.errors import ProfileError
from client.core.ipv6 import is_unicast_routable
from mipv6.correspondent_settings import MAX_NONCE_LIFETIME, MAX_RR_BINDING_LIFETIME, CorrespondentSettings
from mipv6.messages import LONGEST_LIFETIME

SHORTEST_INTERVAL = 0.07
LONGEST_INTERVAL = 1800.0
"""Seconds between Router Advertisements (RFC 6275 §7.5, RFC 4861 §6.2.1)."""


class PrefixTable(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """An entry of `prefixes` that says more than the prefix."""

    prefix: str
    valid: int = 2_592_000
    preferred: int = 604_800
    autonomous: bool = True
    counts_down: bool = False


class Home6Table(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """[home6]"""

    address: str
    prefixes: list[str | PrefixTable]
    interface: str | None = None
    max_lifetime: int = 600
    refresh: int = 0
    tolerance: float = 7.0
    max_bindings: int = 10_000
    preference: int = 0
    home_agent_lifetime: int = 1800
    advertise: bool = True
    interval: float = 600.0
    router_lifetime: int = 0
    discovery: bool = True
    accept_unprotected: bool = False
    min_prefix_interval: float = 600.0
    max_prefix_interval: float = 86_400.0
    shortcut: bool = False


class CorrespondentTable(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """[correspondent]"""

    max_bindings: int = 1024
    max_lifetime: int = MAX_RR_BINDING_LIFETIME
    nonce_interval: float = 30.0
    nonce_lifetime: float = MAX_NONCE_LIFETIME


def home6_settings(table: Home6Table) -> Home6Settings:
    """What [home6] means, or ProfileError."""
    address = address6(table.address, "[home6] address")
    prefixes = tuple(_prefix(entry) for entry in table.prefixes)
    within = any(address in home.prefix for home in prefixes)
    numbers = {name: getattr(table, name) for name in _FROM_TABLE}
    for name, (least, most) in _LIMITS.items():
        _check(least <= numbers[name] <= most, f"{name} is not between {least} and {most}")
    _check(within, f"{address} is in none of the prefixes")
    _check(len({home.prefix for home in prefixes}) == len(prefixes), "a prefix stands there twice")
    _check(
        0 < table.min_prefix_interval <= table.max_prefix_interval,
        "min_prefix_interval is more than max_prefix_interval",
    )
    return Home6Settings(address=address, prefixes=prefixes, interface=table.interface, **numbers)


_FROM_TABLE = frozenset(Home6Table.__struct_fields__) - {"address", "prefixes", "interface"}
_LIMITS = {
    "max_lifetime": (4, LONGEST_LIFETIME),
    "refresh": (0, LONGEST_LIFETIME),
    "tolerance": (3, 3600),
    "max_bindings": (1, 10_000_000),
    "preference": (0, 0xFFFF),
    "home_agent_lifetime": (1, 0xFFFF),
    "interval": (SHORTEST_INTERVAL, LONGEST_INTERVAL),
    "router_lifetime": (0, 9000),
}


def correspondent_settings(table: CorrespondentTable) -> CorrespondentSettings:
    """What [correspondent] means, or ProfileError."""
    for name, (least, most) in _CORRESPONDENT_LIMITS.items():
        if not least <= getattr(table, name) <= most:
            raise ProfileError(f"[correspondent]: {name} is not between {least} and {most}")
    return CorrespondentSettings(
        capacity=table.max_bindings,
        longest_lifetime=table.max_lifetime,
        nonce_interval=table.nonce_interval,
        nonce_lifetime=table.nonce_lifetime,
    )


_CORRESPONDENT_LIMITS = {
    "max_bindings": (1, 1_000_000),
    "max_lifetime": (4, MAX_RR_BINDING_LIFETIME),
    "nonce_interval": (1, MAX_NONCE_LIFETIME),
    "nonce_lifetime": (1, MAX_NONCE_LIFETIME),
}


def address6(text: str, where: str) -> IPv6Address:
    """A host's IPv6 address from a file, or ProfileError."""
    try:
        address = IPv6Address(text)
    except AddressValueError as error:
        raise ProfileError(f"{where}: {text!r} is not an IPv6 address") from error
    if not is_unicast_routable(address):
        raise ProfileError(f"{where}: {text} is not the address of one host that others can reach")
    return address


def _prefix(entry: str | PrefixTable) -> HomePrefix:
    table = entry if isinstance(entry, PrefixTable) else PrefixTable(prefix=entry)
    try:
        prefix = IPv6Network(table.prefix)
    except ValueError as error:
        raise ProfileError(f"[home6] prefixes: {table.prefix!r} is not a prefix such as 2001:db8:1::/64") from error
    _check(16 <= prefix.prefixlen <= 120, f"{prefix} is not between /16 and /120")
    _check(0 <= table.preferred <= table.valid <= FOR_EVER, f"{prefix}: preferred and valid are not in this order")
    return HomePrefix(
        prefix=prefix,
        valid=table.valid,
        preferred=table.preferred,
        autonomous=table.autonomous,
        counts_down=table.counts_down,
    )


def _check(condition: bool, complaint: str) -> None:
    if not condition:
        raise ProfileError(f"[home6]: {complaint}")
