"""With whom packets are exchanged, so far without a direct path; and who cannot have one."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from ipaddress import IPv6Address

REMEMBERED = 1024
"""Addresses of each kind; those of whom we heard least recently are forgotten first (threat T17)."""

SILENCE = 60.0
"""Seconds after which a conversation is a new one, and its packets are counted anew."""

UNABLE_FOR = 600.0
"""Seconds until a correspondent that was not able is asked again (RFC 6275 §11.3.5)."""

ADMITTED_PER_SECOND = 10
"""Procedures begun for newcomers: whoever makes many send us packets does not make us send as many."""


@dataclass(frozen=True, slots=True)
class _Count:
    packets: int
    last: float


class Candidates:
    """Counts packets, by the correspondent's address."""

    def __init__(self) -> None:
        self._counts: dict[IPv6Address, _Count] = {}
        self._unable: dict[IPv6Address, float] = {}
        self._admitted: deque[float] = deque(maxlen=ADMITTED_PER_SECOND)

    def count(self, address: IPv6Address, packets: int, now: float) -> int:
        """How many packets this conversation has had by now."""
        before = self._counts.pop(address, None)
        known = before.packets if before is not None and now < before.last + SILENCE else 0
        self._counts[address] = _Count(known + packets, now)
        if len(self._counts) > REMEMBERED:
            del self._counts[next(iter(self._counts))]
        return known + packets

    def admit(self, address: IPv6Address, now: float) -> bool:
        """May a procedure begin with this newcomer? If so, it is no candidate any more."""
        full = len(self._admitted) == ADMITTED_PER_SECOND
        if full and now < self._admitted[0] + 1.0:
            return False
        self._admitted.append(now)
        self._counts.pop(address, None)
        return True

    def unable(self, address: IPv6Address, now: float) -> None:
        """This one does not speak our protocol."""
        self._unable.pop(address, None)
        self._unable[address] = now + UNABLE_FOR
        if len(self._unable) > REMEMBERED:
            del self._unable[next(iter(self._unable))]

    def is_unable(self, address: IPv6Address, now: float) -> bool:
        """Did it lately turn out not to be able?"""
        until = self._unable.get(address)
        if until is not None and now >= until:
            del self._unable[address]
        return until is not None and now < until

    def all_unable(self, now: float) -> list[IPv6Address]:
        """Those of whom this is remembered."""
        return [address for address, until in self._unable.items() if now < until]
