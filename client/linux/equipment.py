"""Everything that a running world has open in the kernel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from client.core.machine import Traffic
from client.linux.dataplane.choice import PlaneChoice
from client.linux.dataplane.fast import FastPlane
from client.linux.dataplane.fast_start import REFUSALS, start_fast
from client.linux.dataplane.kernel import Kernel
from client.linux.dataplane.reconciler import Reconciler
from client.linux.dataplane.silence import Silence
from client.linux.dataplane.tun import TunPlane
from client.linux.monitor import Monitor
from client.linux.netlink.connection import Netlink
from client.linux.ownership import Owner
from client.linux.packet_socket import PacketSocket
from client.linux.raw import RoutedSender, claim_port
from client.linux.senders import Senders
from client.linux.traffic import TrafficMeter
from client.linux.voice import Voice


class Equipment:
    """Sockets and what works with them; opened together, closed together."""

    def __init__(
        self,
        owner: Owner,
        runtime_directory: Path,
        counters: Counter[str],
        now: Callable[[], float],
        choice: PlaneChoice,
    ) -> None:
        """Open all, after removing what a crashed daemon left, or raise KernelError."""
        self.refusal: str | None = None  # why the kernel does not have the programs
        self._fast: FastPlane | None = None
        with ExitStack() as opened:
            port = opened.enter_context(claim_port())
            netlink = Netlink()
            opened.callback(netlink.close)
            self.kernel = Kernel(owner, netlink, runtime_directory)
            self.kernel.clean()
            self.packets = PacketSocket.for_signalling(counters)
            opened.callback(self.packets.close)
            self.packets6 = PacketSocket.for_signalling6(counters)
            opened.callback(self.packets6.close)
            self.arp = PacketSocket.for_arp(counters)
            opened.callback(self.arp.close)
            past_tunnel, plain = RoutedSender(owner.mark, counters), RoutedSender(None, counters)
            opened.callback(past_tunnel.close)
            opened.callback(plain.close)
            silence = Silence(owner, netlink)
            slow = TunPlane(past_tunnel, plain, self.packets, counters, port=port, silence=silence)
            self._fast = self._start_fast(slow, owner, netlink, runtime_directory, counters, choice)
            self.plane: FastPlane | TunPlane = self._fast or slow
            opened.callback(self.plane.close)
            self.meter = TrafficMeter(netlink, self._past_anchor)
            senders = Senders(past_tunnel, counters), Senders(plain, counters)
            for each in senders:
                opened.callback(each.close)
            self.voice = Voice(*senders, self.packets, self.packets6, self.arp, self.meter)
            self.reconciler = Reconciler(self.kernel, self.plane, now)
            self.monitor = Monitor(owner, netlink, counters)
            opened.callback(self.monitor.close)
            self.follow_links()
            self._opened = opened.pop_all()

    def close(self) -> None:
        """Close all."""
        self._opened.close()

    def follow_links(self) -> None:
        """Have the data plane on every link there is."""
        if self._fast is not None:
            self._fast.follow(self.monitor.carriers())

    def counts(self) -> dict[str, int]:
        """What the BPF programs did, if there are any."""
        return {} if self._fast is None else self._fast.counts()

    def _past_anchor(self) -> Traffic:
        return Traffic(sent=0, received=0) if self._fast is None else self._fast.traffic()

    def _start_fast(
        self,
        slow: TunPlane,
        owner: Owner,
        netlink: Netlink,
        runtime_directory: Path,
        counters: Counter[str],
        choice: PlaneChoice,
    ) -> FastPlane | None:
        if choice is PlaneChoice.TUN:
            return None
        try:
            return start_fast(slow, owner, netlink, runtime_directory, counters)
        except REFUSALS as error:
            if choice is PlaneChoice.EBPF:
                slow.close()
                raise
            self.refusal = str(error).partition("\n")[0]  # what the verifier said is not for people
            return None
