"""The sockets that outer packets come by, each opened when the first tunnel needs it."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections import Counter
from collections.abc import Callable
from typing import TypeAlias

from client.core.errors import KernelError
from client.core.ipv4 import Protocol
from client.core.plan import Encapsulation, Tunnel
from client.linux.dataplane.arrivals import Arrivals, Ipv4Arrivals, Ipv6Arrivals, Leave, UdpArrivals
from client.linux.dataplane.icmp6_arrivals import Icmp6Arrivals

Open: TypeAlias = Callable[[], Arrivals]


class Receivers:
    """All of one data plane."""

    def __init__(
        self,
        port: socket.socket | None,
        leave: Leave,
        error6: Callable[[bytes], None],
        direct: Callable[[], Arrivals],
        counters: Counter[str],
    ) -> None:
        """`port`: the socket that holds UDP port 434; `error6` takes ICMPv6 errors; `direct` makes DirectArrivals."""
        self._loop = asyncio.get_running_loop()
        self._port = port
        self._leave = leave
        self._error6 = error6
        self._direct = direct
        self._counters = counters
        self._open: dict[object, Arrivals] = {}
        self._need(Protocol.IPIP, self._raw(Protocol.IPIP))

    def need(self, tunnel: Tunnel) -> None:
        """Have open what this tunnel's packets come by. Raises OSError."""
        match tunnel.encapsulation:
            case Encapsulation.GRE:
                self._need(Protocol.GRE, self._raw(Protocol.GRE))
            case Encapsulation.MINIMAL:
                self._need(Protocol.MINIMAL, self._raw(Protocol.MINIMAL))
            case Encapsulation.UDP:
                self._need(Protocol.UDP, self._udp)
            case Encapsulation.DIRECT:
                self.need_direct()
                self._need("errors", lambda: Icmp6Arrivals(self._error6, self._counters))
            case Encapsulation.IPIP if tunnel.remote.version == 6:
                self._need(Protocol.IPV6, lambda: Ipv6Arrivals(self._leave, self._counters))
                self._need("errors", lambda: Icmp6Arrivals(self._error6, self._counters))

    def need_direct(self) -> None:
        """Have open what packets with a home address come by. Raises OSError."""
        self._need(Encapsulation.DIRECT, self._direct)

    def close(self) -> None:
        """Give all back."""
        for arrivals in self._open.values():
            self._loop.remove_reader(arrivals)
            arrivals.close()
        self._open.clear()

    def _need(self, name: object, make: Open) -> None:
        if name not in self._open:
            arrivals = self._open[name] = make()
            self._loop.add_reader(arrivals, arrivals.receive)

    def _raw(self, protocol: Protocol) -> Open:
        return lambda: Ipv4Arrivals(protocol, self._leave, self._counters)

    def _udp(self) -> Arrivals:
        if self._port is None:
            raise KernelError(errno.EADDRNOTAVAIL, "port 434 is not ours")
        return UdpArrivals(self._port.dup(), self._leave, self._counters)
