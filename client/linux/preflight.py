"""Says in one sentence what this machine or user lacks, before anything is tried."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from client.core.errors import KernelError
from client.linux.dataplane.anchor import DEVICE

_NEEDED = {"CAP_NET_BIND_SERVICE": 10, "CAP_NET_ADMIN": 12, "CAP_NET_RAW": 13}


def check() -> None:
    """Raise KernelError unless we may do what we must."""
    held = _capabilities()
    missing = [name for name, bit in _NEEDED.items() if not held & 1 << bit]
    if missing:
        raise KernelError(errno.EPERM, f"This must run as root, or with {' and '.join(missing)}.")
    if not os.access(DEVICE, os.R_OK | os.W_OK):
        raise KernelError(errno.ENOENT, f"{DEVICE} cannot be used: load the kernel module tun, or allow the device.")


def _capabilities() -> int:
    """The effective capabilities, as a bit set."""
    for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("CapEff:"):
            return int(line.split()[1], 16)
    return 0
