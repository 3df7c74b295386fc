"""Plan items that the kernel holds otherwise than by an object of its own that netlink shows."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TypeAlias

from client.core.plan import Anycast, EspHeaders, Membership, MobilityHeaders, OptimisticAddresses, QuietArp
from client.linux.dataplane.arp_quiet import ArpSettings
from client.linux.dataplane.esp_headers import EspPackets
from client.linux.dataplane.groups import ANYCAST, GROUP, Groups
from client.linux.dataplane.link_settings import LinkSettings
from client.linux.dataplane.mobility_headers import MobilityPackets
from client.linux.dataplane.optimism import OptimisticSettings
from client.linux.netlink.connection import Netlink
from client.linux.ownership import Owner

Kept: TypeAlias = QuietArp | OptimisticAddresses | Membership | Anycast | MobilityHeaders | EspHeaders


class Keepers:
    """One for each kind."""

    def __init__(self, owner: Owner, netlink: Netlink, runtime_directory: Path) -> None:
        quiet, optimistic = (runtime_directory / f"{owner.anchor}-{what}.json" for what in ("arp", "optimistic"))
        self._settings = {
            QuietArp: LinkSettings(ArpSettings(netlink), quiet),
            OptimisticAddresses: LinkSettings(OptimisticSettings(), optimistic),
        }
        self._groups = {Membership: Groups(GROUP), Anycast: Groups(ANYCAST)}
        self._mobility = MobilityPackets(owner, netlink)
        self._esp = EspPackets()

    @property
    def has_mobility(self) -> bool:
        """Whether packets that name a home address are ours to refuse."""
        return self._mobility.is_kept

    @property
    def esp_heard(self) -> tuple[int, int] | None:
        """The SPIs under which ESP is ours, the first and the last; None is no ESP at all."""
        return self._esp.heard

    def keep(self, item: Kept) -> None:
        """Have the kernel hold the item. Raises KernelError."""
        match item:
            case QuietArp() | OptimisticAddresses():
                self._settings[type(item)].keep(item.interface)
            case Membership(interface, address) | Anycast(interface, address):
                self._groups[type(item)].join(interface, address)
            case MobilityHeaders():
                self._mobility.keep()
            case EspHeaders(first, last):
                self._esp.keep(first, last)

    def drop(self, item: Kept) -> None:
        """Have the kernel hold it no longer. Raises KernelError."""
        match item:
            case QuietArp() | OptimisticAddresses():
                self._settings[type(item)].drop(item.interface)
            case Membership(interface, address) | Anycast(interface, address):
                self._groups[type(item)].leave(interface, address)
            case MobilityHeaders():
                self._mobility.drop()
            case EspHeaders():
                self._esp.drop()

    def standing(self, anycast: frozenset[object]) -> frozenset[object]:
        """The memberships whose link is still there, and the anycast addresses that have a route (`anycast`).

        A link that goes down keeps its memberships, but an anycast address of it is then one in name only.
        """
        links = frozenset(index for index, _ in socket.if_nameindex())
        groups, anycasts = (self._groups[kind].joined() for kind in (Membership, Anycast))
        members = frozenset(Membership(index, group) for index, group in groups if index in links)
        return members | frozenset(Anycast(*each) for each in anycasts if each in anycast)

    def stands(self, item: Kept, standing: frozenset[object]) -> bool:
        """Whether the kernel still holds it; `standing` is what `standing()` said."""
        match item:
            case QuietArp() | OptimisticAddresses():
                return self._settings[type(item)].stands(item.interface)
            case Membership() | Anycast():
                return item in standing
            case MobilityHeaders():
                return self._mobility.stands()
            case EspHeaders():
                return self._esp.heard is not None

    def forget(self, item: Kept) -> None:
        """The kernel lost it."""
        match item:
            case QuietArp() | OptimisticAddresses():
                self._settings[type(item)].forget(item.interface)
            case Membership() | Anycast():
                self.drop(item)
            case MobilityHeaders() | EspHeaders():
                pass  # what is left of it is taken over

    def recover(self) -> None:
        """Give back what a daemon before us changed and could not give back. Raises KernelError."""
        for settings in self._settings.values():
            settings.recover()
