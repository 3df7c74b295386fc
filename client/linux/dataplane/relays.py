"""Packets to many between a home link and the tunnels of those who are away (RFC 5944 §4.3, §4.4)."""

from __future__ import annotations

import asyncio
from collections import Counter

from client.core.ipv4 import BROADCAST
from client.core.plan import Relay
from client.linux import packet_filter
from client.linux.dataplane.inlet import Inlet
from client.linux.dataplane.ip_header import forwarded, whole_packet
from client.linux.dataplane.oversize import fit
from client.linux.memberships import Memberships
from client.linux.mtu import broadcast_address, link_mtu
from client.linux.packet_socket import ALL_HOSTS, PacketSocket, multicast_address

_ALL = BROADCAST.packed


class Relays:
    """Who wants what of which link. The link's packets are heard while somebody wants any."""

    def __init__(self, inlet: Inlet, frames: PacketSocket, counters: Counter[str]) -> None:
        self._inlet = inlet
        self._frames = frames
        self._counters = counters
        self._memberships = Memberships(counters)
        self._loop = asyncio.get_running_loop()
        self._relays: dict[bytes, Relay] = {}  # by home address
        self._wanting: dict[tuple[int, bytes], dict[bytes, Relay]] = {}  # by interface and group (or all), home address
        self._broadcasts: dict[int, bytes] = {}  # of links, by interface
        self._anchor: int | None = None
        self._socket: PacketSocket | None = None

    def attach(self, anchor: int | None) -> None:
        """Out of this interface comes also what a quicker plane took out of tunnels."""
        self._anchor = anchor

    def add(self, relay: Relay) -> None:
        """Serve a home address, in place of how it was served."""
        before = self._relays.get(relay.home_address.packed)
        self._listen()
        self._relays[relay.home_address.packed] = relay
        self._serve(relay.interface)
        for key in _keys(relay):
            self._want(key, relay)
        if before is not None:
            self._want_no_longer(_keys(before) - _keys(relay), before)

    def remove(self, relay: Relay) -> None:
        """Serve it no longer; what took its place stays."""
        if self._relays.get(relay.home_address.packed) != relay:
            return
        del self._relays[relay.home_address.packed]
        self._want_no_longer(_keys(relay), relay)
        if not self._relays:
            self.close()

    def close(self) -> None:
        """Hear no link any longer."""
        self._broadcasts.clear()
        self._memberships.close()
        if self._socket is not None:
            self._loop.remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    def to_many(self, packet: bytes) -> bool:
        """Whether this goes to a group, to all, or to all of a link that we serve."""
        return packet[0] < 0x60 and (packet[16] >= 224 or packet[16:20] in self._broadcasts.values())

    def from_tunnel(self, home_address: bytes, packet: bytes) -> None:
        """Forward what an absent mobile node sent to many: to its home link, and to others who are away from there."""
        relay = self._relays.get(home_address)
        if relay is None:
            self._counters["no_relay"] += 1
            return
        passed_on = forwarded(packet)
        if passed_on is None:
            self._counters["time_to_live_ended"] += 1
            return
        link_layer = multicast_address(packet[16:20]) if 224 <= packet[16] < 240 else ALL_HOSTS
        for piece in fit(passed_on, link_mtu(relay.interface)) or ():
            self._frames.send_frame(relay.interface, link_layer, piece)
        self._counters["relayed_home"] += 1
        self._to_absent(relay.interface, passed_on)

    def _heard(self) -> None:
        """A packet to many came by some link."""
        if self._socket is None:
            return
        for frame in self._socket.receive():
            packet = whole_packet(frame.data)
            if packet is None:
                continue
            if frame.interface == self._anchor:
                self._from_anchor(packet)
                continue
            passed_on = forwarded(packet)
            if passed_on is not None and frame.interface in self._broadcasts:
                self._to_absent(frame.interface, passed_on)

    def _from_anchor(self, packet: bytes) -> None:
        """Programs in the kernel know groups, but no link's broadcast address: such a packet is with the stack now."""
        if packet[16:20] in self._broadcasts.values():
            self.from_tunnel(packet[12:16], packet)

    def _to_absent(self, interface: int, packet: bytes) -> None:
        """Into the tunnels of all who want it, but for who sent it."""
        source, destination = packet[12:16], packet[16:20]
        if destination == self._broadcasts[interface]:
            destination = _ALL
        for home_address, relay in self._wanting.get((interface, destination), {}).items():
            if home_address != source:
                self._counters["relayed_away"] += 1
                self._inlet.enter_home(home_address, packet, nested=relay.nested)

    def _listen(self) -> None:
        if self._socket is None:
            self._socket = PacketSocket.for_packets_to_many(self._counters)
            self._loop.add_reader(self._socket, self._heard)

    def _serve(self, interface: int) -> None:
        broadcast = broadcast_address(interface) or _ALL
        if self._broadcasts.get(interface) != broadcast and self._socket is not None:
            self._broadcasts[interface] = broadcast
            self._socket.hear(packet_filter.to_many(sorted(set(self._broadcasts.values()))))

    def _want(self, key: tuple[int, bytes], relay: Relay) -> None:
        if key not in self._wanting and key[1] != _ALL:
            self._memberships.join(*key)
        self._wanting.setdefault(key, {})[relay.home_address.packed] = relay

    def _want_no_longer(self, keys: set[tuple[int, bytes]], relay: Relay) -> None:
        for key in keys:
            self._wanting[key].pop(relay.home_address.packed)
            if not self._wanting[key]:
                del self._wanting[key]
                if key[1] != _ALL:
                    self._memberships.leave(*key)


def _keys(relay: Relay) -> set[tuple[int, bytes]]:
    """What it wants: interface and group, or all."""
    groups = {(relay.interface, group.packed) for group in relay.groups}
    return groups | {(relay.interface, _ALL)} if relay.broadcasts else groups
