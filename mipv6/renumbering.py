"""Another home address: our interface identifier in the prefix that comes after ours (RFC 6275 §11.4.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from ipaddress import IPv6Address, IPv6Network

from client.core.ipv6 import PREFIX_LENGTH, interface_identifier
from mipv6.neighbour_options import PrefixInformation
from mipv6.settings import Settings


@dataclass(frozen=True, slots=True)
class Renumbered:
    """Of a profile that was not yet changed: the home address in it, and where it is now."""

    entered: IPv6Address
    now: IPv6Address


def successor(advertised: Iterable[PrefixInformation], own: IPv6Network) -> IPv6Network | None:
    """The prefix that hosts at home form addresses in, and will for longest, beside or after ours."""
    fitting = [one for one in advertised if one.prefix != own and _is_for_hosts(one)]
    return max(fitting, key=lambda one: one.preferred_lifetime).prefix if fitting else None


def _is_for_hosts(one: PrefixInformation) -> bool:
    return one.autonomous and one.length == PREFIX_LENGTH and one.preferred_lifetime > 0


def formed(prefix: IPv6Network, home_address: IPv6Address) -> IPv6Address:
    """The address in a prefix of 64 bits that ends like this one."""
    return prefix[interface_identifier(home_address)]


def moved(settings: Settings, prefix: IPv6Network) -> Settings:
    """At home in another prefix."""
    return replace(settings, home_prefix=prefix, home_address=formed(prefix, settings.home_address))


def as_of_late(settings: Settings, known: Renumbered | None) -> Settings:
    """What a profile says, after what became of it; a profile with another address was made later, and counts."""
    if known is None or known.entered != settings.home_address:
        return settings
    return moved(settings, IPv6Network((known.now, PREFIX_LENGTH), strict=False))
