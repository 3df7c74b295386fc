"""Who is at the other end of a Unix socket, as the kernel says (never as they say)."""

from __future__ import annotations

import os
import socket
import struct
from dataclasses import dataclass

_UCRED = struct.Struct("iII")  # struct ucred: pid, uid, gid
_SO_PEERGROUPS = 59  # Linux 4.13 and later; the socket module has no name for it
_MOST_GROUPS = 1024  # bytes: Python's own limit for an option's value, 256 groups


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """The credentials that the other end had when it connected."""

    pid: int
    uid: int
    groups: frozenset[int]

    def may_do_all(self, group: int | None) -> bool:
        """Root, the user that the daemon runs as, and members of its group may do all."""
        return self.uid in (0, os.geteuid()) or (group is not None and group in self.groups)


def peer_of(connection: socket.socket) -> Peer:
    """Ask the kernel who connected."""
    pid, uid, gid = _UCRED.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    return Peer(pid=pid, uid=uid, groups=frozenset((gid, *_supplementary_groups(connection))))


def _supplementary_groups(connection: socket.socket) -> tuple[int, ...]:
    try:
        raw = connection.getsockopt(socket.SOL_SOCKET, _SO_PEERGROUPS, _MOST_GROUPS)
    except OSError:  # more groups than fit, or an old kernel: then only the main group counts
        return ()
    return struct.unpack(f"{len(raw) // 4}I", raw[: len(raw) // 4 * 4])
