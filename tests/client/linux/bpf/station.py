"""A host whose tunnels are BPF alone: an anchor, a link or several, the programs attached to both.

It stands in a process of its own inside a namespace, and goes with it: nothing is pinned. What BPF declines
is lost, since nobody reads the anchor; so what arrives has gone through BPF.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from pyroute2 import netns

from client.linux.bpf.attaching import attacher
from client.linux.bpf.hook import Direction, Hook
from client.linux.bpf.programs import Programs
from client.linux.netlink.connection import Netlink
from client.linux.ownership import MOBILE_NODE
from tests.client.linux.namespaces import SPAWN, Namespace

ANCHOR = "mnx0"
NEAR, FAR = "mnx1", "mnx2"
MARK = 0x6D6E
_TUNSETIFF = 0x400454CA
_TUN_WITHOUT_HEADER = 0x1001

Entries = Iterable[tuple[str, bytes, bytes]]


class Station:
    """The parent's side: asks and is answered."""

    def __init__(self, namespace: Namespace, links: tuple[str, ...], entries: Entries, *, segmenter: bool) -> None:
        """`entries` are map, key and value."""
        self._pipe, theirs = SPAWN.Pipe()
        arguments = (theirs, namespace.name, links, list(entries), segmenter)
        self._process = SPAWN.Process(target=_stand, args=arguments)
        self._process.start()
        theirs.close()
        assert self._pipe.recv() == "ready"

    def counted(self) -> dict[str, tuple[int, int]]:
        """The counters that are not zero."""
        return {name: both for name, both in self.ask("counters").items() if any(both)}

    def put(self, entries: Entries) -> None:
        """Change the maps."""
        self.ask("put", list(entries))

    def ask(self, *question: object) -> Any:
        """What the process answers."""
        self._pipe.send(question)
        return self._pipe.recv()

    def close(self) -> None:
        """Let it go."""
        self._pipe.close()
        self._process.join(10)
        self._process.kill()
        self._process.close()


def _stand(pipe: Connection, name: str, links: tuple[str, ...], entries: Entries, segmenter: bool) -> None:
    netns.setns(name)
    anchor = _make_anchor()
    programs = Programs.load(bindings=64)
    if segmenter:
        _make_segmenter()
    configure = partial(
        programs.configure,
        anchor=socket.if_nametoindex(ANCHOR),
        segmenter=socket.if_nametoindex(NEAR) if segmenter else 0,
        mark=MARK,
    )
    configure()
    attached = [(ANCHOR, "anchor", Direction.EGRESS), *((link, "ether", Direction.INGRESS) for link in links)]
    if segmenter:
        attached.append((FAR, "segment", Direction.INGRESS))
    hooks = _attach(programs, attached)
    _put(programs, entries)
    answers: dict[str, Callable[..., Any]] = {
        "counters": programs.counters,
        "put": lambda more: _put(programs, more),
        "times": lambda: {name: run_times(descriptor) for name, descriptor in programs.descriptors.items()},
        "read": lambda: _read(anchor),
        "shorten": lambda: configure(shortcut=True),
    }
    pipe.send("ready")
    try:
        while True:
            what, *arguments = pipe.recv()
            pipe.send(answers[what](*arguments))
    except EOFError:
        for hook in hooks:
            hook.close()
        os.close(anchor)
        if segmenter:
            _run("ip", "link", "del", NEAR)


def _attach(programs: Programs, attached: list[tuple[str, str, Direction]]) -> list[Hook]:
    directory = Path(tempfile.mkdtemp(prefix="mnx"))
    way = attacher(programs.descriptors["ether"], MOBILE_NODE, Netlink(), directory)
    return [
        way.attach(program, programs.descriptors[program], socket.if_nametoindex(link), direction)
        for link, program, direction in attached
    ]


def _put(programs: Programs, entries: Entries) -> None:
    for where, key, value in entries:
        getattr(programs, where).put(key, value)


def run_times(descriptor: int) -> tuple[int, int]:
    """How often a program ran and for how many nanoseconds (with kernel.bpf_stats_enabled)."""
    text = Path(f"/proc/self/fdinfo/{descriptor}").read_text(encoding="ascii")
    fields = dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
    return int(fields["run_cnt"]), int(fields["run_time_ns"])


def _read(anchor: int) -> list[bytes]:
    """What the slow path would have been given."""
    found = []
    while True:
        try:
            found.append(os.read(anchor, 65535))
        except BlockingIOError:
            return found


def _make_anchor() -> int:
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(descriptor, _TUNSETIFF, struct.pack("=16sH22x", ANCHOR.encode(), _TUN_WITHOUT_HEADER))
    _run("ip", "link", "set", ANCHOR, "mtu", "1460", "up")
    return descriptor


def _make_segmenter() -> None:
    """Its ends cut merged packets and finish checksums, since they can do neither."""
    _run("ip", "link", "add", NEAR, "type", "veth", "peer", FAR)
    for end in (NEAR, FAR):
        _run("ethtool", "-K", end, "tso", "off", "gso", "off", "tx", "off")
        _run("ip", "link", "set", end, "mtu", "65535", "up")


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=60)
