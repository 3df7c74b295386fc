"""Finds the way in which this kernel lets programs be attached."""

from __future__ import annotations

import errno
import socket
from pathlib import Path

from client.core.errors import KernelError
from client.linux.bpf import tcx
from client.linux.bpf.clsact import Clsact
from client.linux.bpf.hook import Attacher, Direction
from client.linux.netlink.connection import Netlink
from client.linux.ownership import Owner

_LOOPBACK = "lo"


def attacher(program: int, owner: Owner, netlink: Netlink, runtime_directory: Path) -> Attacher:
    """Tcx if the kernel has it, else clsact; raises KernelError if it has neither.

    `program` is the descriptor of one for arriving Ethernet frames. Clsact is a module that may be missing: to
    know it before the first link is there, the program is on the loopback interface for a moment.
    """
    if tcx.is_supported(program):
        return tcx.Tcx()
    clsact = Clsact(owner, netlink, runtime_directory)
    try:
        clsact.attach("ether", program, socket.if_nametoindex(_LOOPBACK), Direction.INGRESS).close()
    except OSError as error:
        raise KernelError(error.errno or errno.ENOSYS, f"neither tcx nor clsact: {error.strerror}") from error
    return clsact
