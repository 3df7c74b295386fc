"""The mobility bindings of a home agent: at which care-of addresses each home address is now (RFC 5944 §3.8.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import TypeAlias

from agents.ledger import Ledger
from agents.path import Path

GRACE = 2.0
"""Seconds that packets by a former path are still taken, so that none in flight is lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A home address is away at a care-of address."""

    nai: str
    home_address: IPv4Address
    care_of_address: IPv4Address  # as the request named it
    identification: int
    path: Path
    reverse_tunnel: bool
    co_located: bool
    expires: float
    broadcasts: bool = False

    @property
    def speaks(self) -> bool:
        """Can the node send to groups by this binding?

        Through a foreign agent it would take the encapsulating delivery style (RFC 3024 §5.3), which ours has not.
        """
        return self.reverse_tunnel and self.co_located


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """A reverse tunnel that a home address no longer has, but whose last packets may be under way."""

    home_address: IPv4Address
    path: Path
    until: float


Slots: TypeAlias = tuple[Binding, ...]


class Bindings:
    """The bindings of each home address, and what is left of those before.

    A binding's slot is its place among those of its home address, and the copy of its tunnel. It keeps its slot
    but for one case: when one goes, the last of them takes over its slot, so that packets never find it empty.
    """

    def __init__(self) -> None:
        self._now: Ledger[tuple[IPv4Address, IPv4Address], Binding] = Ledger(lambda binding: binding.expires)
        self._former: Ledger[tuple[IPv4Address, Path], Former] = Ledger(lambda former: former.until)
        self._slots: dict[IPv4Address, Slots] = {}
        self._paths: dict[IPv4Address, frozenset[Path]] = {}  # former ones
        self._changed: set[IPv4Address] = set()

    def __iter__(self) -> Iterator[Binding]:
        return iter(self._now)

    def __len__(self) -> int:
        return len(self._now)

    @property
    def away(self) -> int:
        """How many home addresses have a binding."""
        return len(self._slots)

    def of(self, home_address: IPv4Address) -> Slots:
        """The bindings of a home address, by slot; none while it is at home."""
        return self._slots.get(home_address, ())

    def at(self, home_address: IPv4Address, care_of_address: IPv4Address) -> Binding | None:
        """The binding to this care-of address."""
        return self._now.get((home_address, care_of_address))

    def bind(self, binding: Binding, now: float, *, beside_others: bool = False) -> None:
        """Take a binding in place of the one with its care-of address, or of all (RFC 5944 §3.8.2.2).

        Nor do two stand side by side whose packets go the same way.
        """
        home_address, slots = binding.home_address, self.of(binding.home_address)
        gone = [
            other
            for other in slots
            if not beside_others or other.care_of_address == binding.care_of_address or other.path == binding.path
        ]
        for other in gone:
            self._now.pop((home_address, other.care_of_address))
            if not (binding.reverse_tunnel and other.path == binding.path):
                self._let_go(other, now)
        self._now.put((home_address, binding.care_of_address), binding)
        place = slots.index(gone[0]) if beside_others and gone else len(slots)
        kept = [None if other in gone else other for other in slots] if beside_others else []
        kept[place : place + 1] = [binding]
        self._settle(home_address, tuple(other for other in kept if other is not None))

    def release(self, home_address: IPv4Address, now: float, care_of_address: IPv4Address | None = None) -> bool:
        """Forget the binding to a care-of address, or all, but not yet the packets that still come from there.

        Returns whether that was the last one.
        """
        gone = [binding for binding in self.of(home_address) if care_of_address in (None, binding.care_of_address)]
        for binding in gone:
            self._now.pop((home_address, binding.care_of_address))
            self._let_go(binding, now)
            self._leave(binding)
        return bool(gone) and not self.of(home_address)

    def forget(self, home_address: IPv4Address) -> None:
        """Forget all of a home address at once."""
        for binding in self.of(home_address):
            self._now.pop((home_address, binding.care_of_address))
        for path in self._paths.pop(home_address, frozenset()):
            self._former.pop((home_address, path))
        self._settle(home_address, ())

    def former_paths(self, home_address: IPv4Address) -> frozenset[Path]:
        """By which its packets came within the last moments."""
        return self._paths.get(home_address, frozenset())

    def take_changes(self) -> set[IPv4Address]:
        """The home addresses of which something changed since this was asked last."""
        changed, self._changed = self._changed, set()
        return changed

    def expire(self, now: float) -> list[Binding]:
        """Drop what has come to its end, and return the bindings among it: nobody is told (RFC 5944 §3.8)."""
        for former in self._former.expire(now):
            self._paths[former.home_address] -= {former.path}
            if not self._paths[former.home_address]:
                del self._paths[former.home_address]
            self._changed.add(former.home_address)
        ended = self._now.expire(now)
        for binding in ended:
            self._leave(binding)
        return ended

    @property
    def deadline(self) -> float:
        """When the next entry ends."""
        return min(self._now.deadline, self._former.deadline)

    def _let_go(self, before: Binding, now: float) -> None:
        if before.reverse_tunnel:
            home_address, path = before.home_address, before.path
            self._former.put((home_address, path), Former(home_address=home_address, path=path, until=now + GRACE))
            self._paths[home_address] = self.former_paths(home_address) | {path}

    def _leave(self, binding: Binding) -> None:
        """The last one takes over the slot, as the new one does in `bind`: one change, and no packet goes nowhere."""
        slots = self.of(binding.home_address)
        *others, last = slots
        place = slots.index(binding)
        self._settle(binding.home_address, tuple(others[:place] + [last] * (last is not binding) + others[place + 1 :]))

    def _settle(self, home_address: IPv4Address, slots: Slots) -> None:
        if slots:
            self._slots[home_address] = slots
        else:
            self._slots.pop(home_address, None)
        self._changed.add(home_address)
