"""Gratuitous ARP: tells a link where an address lives now, a small number of times (RFC 5944 §4.6)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from client.core.arp import ETHERNET_BROADCAST, gratuitous_arp
from client.core.machine import NEVER, SendArp

TIMES = 3
INTERVAL = 1.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """This address lives at this link-layer address."""

    address: IPv4Address
    link_layer_address: bytes
    interface: int
    times_left: int
    due: float


class Announcements:
    """What is still to be said, beside whatever else goes on; a newer word about an address replaces an older one."""

    def __init__(self) -> None:
        self._pending: dict[IPv4Address, Announcement] = {}

    @property
    def deadline(self) -> float:
        """When the next is to be said."""
        return min((announcement.due for announcement in self._pending.values()), default=NEVER)

    def announce(self, address: IPv4Address, link_layer_address: bytes, interface: int, now: float) -> list[SendArp]:
        """Say it now, and again later."""
        self._pending[address] = Announcement(
            address=address, link_layer_address=link_layer_address, interface=interface, times_left=TIMES, due=now
        )
        return self.due(now)

    def stop(self, address: IPv4Address) -> None:
        """It is no longer true, or no longer known."""
        self._pending.pop(address, None)

    def due(self, now: float) -> list[SendArp]:
        """What is to be said now."""
        ready = [announcement for announcement in self._pending.values() if announcement.due <= now]
        for announcement in ready:
            self._count_down(announcement, now)
        return [_arp(announcement) for announcement in ready]

    def _count_down(self, announcement: Announcement, now: float) -> None:
        if announcement.times_left == 1:
            del self._pending[announcement.address]
            return
        later = replace(announcement, times_left=announcement.times_left - 1, due=now + INTERVAL)
        self._pending[announcement.address] = later


def _arp(announcement: Announcement) -> SendArp:
    arp = gratuitous_arp(announcement.address, announcement.link_layer_address)
    return SendArp(arp=arp, interface=announcement.interface, link_layer_destination=ETHERNET_BROADCAST)
