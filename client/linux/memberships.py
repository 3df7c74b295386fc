"""Membership in IPv4 groups on links: the kernel hears them, and tells the link's routers and switches so (RFC 3376).

A packet socket that takes a group's frames is no member: where switches or routers look at IGMP, nothing would come.
"""

from __future__ import annotations

import errno
import socket
import struct
from collections import Counter

_REQUEST = struct.Struct("=4s4si")  # ip_mreqn: group, our address (any), interface


class Memberships:
    """The kernel lets a socket have few (net.ipv4.igmp_max_memberships): there are as many sockets as that takes."""

    def __init__(self, counters: Counter[str]) -> None:
        self._counters = counters
        self._joined: dict[tuple[int, bytes], socket.socket] = {}

    def join(self, interface: int, group: bytes) -> None:
        """Be a member on this link; what the kernel refuses is counted."""
        try:
            self._joined[interface, group] = self._join(_REQUEST.pack(group, bytes(4), interface))
        except OSError:
            self._counters["join_failed"] += 1

    def leave(self, interface: int, group: bytes) -> None:
        """Be one no longer."""
        member = self._joined.pop((interface, group), None)
        if member is None:
            return
        try:
            member.setsockopt(socket.IPPROTO_IP, socket.IP_DROP_MEMBERSHIP, _REQUEST.pack(group, bytes(4), interface))
        except OSError:
            self._counters["leave_failed"] += 1  # the link is gone, and its memberships with it
        if member not in self._joined.values():
            member.close()

    def close(self) -> None:
        """Leave all."""
        for member in set(self._joined.values()):
            member.close()
        self._joined.clear()

    def _join(self, request: bytes) -> socket.socket:
        """By the socket that joined last, or by a new one if it is in as many groups as it may."""
        last = next(reversed(self._joined.values()), None)
        if last is not None:
            try:
                last.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request)
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
            else:
                return last
        return _joined_anew(request)


def _joined_anew(request: bytes) -> socket.socket:
    """A socket bound to no port: it is a member, and gets nothing."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        made.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request)
    except OSError:
        made.close()
        raise
    return made
