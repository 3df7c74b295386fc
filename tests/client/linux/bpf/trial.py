"""The programs, loaded, and frames that nobody sent for them to judge (BPF_PROG_TEST_RUN)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

from client.core.plan import Encapsulation, Tunnel
from client.linux.bpf.layout import (
    entrance4,
    entrance4_key,
    entrance6,
    entrance6_key,
    exit4_key,
    exit6_key,
    exit_value,
)
from client.linux.bpf.maps import HashMap
from client.linux.bpf.programs import Programs
from client.linux.bpf.syscalls import run_program
from tests.client.linux.packet_classes import Direction

PASSED, DROPPED, REDIRECTED = 0xFFFFFFFF, 2, 7
ANCHOR, LINK, MARK = 1, 1, 0x6D
"""A trial takes place on the loopback interface: its index, and an address of zeros."""


class Trial:
    """Programs without a network."""

    def __init__(self, programs: Programs) -> None:
        self.programs = programs
        self._held: list[tuple[HashMap, bytes]] = []
        self._before = programs.counters()
        programs.configure(anchor=ANCHOR, segmenter=0, mark=MARK)

    def hold(self, tunnel: Tunnel, *, visitor: bytes | None = None, mtu: int | None = None) -> None:
        """Have the entries that a tunnel needs; a `visitor` is a link-layer address."""
        length = mtu or tunnel.mtu or 1500
        value = exit_value(length) if visitor is None else exit_value(length, LINK, visitor, b"\x02ours!")
        if isinstance(tunnel.home_address, IPv4Address):
            self._hold4(tunnel, length, value)
        else:
            self._hold6(tunnel, length, value)

    def run(self, direction: Direction, packet: bytes) -> tuple[int, bytes]:
        """The verdict on a packet, and the packet afterwards without its Ethernet header."""
        verdict, frame = self.run_frame(direction, self.frame(packet))
        return verdict, frame[14:]

    def run_frame(self, direction: Direction, frame: bytes) -> tuple[int, bytes]:
        """The verdict on a frame, and the frame afterwards."""
        name = "segment" if direction is Direction.ENTER else "ether"
        verdict, after, _ = run_program(self.programs.descriptors[name], frame)
        return verdict, after

    @staticmethod
    def frame(packet: bytes) -> bytes:
        """In an Ethernet frame to the loopback interface."""
        return bytes(12) + (b"\x86\xdd" if packet[:1] >= b"\x60" else b"\x08\x00") + packet

    def counted(self) -> dict[str, tuple[int, int]]:
        """The counters that moved: packets and bytes."""
        now = self.programs.counters()
        moved = {name: (now[name][0] - was[0], now[name][1] - was[1]) for name, was in self._before.items()}
        return {name: both for name, both in moved.items() if any(both)}

    def put(self, where: HashMap, key: bytes, value: bytes) -> None:
        """Have an entry, until the trial is over."""
        where.put(key, value)
        self._held.append((where, key))

    def forget(self) -> None:
        """Have nothing any more."""
        for where, key in self._held:
            where.delete(key)

    def _hold4(self, tunnel: Tunnel, mtu: int, value: bytes) -> None:
        home, local, remote = tunnel.home_address, tunnel.local, tunnel.remote
        assert isinstance(home, IPv4Address)
        assert isinstance(local, IPv4Address)
        assert isinstance(remote, IPv4Address)
        ports = tunnel.ports or (0, 0)
        way = entrance4(local, remote, mtu=mtu, encapsulation=tunnel.encapsulation, interface=LINK, ports=ports)
        self.put(self.programs.entrances4, entrance4_key(home, tunnel.end), way)
        kinds = {tunnel.encapsulation}
        if tunnel.encapsulation is Encapsulation.MINIMAL:
            kinds.add(Encapsulation.IPIP)
        for kind in kinds:
            self.put(self.programs.exits4, exit4_key(remote, local, home, tunnel.end, kind, ports[1]), value)

    def _hold6(self, tunnel: Tunnel, mtu: int, value: bytes) -> None:
        home, local, remote = tunnel.home_address, tunnel.local, tunnel.remote
        assert isinstance(home, IPv6Address)
        assert isinstance(local, IPv6Address)
        assert isinstance(remote, IPv6Address)
        peer = IPv6Address("::")
        if tunnel.encapsulation is Encapsulation.DIRECT:
            peer = remote if tunnel.end.value == "mobile" else local
        way = entrance6(local, remote, mtu=mtu, encapsulation=tunnel.encapsulation, interface=LINK)
        self.put(self.programs.entrances6, entrance6_key(home, tunnel.end, peer), way)
        self.put(self.programs.exits6, exit6_key(remote, local, home, tunnel.end, tunnel.encapsulation), value)
