"""Puts packets into tunnels."""

from __future__ import annotations

import errno
import itertools
import os
from collections import Counter
from collections.abc import Callable
from ipaddress import IPv4Address

from client.core.ipv4 import IPv4Packet, Protocol
from client.core.overhead import overhead
from client.core.plan import Tunnel
from client.linux.dataplane.correspondence import Peering
from client.linux.dataplane.entrances import Entrance, Entrances
from client.linux.dataplane.icmp_errors import FRAGMENTATION_NEEDED, LEAST_IPV6
from client.linux.dataplane.oversize import fit
from client.linux.dataplane.oversize6 import fragments6
from client.linux.dataplane.path_states import PathStates
from client.linux.dataplane.reports import Reports
from client.linux.dataplane.segment_size import clamped
from client.linux.mtu import LEAST, path_mtu
from client.linux.senders import Senders

_LONGEST = 65535
_IPV6 = 0x60  # the first byte of its packets, at least
_ASK_EVERY = 1.0  # seconds between two looks at how long a packet may be
_NESTED = 20  # bytes of the header between, where a foreign agent decapsulates
_TCP, _SYN = int(Protocol.TCP), 0x02


class Inlet:
    """What leaves by the anchor, or is relayed, goes through here."""

    def __init__(
        self,
        entrances: Entrances,
        senders: Senders,
        paths: PathStates,
        reports: Reports,
        peering: Peering,
        counters: Counter[str],
        now: Callable[[], float],
    ) -> None:
        self._entrances = entrances
        self._senders = senders
        self._paths = paths
        self._reports = reports
        self._peering = peering
        self._counters = counters
        self._now = now
        self._identifications = itertools.count(int.from_bytes(os.urandom(2), "big"))

    def enter(self, packet: bytes) -> None:
        """Send what a program or a correspondent sent through each of its tunnels."""
        if not _is_whole(packet):
            self._counters["not_ip"] += 1
            return
        entrances = self._entrances.of(packet)
        if not entrances:
            self._counters["no_tunnel"] += 1
        for entrance in entrances:
            self._through(entrance, packet)

    def enter_home(self, home_address: bytes, packet: bytes, *, nested: bool) -> None:
        """Send an IPv4 packet to many through the tunnels to a home address (RFC 5944 §4.3)."""
        for entrance in self._entrances.home(home_address):
            if not nested:
                self._through(entrance, packet)
                continue
            self._ready(entrance)
            pieces = fit(packet, entrance.limit - _NESTED)
            if pieces is None:
                self._counters["too_big"] += 1
            for piece in pieces or ():
                self._send(entrance, self._nested(entrance.tunnel, piece))

    def limit(self, tunnel: Tunnel) -> int:
        """Bytes of the longest packet that may enter, as far as anybody knows."""
        return tunnel.mtu or self._path_limit(tunnel) or _LONGEST

    def _through(self, entrance: Entrance, packet: bytes) -> None:
        if entrance.loops(packet):
            self._counters["loop"] += 1
            return
        if len(packet) > entrance.limit:
            self._unusual(entrance, packet)
            return
        if packet[0] != 0x45 or (packet[9] == _TCP and len(packet) >= 40 and packet[33] & _SYN):
            packet = clamped(packet, entrance.limit)
        self._send(entrance, packet)

    def _send(self, entrance: Entrance, packet: bytes) -> None:
        try:
            outer = entrance.headers.encapsulate(packet)
            if outer is None:
                self._counters["no_room"] += 1
                return
            self._senders.of(packet).through(entrance.interface).sendto(outer, entrance.address)
        except OSError as error:
            self._not_sent(error, entrance, packet)
        else:
            self._counters["sent"] += 1
            self._counters["sent_bytes"] += len(packet)
            if packet[0] >= _IPV6:
                self._peering.sent(entrance.tunnel, packet)

    def _unusual(self, entrance: Entrance, packet: bytes) -> None:
        """The first packet, one that is too long as far as we know, or one behind an error from within the tunnel."""
        self._ready(entrance)
        if entrance.unanswered is not None:
            # RFC 2003 §5: the sender is told, and the packet forwarded all the same.
            code, entrance.unanswered = entrance.unanswered, None
            self._reports.send(packet, entrance.tunnel, code)
        if len(packet) <= (entrance.limit or _LONGEST):
            self._send(entrance, clamped(packet, entrance.limit or _LONGEST))
        else:
            self._too_long(entrance, packet)

    def _ready(self, entrance: Entrance) -> None:
        """Find out what may enter, if that is not known or not for sure; the limit stays 0 while there is no path."""
        now = self._now()
        if entrance.limit and now - entrance.asked < _ASK_EVERY:
            return
        if entrance.asked < 0:
            self._entrances.use(entrance)
        entrance.limit = entrance.tunnel.mtu or self._path_limit(entrance.tunnel)
        entrance.asked = now

    def _path_limit(self, tunnel: Tunnel) -> int:
        ipv6 = tunnel.remote.version == 6
        found = path_mtu(tunnel.remote, tunnel.interface, self._senders.mark)
        if found <= LEAST:
            return 0  # no path, and no reason to cut anything to pieces: sending will tell
        learnt = self._paths.mtu(tunnel.local.packed + tunnel.remote.packed)
        return min(found, learnt or found) - overhead(tunnel.encapsulation, ipv6=ipv6)

    def _too_long(self, entrance: Entrance, packet: bytes) -> None:
        """Cut it, if its sender allows that; tell the sender otherwise (RFC 2003 §5.1, RFC 2473 §7.1)."""
        if packet[0] >> 4 == 6 and len(packet) <= LEAST_IPV6:
            self._fragmented6(entrance, packet)
            return
        pieces = fit(packet, entrance.limit)
        if pieces is None or len(pieces) == 1:
            self._counters["too_big"] += 1
            self._reports.send(packet, entrance.tunnel, FRAGMENTATION_NEEDED, entrance.limit)
            return
        self._counters["fragmented"] += 1
        for piece in pieces:
            self._send(entrance, piece)

    def _fragmented6(self, entrance: Entrance, packet: bytes) -> None:
        """Every IPv6 link takes it, so a tunnel must, in fragments of the outer packet."""
        outer = entrance.headers.encapsulate(packet)
        longest = entrance.limit + overhead(entrance.tunnel.encapsulation, ipv6=True)
        if outer is None:
            return
        self._counters["fragmented"] += 1
        for piece in fragments6(outer, max(longest, LEAST_IPV6), os.urandom(4)):
            self._senders.of(packet).send(piece, entrance.tunnel.remote, entrance.interface)

    def _not_sent(self, error: OSError, entrance: Entrance, packet: bytes) -> None:
        """The kernel knows that the way is narrower than we thought, or there is none."""
        if error.errno == errno.EMSGSIZE:
            limit = self._path_limit(entrance.tunnel)
            if 0 < limit < len(packet):
                entrance.limit = limit
                self._too_long(entrance, packet)
                return
        self._senders.of(packet).failed(error, entrance.interface)

    def _nested(self, tunnel: Tunnel, packet: bytes) -> bytes:
        """A packet to many in one to the home address: after the foreign agent, the mobile node decapsulates."""
        if not isinstance(tunnel.local, IPv4Address) or not isinstance(tunnel.home_address, IPv4Address):
            return packet
        return IPv4Packet(
            source=tunnel.local,
            destination=tunnel.home_address,
            protocol=Protocol.IPIP,
            payload=packet,
            type_of_service=packet[1],
            identification=next(self._identifications) & 0xFFFF,
            dont_fragment=bool(packet[6] & 0x40),
        ).pack()


def _is_whole(packet: bytes) -> bool:
    """Whether this is an IP packet that may go on, out of the kernel's hand: of IPv6 none of a link's own business."""
    if packet[0] >> 4 == 4:
        return len(packet) >= 20 and packet[8] != 0
    return packet[0] >> 4 == 6 and len(packet) >= 40 and packet[7] != 0 and not _stays(packet)


def _stays(packet: bytes) -> bool:
    """Neighbour discovery, group membership: to a link-local address or group (RFC 4291 §2.5.6, §2.7)."""
    return (packet[24] == 0xFE and packet[25] & 0xC0 == 0x80) or (packet[24] == 0xFF and packet[25] & 0x0F <= 2)
