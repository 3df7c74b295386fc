"""Turns rtnetlink messages about links, addresses and default routes into `Links`."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface

from client.core.links import Link, Links
from client.linux.link_kinds import leads_out
from client.linux.netlink.codes import (
    AF_UNSPEC,
    ARPHRD_ETHERNET,
    SCOPE_UNIVERSE,
    AddressAttribute,
    LinkAttribute,
    LinkFlag,
    MessageType,
    OperationalState,
    RouteAttribute,
)
from client.linux.netlink.messages import ADDRESS, LINK, ROUTE, Message, attributes, text, unsigned
from client.linux.ownership import MAIN_TABLE, Owner

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
    _gateways: dict[tuple[int, int], IPv4Address | None] = field(default_factory=dict)  # by metric and link

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
                self._route(message.body, new=message.type == MessageType.NEWROUTE)
        return False

    def forget_routes(self) -> None:
        """Before all routes are told anew."""
        self._gateways.clear()

    def restart(self) -> None:
        """Before everything is told anew; how often links came up is kept."""
        self._addresses.clear()
        self._gateways.clear()

    def keep_only(self, indices: set[int]) -> None:
        """Drop the links that were not told anew."""
        for index in set(self._links) - indices:
            self._link_gone(index)

    def links(self) -> Links:
        """The snapshot."""
        best: dict[int, tuple[int, IPv4Address | None]] = {}
        for (metric, index), gateway in sorted(self._gateways.items(), key=lambda item: item[0]):
            best.setdefault(index, (metric, gateway))
        order = sorted(self._links, key=lambda index: (best.get(index, (_NO_METRIC, None))[0], index))
        return Links(tuple(self._snapshot(index, best.get(index)) for index in order))

    def _snapshot(self, index: int, default_route: tuple[int, IPv4Address | None] | None) -> Link:
        entry = self._links[index]
        return Link(
            index=index,
            name=entry.name,
            link_layer_address=entry.link_layer_address,
            up=entry.up,
            ups=entry.ups,
            mtu=entry.mtu,
            addresses=tuple(self._addresses.get(index, ())),
            gateway=default_route[1] if default_route else None,
            routed=default_route is not None,
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
        return former is not None and ((former.up and not entry.up) or former.ups != entry.ups)

    def _link_gone(self, index: int) -> bool:
        self._addresses.pop(index, None)
        for key in [key for key in self._gateways if key[1] == index]:
            del self._gateways[key]
        return self._links.pop(index, None) is not None

    def _address(self, body: bytes, *, new: bool) -> bool:
        _, length, _, scope, index = ADDRESS.unpack_from(body)
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

    def _route(self, body: bytes, *, new: bool) -> None:
        _, length, _, _, table, _, _, _, _ = ROUTE.unpack_from(body)
        if length:
            return
        found = attributes(body[ROUTE.size :])
        index = unsigned(found.get(RouteAttribute.OUT_INTERFACE))
        if unsigned(found.get(RouteAttribute.TABLE), table) != MAIN_TABLE or not index:
            return
        key = (unsigned(found.get(RouteAttribute.PRIORITY)), index)
        gateway = found.get(RouteAttribute.GATEWAY)
        if new:
            self._gateways[key] = IPv4Address(gateway) if gateway else None
        else:
            self._gateways.pop(key, None)


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
