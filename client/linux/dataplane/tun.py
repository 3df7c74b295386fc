"""The data plane without eBPF: packets go through our process by the anchor's descriptor and raw sockets.

What programs send reaches the anchor, is looked up by its inner addresses, and leaves inside an outer packet
(`inlet`). Outer packets to this host come by sockets (`receivers`), are held against the tunnels, and go into the
anchor, as a frame to a visitor, or to many (`outlet`). It carries all, and is what a quicker plane falls back to.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections import Counter
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

from client.core.errors import KernelError
from client.core.ipv4 import IPv4Packet
from client.core.machine import Correspondence, PathMtuLearnt
from client.core.overhead import overhead
from client.core.plan import End, Relay, Tunnel
from client.linux.dataplane.anchor import interface_of
from client.linux.dataplane.arrivals import DirectArrivals
from client.linux.dataplane.correspondence import Peering, Peers, told
from client.linux.dataplane.entrances import Entrances
from client.linux.dataplane.exits import Exits
from client.linux.dataplane.icmp_errors import FRAGMENTATION_NEEDED, HOST_UNREACHABLE, NETWORK_UNREACHABLE
from client.linux.dataplane.inlet import Inlet
from client.linux.dataplane.outlet import Outlet
from client.linux.dataplane.path_states import PathStates
from client.linux.dataplane.receivers import Receivers
from client.linux.dataplane.relays import Relays
from client.linux.dataplane.reports import Reports
from client.linux.dataplane.silence import Silence
from client.linux.dataplane.strays import Hear, Strays
from client.linux.dataplane.tunnel_errors import Relayed, relayed, relayed6
from client.linux.packet_socket import PacketSocket
from client.linux.raw import RoutedSender
from client.linux.senders import Senders

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
        *,
        port: socket.socket | None = None,
        silence: Silence | None = None,
    ) -> None:
        """`outer` sends past our tunnel; `plain` as programs do; `frames` to visitors; `port` holds UDP port 434."""
        self._loop = asyncio.get_running_loop()
        self.counters = counters
        self._silence = silence
        self._outer, self._plain = Senders(outer, counters), Senders(plain, counters)
        self._paths = PathStates(self._loop.time)
        self._reports = Reports(self._plain, frames, counters, self._loop.time)
        self._entrances, self._exits = Entrances(), Exits()
        self._peering = Peering()
        self._strays = Strays(counters, self._loop.time)
        self._learnt: Callable[[PathMtuLearnt], None] | None = None
        self._inlet = Inlet(
            self._entrances, self._outer, self._paths, self._reports, self._peering, counters, self._loop.time
        )
        self._relays = Relays(self._inlet, frames, counters)
        self._outlet = Outlet(self._exits, self._inlet, self._relays, self._reports, self._peering, frames, counters)
        self._receivers = Receivers(port, self._outlet.leave, self._tunnel_error6, self._direct, counters)
        self._descriptor: int | None = None

    def read_first(self, requests: Callable[[], None]) -> None:
        """What reads the requests that wait, before a packet that may have overtaken its own does."""
        self._outlet.read_first(requests)

    def tell(self, learnt: Callable[[PathMtuLearnt], None]) -> None:
        """Who hears what ICMPv6 errors say of paths."""
        self._learnt = learnt

    def hear_strays(self, hear: Hear | None) -> None:
        """Who hears packets from home addresses that are not in any tunnel; None: nobody."""
        self._strays.listen(hear)
        try:
            if hear is not None:
                self._receivers.need_direct()
        except OSError:
            self.counters["strays_not_heard"] += 1

    @property
    def has_correspondents(self) -> bool:
        """Whether there are tunnels whose packets `correspondence` tells of."""
        return self._peering.is_wanted

    def peers(self) -> Peers:
        """With whom programs exchanged packets by this plane since the last look."""
        return self._peering.taken()

    def correspondence(self) -> Correspondence:
        """The same for the machine."""
        return told(self.peers())

    def add(self, item: Tunnel | Relay) -> None:
        """Use it, in place of what has its key; a tunnel that sends also takes its slot (home address and copy).

        Raises KernelError if its packets cannot be received.
        """
        if isinstance(item, Relay):
            self._relays.add(item)
            return
        if item.receives:
            self._be_ready(item)
        self._entrances.add(item)
        self._exits.add(item)
        self._peering.add(item)
        self._outlet.opened(item)

    def remove(self, item: Tunnel | Relay) -> None:
        """Use it no longer; what took its place stays. Raises KernelError."""
        if isinstance(item, Relay):
            self._relays.remove(item)
            return
        self._entrances.remove(item)
        self._exits.remove(item)
        self._peering.remove(item)
        if self._silence is not None:
            self._silence.remove(item)

    def attach(self, descriptor: int, mtu: int, *, shortcut: bool = False) -> None:
        """Packets of programs come from this anchor and go there."""
        self.detach()
        self._descriptor = descriptor
        self._outlet.attach(descriptor, mtu)
        self._relays.attach(interface_of(descriptor))
        self._loop.add_reader(descriptor, self._send)

    def detach(self) -> None:
        """The anchor goes."""
        if self._descriptor is not None:
            self._loop.remove_reader(self._descriptor)
            self._descriptor = None
            self._outlet.attach(None)
            self._relays.attach(None)

    def close(self) -> None:
        """Give the sockets back. Raises KernelError."""
        self.detach()
        self._outlet.close()
        self._receivers.close()
        self._relays.close()
        self._outer.close()
        self._plain.close()
        if self._silence is not None:
            self._silence.close()

    def limit(self, tunnel: Tunnel) -> int:
        """Bytes of the longest packet that may enter a tunnel, as far as anybody knows."""
        return self._inlet.limit(tunnel)

    def tunnel_error(self, packet: IPv4Packet) -> PathMtuLearnt | None:
        """Pass an ICMP error about one of our outer packets on to the sender of what was inside (RFC 2003 §4).

        Returns what it says of the path, if it is that it takes no packets so long.
        """
        found = relayed(packet)
        if found is None or not self._understood(found) or found.code != FRAGMENTATION_NEEDED:
            return None
        return PathMtuLearnt(remote=IPv4Address(found.remote), mtu=found.mtu)

    def _tunnel_error6(self, message: bytes) -> None:
        found = relayed6(message)
        if found is None or not self._understood(found) or found.code != FRAGMENTATION_NEEDED:
            return
        if self._learnt is not None:
            self._learnt(PathMtuLearnt(remote=IPv6Address(found.remote), mtu=found.mtu))

    def _direct(self) -> DirectArrivals:
        return DirectArrivals(self._outlet.leave, self._exits.knows_home, self._strays.offer, self.counters)

    def _understood(self, error: Relayed) -> bool:
        """Whether an error is about a tunnel of ours; then its sender hears, and later packets obey."""
        quoted = self._entrances.sent_by(error.local, error.remote, error.quoted) if error.quoted else None
        used = self._entrances.through(error.local, error.remote)
        if quoted is None and not used:
            return False
        self.counters["tunnel_errors"] += 1
        if error.code == FRAGMENTATION_NEEDED:
            self._paths.learn(error.local + error.remote, error.mtu)
        for entrance in used:
            entrance.limit = 0  # ask anew
            if not error.quoted and error.code != FRAGMENTATION_NEEDED:
                entrance.unanswered = _code(error, entrance.tunnel)
        if quoted is not None:
            self._answer(error, quoted.tunnel)
        return True

    def _answer(self, error: Relayed, tunnel: Tunnel) -> None:
        longest = error.mtu - overhead(tunnel.encapsulation, ipv6=tunnel.remote.version == 6)
        self._reports.send(error.quoted, tunnel, _code(error, tunnel), max(longest, 0))

    def _be_ready(self, tunnel: Tunnel) -> None:
        try:
            self._receivers.need(tunnel)
        except OSError as error:
            raise KernelError(error.errno, f"cannot receive its packets: {error.strerror}") from error
        if self._silence is not None:
            self._silence.add(tunnel)

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
            self._inlet.enter(packet)


def _code(error: Relayed, tunnel: Tunnel) -> int:
    """A home address's network is ours, so it is the host that cannot be reached (RFC 2003 §4.1)."""
    return HOST_UNREACHABLE if error.code == NETWORK_UNREACHABLE and tunnel.end is End.HOME else error.code
