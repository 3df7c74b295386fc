"""The way of a binding's packets: to which address, in what, from and to which ports."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from client.core.plan import Encapsulation


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """Where packets for a mobile node go.

    `remote` is the care-of address, but with UDP the address that the request came from, which is a NAT's if
    there is one (RFC 3519 §4.6). `ports` are ours and theirs.
    """

    remote: IPv4Address
    encapsulation: Encapsulation = Encapsulation.IPIP
    ports: tuple[int, int] | None = None

    @property
    def order(self) -> tuple[IPv4Address, str, tuple[int, int]]:
        """By what paths are sorted, so that the same ones always stand in the same order."""
        return self.remote, self.encapsulation.value, self.ports or (0, 0)
