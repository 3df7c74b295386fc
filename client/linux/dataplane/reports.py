"""Tells senders, by ICMP, what became of their packets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

from client.core.plan import Tunnel
from client.linux.dataplane.allowance import Allowance
from client.linux.dataplane.icmp_errors import icmp6_error, icmp_error
from client.linux.packet_socket import PacketSocket
from client.linux.senders import Senders


class Reports:
    """Not too many of them."""

    def __init__(
        self, senders: Senders, frames: PacketSocket, counters: Counter[str], now: Callable[[], float]
    ) -> None:
        """`senders` as programs send; `frames` to visitors."""
        self._senders = senders
        self._frames = frames
        self._counters = counters
        self._allowance = Allowance(now)

    def send(self, packet: bytes, tunnel: Tunnel, code: int, mtu: int = 0) -> None:
        """Send an ICMP error to a packet's sender: a program, a visitor or a correspondent.

        `packet`: its beginning at least; `code`: of "destination unreachable"; `mtu`: what a packet may have.
        """
        if not self._allowance.take():
            self._counters["errors_not_sent"] += 1
        elif isinstance(tunnel.local, IPv4Address):
            self._send4(packet, tunnel, tunnel.local, code, mtu)
        else:
            error = icmp6_error(packet, tunnel.local, code, mtu)
            if error is not None:
                self._senders.of(packet).send(error, _source6(packet))

    def _send4(self, packet: bytes, tunnel: Tunnel, local: IPv4Address, code: int, mtu: int) -> None:
        error = icmp_error(packet, local, code, mtu)
        if error is None:
            return
        delivery = tunnel.delivery
        if delivery is not None and error.destination == tunnel.home_address:
            self._frames.send_frame(delivery.interface, delivery.link_layer_address, error.pack())
        else:
            self._senders.of(packet).send(error.pack(), error.destination)


def _source6(packet: bytes) -> IPv6Address:
    return IPv6Address(packet[8:24])
