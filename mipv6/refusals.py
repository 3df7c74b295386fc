"""Answers to packets that a node cannot take: Binding Errors and Parameter Problems (RFC 6275 §9.2, §9.3)."""

from __future__ import annotations

from collections import Counter

from client.core.errors import DecodeError
from client.core.icmp6 import Icmp6Message, Icmp6Type
from client.core.ipv6 import ANY6, IPv6Packet, NextHeader
from client.core.machine import Heard6, Send6
from client.core.plan import ANCHOR
from mipv6.allowance import Allowance
from mipv6.messages import BindingError
from mipv6.mobility_header import UnknownTypeError, WrongFieldError
from mipv6.status_codes import BindingErrorStatus

LONGEST_QUOTE = 1280 - IPv6Packet.HEADER.size - 8
"""Bytes of the packet in error that an ICMPv6 error has room for (RFC 4443 §2.4 c)."""

_ERRONEOUS_FIELD, _UNRECOGNISED_NEXT_HEADER = 0, 1
_NEXT_HEADER = 6  # where IPv6 names it
_EXTENSION = 24
"""Bytes of a home address option's header, and of a type 2 routing header."""


def answer_to(heard: Heard6, packet: IPv6Packet) -> Send6:
    """Send a packet back by the link that the other came by: bindings are not for signalling (§6.1)."""
    if heard.interface == ANCHOR:
        return Send6(packet=packet, signalling=False)
    return Send6(packet=packet, interface=heard.interface)


class Refusals:
    """So many a second, to those who have a unicast address."""

    def __init__(self, allowance: Allowance, counters: Counter[str]) -> None:
        self._allowance = allowance
        self._counters = counters

    def unknown_binding(self, heard: Heard6, now: float) -> list[Send6]:
        """It names a home address that is not bound to its source (§9.3.1)."""
        self._counters["unknown-binding"] += 1
        return self._binding_error(heard, BindingErrorStatus.UNKNOWN_BINDING, now)

    def malformed(self, heard: Heard6, error: DecodeError, now: float) -> list[Send6]:
        """Its mobility header is not one that we can read (§9.2)."""
        match error:
            case UnknownTypeError():
                self._counters["unknown-type"] += 1
                return self._binding_error(heard, BindingErrorStatus.UNRECOGNISED_TYPE, now)
            case WrongFieldError(pointer=pointer):
                self._counters["wrong-field"] += 1
                return self._parameter_problem(heard, _ERRONEOUS_FIELD, _place(heard.packet) + pointer, now)
        self._counters["malformed"] += 1
        return []

    def not_able(self, heard: Heard6, now: float) -> list[Send6]:
        """It wants of us what we do not do; so a host says that knows no mobility header (§11.3.5, §11.6.2)."""
        self._counters["not-able"] += 1
        pointer = _place(heard.packet) - _EXTENSION if heard.packet.home_address is not None else _NEXT_HEADER
        return self._parameter_problem(heard, _UNRECOGNISED_NEXT_HEADER, pointer, now)

    def may_answer(self, packet: IPv6Packet, now: float) -> bool:
        """May an answer that nobody signs go to its source now?"""
        unicast = not (packet.source.is_multicast or packet.source == ANY6 or packet.destination.is_multicast)
        if unicast and self._allowance.take(packet.source, now):
            return True
        self._counters["not-answered"] += 1
        return False

    def _binding_error(self, heard: Heard6, status: BindingErrorStatus, now: float) -> list[Send6]:
        packet = heard.packet
        if not self.may_answer(packet, now):
            return []
        error = BindingError(status=status, home_address=packet.home_address or ANY6)
        return [answer_to(heard, error.packet(packet.destination, packet.source))]

    def _parameter_problem(self, heard: Heard6, code: int, pointer: int, now: float) -> list[Send6]:
        packet = heard.packet
        if not self.may_answer(packet, now):
            return []
        body = pointer.to_bytes(4) + packet.pack()[:LONGEST_QUOTE]
        problem = Icmp6Message(type=Icmp6Type.PARAMETER_PROBLEM, code=code, body=body)
        return [answer_to(heard, problem.packet(packet.destination, packet.source))]


def _place(packet: IPv6Packet) -> int:
    """Where the mobility header begins, in bytes."""
    extensions = (packet.home_address is not None) + (packet.routing is not None)
    return IPv6Packet.HEADER.size + extensions * _EXTENSION


BOUND_WITHOUT_BINDING = frozenset((NextHeader.ESP, 51, NextHeader.MOBILITY))
"""What may name a home address without a binding: ESP, AH, and mobility headers (§9.3.1)."""
