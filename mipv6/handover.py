"""Which ways are in force while we move: packets follow the update at once, and come by the old way for a while.

A way is a care-of address and a home agent. The home agent that has a binding for us lets packets wait which overtake
the Binding Update (RFC 6275 §11.5.4 for the former care-of address).
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from ipaddress import IPv6Address

from client.core.machine import NEVER
from mipv6.binding import Binding, Target
from mipv6.home_updates import Pending

GRACE = 2.0
"""Seconds for which packets to the former care-of address are still taken: they were under way."""

PATIENCE = 1.0
"""Seconds without an answer after which packets go back to the way that is agreed on, if it is still there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Between a care-of address and the home agent."""

    target: Target
    home_agent: IPv6Address

    @property
    def key(self) -> tuple[IPv6Address, int, IPv6Address]:
        """Ways with another key are other ways."""
        return (self.target.care_of_address, self.target.hop.interface, self.home_agent)


@dataclass(frozen=True, slots=True)
class _Ahead:
    way: Way
    since: float


class Handover:
    """Looks at the binding and at the update on its way after each event; what it holds are the ways of the plan."""

    def __init__(self) -> None:
        self._agreed: Way | None = None
        self._ahead: _Ahead | None = None
        self._is_patient = False
        self._former: tuple[tuple[Way, float], ...] = ()
        self.deadline = NEVER

    @property
    def sending(self) -> Way | None:
        """The way for packets from the home address."""
        return self._ahead.way if self._ahead and self._is_patient else self._agreed

    @property
    def receiving(self) -> tuple[Way, ...]:
        """All ways by which packets may come, each once."""
        ahead = self._ahead.way if self._ahead else None
        ways = (ahead, self._agreed, *(way for way, _ in self._former))
        return tuple({way.key: way for way in reversed(ways) if way is not None}.values())[::-1]

    def follow(
        self, binding: Binding | None, asking: Pending | None, usable: Container[IPv6Address], now: float
    ) -> None:
        """What holds after an event; `usable` are the care-of addresses that we have now."""
        self._former = tuple((way, until) for way, until in self._former if now < until)
        agreed = _agreed(binding)
        if self._agreed and (agreed is None or agreed.key != self._agreed.key):
            self._former = (*self._former, (self._agreed, now + GRACE))
        self._agreed = agreed
        self._look_ahead(asking, usable, now)
        patience = self._ahead.since + PATIENCE if self._ahead and self._is_patient else NEVER
        self.deadline = min((patience if now < patience else NEVER, *(until for _, until in self._former)))

    def _look_ahead(self, asking: Pending | None, usable: Container[IPv6Address], now: float) -> None:
        way = _ahead(self._agreed, asking)
        if way is None or self._agreed is None:
            self._ahead = None
            return
        if self._ahead is None or self._ahead.way.key != way.key:
            self._ahead = _Ahead(way, now)
        gone = self._agreed.target.care_of_address not in usable
        self._is_patient = gone or now < self._ahead.since + PATIENCE


def _agreed(binding: Binding | None) -> Way | None:
    if binding is None or binding.at_home or not binding.lifetime:
        return None
    return Way(target=binding.target, home_agent=binding.home_agent)


def _ahead(agreed: Way | None, asking: Pending | None) -> Way | None:
    """The way that packets may take right behind the update for it; only to a home agent that knows us."""
    if agreed is None or asking is None or asking.target.at_home or not asking.update.lifetime:
        return None
    way = Way(target=asking.target, home_agent=asking.home_agent)
    return None if way.key == agreed.key or way.home_agent != agreed.home_agent else way
