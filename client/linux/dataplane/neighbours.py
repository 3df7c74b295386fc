"""Permanent neighbour entries; the kernel keeps our protocol number with each."""

from __future__ import annotations

from client.core.plan import Neighbour
from client.linux.netlink.codes import AF_INET, NEIGHBOUR_PERMANENT, Flag, MessageType, NeighbourAttribute
from client.linux.netlink.messages import NEIGHBOUR, Request, attribute
from client.linux.ownership import Owner


def neighbour_requests(neighbour: Neighbour, owner: Owner) -> tuple[Request, Request]:
    """What adds (or replaces) the entry, and what removes it."""
    body = NEIGHBOUR.pack(AF_INET, neighbour.interface, NEIGHBOUR_PERMANENT, 0, 0)
    body += attribute(NeighbourAttribute.ADDRESS, neighbour.address.packed)
    added = attribute(NeighbourAttribute.LINK_LAYER_ADDRESS, neighbour.link_layer_address)
    added += attribute(NeighbourAttribute.PROTOCOL, bytes([owner.protocol]))
    return (
        Request(MessageType.NEWNEIGH, Flag.CREATE | Flag.REPLACE, body + added),
        Request(MessageType.DELNEIGH, 0, body),
    )
