"""Home addresses for nodes without a fixed one: each NAI keeps the address that it got first."""

from __future__ import annotations

from collections.abc import Container
from ipaddress import IPv4Address

import msgspec

from agents.nodes import Node, Nodes
from agents.settings import AddressRange


class AssignedAddresses:
    """Which NAI has which address of the pool; it outlives a restart."""

    def __init__(self, pool: AddressRange | None, memory: bytes) -> None:
        self._pool = pool
        self._addresses = _read(memory)

    def of(self, node: Node, nodes: Nodes, reserved: Container[IPv4Address]) -> IPv4Address | None:
        """The home address of a node: its own, the one that it got before, or a new one; None if none is left."""
        if node.home_address is not None:
            return node.home_address
        assigned = self._addresses.get(node.nai)
        if assigned is None or assigned in nodes.fixed_addresses:
            assigned = self._free(nodes, reserved)
            if assigned is not None:
                self._addresses[node.nai] = assigned
        return assigned

    def _free(self, nodes: Nodes, reserved: Container[IPv4Address]) -> IPv4Address | None:
        taken = nodes.fixed_addresses | set(self._addresses.values())
        free = (address for address in self._pool or () if address not in taken and address not in reserved)
        return next(free, None)

    def known(self, node: Node) -> IPv4Address | None:
        """The home address of a node, without giving it one."""
        return node.home_address or self._addresses.get(node.nai)

    def holder(self, address: IPv4Address) -> str | None:
        """The NAI that has this address of the pool."""
        return next((nai for nai, assigned in self._addresses.items() if assigned == address), None)

    def all(self) -> frozenset[IPv4Address]:
        """Every address that was given out."""
        return frozenset(self._addresses.values())

    def keep(self, nodes: Nodes) -> None:
        """Take back the addresses of nodes that are gone."""
        self._addresses = {nai: address for nai, address in self._addresses.items() if nodes.named(nai)}

    def memory(self) -> bytes:
        """For the next start."""
        if not self._addresses:
            return b""
        return msgspec.json.encode({nai: str(address) for nai, address in self._addresses.items()}, order="sorted")


def _read(memory: bytes) -> dict[str, IPv4Address]:
    """What we once wrote; anything else is as good as nothing."""
    try:
        stored = msgspec.json.decode(memory or b"{}", type=dict[str, str])
        return {nai: IPv4Address(address) for nai, address in stored.items()}
    except (msgspec.DecodeError, ValueError):
        return {}
