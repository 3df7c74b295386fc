"""A mobile node as the home agent for IPv6 knows it: its home address and its keys."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address

from mipv6.mn_ha_authentication import SecurityAssociation


@dataclass(frozen=True, slots=True, kw_only=True)
class Association6(SecurityAssociation):
    """A mobility security association, with its replay protection (RFC 4285 §5.1).

    `timestamps`: each update carries one (its §6); if not, the sequence number alone tells a replayed one.
    """

    timestamps: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Node6:
    """The IPv6 side of a mobile node. The home address says whose keys they are (RFC 6275 §10.3.1)."""

    home_address: IPv6Address
    associations: tuple[Association6, ...]

    def association(self, spi: int) -> Association6 | None:
        """The one under this SPI."""
        return next((each for each in self.associations if each.spi == spi), None)
