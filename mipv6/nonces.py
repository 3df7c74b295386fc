"""A correspondent's nonces, each with a node key of its own, and the tokens made of them (RFC 6275 §5.2.1 to §5.2.7).

Nothing here belongs to any mobile node: a token can be made again from its nonce's index and its address.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address

from client.core.machine import Random
from mipv6.chance import random_bytes
from mipv6.return_routability import keygen_token

_NODE_KEY_SIZE = 20
_NONCE_SIZE = 8
_INDICES = 0xFFFF  # index 0 is left out: mobile nodes write it where no care-of nonce is meant (§11.7.2)


@dataclass(frozen=True, slots=True)
class Nonce:
    """A nonce and the node key (Kcn) that goes with it, by the index that is told to mobile nodes."""

    index: int
    node_key: bytes
    value: bytes
    first_used: float

    def __repr__(self) -> str:
        return f"Nonce({self.index}, ...)"

    def token(self, address: IPv6Address, *, care_of: bool) -> bytes:
        """The keygen token for an address."""
        return keygen_token(self.node_key, address, self.value, care_of)


class Nonces:
    """The current one, and those before it that are still good: a new one is made when one is needed (§5.2.7)."""

    def __init__(self, random: Random, interval: float, lifetime: float) -> None:
        self._random = random
        self._interval = interval
        self._lifetime = lifetime
        self._last_index = int(random() * _INDICES)
        self._nonces: dict[int, Nonce] = {}

    def __len__(self) -> int:
        return len(self._nonces)

    def current(self, now: float) -> Nonce:
        """The one for new tokens: its first use was less than an interval ago."""
        self._discard(now)
        newest = self._nonces.get(self._last_index)
        if newest is None or now >= newest.first_used + self._interval:
            newest = self._make(now)
        return newest

    def find(self, index: int, now: float) -> Nonce | None:
        """The one that tokens of this index were made of, while it is good."""
        self._discard(now)
        return self._nonces.get(index)

    def _make(self, now: float) -> Nonce:
        self._last_index = self._last_index % _INDICES + 1
        key, value = random_bytes(self._random, _NODE_KEY_SIZE), random_bytes(self._random, _NONCE_SIZE)
        made = self._nonces[self._last_index] = Nonce(self._last_index, key, value, now)
        return made

    def _discard(self, now: float) -> None:
        ended = [nonce.index for nonce in self._nonces.values() if now >= nonce.first_used + self._lifetime]
        for index in ended:
            del self._nonces[index]
