"""Proof that data flows: a round trip by the path in force, never a mere promise.

One rule: while programs send (within the last 10 s) a proof is at most 8 s old, else at most the
keepalive interval + 7 s; older ones prove nothing, nor do young ones once a whole series of probes has gone
unanswered since: then the path counts as stalled.
"""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

from client.core.ipv4 import IPv4Packet
from client.core.ipv6 import IPv6Packet
from client.core.machine import NEVER, Random, Send, Send6

BUSY = 10.0
BUSY_AGE = 8.0
IDLE_GRACE = 7.0
REFRESH = 4.0
"""While busy a proof is renewed at this age: early enough that three lost probes do not end it."""

SERIES = (0.2, 0.3, 0.5, 1.0, 1.0)
"""Seconds between the probes of a series: at 0, 0.2, 0.5, 1, 2 s; a second later it has failed."""

S = TypeVar("S", Send, Send6)
S_co = TypeVar("S_co", Send, Send6, covariant=True)


class Path(Protocol[S_co]):
    """Where probes go: `client.core.paths` has one for each family."""

    @property
    def care_of_address(self) -> object:
        """Where we are: silence there says nothing of another place."""

    def probe(self, number: int, nonce: int) -> S_co:
        """An echo request."""

    def answered(self, packet: IPv4Packet | IPv6Packet, interface: int, link_layer_source: bytes) -> int | None:
        """The nonce of the probe that this packet answers, by the right way."""


class Proof(Generic[S]):
    """Probes a path (echo requests with a random 64-bit nonce) and says how old the last round trip is."""

    def __init__(self, random: Random, keepalive: float) -> None:
        self._random = random
        self.keepalive = keepalive  # seconds between proofs while nothing else happens
        self._path: Path[S] | None = None
        self._outstanding: dict[int, float] = {}
        self._step = 0
        self._next_at = NEVER
        self._busy_until = -NEVER
        self._probes = 0
        self._programs = 0  # packets that programs sent: all but our probes
        self.proven_at: float | None = None
        self.round_trip: float | None = None
        self.failed_since: float | None = None

    @property
    def deadline(self) -> float:
        """When the next probe is due, or a series has failed."""
        return self._next_at

    @property
    def failing(self) -> bool:
        """Did a whole series go unanswered, with nothing proven since?"""
        return self.failed_since is not None

    def is_proven(self, now: float) -> bool:
        """Is there a round trip young enough to count, and no whole series that went unanswered since?"""
        if self.proven_at is None or self.failing:
            return False
        return now - self.proven_at <= self._longest_age(now)

    def _longest_age(self, now: float) -> float:
        return BUSY_AGE if now < self._busy_until else self.keepalive + IDLE_GRACE

    def begin(self, path: Path[S], now: float) -> list[S]:
        """This path is in force from now on: what was proven of another one counts no more.

        That nothing comes back holds until something does, or we are elsewhere.
        """
        if self._path is None or path.care_of_address != self._path.care_of_address:
            self.failed_since = None
        if path != self._path:
            self._path = path
            self.proven_at = self.round_trip = None
        return self.check(now)

    def end(self) -> None:
        """No path to prove."""
        self._path = self.proven_at = self.round_trip = self.failed_since = None
        self._outstanding.clear()
        self._next_at = NEVER

    def check(self, now: float) -> list[S]:
        """Start a series of probes now."""
        if self._path is None:
            return []
        self._outstanding.clear()
        self._step = 0
        return self._probe(self._path, now)

    def _probe(self, path: Path[S], now: float) -> list[S]:
        nonce = (int(self._random() * 2**32) << 32) | int(self._random() * 2**32)
        self._outstanding[nonce] = now
        self._next_at = now + SERIES[self._step]
        self._step += 1
        self._probes += 1
        return [path.probe(self._step, nonce)]

    def traffic(self, sent: int, now: float) -> list[S]:
        """So many packets have left, our probes among them; new ones make us busy, and an old proof too old."""
        programs = sent - self._probes
        if programs <= self._programs or self._path is None:
            return []
        self._programs = programs
        self._busy_until = now + BUSY
        if self.proven_at is not None and not self._outstanding:
            self._next_at = min(self._next_at, self.proven_at + REFRESH)
            return self.timeout(now)
        return []

    def passed_by(self, probes: int) -> None:
        """So many of the last probes were not sent as programs' packets are, and will not be counted with them."""
        self._probes -= probes

    def timeout(self, now: float) -> list[S]:
        """The deadline: send the next probe, or find that the series has failed."""
        if now < self._next_at or self._path is None:
            return []
        if not self._outstanding:
            return self.check(now)
        if self._step < len(SERIES):
            return self._probe(self._path, now)
        self._outstanding.clear()
        self.failed_since = now if self.failed_since is None else self.failed_since
        self._next_at = NEVER  # who drives us decides when to try again
        return []

    def hear(self, packet: IPv4Packet | IPv6Packet, interface: int, link_layer_source: bytes, now: float) -> bool:
        """Is this the answer to a probe of ours, by the right way? Then it is proof."""
        sent_at = self._answered(packet, interface, link_layer_source)
        if sent_at is None:
            return False
        self.proven_at, self.round_trip, self.failed_since = sent_at, now - sent_at, None
        self._outstanding.clear()
        self._next_at = sent_at + (REFRESH if now < self._busy_until else self.keepalive)
        return True

    def _answered(self, packet: IPv4Packet | IPv6Packet, interface: int, link_layer_source: bytes) -> float | None:
        nonce = self._path.answered(packet, interface, link_layer_source) if self._path else None
        return None if nonce is None else self._outstanding.get(nonce)
