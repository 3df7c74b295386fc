"""The binding cache of a home agent: at which care-of address each home address is now (RFC 6275 §9.1, §10.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv6Address

from agents.ledger import Ledger
from client.core.ipv6 import interface_identifier
from mipv6.status_codes import Status

GRACE = 2.0
"""Seconds that packets from a former care-of address are still taken, so that none in flight is lost."""

MAX_DELETE_TIMEOUT = 10.0
"""Seconds that the sequence number of a deleted binding is remembered (MAX_DELETE_BCE_TIMEOUT, §10.3.2)."""

LINK_LOCAL = int(IPv6Address("fe80::"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding6:
    """A home address is away at a care-of address. Lifetimes are in seconds; `expires` is a moment."""

    nai: str
    home_address: IPv6Address
    care_of_address: IPv6Address
    home_agent: IPv6Address  # which address of ours the update came to
    sequence: int
    link_local: bool  # the L bit: the link-local address with this interface identifier is the node's, too
    lifetime: int
    expires: float
    status: Status = Status.ACCEPTED  # what the update was answered with
    protected: bool = False  # is home signalling with it in ESP?

    @property
    def defended(self) -> tuple[IPv6Address, ...]:
        """The addresses that we speak for on the home link (§10.3.1)."""
        return defended_addresses(self.home_address, link_local=self.link_local)


def defended_addresses(home_address: IPv6Address, *, link_local: bool) -> tuple[IPv6Address, ...]:
    """A home address, and with the L bit the link-local address with the same interface identifier."""
    if not link_local:
        return (home_address,)
    return (home_address, IPv6Address(LINK_LOCAL | interface_identifier(home_address)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Former6:
    """A care-of address that a home address no longer has, but whose last packets may be under way."""

    home_address: IPv6Address
    care_of_address: IPv6Address
    home_agent: IPv6Address
    until: float


@dataclass(frozen=True, slots=True)
class Deleted6:
    """The last word of a binding that is gone."""

    sequence: int
    until: float


class Bindings6:
    """One binding for each home address, and what is left of those before."""

    def __init__(self) -> None:
        self._now: Ledger[IPv6Address, Binding6] = Ledger(lambda binding: binding.expires, followed=True)
        self._former: Ledger[tuple[IPv6Address, IPv6Address], Former6] = Ledger(lambda former: former.until)
        self._deleted: Ledger[IPv6Address, Deleted6] = Ledger(lambda deleted: deleted.until)
        self._formers: dict[IPv6Address, tuple[Former6, ...]] = {}
        self._defended: dict[IPv6Address, IPv6Address] = {}

    def __iter__(self) -> Iterator[Binding6]:
        return iter(self._now)

    def __len__(self) -> int:
        return len(self._now)

    @property
    def deadline(self) -> float:
        """When the next entry ends."""
        return min(self._now.deadline, self._former.deadline, self._deleted.deadline)

    def of(self, home_address: IPv6Address) -> Binding6 | None:
        """The binding of a home address; None while it is at home."""
        return self._now.get(home_address)

    def defending(self, address: IPv6Address) -> Binding6 | None:
        """The binding for which we speak for this address, its home address or its link-local one."""
        home_address = self._defended.get(address)
        return self.of(home_address) if home_address is not None else None

    def formers(self, home_address: IPv6Address) -> tuple[Former6, ...]:
        """From where its packets came within the last moments."""
        return self._formers.get(home_address, ())

    def last_sequence(self, home_address: IPv6Address) -> int | None:
        """The greatest sequence number that was accepted, as long as we remember it."""
        binding, deleted = self.of(home_address), self._deleted.get(home_address)
        if binding is not None:
            return binding.sequence
        return deleted.sequence if deleted is not None else None

    def was_deleted(self, home_address: IPv6Address) -> bool:
        """Did it deregister a moment ago?"""
        return home_address in self._deleted

    def bind(self, binding: Binding6, now: float) -> None:
        """Take a binding in place of the one before."""
        before = self._take(binding.home_address)
        if before is not None and before.care_of_address != binding.care_of_address:
            self._let_go(before, now)
        self._keep_former(binding.home_address, binding.care_of_address)
        self._deleted.pop(binding.home_address)
        self._now.put(binding.home_address, binding)
        self._defended |= dict.fromkeys(binding.defended, binding.home_address)

    def release(self, home_address: IPv6Address, sequence: int, now: float) -> None:
        """Forget a binding, but not yet its sequence number, nor the packets that still come from there."""
        binding = self._take(home_address)
        if binding is not None:
            self._let_go(binding, now)
        self._deleted.put(home_address, Deleted6(sequence, now + MAX_DELETE_TIMEOUT))

    def forget(self, home_address: IPv6Address) -> None:
        """Forget all of a home address at once."""
        self._take(home_address)
        for former in self._formers.pop(home_address, ()):
            self._former.pop((home_address, former.care_of_address))
        self._deleted.pop(home_address)
        self._now.changed.add(home_address)

    def take_changes(self) -> set[IPv6Address]:
        """The home addresses of which something changed since this was asked last."""
        changed, self._now.changed = self._now.changed, set()
        return changed

    def expire(self, now: float) -> list[Binding6]:
        """Drop what has come to its end, and return the bindings among it."""
        for former in self._former.expire(now):
            self._keep_former(former.home_address, former.care_of_address)
        self._deleted.expire(now)
        ended = self._now.expire(now)
        for binding in ended:
            self._stop_defending(binding)
        return ended

    def _take(self, home_address: IPv6Address) -> Binding6 | None:
        binding = self._now.pop(home_address)
        if binding is not None:
            self._stop_defending(binding)
        return binding

    def _stop_defending(self, binding: Binding6) -> None:
        for address in binding.defended:
            self._defended.pop(address, None)

    def _let_go(self, before: Binding6, now: float) -> None:
        former = Former6(
            home_address=before.home_address,
            care_of_address=before.care_of_address,
            home_agent=before.home_agent,
            until=now + GRACE,
        )
        self._keep_former(before.home_address, before.care_of_address)
        self._former.put((before.home_address, before.care_of_address), former)
        self._formers[before.home_address] = (*self.formers(before.home_address), former)

    def _keep_former(self, home_address: IPv6Address, but: IPv6Address) -> None:
        """The former ones but for this care-of address."""
        before = self.formers(home_address)
        kept = tuple(former for former in before if former.care_of_address != but)
        if kept == before:
            return
        self._former.pop((home_address, but))
        self._now.changed.add(home_address)
        if kept:
            self._formers[home_address] = kept
        else:
            del self._formers[home_address]
