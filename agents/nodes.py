"""The mobile nodes that a home agent serves, and whom a request may speak for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from agents.home6.node import Node6
from agents.settings import Associations
from client.core.ipv6 import interface_identifier
from client.core.machine import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A mobile node: its name, its keys, and its home address (None: one of the pool).

    Without `associations` it is no mobile node for IPv4, without `v6` none for IPv6.
    """

    nai: str
    associations: Associations = ()
    home_address: IPv4Address | None = None
    home_agent: IPv4Address | None = None  # None: any home agent of this daemon
    v6: Node6 | None = None

    @property
    def spis(self) -> list[int]:
        """Of all its keys."""
        return [each.spi for each in self.associations] + (self.v6.spis if self.v6 else [])


class Nodes:
    """All nodes, found by their NAI or by their fixed home address."""

    def __init__(self, nodes: Iterable[Node] = ()) -> None:
        self._by_nai = {node.nai: node for node in nodes}
        self._by_address = {node.home_address: node for node in self if node.home_address}
        self._by_address6 = {node.v6.home_address: node for node in self if node.v6}
        self._by_interface_identifier = _alone(node for node in self if node.v6)
        self._by_esp = {node.v6.esp.inbound.spi: node for node in self if node.v6 and node.v6.esp}
        self.fixed_addresses = frozenset(self._by_address)
        """The home addresses that belong to a node for good."""
        self.fixed_addresses6 = frozenset(self._by_address6)
        """The same for IPv6."""

    def __iter__(self) -> Iterator[Node]:
        return iter(self._by_nai.values())

    def __len__(self) -> int:
        return len(self._by_nai)

    def named(self, nai: str) -> Node | None:
        """The node with this NAI."""
        return self._by_nai.get(nai)

    def living_at(self, home_address: IPv4Address) -> Node | None:
        """The node with this fixed home address."""
        return self._by_address.get(home_address)

    def living_at6(self, home_address: IPv6Address) -> Node | None:
        """The node with this IPv6 home address."""
        return self._by_address6.get(home_address)

    def with_interface_identifier(self, home_address: IPv6Address) -> Node | None:
        """The one node whose IPv6 home address ends like this one, in another prefix of 64 bits."""
        return self._by_interface_identifier.get(interface_identifier(home_address))

    def protected_by(self, spi: int) -> Node | None:
        """The node whose ESP comes to us under this SPI."""
        return self._by_esp.get(spi)

    @property
    def esp_spis(self) -> AbstractSet[int]:
        """Under which ESP comes to us."""
        return self._by_esp.keys()

    def of_home_agent(self, address: IPv4Address) -> Nodes:
        """Those that this home agent serves."""
        return Nodes(node for node in self if node.associations and node.home_agent in (None, address))


def _alone(nodes: Iterable[Node]) -> dict[int, Node]:
    """By the interface identifier of their IPv6 home addresses; those that share one are left out."""
    found: dict[int, list[Node]] = {}
    for node in nodes:
        if node.v6 is not None:
            found.setdefault(interface_identifier(node.v6.home_address), []).append(node)
    return {identifier: sharing[0] for identifier, sharing in found.items() if len(sharing) == 1}


@dataclass(frozen=True, slots=True)
class NodesChanged(Command):
    """A person added, changed or revoked nodes: these are all of them now."""

    nodes: Nodes
