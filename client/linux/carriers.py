"""The interfaces by which tunnelled packets may arrive or leave: where the data plane's programs are attached."""

from __future__ import annotations

from dataclasses import dataclass, field

from client.linux.link_kinds import leads_out
from client.linux.netlink.codes import (
    AF_UNSPEC,
    ARPHRD_ETHERNET,
    ARPHRD_NONE,
    ARPHRD_PPP,
    ARPHRD_RAW_IP,
    LinkAttribute,
    MessageType,
)
from client.linux.netlink.messages import LINK, Message, attributes, text, unsigned
from client.linux.ownership import OWNERS, Owner

_WITHOUT_HEADER = (ARPHRD_NONE, ARPHRD_PPP, ARPHRD_RAW_IP)
_ANCHORS = frozenset(owner.anchor for owner in OWNERS)


@dataclass(frozen=True, slots=True)
class Carrier:
    """One such interface. Without an Ethernet header (mobile broadband, PPP) it has no link-layer address."""

    index: int
    ethernet: bool
    link_layer_address: bytes
    mtu: int


@dataclass(slots=True)
class CarrierTable:
    """What netlink's messages about links add up to."""

    owner: Owner
    _carriers: dict[int, Carrier] = field(default_factory=dict)

    def take(self, message: Message) -> None:
        """Learn from one message."""
        if message.type not in (MessageType.NEWLINK, MessageType.DELLINK) or message.body[0] != AF_UNSPEC:
            return
        _, hardware, index, _, _ = LINK.unpack_from(message.body)
        found = attributes(message.body[LINK.size :])
        if message.type == MessageType.DELLINK or not _carries(hardware, found, self.owner):
            self._carriers.pop(index, None)
            return
        address = found.get(LinkAttribute.ADDRESS, b"")
        mtu = unsigned(found.get(LinkAttribute.MTU), 1500)
        self._carriers[index] = Carrier(index, hardware == ARPHRD_ETHERNET, address, mtu)

    def keep_only(self, indices: set[int]) -> None:
        """Drop the interfaces that were not told anew."""
        self._carriers = {index: carrier for index, carrier in self._carriers.items() if index in indices}

    def all(self) -> frozenset[Carrier]:
        """All there are."""
        return frozenset(self._carriers.values())


def _carries(hardware: int, found: dict[int, bytes], owner: Owner) -> bool:
    if hardware == ARPHRD_ETHERNET:
        return leads_out(found, owner)
    return hardware in _WITHOUT_HEADER and text(found.get(LinkAttribute.NAME)) not in _ANCHORS
