"""Asking a mobile node for a new Binding Update before its binding ends (RFC 6275 §9.5.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address

from client.core.machine import NEVER, Send6
from mipv6.correspondent_cache import CachedBinding, CorrespondentCache, Key
from mipv6.messages import BindingRefreshRequest

BEFORE_THE_END = 20.0
"""Seconds; a mobile node that renews by itself has done so long before."""

AGAIN = 5.0
MOST = 3
IN_USE = 30.0
"""Seconds since the last packet: a binding that nobody uses may end."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """How often we have asked since the binding was last accepted, and when to ask again."""

    accepted_at: float
    times: int
    again_at: float


class RefreshRequests:
    """One question at most every five seconds, three in all, about bindings that packets go by."""

    def __init__(self, cache: CorrespondentCache) -> None:
        self._cache = cache
        self._used: dict[IPv6Address, float] = {}  # when packets were last exchanged, by home address
        self._asked: dict[Key, _Asked] = {}

    @property
    def deadline(self) -> float:
        """When to ask; only bindings in use have one."""
        return min((self._due(binding) for binding in self._in_use()), default=NEVER)

    def used(self, packets: Mapping[IPv6Address, int], now: float) -> None:
        """Packets were exchanged with these home addresses."""
        bound = {binding.home_address for binding in self._cache}
        self._used = {home: since for home, since in self._used.items() if home in bound and now < since + IN_USE}
        self._used.update({home: now for home in packets if home in bound})

    def answered(self, key: Key) -> None:
        """A Binding Update came, whatever becomes of it: nothing more is asked about this binding."""
        binding, asked = self._cache.get(key), self._asked.get(key)
        if binding is not None and asked is not None:
            self._asked[key] = _Asked(binding.accepted_at, asked.times, NEVER)

    def requests(self, now: float) -> list[Send6]:
        """What is due."""
        due = [binding for binding in self._in_use() if self._due(binding) <= now]
        keys = {binding.key for binding in self._in_use()}
        self._asked = {key: asked for key, asked in self._asked.items() if key in keys}
        return [self._ask(binding, now) for binding in due]

    def _in_use(self) -> list[CachedBinding]:
        if not self._used:
            return []
        return [
            binding
            for binding in self._cache
            if self._used.get(binding.home_address, -NEVER) + IN_USE > _near_the_end(binding)
        ]

    def _due(self, binding: CachedBinding) -> float:
        asked = self._asked.get(binding.key)
        if asked is None or asked.accepted_at != binding.accepted_at:
            return _near_the_end(binding)
        return asked.again_at

    def _ask(self, binding: CachedBinding, now: float) -> Send6:
        """To the home address, and not by the binding (§6.1)."""
        asked = self._asked.get(binding.key)
        times = asked.times + 1 if asked is not None and asked.accepted_at == binding.accepted_at else 1
        self._asked[binding.key] = _Asked(binding.accepted_at, times, now + AGAIN if times < MOST else NEVER)
        packet = BindingRefreshRequest().packet(binding.correspondent, binding.home_address)
        return Send6(packet=packet, interface=binding.interface)


def _near_the_end(binding: CachedBinding) -> float:
    return binding.expires_at - min(BEFORE_THE_END, binding.lifetime / 4)
