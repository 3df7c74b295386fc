"""Our links as the configuration names them."""

from __future__ import annotations

from ipaddress import IPv4Address

from client.core.links import Link, Links


def link_named(links: Links, name: str | None) -> Link | None:
    """The link with this interface name, if it exists now."""
    return next((link for link in links.links if link.name == name), None)


def own_addresses(links: Links) -> frozenset[IPv4Address]:
    """Every address of ours on any link."""
    return frozenset(address.ip for link in links.links for address in link.addresses)


def address_on(link: Link) -> IPv4Address | None:
    """Our first address on a link."""
    return link.addresses[0].ip if link.addresses else None
