"""Hands on what came out of tunnels: into the anchor, to a visitor, or to many."""

from __future__ import annotations

import errno
import os
from collections import Counter
from collections.abc import Callable

from client.core.ipv4 import Protocol
from client.core.plan import Delivery, End, Tunnel
from client.linux.dataplane.congestion import with_congestion
from client.linux.dataplane.correspondence import Peering
from client.linux.dataplane.exits import Exits, Way
from client.linux.dataplane.held_packets import Held, HeldPackets
from client.linux.dataplane.icmp_errors import FRAGMENTATION_NEEDED
from client.linux.dataplane.inlet import Inlet
from client.linux.dataplane.ip_header import forwarded
from client.linux.dataplane.oversize import fit, merged
from client.linux.dataplane.relays import Relays
from client.linux.dataplane.reports import Reports
from client.linux.dataplane.segment_size import clamped
from client.linux.mtu import link_mtu
from client.linux.packet_socket import PacketSocket
from client.linux.partial_checksum import datagram

_LONGEST = 65535
_IPV6 = 0x60  # the first byte of its packets, at least
_ETHERNET = 1500
_TCP, _SYN = int(Protocol.TCP), 0x02
_HOME = End.HOME  # as in the line above: to look into an enumeration takes a tenth of a packet's time


class Outlet:
    """What receivers took out of its outer packet goes through here."""

    def __init__(
        self,
        exits: Exits,
        inlet: Inlet,
        relays: Relays,
        reports: Reports,
        peering: Peering,
        frames: PacketSocket,
        counters: Counter[str],
    ) -> None:
        self._exits = exits
        self._inlet = inlet
        self._relays = relays
        self._reports = reports
        self._peering = peering
        self._frames = frames
        self._counters = counters
        self._held = HeldPackets(self._refuse)
        self._descriptor: int | None = None
        self._mtu = _LONGEST
        self._read_requests: Callable[[], None] | None = None

    def read_first(self, requests: Callable[[], None]) -> None:
        """What reads the requests that wait: the one of a packet from an unknown place may be among them."""
        self._read_requests = requests

    def attach(self, descriptor: int | None, mtu: int = _LONGEST) -> None:
        """Packets for this host go into this anchor; None: there is none."""
        self._descriptor, self._mtu = descriptor, mtu

    def leave(self, way: Way, path: bytes, congestion: int, packet: bytes) -> None:
        """Hand on an inner packet, if it came as it must; `congestion` is the outer header's mark."""
        source, destination = _addresses(packet)
        tunnel = self._exits.find(way, path, source, destination)
        if tunnel is None:
            self._stray(Held(way, path, congestion, packet), source, destination)
        else:
            self._hand_on(tunnel, congestion, packet)

    def opened(self, tunnel: Tunnel) -> None:
        """Hand on what has waited for this tunnel."""
        if tunnel.end is End.HOME and tunnel.receives:
            for held in self._held.take(tunnel.home_address.packed, self._fits):
                self.leave(held.way, held.path, held.congestion, held.packet)

    def close(self) -> None:
        """Forget what waits."""
        self._held.close()

    def _stray(self, held: Held, source: bytes, destination: bytes) -> None:
        """A packet to many is for whoever asked for such; one that overtook its request waits; all others go."""
        wanting = self._exits.find_to_many(held.way, held.path, destination)
        if wanting is not None:
            self._hand_on(wanting, held.congestion, held.packet)
        elif not self._exits.knows_home(source):
            self._refuse(held)
        elif self._is_granted_now(held):
            self.leave(held.way, held.path, held.congestion, held.packet)
        elif self._held.hold(source, held):
            self._counters["held"] += 1
        else:
            self._refuse(held)

    def _is_granted_now(self, held: Held) -> bool:
        """Has its request been read only because we looked for it?"""
        if self._read_requests is not None:
            self._read_requests()
        return self._fits(held)

    def _fits(self, held: Held) -> bool:
        return self._exits.find(held.way, held.path, *_addresses(held.packet)) is not None

    def _refuse(self, held: Held) -> None:
        self._counters[self._exits.why_not(held.way, held.path, *_addresses(held.packet))] += 1

    def _hand_on(self, tunnel: Tunnel, congestion: int, packet: bytes) -> None:
        if congestion & 1:
            marked = with_congestion(congestion, packet)
            if marked is None:
                self._counters["congestion"] += 1
                return
            packet = marked
        self._counters["received"] += 1
        self._counters["received_bytes"] += len(packet)
        if packet[0] >= _IPV6:
            self._peering.received(tunnel, packet)
        if packet[0] != 0x45 or (packet[9] == _TCP and len(packet) >= 40 and packet[33] & _SYN):
            packet = clamped(packet, self._inlet.limit(tunnel), partial=merged(packet))
        if tunnel.delivery is not None:
            self._deliver(packet, tunnel, tunnel.delivery)
        elif tunnel.end is _HOME and self._relays.to_many(packet):
            self._to_many(packet, tunnel)
        else:
            self._into_anchor(packet)

    def _to_many(self, packet: bytes, tunnel: Tunnel) -> None:
        """Group membership is for us to hear; what may be forwarded goes to the home link (RFC 5944 §4.4)."""
        if packet[9] == Protocol.IGMP or packet[16:19] == b"\xe0\x00\x00":
            self._into_anchor(packet)
        else:
            self._relays.from_tunnel(tunnel.home_address.packed, packet)

    def _into_anchor(self, packet: bytes) -> None:
        if self._descriptor is None:
            self._counters["no_anchor"] += 1
            return
        try:
            if merged(packet):
                for piece in fit(packet, self._mtu) or ():
                    os.write(self._descriptor, piece)
            else:
                os.write(self._descriptor, datagram(packet, self._mtu))
        except OSError:
            self._counters["anchor_full"] += 1

    def _deliver(self, packet: bytes, tunnel: Tunnel, delivery: Delivery) -> None:
        """Forward to a visitor: by its link-layer address, since its home address means nothing to ARP here."""
        passed_on = forwarded(packet)
        if passed_on is None:
            self._counters["time_to_live_ended"] += 1
            return
        try:
            if not merged(passed_on):
                whole = datagram(passed_on, _ETHERNET)
                self._frames.transmit(delivery.interface, delivery.link_layer_address, whole)
                return
        except OSError as error:
            if error.errno != errno.EMSGSIZE:
                self._counters["visitor_unreachable"] += 1
                return
        mtu = link_mtu(delivery.interface)
        pieces = fit(passed_on, mtu)
        if pieces is None:
            self._counters["too_big"] += 1
            self._reports.send(packet, tunnel, FRAGMENTATION_NEEDED, mtu)
        for piece in pieces or ():
            self._frames.send_frame(delivery.interface, delivery.link_layer_address, piece)


def _addresses(packet: bytes) -> tuple[bytes, bytes]:
    if packet[0] < 0x60:
        return packet[12:16], packet[16:20]
    return packet[8:24], packet[24:40]
