"""A correspondent's binding cache (RFC 6275 §9.1, §9.6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv6Address
from typing import TypeAlias

from client.core.machine import NEVER
from mipv6.correspondent_settings import MAX_NONCE_LIFETIME

GRACE = 2.0
"""Seconds for which packets are still taken from a former care-of address: some are under way."""

Key: TypeAlias = tuple[IPv6Address, IPv6Address]
"""A home address, and the address of ours that the mobile node speaks to: each of ours has a cache (§9.1)."""


@dataclass(frozen=True, slots=True)
class Former:
    """A care-of address that was bound until a moment ago, and the link towards it."""

    care_of_address: IPv6Address
    interface: int
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedBinding:
    """Where a mobile node is, by its own proven word. `interface` is the link that its Binding Update came by."""

    home_address: IPv6Address
    correspondent: IPv6Address
    care_of_address: IPv6Address
    interface: int
    sequence: int
    lifetime: int  # seconds, as granted
    accepted_at: float
    former: tuple[Former, ...] = ()

    @property
    def key(self) -> Key:
        """What it is found by."""
        return (self.home_address, self.correspondent)

    @property
    def expires_at(self) -> float:
        """When it must be deleted (§9.6)."""
        return self.accepted_at + self.lifetime


@dataclass(frozen=True, slots=True)
class Remembered:
    """What outlives a binding: its sequence number, until the nonces that made it are too old (§5.2.8, §9.5.3).

    Without it the Binding Update that made the binding could be played again. `former` is where it led.
    """

    sequence: int
    until: float
    former: tuple[Former, ...] = ()


class CorrespondentCache:
    """At most `capacity` entries: bindings, and what is remembered of them."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._bindings: dict[Key, CachedBinding] = {}
        self._remembered: dict[Key, Remembered] = {}
        self._next_end: float | None = NEVER  # None: not known
        self.changed: set[Key] = set()  # since whoever follows us cleared it

    def __len__(self) -> int:
        return len(self._bindings)

    def __iter__(self) -> Iterator[CachedBinding]:
        return iter(self._bindings.values())

    def get(self, key: Key) -> CachedBinding | None:
        """The binding that stands."""
        return self._bindings.get(key)

    def formers(self, key: Key) -> tuple[Former, ...]:
        """Care-of addresses from which packets may still be under way."""
        entry = self._bindings.get(key) or self._remembered.get(key)
        return entry.former if entry else ()

    def last_sequence(self, key: Key) -> int | None:
        """The sequence number that the next Binding Update must exceed, or None: any will do."""
        entry = self._bindings.get(key) or self._remembered.get(key)
        return entry.sequence if entry else None

    def has_room(self, key: Key) -> bool:
        """May an entry for this key be made, or is there one?"""
        known = key in self._bindings or key in self._remembered
        return known or len(self._bindings) + len(self._remembered) < self._capacity

    def knows(self, key: Key, care_of_address: IPv6Address) -> bool:
        """May a packet from this address name the home address (§9.3.1)?"""
        binding = self._bindings.get(key)
        return (binding is not None and binding.care_of_address == care_of_address) or any(
            former.care_of_address == care_of_address for former in self.formers(key)
        )

    def bind(self, binding: CachedBinding, now: float) -> None:
        """Take it in place of the one before, from whose care-of address packets may still come."""
        former = self._left(binding.key, now, binding.care_of_address)
        self._remembered.pop(binding.key, None)
        self._bindings[binding.key] = replace(binding, former=former)
        self._note(binding.key)

    def delete(self, key: Key, sequence: int, now: float) -> None:
        """The mobile node wants no binding any more (§9.5.3); this was its last word."""
        if self.last_sequence(key) is None:
            return
        former = self._left(key, now, None)
        self._bindings.pop(key, None)
        self._remembered[key] = Remembered(sequence, now + MAX_NONCE_LIFETIME, former)
        self._note(key)

    def drop(self, key: Key, now: float) -> None:
        """We want no binding any more: packets go to the home address again."""
        binding = self._bindings.pop(key, None)
        if binding is None:
            return
        until = binding.accepted_at + MAX_NONCE_LIFETIME
        if until > now:
            self._remembered[key] = Remembered(binding.sequence, until, self._valid(binding.former, now))
        self._note(key)

    def expire(self, now: float) -> None:
        """Delete what has ended."""
        if now < self.deadline:
            return
        for binding in [binding for binding in self._bindings.values() if now >= binding.expires_at]:
            self.drop(binding.key, now)
        for key in [key for key, each in self._remembered.items() if now >= each.until]:
            del self._remembered[key]
            self._note(key)
        for key in [*self._bindings, *self._remembered]:
            if any(now >= former.until for former in self.formers(key)):
                self._shorten(key, now)
        self._next_end = None

    @property
    def deadline(self) -> float:
        """When something ends."""
        if self._next_end is None:
            ends = [binding.expires_at for binding in self._bindings.values()]
            ends += [each.until for each in self._remembered.values()]
            ends += [former.until for key in (*self._bindings, *self._remembered) for former in self.formers(key)]
            self._next_end = min(ends, default=NEVER)
        return self._next_end

    def _left(self, key: Key, now: float, stays: IPv6Address | None) -> tuple[Former, ...]:
        former = self._valid(self.formers(key), now)
        before = self._bindings.get(key)
        if before is not None:
            former = (*former, Former(before.care_of_address, before.interface, now + GRACE))
        latest = {each.care_of_address: each for each in former if each.care_of_address != stays}
        return tuple(latest.values())

    def _valid(self, former: tuple[Former, ...], now: float) -> tuple[Former, ...]:
        return tuple(each for each in former if now < each.until)

    def _shorten(self, key: Key, now: float) -> None:
        if key in self._bindings:
            binding = self._bindings[key]
            self._bindings[key] = replace(binding, former=self._valid(binding.former, now))
        else:
            remembered = self._remembered[key]
            self._remembered[key] = replace(remembered, former=self._valid(remembered.former, now))
        self._note(key)

    def _note(self, key: Key) -> None:
        self.changed.add(key)
        self._next_end = None
