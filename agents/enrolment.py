"""A new mobile node: its home address, its SPI and its key; its entry here and its profile for the laptop."""

from __future__ import annotations

import secrets
from ipaddress import IPv4Address, IPv4Interface

from agents.home6 import enrolment as home6
from agents.node_file import DYNAMIC
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

KEY_NAME = "home-agent"
"""What the key is called in the profile."""


def new_node(nai: str, home: HomeNetwork, home_address: IPv4Address | None, algorithm: Algorithm, nodes: Nodes) -> Node:
    """A node with a new key, whose SPI no other node has."""
    association = SecurityAssociation(
        spi=free_spi(nodes), key=Secret(secrets.token_bytes(KEY_LENGTH)), algorithm=algorithm
    )
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


def profile_text(node: Node, serial: int, *tables: str) -> str:
    """The transport file for the laptop: the tables of its families, and then the keys."""
    return f"""\
# {node.nai}: import with `mobilenode import FILE`, then delete this file: it holds a key.
format = 1
id = "{node.nai}"
serial = {serial}
name = "{_name(node.nai)}"
{"".join(tables)}
[secrets]
{_secrets(node)}"""


def profile_table(node: Node, home: HomeNetwork) -> str:
    """The tables [mipv4] and below; the key itself stands elsewhere."""
    [association] = node.associations
    return f"""
[mipv4]
nai = "{node.nai}"
home_address = "{_with_prefix(node, home)}"
home_agents = ["{home.address}"]
lifetime = {LIFETIME}

[[mipv4.key]]
peer = "home-agent"
spi = {association.spi}
algorithm = "{association.algorithm.value}"
secret = "{KEY_NAME}"
"""


def free_spi(nodes: Nodes) -> int:
    """One that no node has, for either family."""
    return max((spi for node in nodes for spi in node.spis if spi >= FIRST_SPI), default=FIRST_SPI - 1) + 1


def _secrets(node: Node) -> str:
    keys = [(KEY_NAME, association.key) for association in node.associations]
    if node.v6:
        keys.append((home6.KEY_NAME, home6.key_of(node.v6)))
    return "".join(f'{name} = "{write_secret(key)}"\n' for name, key in keys)


def _name(nai: str) -> str:
    """What the person sees: where home is."""
    return (nai.partition("@")[2] or nai)[:64]


def _with_prefix(node: Node, home: HomeNetwork) -> str:
    if node.home_address is None:
        return DYNAMIC
    return str(IPv4Interface((node.home_address, home.prefix.prefixlen)))
