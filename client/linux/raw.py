"""Raw sockets: packets that we made whole and the kernel routes; and port 434, which is ours."""

from __future__ import annotations

import errno
import socket
from collections import Counter

from client.core.errors import KernelError
from client.core.plan import Address
from client.linux import packet_filter

_SO_BINDTOIFINDEX = 62
_IP_PKTINFO = 8
_BUFFER = 1 << 21


class RoutedSender:
    """Sends whole packets of one family as the kernel routes them; with a mark, past our own tunnel."""

    def __init__(self, mark: int | None, counters: Counter[str], family: socket.AddressFamily = socket.AF_INET) -> None:
        self.mark = mark
        self._family = family
        self._counters = counters
        self._sockets: dict[int | None, socket.socket] = {}
        self.last_error: str | None = None
        self.through(None)  # what the kernel does not let us have is known at once

    def send(self, packet: bytes, destination: Address, interface: int | None = None) -> bool:
        """Send a packet; False if it could not be sent, which is counted and remembered, no more."""
        try:
            self.through(interface).sendto(packet, (str(destination), 0))
        except OSError as error:
            self.failed(error, interface)
            return False
        return True

    def through(self, interface: int | None) -> socket.socket:
        """The socket whose packets leave by this link (None: as the tables say). Raises OSError."""
        found = self._sockets.get(interface)
        if found is None:
            found = self._sockets[interface] = self._open(interface)
        return found

    def failed(self, error: OSError, interface: int | None) -> None:
        """Note that a packet could not be sent."""
        name = errno.errorcode.get(error.errno or 0, "unknown").lower()
        self._counters[f"send_{name}"] += 1
        self.last_error = error.strerror
        if error.errno in (errno.ENODEV, errno.ENXIO) and interface is not None:
            stale = self._sockets.pop(interface, None)
            if stale is not None:
                stale.close()

    def close(self) -> None:
        """Give all sockets back."""
        for each in self._sockets.values():
            each.close()
        self._sockets.clear()

    def _open(self, interface: int | None) -> socket.socket:
        made = socket.socket(self._family, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.IPPROTO_RAW)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        if self._family == socket.AF_INET:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
        else:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, 0)
        if self.mark is not None:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, self.mark)
        if interface is not None:
            made.setsockopt(socket.SOL_SOCKET, _SO_BINDTOIFINDEX, interface)
        return made


def claim_port() -> socket.socket:
    """Hold UDP port 434, so that the kernel does not answer "port unreachable" to what packet sockets receive.

    From the socket itself only tunnel data messages come, with their destination and type of service.
    Raises KernelError when another program has the port.
    """
    held = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    packet_filter.attach(held, packet_filter.tunnel_data())
    held.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
    held.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
    held.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)
    try:
        held.bind(("0.0.0.0", packet_filter.MOBILE_IP_PORT))
    except OSError as error:
        held.close()
        raise KernelError(error.errno, "UDP port 434 is taken: does another Mobile IP program run?") from error
    return held


def tunnel_receiver(protocol: int, family: socket.AddressFamily = socket.AF_INET) -> socket.socket:
    """A socket that gets every packet of a protocol to this host (and keeps the kernel from refusing them).

    IPv4 packets come whole. IPv6 packets come without their header, which ancillary data tell of. Raises OSError.
    """
    made = socket.socket(family, socket.SOCK_RAW | socket.SOCK_NONBLOCK, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVTCLASS, 1)
    return made
