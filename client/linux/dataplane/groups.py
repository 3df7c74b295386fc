"""Membership in IPv6 groups, and anycast addresses, on links: by sockets, so that they end with this process."""

from __future__ import annotations

import errno
import socket
import struct
from collections import Counter
from ipaddress import IPv6Address
from typing import NamedTuple

from client.core.errors import KernelError

_REQUEST = struct.Struct("=16si")  # ipv6_mreq: address, interface


class Option(NamedTuple):
    """How a socket joins and leaves."""

    join: int
    leave: int


GROUP = Option(socket.IPV6_JOIN_GROUP, socket.IPV6_LEAVE_GROUP)
ANYCAST = Option(27, 28)  # IPV6_JOIN_ANYCAST, IPV6_LEAVE_ANYCAST


class Groups:
    """The kernel lets a socket join only so many (net.core.optmem_max): there are as many sockets as that takes."""

    def __init__(self, option: Option) -> None:
        self._option = option
        self._joined: dict[tuple[int, IPv6Address], socket.socket] = {}
        self._uses: Counter[socket.socket] = Counter()

    def join(self, interface: int, address: IPv6Address) -> None:
        """Take packets to this address on this link. Raises KernelError."""
        if (interface, address) in self._joined:
            return
        try:
            member = self._join(_REQUEST.pack(address.packed, interface))
        except OSError as error:
            raise KernelError(error.errno, error.strerror) from error
        self._joined[interface, address] = member
        self._uses[member] += 1

    def joined(self) -> frozenset[tuple[int, IPv6Address]]:
        """Where we have joined what."""
        return frozenset(self._joined)

    def leave(self, interface: int, address: IPv6Address) -> None:
        """Take them no longer. A link that is gone has taken all of this along."""
        member = self._joined.pop((interface, address), None)
        if member is None:
            return
        try:
            member.setsockopt(socket.IPPROTO_IPV6, self._option.leave, _REQUEST.pack(address.packed, interface))
        except OSError as error:
            if error.errno not in (errno.ENODEV, errno.EADDRNOTAVAIL, errno.ENOENT):
                raise KernelError(error.errno, error.strerror) from error
        finally:
            self._uses[member] -= 1
            if not self._uses[member]:
                del self._uses[member]
                member.close()

    def _join(self, request: bytes) -> socket.socket:
        """By the socket that joined last, or by a new one if that can have no more."""
        last = next(reversed(self._joined.values()), None)
        if last is not None:
            try:
                last.setsockopt(socket.IPPROTO_IPV6, self._option.join, request)
            except OSError as error:
                if error.errno not in (errno.ENOMEM, errno.ENOBUFS):
                    raise
            else:
                return last
        return self._joined_anew(request)

    def _joined_anew(self, request: bytes) -> socket.socket:
        """A socket bound to no port: it joins, and gets nothing."""
        made = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        try:
            made.setsockopt(socket.IPPROTO_IPV6, self._option.join, request)
        except OSError:
            made.close()
            raise
        return made
