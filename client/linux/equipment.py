"""Everything that a running world has open in the kernel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from client.linux.dataplane.kernel import Kernel
from client.linux.dataplane.reconciler import Reconciler
from client.linux.dataplane.tun import TunPlane
from client.linux.monitor import Monitor
from client.linux.netlink.connection import Netlink
from client.linux.ownership import Owner
from client.linux.packet_socket import PacketSocket
from client.linux.raw import RoutedSender, claim_port
from client.linux.traffic import TrafficMeter
from client.linux.voice import Voice


class Equipment:
    """Sockets and what works with them; opened together, closed together."""

    def __init__(self, owner: Owner, runtime_directory: Path, counters: Counter[str], now: Callable[[], float]) -> None:
        """Open all, after removing what a crashed daemon left, or raise KernelError."""
        with ExitStack() as opened:
            opened.enter_context(claim_port())
            netlink = Netlink()
            opened.callback(netlink.close)
            self.kernel = Kernel(owner, netlink, runtime_directory)
            self.kernel.clean()
            self.packets = PacketSocket.for_signalling(counters)
            opened.callback(self.packets.close)
            self.arp = PacketSocket.for_arp(counters)
            opened.callback(self.arp.close)
            past_tunnel, plain = RoutedSender(owner.mark, counters), RoutedSender(None, counters)
            opened.callback(past_tunnel.close)
            opened.callback(plain.close)
            self.plane = TunPlane(past_tunnel, plain, self.packets, counters)
            opened.callback(self.plane.close)
            self.meter = TrafficMeter(netlink)
            self.voice = Voice(past_tunnel, plain, self.packets, self.arp, self.meter)
            self.reconciler = Reconciler(self.kernel, self.plane, now)
            self.monitor = Monitor(owner, netlink, counters)
            opened.callback(self.monitor.close)
            self._opened = opened.pop_all()

    def close(self) -> None:
        """Close all."""
        self._opened.close()
