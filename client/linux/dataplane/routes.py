"""Routes in our tables."""

from __future__ import annotations

from client.core.plan import Route
from client.linux.netlink.codes import (
    AF_INET,
    AF_INET6,
    METRIC_MTU,
    NEXT_HOP_ON_LINK,
    SCOPE_LINK,
    SCOPE_UNIVERSE,
    TYPE_UNICAST,
    Flag,
    MessageType,
    RouteAttribute,
)
from client.linux.netlink.messages import ROUTE, Request, attribute, nested, number
from client.linux.ownership import Owner


def route_requests(route: Route, interface: int, owner: Owner) -> tuple[Request, Request]:
    """What adds (or replaces) the route, and what removes it; `interface` is the kernel's index."""
    scope = SCOPE_LINK if route.gateway is None else SCOPE_UNIVERSE
    # A gateway is an agent that we heard on this link, seldom one that shares a subnet with us.
    flags = 0 if route.gateway is None or route.gateway.is_link_local else NEXT_HOP_ON_LINK
    family = AF_INET if route.destination.version == 4 else AF_INET6
    header = ROUTE.pack(family, route.destination.prefixlen, 0, 0, 0, owner.protocol, scope, TYPE_UNICAST, flags)
    body = header + _attributes(route, interface, owner.table(route.table))
    return (
        Request(MessageType.NEWROUTE, Flag.CREATE | Flag.REPLACE, body),
        Request(MessageType.DELROUTE, 0, body),
    )


def _attributes(route: Route, interface: int, table: int) -> bytes:
    body = number(RouteAttribute.TABLE, table) + number(RouteAttribute.OUT_INTERFACE, interface)
    if route.destination.prefixlen:
        body += attribute(RouteAttribute.DESTINATION, route.destination.network_address.packed)
    if route.gateway is not None:
        body += attribute(RouteAttribute.GATEWAY, route.gateway.packed)
    if route.source is not None:
        body += attribute(RouteAttribute.PREFERRED_SOURCE, route.source.packed)
    if route.mtu is not None:
        body += nested(RouteAttribute.METRICS, number(METRIC_MTU, route.mtu))
    return body
