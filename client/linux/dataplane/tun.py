"""The data plane without eBPF: packets go through our process by the anchor's descriptor and raw sockets.

What programs send reaches the anchor, is looked up by its inner source (END.MOBILE) or inner destination
(END.HOME), and leaves inside an outer packet. IP-in-IP packets to this host come by a raw socket, are held
against the tunnels, and go into the anchor or as a frame to a visitor.
"""

from __future__ import annotations

import asyncio
import errno
import os
from collections import Counter
from ipaddress import IPv4Address

from client.core.ipv4 import IPv4Packet
from client.core.machine import PathMtuLearnt
from client.core.plan import Delivery, Relay, Tunnel
from client.linux.dataplane.encapsulation import OVERHEAD, forwarded, inner_packet, with_congestion
from client.linux.dataplane.icmp_errors import FRAGMENTATION_NEEDED, icmp_error
from client.linux.dataplane.oversize import fit, merged
from client.linux.dataplane.tunnel_errors import relayed
from client.linux.dataplane.tunnel_table import Entrance, TunnelTable, loops
from client.linux.mtu import link_mtu, path_mtu
from client.linux.packet_socket import PacketSocket
from client.linux.raw import RoutedSender, tunnel_receiver

_PER_WAKE = 64  # so that signalling gets its turn
_LONGEST = 65535


class TunPlane:
    """Carries the packets of all tunnels."""

    name = "tun"

    def __init__(
        self,
        outer: RoutedSender,
        plain: RoutedSender,
        frames: PacketSocket,
        counters: Counter[str],
    ) -> None:
        """`outer` sends past our tunnel; `plain` as programs do; `frames` to visitors."""
        self._outer = outer
        self._plain = plain
        self._frames = frames
        self.counters = counters
        self._tunnels = TunnelTable()
        self._loop = asyncio.get_running_loop()
        self._descriptor: int | None = None
        self._mtu = _LONGEST
        self._receiver = tunnel_receiver()
        self._loop.add_reader(self._receiver, self._receive)

    def add(self, item: Tunnel | Relay) -> None:
        """Use it, in place of what has its key; a tunnel that sends also takes its slot (home address and copy)."""
        if isinstance(item, Tunnel):
            self._tunnels.add(item)

    def remove(self, item: Tunnel | Relay) -> None:
        """Use it no longer; what took its place stays."""
        if isinstance(item, Tunnel):
            self._tunnels.remove(item)

    def attach(self, descriptor: int, mtu: int) -> None:
        """Packets of programs come from this anchor and go there."""
        self.detach()
        self._descriptor, self._mtu = descriptor, mtu
        self._loop.add_reader(descriptor, self._send)

    def detach(self) -> None:
        """The anchor goes."""
        if self._descriptor is not None:
            self._loop.remove_reader(self._descriptor)
            self._descriptor = None

    def close(self) -> None:
        """Give the sockets back."""
        self.detach()
        self._loop.remove_reader(self._receiver)
        self._receiver.close()

    def tunnel_error(self, packet: IPv4Packet) -> PathMtuLearnt | None:
        """Pass an ICMP error about one of our outer packets on to the sender of what was inside (RFC 2003 §4).

        Returns what it says of the path, if it is that it takes no packets so long.
        """
        found = relayed(packet)
        tunnel = None if found is None else self._tunnels.sent_by(found.local, found.remote, found.quoted)
        if found is None or tunnel is None:
            return None
        self.counters["tunnel_errors"] += 1
        self._report(found.quoted, tunnel, found.code, found.mtu)
        if found.code != FRAGMENTATION_NEEDED:
            return None
        return PathMtuLearnt(remote=IPv4Address(found.remote), mtu=found.mtu + OVERHEAD)

    def _send(self) -> None:
        """Take packets out of the anchor and send them through their tunnels."""
        descriptor = self._descriptor
        for _ in range(_PER_WAKE):
            if descriptor is None or descriptor != self._descriptor:
                return
            try:
                packet = os.read(descriptor, _LONGEST)
            except BlockingIOError:
                return
            except OSError:
                self.detach()  # somebody deleted the anchor; the audit that follows builds it again
                return
            self._enter(packet)

    def _enter(self, packet: bytes) -> None:
        if packet[0] >> 4 != 4 or len(packet) < 20 or not packet[8]:
            self.counters["not_ipv4"] += 1
            return
        entrance = self._tunnels.entrance(packet)
        if entrance is None:
            self.counters["no_tunnel"] += 1
            return
        tunnel = entrance.tunnel
        if loops(packet, tunnel):
            self.counters["loop"] += 1
            return
        try:
            outer = entrance.headers.encapsulate(packet)
            self._outer.through(tunnel.interface).sendto(outer, entrance.address)
        except OSError as error:
            self._not_sent(error, entrance, packet)
        else:
            self.counters["sent"] += 1

    def _not_sent(self, error: OSError, entrance: Entrance, packet: bytes) -> None:
        tunnel = entrance.tunnel
        if error.errno != errno.EMSGSIZE:
            self._outer.failed(error, tunnel.interface)
            return
        mtu = path_mtu(tunnel.remote, tunnel.interface, self._outer.mark) - OVERHEAD
        pieces = fit(packet, mtu)
        if pieces is None or len(pieces) == 1:
            self._refuse(packet, tunnel, mtu)
            return
        self.counters["fragmented"] += 1
        for piece in pieces:
            self._outer.send(entrance.headers.encapsulate(piece), tunnel.remote, tunnel.interface)

    def _receive(self) -> None:
        """Take arrived IP-in-IP packets and hand on what they hold."""
        for _ in range(_PER_WAKE):
            try:
                outer = self._receiver.recv(_LONGEST)
            except BlockingIOError:
                return
            except OSError as error:  # an ICMP error of the tunnel's path
                self.counters[f"receive_{errno.errorcode.get(error.errno or 0, 'unknown').lower()}"] += 1
                continue
            self._leave(outer)

    def _leave(self, outer: bytes) -> None:
        inner = inner_packet(outer)
        if inner is None:
            self.counters["malformed_inner"] += 1
            return
        tunnel = self._tunnels.exit(outer, inner)
        if tunnel is None:
            self.counters[self._tunnels.why_not(outer, inner)] += 1
            return
        if outer[1] & 0b11 == 0b11:
            marked = with_congestion(outer, inner)
            if marked is None:
                self.counters["congestion"] += 1
                return
            inner = marked
        self.counters["received"] += 1
        if tunnel.delivery is not None:
            self._deliver(inner, tunnel, tunnel.delivery)
        elif merged(inner):
            for piece in fit(inner, self._mtu) or ():
                self._into_anchor(piece)
        else:
            self._into_anchor(inner)

    def _into_anchor(self, packet: bytes) -> None:
        if self._descriptor is None:
            self.counters["no_anchor"] += 1
            return
        try:
            os.write(self._descriptor, packet)
        except OSError:
            self.counters["anchor_full"] += 1

    def _deliver(self, packet: bytes, tunnel: Tunnel, delivery: Delivery) -> None:
        """Forward to a visitor: by its link-layer address, since its home address means nothing to ARP here."""
        passed_on = forwarded(packet)
        if passed_on is None:
            self.counters["time_to_live_ended"] += 1
            return
        try:
            if not merged(passed_on):
                self._frames.transmit(delivery.interface, delivery.link_layer_address, passed_on)
                return
        except OSError as error:
            if error.errno != errno.EMSGSIZE:
                self.counters["visitor_unreachable"] += 1
                return
        mtu = link_mtu(delivery.interface)
        pieces = fit(passed_on, mtu)
        if pieces is None:
            self._refuse(packet, tunnel, mtu)
            return
        for piece in pieces:
            self._frames.send_frame(delivery.interface, delivery.link_layer_address, piece)

    def _refuse(self, packet: bytes, tunnel: Tunnel, mtu: int) -> None:
        """Tell the sender to make shorter packets (RFC 1191)."""
        self.counters["too_big"] += 1
        self._report(packet, tunnel, FRAGMENTATION_NEEDED, mtu)

    def _report(self, packet: bytes, tunnel: Tunnel, code: int, mtu: int) -> None:
        """Send an ICMP error to a packet's sender: a program, a visitor or a correspondent."""
        if not isinstance(tunnel.local, IPv4Address):
            return
        error = icmp_error(packet, tunnel.local, code, mtu)
        if error is None:
            return
        delivery = tunnel.delivery
        if delivery is not None and error.destination == tunnel.home_address:
            self._frames.send_frame(delivery.interface, delivery.link_layer_address, error.pack())
        else:
            self._plain.send(error.pack(), error.destination)
