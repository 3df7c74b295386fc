"""What the kernel says about our links: one snapshot, never a change."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One network interface that could carry us (Ethernet or Wi-Fi; never loopback or our own anchor).

    `up` means operstate UP (not merely LOWER_UP: a Wi-Fi link without keys is not up). `ups` counts how
    often it came up, or joined another access point, so that two snapshots show a flick between them.
    `addresses` holds IPv4 addresses of global scope that others put there, and never the home address.
    `routed`: the main table has a default route through this link; `gateway` is its next hop, if it has one.
    """

    index: int
    name: str
    link_layer_address: bytes
    up: bool
    ups: int = 0
    mtu: int = 1500
    addresses: tuple[IPv4Interface, ...] = ()
    gateway: IPv4Address | None = None
    routed: bool = False


@dataclass(frozen=True, slots=True)
class Links:
    """All links, in the order in which we would use them: lowest route metric first, then lowest index."""

    links: tuple[Link, ...] = ()

    def get(self, index: int) -> Link | None:
        """The link with this interface index, if it still exists."""
        return next((link for link in self.links if link.index == index), None)

    def up(self) -> tuple[Link, ...]:
        """The links that can carry packets now."""
        return tuple(link for link in self.links if link.up)
