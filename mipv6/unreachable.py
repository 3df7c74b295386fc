"""ICMPv6 errors about packets that went by a binding (RFC 6275 §9.3.4)."""

from __future__ import annotations

from ipaddress import IPv6Address

from client.core.icmp6 import Icmp6Message, Icmp6Type
from client.core.ipv6 import IPv6Packet, NextHeader
from mipv6.correspondent_cache import CachedBinding, CorrespondentCache, Key

PERSISTENT = 10.0
"""Seconds through which errors must come: mobile nodes are unreachable for a moment with every move."""

LEAST = 5

_TYPE_2 = bytes((2, 2, 1))  # length, type, segments left
_FIRST = 4  # bytes in an ICMPv6 error before the packet in error


class Unreachable:
    """Counts them for each binding; anybody can forge one, so only many through a long time count."""

    def __init__(self, cache: CorrespondentCache) -> None:
        self._cache = cache
        self._heard: dict[Key, tuple[CachedBinding, float, int]] = {}  # about which one, since when, how many

    def heard(self, message: Icmp6Message, now: float) -> Key | None:
        """Take an error; returns the binding that is to be deleted, if it is time."""
        if message.type != Icmp6Type.DESTINATION_UNREACHABLE:
            return None
        binding = self._about(message.body[_FIRST:])
        if binding is None:
            return None
        self._heard = {key: kept for key, kept in self._heard.items() if self._cache.get(key) is kept[0]}
        _, since, count = self._heard.get(binding.key, (binding, now, 0))
        self._heard[binding.key] = (binding, since, count + 1)
        return binding.key if count + 1 >= LEAST and now >= since + PERSISTENT else None

    def _about(self, quoted: bytes) -> CachedBinding | None:
        """The binding that the packet in error, cut short perhaps, went by."""
        end = IPv6Packet.HEADER.size
        if len(quoted) < end + 24 or quoted[6] != NextHeader.ROUTING or quoted[end + 1 : end + 4] != _TYPE_2:
            return None
        home_address = IPv6Address(quoted[end + 8 : end + 24])
        binding = self._cache.get((home_address, IPv6Address(quoted[8:24])))
        sent_to = IPv6Address(quoted[24:40])
        return binding if binding is not None and binding.care_of_address == sent_to else None
