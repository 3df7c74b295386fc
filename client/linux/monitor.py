"""Hears from the kernel about links, addresses and routes, and shows them as `Links`.

A batch of events makes one snapshot; nothing waits for more to come, since every millisecond of a
handover counts. When events were lost (ENOBUFS) everything is asked for again.
"""

from __future__ import annotations

import errno
import socket
from collections import Counter
from collections.abc import Iterator

from client.core.links import Links
from client.linux.carriers import Carrier, CarrierTable
from client.linux.dataplane.fingerprint import DELETED, protocol
from client.linux.link_table import LinkTable
from client.linux.netlink.codes import AF_INET, AF_INET6, AF_UNSPEC, Group, MessageType
from client.linux.netlink.connection import Netlink
from client.linux.netlink.messages import ADDRESS, LINK, ROUTE, Message, messages
from client.linux.ownership import MAIN_TABLE, Owner

_SOL_NETLINK = 270
_ADD_MEMBERSHIP = 1
_LARGEST = 1 << 17
_BUFFER = 1 << 20
_FAMILIES = (AF_INET, AF_INET6)
_GROUPS = (
    Group.LINK,
    Group.IPV4_ADDRESS,
    Group.IPV4_ROUTE,
    Group.IPV4_RULE,
    Group.IPV6_ADDRESS,
    Group.IPV6_ROUTE,
    Group.IPV6_RULE,
    Group.NEIGH,
)


class Monitor:
    """Netlink's events, and what they add up to."""

    def __init__(self, owner: Owner, netlink: Netlink, counters: Counter[str]) -> None:
        self._owner = owner
        self._netlink = netlink
        self._counters = counters
        self._table = LinkTable(owner)
        self._carriers = CarrierTable(owner)
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.NETLINK_ROUTE)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self._socket.bind((0, 0))
        for group in _GROUPS:
            self._socket.setsockopt(_SOL_NETLINK, _ADD_MEMBERSHIP, group)
        self.audit_due = False  # something of ours may have gone; whoever repairs it clears this
        self.taken_by_others = False  # and it was another program that removed it
        self._resync()

    def fileno(self) -> int:
        """For the event loop."""
        return self._socket.fileno()

    def links(self) -> Links:
        """The links as they are now."""
        return self._table.links()

    def carriers(self) -> frozenset[Carrier]:
        """The interfaces that may carry tunnelled packets, up or down."""
        return self._carriers.all()

    def receive(self) -> None:
        """Take in all events that wait; `links()`, `audit_due` and `taken_by_others` follow."""
        routes_lost = False
        for message in self._events():
            if message.port == self._netlink.port:
                continue  # the echo of what we did ourselves
            self._carriers.take(message)
            if self._table.take(message):
                routes_lost = True
            if message.type in DELETED and protocol(message) == self._owner.protocol:
                self.audit_due = True
                self.taken_by_others |= message.port != 0
        if routes_lost:
            # The kernel drops routes together with a link or an address, and does not tell of each.
            self.audit_due = True
            self._table.forget_routes()
            self._ask_routes()

    def close(self) -> None:
        """Give the socket back."""
        self._socket.close()

    def _events(self) -> Iterator[Message]:
        while True:
            try:
                data = self._socket.recv(_LARGEST)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                self._counters["netlink_overrun"] += 1
                self.audit_due = True
                self._drain()  # what still waits is older than what we are about to ask for
                self._resync()
                continue
            yield from messages(data)

    def _drain(self) -> None:
        while True:
            try:
                self._socket.recv(1)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise

    def _resync(self) -> None:
        self._table.restart()
        told = self._netlink.dump(MessageType.GETLINK, LINK.pack(AF_UNSPEC, 0, 0, 0, 0))
        for message in told:
            self._table.take(message)
            self._carriers.take(message)
        remaining = {LINK.unpack_from(message.body)[2] for message in told}
        self._table.keep_only(remaining)
        self._carriers.keep_only(remaining)
        for family in _FAMILIES:
            for message in self._netlink.dump(MessageType.GETADDR, ADDRESS.pack(family, 0, 0, 0, 0)):
                self._table.take(message)
        self._ask_routes()

    def _ask_routes(self) -> None:
        for family in _FAMILIES:
            asked = ROUTE.pack(family, 0, 0, 0, MAIN_TABLE, 0, 0, 0, 0)
            for message in self._netlink.dump(MessageType.GETROUTE, asked):
                self._table.take(message)
