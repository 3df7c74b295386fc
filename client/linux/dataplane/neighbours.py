"""Permanent neighbour entries; the kernel keeps our protocol number with each. And the passing ones, forgotten."""

from __future__ import annotations

import errno

from client.core.plan import Neighbour
from client.linux.netlink.codes import (
    AF_INET,
    AF_INET6,
    NEIGHBOUR_NO_ARP,
    NEIGHBOUR_PERMANENT,
    Flag,
    MessageType,
    NeighbourAttribute,
)
from client.linux.netlink.connection import Netlink
from client.linux.netlink.messages import NEIGHBOUR, Request, attribute
from client.linux.ownership import Owner


def neighbour_requests(neighbour: Neighbour, owner: Owner) -> tuple[Request, Request]:
    """What adds (or replaces) the entry, and what removes it."""
    family = AF_INET if neighbour.address.version == 4 else AF_INET6
    body = NEIGHBOUR.pack(family, neighbour.interface, NEIGHBOUR_PERMANENT, 0, 0)
    body += attribute(NeighbourAttribute.ADDRESS, neighbour.address.packed)
    added = attribute(NeighbourAttribute.LINK_LAYER_ADDRESS, neighbour.link_layer_address)
    added += attribute(NeighbourAttribute.PROTOCOL, bytes([owner.protocol]))
    return (
        Request(MessageType.NEWNEIGH, Flag.CREATE | Flag.REPLACE, body + added),
        Request(MessageType.DELNEIGH, 0, body),
    )


def forget_passing_neighbours(netlink: Netlink, interface: int) -> None:
    """Remove what the kernel learnt, or still asks for, on a link that is no longer home. Raises KernelError.

    A question that was begun at home names the home address as its sender, and the kernel repeats it for
    seconds: on the next link that would tell everybody there who we are (RFC 5944 §4.6).
    """
    for message in netlink.dump(MessageType.GETNEIGH, NEIGHBOUR.pack(AF_INET, 0, 0, 0, 0)):
        _, index, state, _, _ = NEIGHBOUR.unpack_from(message.body)
        if index == interface and not state & (NEIGHBOUR_PERMANENT | NEIGHBOUR_NO_ARP):
            netlink.request(Request(MessageType.DELNEIGH, 0, message.body), allow=(errno.ENOENT,))
