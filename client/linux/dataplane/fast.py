"""The data plane with eBPF: the kernel carries nearly all packets, and the TUN plane behind it the rest.

Programs on the anchor encapsulate, programs on the links take out of tunnels again (client/linux/bpf). What they
decline goes on its usual way, and so reaches the TUN plane by the anchor's descriptor and by raw sockets.
"""

from __future__ import annotations

import asyncio
import fcntl
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice

from client.core.ipv4 import IPv4Packet
from client.core.machine import Correspondence, PathMtuLearnt, Traffic
from client.core.plan import Address, Relay, Tunnel
from client.linux.bpf.hook import Attacher, Direction, Hook
from client.linux.bpf.programs import Programs
from client.linux.carriers import Carrier
from client.linux.dataplane import fast_counts
from client.linux.dataplane.correspondence import told
from client.linux.dataplane.fast_links import LinkHooks
from client.linux.dataplane.fast_mtu import TunnelMtus
from client.linux.dataplane.fast_table import FastTable
from client.linux.dataplane.segmenter import Segmenter
from client.linux.dataplane.strays import Hear
from client.linux.dataplane.tun import TunPlane
from client.linux.netlink.connection import Netlink
from client.linux.ownership import Owner

_TUNGETIFF = 0x800454D2
_IFREQ_BYTES = 40
_PER_WAKE = 256
_PATH_MEMORY = 600.0  # RFC 1191 §6.3: a path that took less is tried anew after ten minutes


class FastPlane:
    """Both planes, as one."""

    name = "ebpf"

    def __init__(
        self,
        slow: TunPlane,
        programs: Programs,
        attacher: Attacher,
        owner: Owner,
        netlink: Netlink,
        counters: Counter[str],
    ) -> None:
        """It takes over `slow` and `programs`, and closes them when it is closed."""
        self._slow = slow
        self._programs = programs
        self._attacher = attacher
        self._owner = owner
        self._netlink = netlink
        self._counters = counters
        self._mtus = TunnelMtus(owner.mark)
        self._links = LinkHooks(attacher, programs.descriptors, counters)
        self._table = FastTable(programs, self._mtus.of, self._mtus.guess, self._links.visited, counters)
        self._loop = asyncio.get_running_loop()
        self._anchor: tuple[int, Hook] | None = None  # interface index and our program there
        self._shortcut = False
        self._segmenter: Segmenter | None = None
        self._building: asyncio.Handle | None = None
        self._renewing: asyncio.Handle | None = None
        self._forgetting: dict[Address, asyncio.TimerHandle] = {}

    def read_first(self, requests: Callable[[], None]) -> None:
        """As the TUN plane: it is the one that lets packets wait."""
        self._slow.read_first(requests)

    def tell(self, learnt: Callable[[PathMtuLearnt], None]) -> None:
        """Who hears what ICMPv6 errors say of paths; the programs know it first."""
        self._slow.tell(partial(self._path_learnt, learnt))

    def hear_strays(self, hear: Hear | None) -> None:
        """As the TUN plane: the programs leave alone what is in no tunnel."""
        self._slow.hear_strays(hear)

    @property
    def has_correspondents(self) -> bool:
        """Whether there are tunnels whose packets `correspondence` tells of."""
        return self._slow.has_correspondents

    def correspondence(self) -> Correspondence:
        """With whom programs exchanged packets since the last look, by either plane."""
        return told(self._programs.peers(), self._slow.peers())

    def add(self, item: Tunnel | Relay) -> None:
        """Use it, in place of what has its key; a tunnel that sends also takes its slot (home address and copy)."""
        if isinstance(item, Tunnel):
            self._table.switch(item)
        self._slow.add(item)
        if isinstance(item, Tunnel):
            self._table.add(item)
            self._segment()

    def remove(self, item: Tunnel | Relay) -> None:
        """Use it no longer; what took its place stays."""
        if isinstance(item, Tunnel):
            self._table.remove(item)
            self._segment()
        self._slow.remove(item)

    def attach(self, descriptor: int, mtu: int, *, shortcut: bool = False) -> None:
        """Packets of programs come from this anchor and go there; with a shortcut, forwarded ones do not."""
        self._shortcut = shortcut
        self._slow.attach(descriptor, mtu)
        try:
            index = _index(descriptor)
            if self._anchor is not None and self._anchor[0] == index:
                self._configure()
                return
            self._leave_anchor()
            hook = self._attacher.attach("anchor", self._programs.descriptors["anchor"], index, Direction.EGRESS)
        except OSError:
            self._counters["ebpf_attach_failed"] += 1
        else:
            self._anchor = (index, hook)
        self._configure()

    def detach(self) -> None:
        """The anchor goes."""
        self._leave_anchor()
        self._configure()
        self._slow.detach()

    def follow(self, carriers: frozenset[Carrier]) -> None:
        """These are the interfaces by which packets may arrive and leave."""
        changed = self._links.follow(carriers)
        for carrier in changed:
            self._table.visitors_moved(carrier.index)
        if changed:
            self._renew(self._table.entrances())

    def tunnel_error(self, packet: IPv4Packet) -> PathMtuLearnt | None:
        """As the TUN plane; a path that takes less than we thought is known to the programs at once."""
        learnt = self._slow.tunnel_error(packet)
        if learnt is not None:
            self._narrow(learnt)
        return learnt

    def _path_learnt(self, tell: Callable[[PathMtuLearnt], None], learnt: PathMtuLearnt) -> None:
        self._narrow(learnt)
        tell(learnt)

    def _narrow(self, learnt: PathMtuLearnt) -> None:
        if self._mtus.learn(learnt.remote, learnt.mtu):
            self._table.path_changed(learnt.remote)
            self._remember(learnt.remote)

    def traffic(self) -> Traffic:
        """The packets that the programs carried, which no interface counts."""
        return fast_counts.traffic(self._programs.counters())

    def counts(self) -> dict[str, int]:
        """What the programs did, by name."""
        return fast_counts.named(self._programs.counters())

    def close(self) -> None:
        """Leave nothing in the kernel."""
        for waiting in (self._building, self._renewing, *self._forgetting.values()):
            if waiting is not None:
                waiting.cancel()
        self._leave_anchor()
        self._links.close()
        self._drop_segmenter()
        self._programs.close()
        self._slow.close()

    def _renew(self, keys: Iterator[bytes]) -> None:
        """An agent may have a million: some now, the others when signalling had its turn."""
        some = list(islice(keys, _PER_WAKE))
        self._table.renew(some)
        if self._renewing is not None:
            self._renewing.cancel()
        self._renewing = self._loop.call_soon(self._renew, keys) if some else None

    def _remember(self, remote: Address) -> None:
        if remote in self._forgetting:
            self._forgetting[remote].cancel()
        self._forgetting[remote] = self._loop.call_later(_PATH_MEMORY, self._forget, remote)

    def _forget(self, remote: Address) -> None:
        del self._forgetting[remote]
        self._mtus.forget(remote)
        self._table.path_changed(remote)

    def _leave_anchor(self) -> None:
        if self._anchor is not None:
            _, hook = self._anchor
            self._anchor = None
            self._close(hook)

    def _configure(self) -> None:
        anchor = 0 if self._anchor is None else self._anchor[0]
        segmenter = 0 if self._segmenter is None else self._segmenter.index
        mark, shortcut = self._owner.mark, self._shortcut and bool(anchor)
        self._programs.configure(anchor=anchor, segmenter=segmenter, mark=mark, shortcut=shortcut)

    def _segment(self) -> None:
        """The segmenting pair is there while a tunnel needs it; until it is, the TUN plane carries those packets."""
        if self._table.minimal:
            if self._building is None:
                self._building = self._loop.call_soon(self._build_segmenter)
        elif self._building is not None:
            self._building.cancel()
            self._building = None
            self._drop_segmenter()
            self._configure()

    def _build_segmenter(self) -> None:
        """Some milliseconds, therefore not inside a handover."""
        try:
            self._segmenter = Segmenter(
                self._owner, self._netlink, self._attacher, self._programs.descriptors["segment"]
            )
        except OSError:
            self._counters["ebpf_segmenter_failed"] += 1
        else:
            self._configure()

    def _drop_segmenter(self) -> None:
        if self._segmenter is not None:
            segmenter, self._segmenter = self._segmenter, None
            self._close(segmenter)

    def _close(self, held: Hook | Segmenter) -> None:
        """What the kernel does not let go of is counted; a successor finds it."""
        try:
            held.close()
        except OSError:
            self._counters["ebpf_detach_failed"] += 1


def _index(descriptor: int) -> int:
    """Of the TUN interface behind a descriptor."""
    answer = fcntl.ioctl(descriptor, _TUNGETIFF, bytes(_IFREQ_BYTES))
    return socket.if_nametoindex(answer[:16].rstrip(b"\0").decode())
