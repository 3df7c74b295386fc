"""Starts the data plane with eBPF, or finds out why this kernel will not have it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from client.core.errors import DecodeError
from client.linux.bpf.attaching import attacher
from client.linux.bpf.hook import Attacher
from client.linux.bpf.programs import Programs
from client.linux.dataplane.fast import FastPlane
from client.linux.dataplane.tun import TunPlane
from client.linux.netlink.connection import Netlink
from client.linux.ownership import Owner

REFUSALS = (OSError, DecodeError)
"""What `start_fast` raises: bpf(2) refused, no way to attach, or an object that cannot be read."""


def start_fast(
    slow: TunPlane,
    owner: Owner,
    netlink: Netlink,
    runtime_directory: Path,
    counters: Counter[str],
    find: Callable[[int, Owner, Netlink, Path], Attacher] = attacher,
) -> FastPlane:
    """The programs loaded, in front of `slow`; raises what is in REFUSALS, and `slow` is as before.

    `find` says how they can be attached.
    """
    programs = Programs.load(bindings=owner.most_tunnels, bindings6=owner.most_tunnels6)
    try:
        way = find(programs.descriptors["ether"], owner, netlink, runtime_directory)
        plane = FastPlane(slow, programs, way, owner, netlink, counters)
    except OSError:
        programs.close()
        raise
    return plane
