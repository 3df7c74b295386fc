"""The default routes of the main table, from rtnetlink messages: which links lead out, and by which router."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from client.core.plan import Address
from client.linux.netlink.codes import TYPE_UNICAST, RouteAttribute
from client.linux.netlink.messages import ROUTE, attributes, unsigned
from client.linux.ownership import MAIN_TABLE

_BETTER = {1: 0, 0: 1, 3: 2}  # ICMPV6_ROUTER_PREF_HIGH, _MEDIUM, _LOW (RFC 4191 §2.1): the best first
_MEDIUM = 0

Gateway = TypeVar("Gateway", bound=Address)


@dataclass(frozen=True, slots=True)
class DefaultRoute(Generic[Gateway]):
    """The one that the kernel would take on its link."""

    metric: int
    gateway: Gateway | None


@dataclass(slots=True)
class DefaultRoutes(Generic[Gateway]):
    """Of one family, whose addresses `address` makes of bytes."""

    address: type[Gateway]
    _ranks: dict[tuple[int, DefaultRoute[Gateway]], tuple[int, int]] = field(default_factory=dict)
    _arrivals: Iterator[int] = field(default_factory=itertools.count)

    def take(self, body: bytes, *, new: bool) -> bool:
        """Learn from one message about a route; returns whether it was about one of these."""
        _, length, _, _, table, _, _, kind, _ = ROUTE.unpack_from(body)
        if length or kind not in (0, TYPE_UNICAST):
            return False
        found = attributes(body[ROUTE.size :])
        index = unsigned(found.get(RouteAttribute.OUT_INTERFACE))
        if unsigned(found.get(RouteAttribute.TABLE), table) != MAIN_TABLE or not index:
            return False
        gateway = found.get(RouteAttribute.GATEWAY)
        route = DefaultRoute(unsigned(found.get(RouteAttribute.PRIORITY)), self.address(gateway) if gateway else None)
        if new:
            preference = unsigned(found.get(RouteAttribute.PREFERENCE), _MEDIUM)
            self._ranks[index, route] = (_BETTER.get(preference, _BETTER[_MEDIUM]), next(self._arrivals))
        else:
            self._ranks.pop((index, route), None)
        return True

    def clear(self) -> None:
        """Before all are told anew."""
        self._ranks.clear()

    def forget(self, index: int) -> None:
        """A link went, or went down."""
        for key in [key for key in self._ranks if key[0] == index]:
            del self._ranks[key]

    def best(self) -> dict[int, DefaultRoute[Gateway]]:
        """By link: that of the lowest metric, then of the highest preference, then the oldest."""
        found: dict[int, DefaultRoute[Gateway]] = {}
        for (index, route), _ in sorted(self._ranks.items(), key=lambda item: (item[0][1].metric, *item[1])):
            found.setdefault(index, route)
        return found
