"""The mobility bindings of a home agent: which care-of address each home address has now (RFC 5944 §3.8.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from agents.ledger import Ledger

GRACE = 2.0
"""Seconds that packets from the care-of address before are still taken, so that none in flight is lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A home address is away at a care-of address."""

    nai: str
    home_address: IPv4Address
    care_of_address: IPv4Address
    identification: int
    reverse_tunnel: bool
    co_located: bool
    expires: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """A reverse tunnel that a home address no longer has, but whose last packets may be under way."""

    home_address: IPv4Address
    care_of_address: IPv4Address
    until: float


class Bindings:
    """One binding for each home address, and what is left of the one before."""

    def __init__(self) -> None:
        self.now: Ledger[IPv4Address, Binding] = Ledger(lambda binding: binding.expires, followed=True)
        self.former: Ledger[tuple[IPv4Address, IPv4Address], Former] = Ledger(
            lambda former: former.until, followed=True
        )

    def __iter__(self) -> Iterator[Binding]:
        return iter(self.now)

    def __len__(self) -> int:
        return len(self.now)

    def of(self, home_address: IPv4Address) -> Binding | None:
        """The binding of a home address, or None while it is at home."""
        return self.now.get(home_address)

    def bind(self, binding: Binding, now: float) -> None:
        """Take a binding in place of the one before."""
        self._let_go(self.now.get(binding.home_address), now)
        self.now.put(binding.home_address, binding)

    def release(self, home_address: IPv4Address, now: float) -> None:
        """Forget a binding, but not yet the packets that still come from it."""
        self._let_go(self.now.pop(home_address), now)

    def _let_go(self, before: Binding | None, now: float) -> None:
        if before is not None and before.reverse_tunnel:
            former = Former(home_address=before.home_address, care_of_address=before.care_of_address, until=now + GRACE)
            self.former.put((before.home_address, before.care_of_address), former)

    def forget(self, home_address: IPv4Address) -> None:
        """Forget all of a home address at once."""
        self.now.pop(home_address)
        for care_of_address in self.former_care_of_addresses(home_address):
            self.former.pop((home_address, care_of_address))

    def former_care_of_addresses(self, home_address: IPv4Address) -> frozenset[IPv4Address]:
        """Where it was within the last moments."""
        return frozenset(former.care_of_address for former in self.former if former.home_address == home_address)

    def take_changes(self) -> set[IPv4Address]:
        """The home addresses of which something changed since this was asked last."""
        changed = self.now.changed | {home_address for home_address, _ in self.former.changed}
        self.now.changed, self.former.changed = set(), set()
        return changed

    def expire(self, now: float) -> list[Binding]:
        """Drop what has come to its end, and return the bindings among it: nobody is told (RFC 5944 §3.8)."""
        self.former.expire(now)
        return self.now.expire(now)

    @property
    def deadline(self) -> float:
        """When the next entry ends."""
        return min(self.now.deadline, self.former.deadline)
