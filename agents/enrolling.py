"""Enrols a mobile node in the families that are asked for, and says what it got."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import AddressValueError, IPv4Address, IPv6Address

import click

from agents.enrolment import checked_address, free_address, free_spi, new_node, profile_table
from agents.home6 import enrolment as home6
from agents.node_file import DYNAMIC
from agents.nodes import Node, Nodes
from agents.site import HomeNetwork, Site
from client.core.errors import ProfileError
from client.mipv4.authentication import Algorithm

AUTO = "auto"
NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person asked for, in the words of the command line."""

    home_address: str
    v6: str
    algorithm: Algorithm
    discover: bool = False
    esp: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """A new node, its tables in the profile, and what to tell of it."""

    node: Node
    tables: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


def enrol(site: Site, nodes: Nodes, nai: str, asked: Asked) -> Enrolled:
    """A node that none of the others is; ProfileError says why there can be none."""
    if nodes.named(nai):
        raise ProfileError(f"{nai} has an entry already; `mobilityagent revoke {nai}` removes it")
    enrolled = Enrolled(node=Node(nai=nai))
    if asked.home_address != NONE and (site.homes or asked.home_address != AUTO or not site.home6):
        enrolled = _with_ipv4(site, nodes, nai, asked)
    if asked.v6 != NONE and (site.home6 or asked.v6 != AUTO):
        enrolled = _with_ipv6(site, Nodes((*nodes, enrolled.node)), enrolled, asked)
    if not enrolled.tables:
        raise ProfileError("neither an IPv4 nor an IPv6 home address is asked for")
    return enrolled


def _with_ipv4(site: Site, nodes: Nodes, nai: str, asked: Asked) -> Enrolled:
    node, home = _new_node(site, nodes, nai, asked.home_address, asked.algorithm)
    [association] = node.associations
    lines = (
        f"Home      {node.home_address or 'given at the first registration'} in {home.network}",
        f"Agent     {home.address}",
        f"Key       SPI {association.spi}, {association.algorithm.value}",
    )
    return Enrolled(node=node, tables=(profile_table(node, home),), lines=lines)


def _new_node(site: Site, nodes: Nodes, nai: str, wanted: str, algorithm: Algorithm) -> tuple[Node, HomeNetwork]:
    asked = None if wanted in (AUTO, DYNAMIC) else _address(wanted)
    home = site.home_of(asked)
    if asked is not None:
        return new_node(nai, home, checked_address(asked, home, nodes), algorithm, nodes), home
    free = free_address(home, nodes)  # `dynamic` needs a pool too
    return new_node(nai, home, free if wanted == AUTO else None, algorithm, nodes), home


def _with_ipv6(site: Site, nodes: Nodes, so_far: Enrolled, asked: Asked) -> Enrolled:
    home = site.home6
    if home is None:
        raise ProfileError("this agent is no home agent for IPv6: its configuration has no [home6]")
    wanted = None if asked.v6 == AUTO else _address6(asked.v6)
    node = home6.new_node6(home, wanted, nodes.fixed_addresses6, free_spi(nodes), esp=asked.esp)
    table = home6.profile_table(node, so_far.node.nai, home, discover=asked.discover)
    lines = (
        f"Home      {node.home_address}",
        f"Agent     {'found by discovery' if asked.discover else home.address}",
        f"Key       SPI {node.spis[0]}, {'ESP with aes-cbc and hmac-sha1-96' if node.esp else 'hmac-sha1'}",
    )
    return Enrolled(node=replace(so_far.node, v6=node), tables=(*so_far.tables, table), lines=(*so_far.lines, *lines))


def _address(text: str) -> IPv4Address:
    try:
        return IPv4Address(text)
    except AddressValueError as error:
        raise click.BadParameter(f"{text!r} is neither an IPv4 address, auto, dynamic nor none") from error


def _address6(text: str) -> IPv6Address:
    try:
        return IPv6Address(text)
    except AddressValueError as error:
        raise click.BadParameter(f"{text!r} is neither an IPv6 address, auto nor none") from error
