"""Counts the packets that programs send and receive by the path in force.

Through the tunnel: those that pass the anchor, and those that BPF programs carry past its counters. At home and
through a foreign agent's link: all of that link. What we send and receive ourselves is taken off, since proving
a path must not look like its use.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from ipaddress import IPv4Network

from client.core.errors import KernelError
from client.core.machine import Traffic
from client.core.plan import ANCHOR, Plan, Route
from client.linux.netlink.codes import AF_UNSPEC, LinkAttribute, MessageType
from client.linux.netlink.connection import Netlink
from client.linux.netlink.messages import LINK, attributes

_ALL = IPv4Network("0.0.0.0/0")
_STATISTICS = struct.Struct("=QQQQ")  # rtnl_link_stats64 begins with rx_packets, tx_packets, rx_bytes, tx_bytes
_NOTHING = (0, 0, 0, 0)


class TrafficMeter:
    """Adds up what interfaces count."""

    def __init__(self, netlink: Netlink, past: Callable[[], Traffic]) -> None:
        """`past` says what goes through the tunnel and past the anchor's counters."""
        self._netlink = netlink
        self._past = past
        self._last: dict[int, tuple[int, ...]] = {}  # by interface: received, sent; the bytes of each
        self._sums: tuple[int, ...] = _NOTHING  # of the same four
        self._paths: set[int] = set()
        self._anchor: int | None = None
        self._probes = 0  # that were not answered yet
        self._own_sent = 0
        self._own_received = 0
        self._told = Traffic(sent=0, received=0)

    def sent_ourselves(self, *, signalling: bool) -> None:
        """We sent a packet: probes go as programs' packets do, signalling only where there is no tunnel."""
        if not signalling:
            self._probes += 1
        if not signalling or self._paths - {ANCHOR}:
            self._own_sent += 1

    def received_ourselves(self, interface: int, *, echo_reply: bool) -> None:
        """We received a packet by this interface; an echo reply is ours only if we have sent a probe."""
        if interface not in self._paths | {ANCHOR} or (echo_reply and not self._probes):
            return
        self._own_received += 1
        self._probes -= echo_reply

    def follow(self, plan: Plan, anchor: int | None) -> None:
        """From now on count what goes by the paths of this plan; `anchor` is the anchor's index."""
        paths = {item.interface for item in plan if isinstance(item, Route) and item.destination == _ALL}
        if paths == self._paths and anchor == self._anchor:
            return
        self._collect()
        self._paths, self._anchor = paths, anchor
        watched = {self._anchor if path == ANCHOR else path for path in paths | {ANCHOR}}
        self._last = {index: self._last.get(index) or self._read(index) for index in watched if index is not None}

    def measure(self) -> Traffic:
        """The sums so far."""
        self._collect()
        past = self._past()
        received, sent, received_bytes, sent_bytes = self._sums
        # A packet of ours may be counted by its interface before it is by us.
        self._told = Traffic(
            sent=max(self._told.sent, sent + past.sent - self._own_sent),
            received=max(self._told.received, received + past.received - self._own_received),
            sent_bytes=sent_bytes + past.sent_bytes,
            received_bytes=received_bytes + past.received_bytes,
        )
        return self._told

    def _collect(self) -> None:
        for interface, last in list(self._last.items()):
            now = self._read(interface)
            grown = [max(0, new - old) for new, old in zip(now, last, strict=True)]
            self._sums = tuple(a + b for a, b in zip(self._sums, grown, strict=True))
            self._last[interface] = now

    def _read(self, interface: int) -> tuple[int, ...]:
        """Packets received and sent by an interface, then the bytes of each; none by one that is gone."""
        try:
            link = self._netlink.get(MessageType.GETLINK, LINK.pack(AF_UNSPEC, 0, interface, 0, 0))
        except KernelError:
            return _NOTHING
        statistics = attributes(link.body[LINK.size :]).get(LinkAttribute.STATS64, b"")
        return _STATISTICS.unpack_from(statistics) if len(statistics) >= _STATISTICS.size else _NOTHING
