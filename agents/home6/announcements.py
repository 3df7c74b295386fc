"""Unsolicited Neighbour Advertisements: who is away lives at our link-layer address now (RFC 6275 §10.4.1)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address

from agents.ledger import Ledger
from client.core.ipv6 import ALL_NODES, group_link_layer_address
from client.core.links import Link
from client.core.machine import Send6
from mipv6.neighbour_messages import NeighbourAdvertisement

TIMES = 3
"""MAX_NEIGHBOR_ADVERTISEMENT (RFC 4861 §10)."""

INTERVAL = 1.0
"""Seconds (RetransTimer, RFC 4861 §7.2.6)."""


@dataclass(frozen=True, slots=True)
class _Pending:
    address: IPv6Address
    times: int
    due: float


class Announcements6:
    """What is still to be said of which address."""

    def __init__(self) -> None:
        self._pending: Ledger[IPv6Address, _Pending] = Ledger(lambda pending: pending.due)

    @property
    def deadline(self) -> float:
        """When the next is to be said."""
        return self._pending.deadline

    def announce(self, address: IPv6Address, link: Link, source: IPv6Address, now: float) -> Send6:
        """Say it now, and again later."""
        self._pending.put(address, _Pending(address, TIMES - 1, now + INTERVAL))
        return unsolicited(address, link, source)

    def stop(self, address: IPv6Address) -> None:
        """It is no longer true."""
        self._pending.pop(address)

    def due(self, link: Link | None, source: IPv6Address, now: float) -> list[Send6]:
        """What is to be said now."""
        ready = self._pending.expire(now)
        for pending in ready:
            if pending.times > 1:
                self._pending.put(pending.address, _Pending(pending.address, pending.times - 1, now + INTERVAL))
        return [unsolicited(pending.address, link, source) for pending in ready if link is not None]


def unsolicited(address: IPv6Address, link: Link, source: IPv6Address) -> Send6:
    """To all nodes of the link: whatever you believed, send to us what is for this address."""
    advertisement = NeighbourAdvertisement(target=address, override=True, link_layer_address=link.link_layer_address)
    packet = advertisement.packet(source, ALL_NODES)
    return Send6(packet=packet, interface=link.index, link_layer_destination=group_link_layer_address(ALL_NODES))
