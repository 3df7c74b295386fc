"""Who lives at a home address: as entered, and when the home link is renumbered (RFC 6275 §10.6, §11.4.3)."""

from __future__ import annotations

from ipaddress import IPv6Address

from agents.home6.prefixes import HomePrefixes
from agents.home6.settings import HomePrefix
from agents.nodes import Node, Nodes
from client.core.ipv6 import PREFIX_LENGTH


class Residents:
    """A node may have its interface identifier's address in every prefix that hosts of the link form addresses in.

    RFC 6275 §15.3 wants keys for a new home address to be there before it is used: the entry's keys are, by this rule.
    """

    def __init__(self, nodes: Nodes, prefixes: HomePrefixes) -> None:
        self.nodes = nodes
        self._prefixes = prefixes

    def at(self, home_address: IPv6Address) -> Node | None:
        """Whose home address this is."""
        return self.nodes.living_at6(home_address) or self._renumbered(home_address)

    def _renumbered(self, home_address: IPv6Address) -> Node | None:
        """An entered address comes first, and an identifier that two nodes have is nobody's."""
        formed = any(home_address in home.prefix and _is_for_hosts(home) for home in self._prefixes.all)
        return self.nodes.with_interface_identifier(home_address) if formed else None


def _is_for_hosts(home: HomePrefix) -> bool:
    """Do hosts form addresses in it, and from 64 bits of theirs (RFC 4862 §5.5.3)?"""
    return home.autonomous and home.prefix.prefixlen == PREFIX_LENGTH
