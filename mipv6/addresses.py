"""Which addresses can be home addresses, care-of addresses and correspondents."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network

_NOWHERE = IPv6Network("::/8")  # unspecified, loopback, IPv4 in disguise
_SITE_LOCAL = IPv6Network("fec0::/10")


def is_unicast_routable(address: IPv6Address) -> bool:
    """What RFC 6275 §3.1 calls a unicast routable address: of one node, of more than one link."""
    return not (address.is_multicast or address.is_link_local or address in _SITE_LOCAL or address in _NOWHERE)
