"""What keeps a NAT between us and the home agents open: an echo request in each visitor's tunnel (RFC 3519 §4.9)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address

from agents.ledger import Ledger
from agents.visitors import Visitor, Visitors
from client.core.icmp import IcmpMessage, IcmpType
from client.core.ipv4 import Protocol
from client.core.machine import Output, Send
from client.core.plan import Encapsulation
from client.core.udp import UdpDatagram
from client.mipv4.messages import PORT

_TUNNEL_DATA = struct.Struct("!BBH")  # type 4, next header, reserved (RFC 3519 §3.3)
_TYPE = 4
_ECHO = struct.Struct("!HH")


@dataclass(frozen=True, slots=True)
class _Keepalive:
    home_address: IPv4Address
    at: float


class Keepalives:
    """One for each visitor behind a UDP tunnel.

    It bears the visitor's address, as the home agent takes no other out of the tunnel; so the answer goes to
    the visitor, who knows nothing of the question. A lost answer would tell us nothing that we could mend: the
    visitor's next registration does.
    """

    def __init__(self, visitors: Visitors) -> None:
        self._visitors = visitors
        self._next: Ledger[IPv4Address, _Keepalive] = Ledger(lambda keepalive: keepalive.at)

    def begin(self, visitor: Visitor, now: float) -> None:
        """A visitor has registered, which opened the NAT, too."""
        self._next.pop(visitor.home_address)
        if visitor.encapsulation is Encapsulation.UDP:
            self._next.put(visitor.home_address, _Keepalive(visitor.home_address, now + visitor.keepalive))

    def due(self, now: float) -> list[Output]:
        """Those whose time has come; who is gone is forgotten."""
        visitors = [self._visitors.at(keepalive.home_address) for keepalive in self._next.expire(now)]
        served = [visitor for visitor in visitors if visitor is not None]
        for visitor in served:
            self.begin(visitor, now)
        return [_keepalive(visitor) for visitor in served if visitor.encapsulation is Encapsulation.UDP]

    @property
    def deadline(self) -> float:
        """When the next is due."""
        return self._next.deadline


def _keepalive(visitor: Visitor) -> Send:
    echo = IcmpMessage(type=IcmpType.ECHO_REQUEST, body=_ECHO.pack(0, 0))
    inner = echo.packet(visitor.home_address, visitor.home_agent).pack()
    payload = _TUNNEL_DATA.pack(_TYPE, Protocol.IPIP, 0) + inner
    datagram = UdpDatagram(source_port=PORT, destination_port=PORT, payload=payload)
    return Send(packet=datagram.packet(visitor.care_of_address, visitor.home_agent))
