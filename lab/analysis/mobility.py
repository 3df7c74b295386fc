"""The Mobile IPv6 messages in a capture, by their fixed offsets in RFC 6275 §6.1."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from lab.analysis.frames import Frame
from lab.analysis.frames6 import ICMPV6, MOBILITY, Esp, Ip6, innermost6

_UNIT = 4
"""Seconds in a unit of a binding's lifetime."""

_HOME = 0x40
"""The H bit of a Binding Update's flags."""


class Kind(IntEnum):
    """The mobility header's types (§6.1.2 to §6.1.9)."""

    BINDING_REFRESH_REQUEST = 0
    HOME_TEST_INIT = 1
    CARE_OF_TEST_INIT = 2
    HOME_TEST = 3
    CARE_OF_TEST = 4
    BINDING_UPDATE = 5
    BINDING_ACKNOWLEDGEMENT = 6
    BINDING_ERROR = 7


class Icmp(IntEnum):
    """The ICMPv6 messages that the figures are about."""

    PACKET_TOO_BIG = 2
    PARAMETER_PROBLEM = 4
    ROUTER_SOLICITATION = 133
    ROUTER_ADVERTISEMENT = 134
    NEIGHBOUR_SOLICITATION = 135
    NEIGHBOUR_ADVERTISEMENT = 136
    HOME_AGENT_REQUEST = 144
    HOME_AGENT_REPLY = 145
    PREFIX_SOLICITATION = 146
    PREFIX_ADVERTISEMENT = 147


@dataclass(frozen=True, slots=True)
class MobilityMessage:
    """A message of the mobility header, and the packet that it came in, out of all tunnels. `at`: nanoseconds."""

    at: int
    kind: int
    packet: Ip6
    tunnelled: bool
    data: bytes  # behind the checksum
    esp: Esp | None = None  # what it came in

    @property
    def sequence(self) -> int:
        """Of a Binding Update or a Binding Acknowledgement."""
        place = 2 if self.kind == Kind.BINDING_ACKNOWLEDGEMENT else 0
        return int.from_bytes(self.data[place : place + 2], "big")

    @property
    def lifetime(self) -> int:
        """Seconds, of the same two."""
        return _UNIT * int.from_bytes(self.data[4:6], "big")

    @property
    def status(self) -> int:
        """Of a Binding Acknowledgement or a Binding Error."""
        return self.data[0] if self.data else 0

    @property
    def is_home_registration(self) -> bool:
        """Is it a Binding Update with the H bit?"""
        return self.kind == Kind.BINDING_UPDATE and len(self.data) > 2 and bool(self.data[2] & _HOME)

    @property
    def cookie(self) -> bytes:
        """Of the four messages of return routability; an answer repeats it."""
        return self.data[2:10]


def message(frame: Frame) -> MobilityMessage | None:
    """The mobility message of a frame, also one inside a tunnel."""
    ip = innermost6(frame.ip6) if frame.ip6 else None
    if frame.ip6 is None or ip is None or ip.protocol != MOBILITY or len(ip.body) < 8:
        return None
    return MobilityMessage(frame.at, ip.body[2], ip, frame.ip6.inner is not None, ip.body[6:], frame.ip6.esp)


def messages(frames: Iterable[Frame]) -> list[MobilityMessage]:
    """All of them, in the order of their time."""
    return [found for found in map(message, frames) if found]


def icmp(ip: Ip6) -> int | None:
    """The type of an ICMPv6 message."""
    return ip.body[0] if ip.protocol == ICMPV6 and len(ip.body) >= 4 else None


def advertised_prefixes(ip: Ip6) -> list[bytes]:
    """The prefixes of a Router Advertisement from which addresses are formed: their first 64 bits (RFC 4861 §4.6.2)."""
    if icmp(ip) != Icmp.ROUTER_ADVERTISEMENT:
        return []
    found, options = [], ip.body[16:]
    while len(options) >= 8 and options[1]:
        size = 8 * options[1]
        if options[0] == 3 and size == 32 and len(options) >= size:
            found.append(options[16:24])
        options = options[size:]
    return found
