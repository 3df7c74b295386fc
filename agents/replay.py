"""Which requests are fresh: the identification as a timestamp (RFC 5944 §5.7.1)."""

from __future__ import annotations

from dataclasses import dataclass

from client.core.machine import WallClock
from client.mipv4.codes import Code
from client.mipv4.messages import LOW_32_BITS
from client.mipv4.udp_tunnel import UdpTunnelReply

_NTP_EPOCH = 2_208_988_800
"""Seconds from 1900 (NTP) to 1970 (Unix)."""

_ERA = 2**64
"""NTP time begins anew in 2036: differences are taken modulo this."""


def ntp_timestamp(wall_clock: float) -> int:
    """The time of day as NTP's 64 bits: seconds since 1900, and a fraction of 32 bits."""
    return int((wall_clock + _NTP_EPOCH) * 2**32) % _ERA


def seconds_after(later: int, earlier: int) -> float:
    """How many seconds one timestamp is after another; negative if it is before."""
    return ((later - earlier + _ERA // 2) % _ERA - _ERA // 2) / 2**32


@dataclass(frozen=True, slots=True)
class Answered:
    """The last request of a node that we accepted: its identification, its bytes, our code and word on UDP."""

    identification: int
    message: bytes
    code: Code
    udp: UdpTunnelReply | None = None


class ReplayGuard:
    """Remembers, for each node, the highest identification accepted.

    What was accepted before a restart is not remembered: every timestamp older than our own start is
    refused instead.
    """

    def __init__(self, wall_clock: WallClock, tolerance: float) -> None:
        self._wall_clock = wall_clock
        self._tolerance = tolerance
        self._start = self.clock()
        self._answered: dict[str, Answered] = {}

    def clock(self) -> int:
        """Our time of day as an identification."""
        return ntp_timestamp(self._wall_clock())

    def is_timely(self, identification: int) -> bool:
        """Is the timestamp near our clock, and not older than we are?"""
        near = abs(seconds_after(identification, self.clock())) <= self._tolerance
        return near and seconds_after(identification, self._start) >= 0

    def is_new(self, nai: str, identification: int) -> bool:
        """Is the timestamp greater than all that were accepted from this node?"""
        answered = self._answered.get(nai)
        return answered is None or seconds_after(identification, answered.identification) > 0

    def repeated(self, nai: str, message: bytes) -> Answered | None:
        """What we answered, if these are the very bytes of the last request accepted (the network doubled it)."""
        answered = self._answered.get(nai)
        return answered if answered is not None and answered.message == message else None

    def accept(self, nai: str, answered: Answered) -> None:
        """From now on only greater identifications are fresh."""
        self._answered[nai] = answered

    def mismatch(self, identification: int) -> int:
        """What a reply with code 133 carries: our clock's high 32 bits, the request's low ones."""
        return self.clock() & ~LOW_32_BITS | identification & LOW_32_BITS
