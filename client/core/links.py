"""What the kernel says about our links: one snapshot, never a change."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Flag, auto
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface


class Doubt(Flag):
    """What speaks against an IPv6 address."""

    TENTATIVE = auto()  # duplicate address detection has not ended: it must not be used
    OPTIMISTIC = auto()  # nor has it here, but it may be used, with care (RFC 4429)
    DUPLICATE = auto()  # somebody else has it
    DEPRECATED = auto()  # for new connections others are better


NO_DOUBT = Doubt(0)


@dataclass(frozen=True, slots=True)
class Address6:
    """An IPv6 address on a link, as the kernel has it. An optimistic one is not tentative here."""

    interface: IPv6Interface
    doubts: Doubt = NO_DOUBT

    @property
    def ip(self) -> IPv6Address:
        """The address alone."""
        return self.interface.ip

    @property
    def is_usable(self) -> bool:
        """May packets bear it?"""
        return not self.doubts & (Doubt.TENTATIVE | Doubt.DUPLICATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One network interface that could carry us (Ethernet or Wi-Fi; never loopback or our own anchor).

    `up` means operstate UP (not merely LOWER_UP: a Wi-Fi link without keys is not up). `ups` counts how
    often it came up, or joined another access point, so that two snapshots show a flick between them.
    `addresses` holds IPv4 addresses of global scope that others put there, and never the home address.
    `routed`: the main table has a default route through this link; `gateway` is its next hop, if it has one.
    `link_local` is its IPv6 link-local address once that may be used. `addresses6`, `gateway6` and `routed6` are
    the same as above for IPv6; addresses that the kernel is still testing are among them.
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
    link_local: IPv6Address | None = None
    addresses6: tuple[Address6, ...] = ()
    gateway6: IPv6Address | None = None
    routed6: bool = False


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
