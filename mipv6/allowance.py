"""How often strangers are answered without proof of who they are (RFC 6275 §9.3.3, RFC 4443 §2.4 f)."""

from __future__ import annotations

from ipaddress import IPv6Address

REMEMBERED = 1024
"""Networks remembered at one time; the one that was heard least recently is forgotten first."""

OF_ALL = 10
"""So many times what one network may hear, all may hear together: source addresses cost nothing to invent."""

_PREFIX = 8
"""Bytes: whoever has a network of 64 bits has all of its addresses."""


class Allowance:
    """Token buckets: `rate` answers a second to one /64, and that many at once; ten times that to all."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._networks: dict[bytes, tuple[float, float]] = {}  # tokens left, and when
        self._all = (float(rate * OF_ALL), float("-inf"))

    def take(self, address: IPv6Address, now: float) -> bool:
        """May this address be answered now? If so, it is counted."""
        network = address.packed[:_PREFIX]
        own = _filled(self._networks.pop(network, (float(self._rate), now)), self._rate, now)
        everyone = _filled(self._all, self._rate * OF_ALL, now)
        allowed = own >= 1 and everyone >= 1
        self._networks[network] = (own - allowed, now)
        self._all = (everyone - allowed, now)
        if len(self._networks) > REMEMBERED:
            del self._networks[next(iter(self._networks))]
        return allowed


def _filled(bucket: tuple[float, float], rate: int, now: float) -> float:
    tokens, since = bucket
    return min(float(rate), tokens + max(0.0, now - since) * rate)
