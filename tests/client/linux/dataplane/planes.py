"""One data plane in a namespace, into whose anchor packets are put, and the wire at the other end of its cable."""

from __future__ import annotations

import asyncio
import socket
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from pyroute2 import netns

from client.core.plan import Plan
from client.linux.bpf.clsact import Clsact
from client.linux.bpf.hook import Attacher
from client.linux.dataplane.choice import PlaneChoice
from client.linux.dataplane.fast import FastPlane
from client.linux.dataplane.fast_start import start_fast
from client.linux.dataplane.tun import TunPlane
from client.linux.equipment import Equipment
from client.linux.netlink.connection import Netlink
from client.linux.ownership import MOBILE_NODE, Owner
from tests.client.linux.namespaces import LINK, SPAWN, Namespace
from tests.client.linux.patience import PATIENCE

_ALL, _IPV4, _IPV6 = 0x0003, 0x0800, 0x86DD
_OUTGOING = 4  # PACKET_OUTGOING
_LONGEST = 65535
_LONG = 2.0
_SILENCE = 0.03  # seconds without a packet that is not expected


def ether_type(packet: bytes) -> int:
    """What a frame says of the packet in it."""
    return _IPV6 if packet[:1] and packet[0] >> 4 == 6 else _IPV4


class Ear:
    """Hears the packets that come in by an interface of the namespace that the process is in."""

    def __init__(self, interface: str) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK, socket.htons(_ALL))
        self._socket.bind((interface, _ALL))

    def heard(self) -> list[bytes]:
        """Those since the last time."""
        found: list[bytes] = []
        while True:
            try:
                data, (_, protocol, kind, *_) = self._socket.recvfrom(_LONGEST)
            except BlockingIOError:
                return found
            if kind != _OUTGOING and protocol in (_IPV4, _IPV6):
                found.append(data)

    def close(self) -> None:
        """Listen no longer."""
        self._socket.close()


class Process:
    """The parent's side of a process in a namespace: asks and is answered."""

    def __init__(self, target: Callable[..., None], *arguments: object) -> None:
        self._pipe, theirs = SPAWN.Pipe()
        self._process = SPAWN.Process(target=target, args=(theirs, *arguments), daemon=True)
        self._process.start()
        theirs.close()
        ready = self.answer()
        assert ready == "ready", ready

    def ask(self, *question: object) -> Any:
        """What it answers."""
        self._pipe.send(question)
        return self.answer()

    def answer(self) -> Any:
        """What it says."""
        assert self._pipe.poll(20 * PATIENCE)
        return self._pipe.recv()

    def close(self) -> None:
        """End it: it gives back what it holds."""
        self._pipe.close()
        self._process.join(10)
        self._process.kill()


class Wire(Process):
    """The other end of the cable: frames are sent there by hand, and packets heard."""

    def __init__(self, namespace: Namespace) -> None:
        super().__init__(_be_wire, namespace.name)


class Plane(Process):
    """A data plane; `way` is "tcx", "clsact" or "tun"."""

    def __init__(self, namespace: Namespace, way: str, runtime: Path) -> None:
        super().__init__(_be_plane, namespace.name, way, runtime)

    def hold(self, plan: Plan) -> None:
        """Have it hold a plan."""
        assert self.ask("hold", plan) == ()

    def counters(self) -> Counter[str]:
        """What both planes counted."""
        counters: Counter[str] = self.ask("counters")
        return counters


def collect(ask: Callable[[], list[bytes]], wanted: Callable[[bytes], bool], number: int) -> list[bytes]:
    """The packets that are wanted: as soon as there are as many, or all that come in a moment if none is expected."""
    found: list[bytes] = []
    end = time.monotonic() + (_LONG if number else _SILENCE) * PATIENCE
    while time.monotonic() < end and (not number or len(found) < number):
        found += filter(wanted, ask())
        time.sleep(0.001)
    return found + list(filter(wanted, ask()))


def _be_wire(pipe: Connection, name: str) -> None:
    netns.setns(name)
    ear = Ear(LINK)
    sender = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM)

    def send(destination: bytes, packet: bytes) -> None:
        sender.sendto(packet, (LINK, ether_type(packet), 0, 0, destination))

    answers: dict[str, Callable[..., Any]] = {"heard": ear.heard, "send": send}
    pipe.send("ready")
    try:
        while True:
            what, *arguments = pipe.recv()
            pipe.send(answers[what](*arguments))
    except EOFError:
        ear.close()
        sender.close()


class ChosenWay(Equipment):
    """The daemon's equipment, but for how programs are attached: clsact is tried on a kernel that has tcx as well."""

    def _start_fast(
        self,
        slow: TunPlane,
        owner: Owner,
        netlink: Netlink,
        runtime_directory: Path,
        counters: Counter[str],
        choice: PlaneChoice,
    ) -> FastPlane | None:
        return start_fast(slow, owner, netlink, runtime_directory, counters, find=_clsact)


def _clsact(program: int, owner: Owner, netlink: Netlink, runtime_directory: Path) -> Attacher:
    return Clsact(owner, netlink, runtime_directory)


def _be_plane(pipe: Connection, name: str, way: str, runtime: Path) -> None:
    netns.setns(name)
    asyncio.run(_live(pipe, way, runtime))


async def _live(pipe: Connection, way: str, runtime: Path) -> None:
    counters: Counter[str] = Counter()
    kind = ChosenWay if way == "clsact" else Equipment
    choice = PlaneChoice.TUN if way == "tun" else PlaneChoice.EBPF
    equipment = kind(MOBILE_NODE, runtime, counters, time.monotonic, choice)
    loop = asyncio.get_running_loop()
    for source in (equipment.packets, equipment.arp, equipment.monitor):
        loop.add_reader(source, _ignore, source)
    sender = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM)
    ears: list[Ear] = []

    def hold(plan: Plan) -> tuple[str, ...]:
        refused = equipment.reconciler.apply(plan)
        if not ears:
            ears.append(Ear(MOBILE_NODE.anchor))
        return refused

    def put(packet: bytes) -> None:
        sender.sendto(packet, (MOBILE_NODE.anchor, ether_type(packet)))

    answers: dict[str, Callable[..., Any]] = {
        "hold": hold,
        "put": put,
        "heard": lambda: ears[0].heard(),
        "counters": lambda: Counter({**counters, **equipment.counts()}),
    }
    asked: asyncio.Queue[tuple[Any, ...] | None] = asyncio.Queue()
    loop.add_reader(pipe.fileno(), _read, pipe, asked)
    pipe.send("ready")
    while (question := await asked.get()) is not None:
        what, *arguments = question
        pipe.send(answers[what](*arguments))
    equipment.reconciler.close()
    equipment.close()


def _ignore(source: Any) -> None:
    """What no machine hears must not fill the socket."""
    for _ in source.receive() or ():
        pass


def _read(pipe: Connection, asked: asyncio.Queue[tuple[Any, ...] | None]) -> None:
    try:
        asked.put_nowait(pipe.recv())
    except EOFError:
        asyncio.get_running_loop().remove_reader(pipe.fileno())
        asked.put_nowait(None)
