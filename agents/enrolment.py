"""A new mobile node: its home address, its SPI and its key; its entry here and its profile for the laptop."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Interface

from agents.node_store import DYNAMIC
from agents.nodes import Node, Nodes
from agents.site import HomeNetwork
from client.core.errors import ProfileError
from client.core.secret import Secret, write_secret
from client.mipv4.authentication import Algorithm, SecurityAssociation

FIRST_SPI = 4096
KEY_LENGTH = 16
"""128 bits (RFC 5944 §5.1)."""

LIFETIME = 600
"""Seconds that the laptop asks for; the home agent may grant less."""


def new_node(nai: str, home: HomeNetwork, home_address: IPv4Address | None, algorithm: Algorithm, nodes: Nodes) -> Node:
    """A node with a new key, whose SPI no other node has."""
    spi = _free_spi(association.spi for node in nodes for association in node.associations)
    association = SecurityAssociation(spi=spi, key=Secret(secrets.token_bytes(KEY_LENGTH)), algorithm=algorithm)
    return Node(nai=nai, home_address=home_address, home_agent=home.address, associations=(association,))


def checked_address(home_address: IPv4Address, home: HomeNetwork, nodes: Nodes) -> IPv4Address:
    """A home address that can be a new node's; else ProfileError."""
    if home_address == home.address:
        raise ProfileError(f"{home_address} is the home agent's own address")
    if home_address in (home.prefix.network_address, home.prefix.broadcast_address) and home.prefix.prefixlen < 31:
        raise ProfileError(f"{home_address} is not a host's address in {home.network}")
    if home_address in nodes.fixed_addresses or home_address in home.assigned:
        raise ProfileError(f"another node has the home address {home_address}")
    return home_address


def free_address(home: HomeNetwork, nodes: Nodes) -> IPv4Address:
    """The first address of the pool that nobody has; ProfileError if there is none."""
    if home.pool is None:
        raise ProfileError(f"no pool is configured for {home.network}: give --home-address, or add one")
    taken = {*nodes.fixed_addresses, *home.assigned, home.address}
    free = next((address for address in home.pool if address not in taken), None)
    if free is None:
        raise ProfileError(f"every address of the pool {home.first}-{home.last} belongs to a node")
    return free


def profile_text(node: Node, home: HomeNetwork, serial: int) -> str:
    """The transport file for the laptop. It holds the key."""
    [association] = node.associations
    return f"""\
# {node.nai}: import with `mobilenode import FILE`, then delete this file: it holds a key.
format = 1
id = "{node.nai}"
serial = {serial}
name = "{_name(node.nai)}"

[mipv4]
nai = "{node.nai}"
home_address = "{_with_prefix(node, home)}"
home_agents = ["{home.address}"]
lifetime = {LIFETIME}

[[mipv4.key]]
peer = "home-agent"
spi = {association.spi}
algorithm = "{association.algorithm.value}"
secret = "home-agent"

[secrets]
home-agent = "{write_secret(association.key)}"
"""


def _name(nai: str) -> str:
    """What the person sees: where home is."""
    return (nai.partition("@")[2] or nai)[:64]


def _with_prefix(node: Node, home: HomeNetwork) -> str:
    if node.home_address is None:
        return DYNAMIC
    return str(IPv4Interface((node.home_address, home.prefix.prefixlen)))


def _free_spi(taken: Iterable[int]) -> int:
    return max((spi for spi in taken if spi >= FIRST_SPI), default=FIRST_SPI - 1) + 1
