"""Turns rtnetlink messages about links, addresses and default routes into `Links`."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface, IPv6Address

from client.core.links import Link, Links
from client.linux.addresses6 import Addresses6
from client.linux.default_routes import DefaultRoute, DefaultRoutes
from client.linux.link_kinds import leads_out
from client.linux.netlink.codes import (
    AF_INET6,
    AF_UNSPEC,
    ARPHRD_ETHERNET,
    SCOPE_UNIVERSE,
    AddressAttribute,
    Flag,
    LinkAttribute,
    LinkFlag,
    MessageType,
    OperationalState,
)
from client.linux.netlink.messages import ADDRESS, LINK, Message, attributes, text, unsigned
from client.linux.ownership import Owner

_ABOUT_LINKS = (MessageType.NEWLINK, MessageType.DELLINK)
_NO_METRIC = 1 << 32


@dataclass(slots=True)
class _Entry:
    """One link as it was last told."""

    name: str
    link_layer_address: bytes
    up: bool
    mtu: int
    carrier_ups: int
    ups: int = 0


@dataclass(slots=True)
class LinkTable:
    """What the messages so far add up to."""

    owner: Owner
    _links: dict[int, _Entry] = field(default_factory=dict)
    _addresses: dict[int, list[IPv4Interface]] = field(default_factory=dict)
    _routes: DefaultRoutes[IPv4Address] = field(default_factory=lambda: DefaultRoutes(IPv4Address))
    _addresses6: Addresses6 = field(default_factory=Addresses6)
    _routes6: DefaultRoutes[IPv6Address] = field(default_factory=lambda: DefaultRoutes(IPv6Address))

    def take(self, message: Message) -> bool:
        """Learn from one message; returns whether routes may have gone without a word."""
        if message.type in _ABOUT_LINKS and message.body[0] != AF_UNSPEC:
            return False  # a bridge tells about its ports by the same types
        match message.type:
            case MessageType.NEWLINK:
                return self._link(message.body)
            case MessageType.DELLINK:
                self._link_gone(LINK.unpack_from(message.body)[2])
                return True
            case MessageType.NEWADDR | MessageType.DELADDR:
                return self._address(message.body, new=message.type == MessageType.NEWADDR)
            case MessageType.NEWROUTE | MessageType.DELROUTE:
                return self._route(message, new=message.type == MessageType.NEWROUTE)
        return False

    def forget_routes(self) -> None:
        """Before all routes are told anew."""
        self._routes.clear()
        self._routes6.clear()

    def restart(self) -> None:
        """Before everything is told anew; how often links came up is kept."""
        self._addresses.clear()
        self._addresses6.clear()
        self.forget_routes()

    def keep_only(self, indices: set[int]) -> None:
        """Drop the links that were not told anew."""
        for index in set(self._links) - indices:
            self._link_gone(index)

    def links(self) -> Links:
        """The snapshot."""
        best, best6 = self._routes.best(), self._routes6.best()
        order = sorted(self._links, key=lambda index: (_metric(best.get(index)), _metric(best6.get(index)), index))
        return Links(tuple(self._snapshot(index, best.get(index), best6.get(index)) for index in order))

    def _snapshot(
        self, index: int, route: DefaultRoute[IPv4Address] | None, route6: DefaultRoute[IPv6Address] | None
    ) -> Link:
        entry = self._links[index]
        return Link(
            index=index,
            name=entry.name,
            link_layer_address=entry.link_layer_address,
            up=entry.up,
            ups=entry.ups,
            mtu=entry.mtu,
            addresses=tuple(self._addresses.get(index, ())),
            gateway=None if route is None else route.gateway,
            routed=route is not None,
            link_local=self._addresses6.link_local(index),
            addresses6=self._addresses6.wide(index),
            gateway6=None if route6 is None else route6.gateway,
            routed6=route6 is not None,
        )

    def _link(self, body: bytes) -> bool:
        _, hardware, index, flags, _ = LINK.unpack_from(body)
        found = attributes(body[LINK.size :])
        if hardware != ARPHRD_ETHERNET or not leads_out(found, self.owner):
            anchor_down = text(found.get(LinkAttribute.NAME)) == self.owner.anchor and not flags & LinkFlag.UP
            return self._link_gone(index) or anchor_down
        entry = _Entry(
            name=text(found.get(LinkAttribute.NAME)),
            link_layer_address=found.get(LinkAttribute.ADDRESS, b""),
            up=_is_up(flags, found),
            mtu=unsigned(found.get(LinkAttribute.MTU), 1500),
            carrier_ups=unsigned(found.get(LinkAttribute.CARRIER_UP_COUNT)),
        )
        former = self._links.get(index)
        entry.ups = _ups(former, entry)
        self._links[index] = entry
        if former is not None and former.ups != entry.ups:
            self._addresses6.forget_duplicates(index)
        if not flags & LinkFlag.UP:
            self._routes6.forget(index)  # the kernel may have been told not to tell of each
        return former is not None and ((former.up and not entry.up) or former.ups != entry.ups)

    def _link_gone(self, index: int) -> bool:
        self._addresses.pop(index, None)
        self._addresses6.forget(index)
        self._routes.forget(index)
        self._routes6.forget(index)
        return self._links.pop(index, None) is not None

    def _address(self, body: bytes, *, new: bool) -> bool:
        family, length, _, scope, index = ADDRESS.unpack_from(body)
        if family == AF_INET6:
            self._addresses6.take(body, new=new)
            return not new
        found = attributes(body[ADDRESS.size :])
        local = found.get(AddressAttribute.LOCAL) or found.get(AddressAttribute.ADDRESS)
        if scope != SCOPE_UNIVERSE or local is None or len(local) != 4:
            return False
        address = IPv4Interface((local, length))
        held = self._addresses.setdefault(index, [])
        if new and address not in held:
            held.append(address)
        if not new and address in held:
            held.remove(address)
        return not new

    def _route(self, message: Message, *, new: bool) -> bool:
        routes = self._routes6 if message.body[0] == AF_INET6 else self._routes
        ours = routes.take(message.body, new=new)
        return ours and bool(message.flags & Flag.REPLACE)  # of what it took the place of, nothing is said


def _metric(route: DefaultRoute[IPv4Address] | DefaultRoute[IPv6Address] | None) -> int:
    return _NO_METRIC if route is None else route.metric


def _is_up(flags: int, found: dict[int, bytes]) -> bool:
    """Whether the link carries packets.

    The kernel may take a second to raise the operational state after the carrier is there. It need not be
    waited for, unless somebody (a Wi-Fi supplicant) asked that the carrier alone should not do.
    """
    if not flags & LinkFlag.UP or not flags & LinkFlag.CARRIER:
        return False
    state = unsigned(found.get(LinkAttribute.OPERSTATE))
    if state in (OperationalState.UP, OperationalState.UNKNOWN):
        return True
    late = state in (OperationalState.DOWN, OperationalState.LOWER_LAYER_DOWN)
    return late and not flags & LinkFlag.DORMANT and not unsigned(found.get(LinkAttribute.LINK_MODE))


def _ups(former: _Entry | None, now: _Entry) -> int:
    """How often the link came up, also when it went down and up between two messages."""
    if former is None:
        return int(now.up)
    if now.up and (not former.up or former.carrier_ups != now.carrier_ups):
        return former.ups + 1
    return former.ups
