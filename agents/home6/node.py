"""A mobile node as the home agent for IPv6 knows it: its home address and its keys."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address

from mipv6.esp import Associations
from mipv6.mn_ha_authentication import SecurityAssociation


@dataclass(frozen=True, slots=True, kw_only=True)
class Association6(SecurityAssociation):
    """A mobility security association, with its replay protection (RFC 4285 §5.1).

    `timestamps`: each update carries one (its §6); if not, the sequence number alone tells a replayed one.
    """

    timestamps: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Node6:
    """The IPv6 side of a mobile node. The home address says whose keys they are (RFC 6275 §10.3.1).

    Its home signalling is signed (`associations`, RFC 4285), or in ESP (`esp`, RFC 3776): one of them.
    """

    home_address: IPv6Address
    associations: tuple[Association6, ...] = ()
    esp: Associations | None = None

    def __post_init__(self) -> None:
        if bool(self.associations) == (self.esp is not None):
            raise ValueError("a node has keys for RFC 4285, or for ESP")

    @property
    def spis(self) -> list[int]:
        """Of all its keys."""
        esp = [self.esp.inbound.spi, self.esp.outbound.spi] if self.esp else []
        return [each.spi for each in self.associations] + esp

    def association(self, spi: int) -> Association6 | None:
        """The one under this SPI."""
        return next((each for each in self.associations if each.spi == spi), None)
