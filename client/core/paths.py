"""Where a probe goes, by ICMP or ICMPv6 echo, and by which way its answer must come back."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from client.core.errors import DecodeError
from client.core.icmp import IcmpMessage, IcmpType
from client.core.icmp6 import Icmp6Message, Icmp6Type
from client.core.ipv4 import IPv4Packet
from client.core.ipv6 import IPv6Packet
from client.core.machine import Send, Send6
from client.core.plan import Encapsulation

_ECHO = struct.Struct("!HHQ")
_IDENTIFIER = 0x4D49  # "MI": whose echo it is, for the eyes of those who read captures


def echo_body(number: int, nonce: int) -> bytes:
    """What stands behind the first four bytes of an echo request and of its reply, in both families."""
    return _ECHO.pack(_IDENTIFIER, number, nonce)


def nonce_in(body: bytes) -> int | None:
    """The nonce that `echo_body` wrote, or None."""
    if len(body) != _ECHO.size:
        return None
    nonce: int = _ECHO.unpack(body)[2]
    return nonce


@dataclass(frozen=True, slots=True, kw_only=True)
class Path4:
    """From our home address to whom we ask, by IPv4."""

    source: IPv4Address
    target: IPv4Address
    interface: int  # of the answer: the anchor for a tunnel of ours, or the link to a foreign agent
    link_layer_source: bytes | None = None  # of the answer, where a foreign agent decapsulates
    # Others of these are other paths, though their probes look the same:
    care_of_address: IPv4Address | None = None
    encapsulation: Encapsulation | None = None
    reverse_tunnel: bool = False

    def probe(self, number: int, nonce: int) -> Send:
        """An echo request, sent as a program's packet is."""
        message = IcmpMessage(type=IcmpType.ECHO_REQUEST, body=echo_body(number, nonce))
        return Send(packet=message.packet(self.source, self.target), signalling=False)

    def answered(self, packet: IPv4Packet | IPv6Packet, interface: int, link_layer_source: bytes) -> int | None:
        """The nonce of the probe that this packet answers, by the right way."""
        if not isinstance(packet, IPv4Packet) or (packet.source, packet.destination) != (self.target, self.source):
            return None
        if interface != self.interface or self.link_layer_source not in (None, link_layer_source):
            return None
        try:
            message = IcmpMessage.unpack(packet)
        except DecodeError:
            return None
        return nonce_in(message.body) if message.type == IcmpType.ECHO_REPLY else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Path6:
    """The same by IPv6."""

    source: IPv6Address
    target: IPv6Address
    interface: int
    care_of_address: IPv6Address | None = None

    def probe(self, number: int, nonce: int) -> Send6:
        """An echo request, sent as a program's packet is."""
        message = Icmp6Message(type=Icmp6Type.ECHO_REQUEST, body=echo_body(number, nonce))
        return Send6(packet=message.packet(self.source, self.target), signalling=False)

    def answered(self, packet: IPv4Packet | IPv6Packet, interface: int, link_layer_source: bytes) -> int | None:
        """The nonce of the probe that this packet answers, by the right way. Nobody's hand but the tunnel's counts."""
        if not isinstance(packet, IPv6Packet) or (packet.sender, packet.receiver) != (self.target, self.source):
            return None
        if interface != self.interface:
            return None
        try:
            message = Icmp6Message.unpack(packet)
        except DecodeError:
            return None
        return nonce_in(message.body) if message.type == Icmp6Type.ECHO_REPLY else None
