"""The hand that moves the laptop: cables in the wire, addresses and routes on the laptop, by one netlink call each.

Everything is the same for all contenders: no DHCP, so that the figures begin when the address is usable.
"""

from __future__ import annotations

import errno
import socket
import time

from client.linux.netlink.codes import (
    AF_INET,
    AF_UNSPEC,
    SCOPE_UNIVERSE,
    TYPE_UNICAST,
    AddressAttribute,
    Flag,
    LinkFlag,
    MessageType,
    RouteAttribute,
)
from client.linux.netlink.connection import Netlink
from client.linux.netlink.messages import ADDRESS, LINK, ROUTE, Request, attribute, number
from lab.bench.gap.topology import CARDS, LAPTOP, WIRE, Access
from lab.errors import LabError
from lab.namespaces import ip_batch, work_inside
from lab.site import Site

HANGING = 0.05
"""Seconds that a cable hangs free between two sockets."""

_MAIN, _STATIC = 254, 4


class Hand:
    """Plugs, and says when the new address was usable (nanoseconds since 1970)."""

    def __init__(self, site: Site) -> None:
        self._site = site
        work_inside(site.namespace(LAPTOP), self._enter)

    def _enter(self) -> None:
        self._netlink = Netlink()
        self._indices = {card: socket.if_nametoindex(card) for card in CARDS}

    def unplug(self, card: str, access: Access) -> int:
        """Pull the cable; the address goes, as with a DHCP client that sees the carrier go."""
        now = time.time_ns()
        ip_batch([f"link set {card} down nomaster"], self._site.namespace(WIRE))
        self._address(card, access, MessageType.DELADDR, 0)
        return now

    def plug(self, card: str, access: Access, metric: int) -> int:
        """Put the cable in, give the address and the route; the time at which both stood."""
        ip_batch([f"link set {card} master {access.bridge} up"], self._site.namespace(WIRE))
        self._wait_for_carrier(card)
        self._address(card, access, MessageType.NEWADDR, Flag.CREATE | Flag.REPLACE)
        return self.route(card, access, metric)

    def move(self, card: str, old: Access, new: Access, metric: int) -> int:
        """Break before make: from one socket to another."""
        self.unplug(card, old)
        time.sleep(HANGING)
        return self.plug(card, new, metric)

    def route(self, card: str, access: Access, metric: int) -> int:
        """Add a default route; the time at which it stood."""
        self._route(card, access, metric, MessageType.NEWROUTE, Flag.CREATE | Flag.REPLACE)
        return time.time_ns()

    def unroute(self, card: str, access: Access, metric: int) -> None:
        """Take a default route away."""
        self._route(card, access, metric, MessageType.DELROUTE, 0)

    def _wait_for_carrier(self, card: str) -> None:
        end = time.monotonic() + 1.0
        question = LINK.pack(AF_UNSPEC, 0, self._indices[card], 0, 0)
        while time.monotonic() < end:
            flags = LINK.unpack_from(self._netlink.get(MessageType.GETLINK, question).body)[3]
            if flags & LinkFlag.CARRIER:
                return
            time.sleep(0.0005)
        raise LabError(f"{card} has no carrier")

    def _address(self, card: str, access: Access, kind: MessageType, flags: int) -> None:
        body = ADDRESS.pack(AF_INET, access.address.network.prefixlen, 0, SCOPE_UNIVERSE, self._indices[card])
        for name in (AddressAttribute.LOCAL, AddressAttribute.ADDRESS):
            body += attribute(name, access.address.ip.packed)
        self._ask(Request(kind, flags, body))

    def _route(self, card: str, access: Access, metric: int, kind: MessageType, flags: int) -> None:
        body = ROUTE.pack(AF_INET, 0, 0, 0, _MAIN, _STATIC, SCOPE_UNIVERSE, TYPE_UNICAST, 0)
        body += number(RouteAttribute.OUT_INTERFACE, self._indices[card])
        body += attribute(RouteAttribute.GATEWAY, socket.inet_aton(access.gateway))
        self._ask(Request(kind, flags, body + number(RouteAttribute.PRIORITY, metric)))

    def _ask(self, request: Request) -> None:
        self._netlink.request(request, allow=(errno.ESRCH, errno.EADDRNOTAVAIL))
