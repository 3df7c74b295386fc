"""Tells whether an object that the kernel shows is the one that we asked for."""

from __future__ import annotations

from typing import TypeAlias

from client.linux.netlink.codes import AF_INET, MessageType, NeighbourAttribute, RouteAttribute, RuleAttribute
from client.linux.netlink.messages import NEIGHBOUR, ROUTE, RULE, Message, Request, attributes

Fingerprint: TypeAlias = tuple[object, ...]

DELETED = (MessageType.DELROUTE, MessageType.DELRULE, MessageType.DELNEIGH)

_ROUTE_PROTOCOL = 5  # field of rtmsg


def fingerprint(said: Message | Request) -> Fingerprint:
    """What identifies the route, rule or neighbour in a request of ours, or in what a dump shows."""
    match said.type:
        case MessageType.NEWROUTE:
            _, length, *_ = ROUTE.unpack_from(said.body)
            return (said.type, length, *_chosen(said.body[ROUTE.size :], _ROUTE))
        case MessageType.NEWRULE:
            _, destination_bits, source_bits, *_ = RULE.unpack_from(said.body)
            return (said.type, destination_bits, source_bits, *_chosen(said.body[RULE.size :], _RULE))
        case _:
            _, interface, state, _, _ = NEIGHBOUR.unpack_from(said.body)
            return (said.type, interface, state, *_chosen(said.body[NEIGHBOUR.size :], _NEIGHBOUR))


def protocol(said: Message) -> int:
    """The protocol number that its maker gave it."""
    match said.type:
        case MessageType.NEWROUTE | MessageType.DELROUTE:
            number: int = ROUTE.unpack_from(said.body)[_ROUTE_PROTOCOL]
            return number
        case MessageType.NEWRULE | MessageType.DELRULE:
            value = attributes(said.body[RULE.size :]).get(RuleAttribute.PROTOCOL, b"\0")
        case _:
            value = attributes(said.body[NEIGHBOUR.size :]).get(NeighbourAttribute.PROTOCOL, b"\0")
    return value[0]


DUMPS = {
    MessageType.GETROUTE: ROUTE.pack(AF_INET, 0, 0, 0, 0, 0, 0, 0, 0),
    MessageType.GETRULE: RULE.pack(AF_INET, 0, 0, 0, 0, 0, 0),
    MessageType.GETNEIGH: NEIGHBOUR.pack(AF_INET, 0, 0, 0, 0),
}
"""How to ask for all objects of a kind."""

_ROUTE = (
    RouteAttribute.DESTINATION,
    RouteAttribute.OUT_INTERFACE,
    RouteAttribute.GATEWAY,
    RouteAttribute.PREFERRED_SOURCE,
    RouteAttribute.TABLE,
)
_RULE = (
    RuleAttribute.DESTINATION,
    RuleAttribute.SOURCE,
    RuleAttribute.IN_INTERFACE,
    RuleAttribute.PRIORITY,
    RuleAttribute.MARK,
    RuleAttribute.TABLE,
    RuleAttribute.IP_PROTOCOL,
    RuleAttribute.SOURCE_PORTS,
    RuleAttribute.DESTINATION_PORTS,
)
_NEIGHBOUR = (NeighbourAttribute.ADDRESS, NeighbourAttribute.LINK_LAYER_ADDRESS)


def _chosen(data: bytes, chosen: tuple[int, ...]) -> tuple[bytes | None, ...]:
    found = attributes(data)
    return tuple(found.get(key) for key in chosen)
