"""A Binding Update to a home agent, and what it says (RFC 6275 §9.5.1)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address

from agents.nodes import Node
from client.core.machine import Heard6
from mipv6.messages import BindingUpdate
from mipv6.options import AlternateCareOfAddress, MobileNodeIdentifier, ReplayProtection, find


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """A Binding Update and how it came. Nothing in it is proved yet."""

    heard: Heard6
    message: BindingUpdate
    home_address: IPv6Address
    care_of_address: IPv6Address
    identifier: MobileNodeIdentifier | None
    timestamp: int | None
    sealed_by: Node | None = None  # under whose ESP key it came

    @property
    def is_deregistration(self) -> bool:
        """Is there nothing to bind any more?"""
        return self.message.lifetime == 0

    @property
    def names_home_address(self) -> bool:
        """Has it a home address option? Without one it comes from the home address itself."""
        return self.heard.packet.home_address is not None

    @property
    def names_care_of_address(self) -> bool:
        """Is the care-of address where ESP covers it: in an option, and not in the outer header alone?"""
        return find(self.message.options, AlternateCareOfAddress) is not None

    @property
    def copy(self) -> tuple[bytes, IPv6Address]:
        """What is equal in a packet that the network has doubled."""
        return self.heard.packet.payload, self.heard.packet.source


def read_update(heard: Heard6, message: BindingUpdate, sealed_by: Node | None = None) -> Update:
    """What an update says of its sender."""
    alternate = find(message.options, AlternateCareOfAddress)
    replay = find(message.options, ReplayProtection)
    return Update(
        heard=heard,
        message=message,
        home_address=heard.packet.sender,
        care_of_address=alternate.address if alternate else heard.packet.source,
        identifier=find(message.options, MobileNodeIdentifier),
        timestamp=replay.timestamp if replay else None,
        sealed_by=sealed_by,
    )
