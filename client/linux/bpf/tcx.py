"""Attaches programs by tcx links (kernel 6.6): each goes with its descriptor, so a killed daemon leaves nothing."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass

from client.core.errors import KernelError
from client.linux.bpf.hook import Direction
from client.linux.bpf.syscalls import create_link

_TYPES = {Direction.INGRESS: 46, Direction.EGRESS: 47}  # BPF_TCX_INGRESS, BPF_TCX_EGRESS
_NO_INTERFACE = 0x7FFFFFFF


@dataclass(slots=True)
class TcxLink:
    """One program on one interface."""

    descriptor: int

    def close(self) -> None:
        """Detach it."""
        os.close(self.descriptor)


class Tcx:
    """The newer of the two ways."""

    name = "tcx"

    def attach(self, program: str, descriptor: int, interface: int, direction: Direction) -> TcxLink:
        """Attach a program (it has its own name in the kernel). Raises KernelError."""
        return TcxLink(create_link(descriptor, interface, _TYPES[direction]))


def is_supported(descriptor: int) -> bool:
    """Whether the kernel knows tcx: it looks at the kind of link before it misses the interface."""
    try:
        os.close(create_link(descriptor, _NO_INTERFACE, _TYPES[Direction.INGRESS]))
    except KernelError as error:
        return error.errno == errno.ENODEV
    return False
