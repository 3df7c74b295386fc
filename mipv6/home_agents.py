"""Which home agent we ask: the one that has our binding, then those found, then those configured (RFC 6275 §11.4.1)."""

from __future__ import annotations

from ipaddress import IPv6Address

MOST = 16
"""Addresses that we take from a discovery: anybody may have sent it."""


class HomeAgents:
    """The addresses in the order in which they are tried."""

    def __init__(self, configured: tuple[IPv6Address, ...]) -> None:
        self._configured = configured
        self._found: tuple[IPv6Address, ...] = ()
        self._bound: IPv6Address | None = None
        self._place = 0

    @property
    def current(self) -> IPv6Address | None:
        """Whom to ask now; None while nobody is known."""
        known = self.known
        return known[self._place % len(known)] if known else None

    @property
    def known(self) -> tuple[IPv6Address, ...]:
        """All, in order."""
        first = () if self._bound is None else (self._bound,)
        return tuple(dict.fromkeys((*first, *self._found, *self._configured)))

    @property
    def bound(self) -> IPv6Address | None:
        """Who has our binding, or had it last."""
        return self._bound

    def found(self, addresses: tuple[IPv6Address, ...]) -> None:
        """A discovery named these, the preferred one first; whoever has our binding is still asked first."""
        self._found = addresses[:MOST]
        self._place = 0

    def accepted(self, address: IPv6Address) -> None:
        """This one has our binding."""
        self._bound = address
        self._place = self.known.index(address)

    def lost(self) -> None:
        """Nobody has it any more: the first one in order is as good as any."""
        self._bound = None

    def next(self) -> bool:
        """Ask another one; False once all have been tried."""
        self._place += 1
        return self._place < len(self.known)

    def again(self) -> None:
        """Begin with the first one."""
        self._place = 0
