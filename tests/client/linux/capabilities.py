"""Gives up capabilities, as a container does that starts a program with few."""

from __future__ import annotations

import ctypes
import os
import struct

CAP_SYS_ADMIN, CAP_PERFMON, CAP_BPF = 21, 38, 39
_VERSION_3 = 0x20080522
_HEADER = struct.Struct("=II")
_SETS = struct.Struct("=6I")  # effective, permitted, inheritable; the low halves first


def give_up(*capabilities: int) -> None:
    """This process has them no longer."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = ctypes.create_string_buffer(_HEADER.pack(_VERSION_3, 0), _HEADER.size)
    sets = ctypes.create_string_buffer(_SETS.size)
    _check(libc.capget(header, sets))
    values = list(_SETS.unpack(sets.raw))
    for capability in capabilities:
        for first in range(3):
            values[first + 3 * (capability // 32)] &= ~(1 << capability % 32)
    sets.raw = _SETS.pack(*values)
    _check(libc.capset(header, sets))


def _check(result: int) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
