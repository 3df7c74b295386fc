"""With which correspondents a mobile node wants direct paths (RFC 6275 §11.7.2 leaves it to the mobile node)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network

from client.core.ipv6 import is_unicast_routable


@dataclass(frozen=True, slots=True, kw_only=True)
class PathPolicy:
    """`on_demand`: with whom at least `after_packets` packets were exchanged; else with nobody."""

    on_demand: bool = True
    after_packets: int = 10
    never: tuple[IPv6Network, ...] = ()

    def permits(self, correspondent: IPv6Address) -> bool:
        """May there be a direct path to this address? Link-local addresses and groups have none (§11.3.1)."""
        if not self.on_demand or not is_unicast_routable(correspondent):
            return False
        return not any(correspondent in prefix for prefix in self.never)
