"""Tells whether an object that the kernel shows is the one that we asked for."""

from __future__ import annotations

import errno
from collections.abc import Iterable
from ipaddress import IPv6Address
from typing import TypeAlias

from client.core.errors import KernelError
from client.linux.netlink.codes import (
    AF_INET,
    AF_INET6,
    TYPE_ANYCAST,
    MessageType,
    NeighbourAttribute,
    RouteAttribute,
    RuleAttribute,
)
from client.linux.netlink.connection import Netlink
from client.linux.netlink.messages import NEIGHBOUR, ROUTE, RULE, Message, Request, attributes, unsigned

Fingerprint: TypeAlias = tuple[object, ...]

DELETED = (MessageType.DELROUTE, MessageType.DELRULE, MessageType.DELNEIGH)

_ROUTE_PROTOCOL, _ROUTE_TYPE = 5, 7  # fields of rtmsg


def fingerprint(said: Message | Request) -> Fingerprint:
    """What identifies the route, rule or neighbour in a request of ours, or in what a dump shows."""
    match said.type:
        case MessageType.NEWROUTE:
            family, length, *_ = ROUTE.unpack_from(said.body)
            return (said.type, family, length, *_chosen(said.body[ROUTE.size :], _ROUTE))
        case MessageType.NEWRULE:
            family, destination_bits, source_bits, *_ = RULE.unpack_from(said.body)
            return (said.type, family, destination_bits, source_bits, *_chosen(said.body[RULE.size :], _RULE))
        case _:
            family, interface, state, _, _ = NEIGHBOUR.unpack_from(said.body)
            return (said.type, family, interface, state, *_chosen(said.body[NEIGHBOUR.size :], _NEIGHBOUR))


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


def anycast_routes(shown: Iterable[Message]) -> frozenset[object]:
    """Link and address of each IPv6 anycast address that packets are taken for."""
    return frozenset(
        (unsigned(found[RouteAttribute.OUT_INTERFACE]), IPv6Address(found[RouteAttribute.DESTINATION]))
        for message in shown
        if message.type == MessageType.NEWROUTE and ROUTE.unpack_from(message.body)[_ROUTE_TYPE] == TYPE_ANYCAST
        for found in (attributes(message.body[ROUTE.size :]),)
        if len(found.get(RouteAttribute.DESTINATION, b"")) == 16 and RouteAttribute.OUT_INTERFACE in found
    )


def dumped(netlink: Netlink) -> list[Message]:
    """All routes, rules and neighbours of both families. Raises KernelError."""
    return [message for family in (AF_INET, AF_INET6) for message in _dumped(netlink, family)]


def _dumped(netlink: Netlink, family: int) -> list[Message]:
    asked = {
        MessageType.GETROUTE: ROUTE.pack(family, 0, 0, 0, 0, 0, 0, 0, 0),
        MessageType.GETRULE: RULE.pack(family, 0, 0, 0, 0, 0, 0),
        MessageType.GETNEIGH: NEIGHBOUR.pack(family, 0, 0, 0, 0),
    }
    try:
        return [message for type_, body in asked.items() for message in netlink.dump(type_, body)]
    except KernelError as error:
        if error.errno in (errno.EAFNOSUPPORT, errno.EOPNOTSUPP) and family == AF_INET6:
            return []  # a kernel without IPv6
        raise


_ROUTE = (
    RouteAttribute.DESTINATION,
    RouteAttribute.OUT_INTERFACE,
    RouteAttribute.GATEWAY,
    RouteAttribute.PREFERRED_SOURCE,
    RouteAttribute.METRICS,
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
