"""The mobility bindings of a home agent: which care-of address each home address has now (RFC 5944 §3.8.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from client.core.machine import NEVER

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
        self._bindings: dict[IPv4Address, Binding] = {}
        self._former: dict[tuple[IPv4Address, IPv4Address], Former] = {}

    def __iter__(self) -> Iterator[Binding]:
        return iter(self._bindings.values())

    def __len__(self) -> int:
        return len(self._bindings)

    def of(self, home_address: IPv4Address) -> Binding | None:
        """The binding of a home address, or None while it is at home."""
        return self._bindings.get(home_address)

    def bind(self, binding: Binding, now: float) -> None:
        """Take a binding in place of the one before."""
        self.release(binding.home_address, now)
        self._bindings[binding.home_address] = binding

    def release(self, home_address: IPv4Address, now: float) -> None:
        """Forget a binding, but not yet the packets that still come from it."""
        before = self._bindings.pop(home_address, None)
        if before is not None and before.reverse_tunnel:
            former = Former(home_address=home_address, care_of_address=before.care_of_address, until=now + GRACE)
            self._former[home_address, before.care_of_address] = former

    def forget(self, home_address: IPv4Address) -> None:
        """Forget all of a home address at once."""
        self._bindings.pop(home_address, None)
        self._former = {key: former for key, former in self._former.items() if former.home_address != home_address}

    def expire(self, now: float) -> None:
        """Drop what has come to its end: nobody is told (RFC 5944 §3.8)."""
        self._bindings = {home: binding for home, binding in self._bindings.items() if binding.expires > now}
        self._former = {key: former for key, former in self._former.items() if former.until > now}

    @property
    def former(self) -> tuple[Former, ...]:
        """What is taken for a moment longer."""
        return tuple(self._former.values())

    @property
    def deadline(self) -> float:
        """When the next entry ends."""
        ends = [binding.expires for binding in self] + [former.until for former in self.former]
        return min(ends, default=NEVER)
