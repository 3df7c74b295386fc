"""Sequence numbers that outlive binding and restart, for nodes that nothing else protects from old updates.

A node whose updates bear no timestamps could be brought back to an old place by whoever has recorded one, once its
binding is gone (RFC 6275 §15.3). For such nodes alone the last number accepted is remembered for good.
"""

from __future__ import annotations

from ipaddress import IPv6Address

import msgspec


class Sequences:
    """The last number of each node without timestamps, by its home address as entered; also of nodes that are gone."""

    def __init__(self, memory: bytes = b"") -> None:
        self._last = _read(memory)
        self._memory: bytes | None = None

    def of(self, home_address: IPv6Address) -> int | None:
        """The last one, or None if there was none."""
        return self._last.get(home_address)

    def accept(self, home_address: IPv6Address, sequence: int) -> None:
        """From now on only those that follow are taken."""
        self._last[home_address] = sequence
        self._memory = None

    def memory(self) -> bytes:
        """For the next start."""
        if self._memory is None:
            numbers = {str(address): sequence for address, sequence in self._last.items()}
            self._memory = msgspec.json.encode(numbers, order="sorted") if numbers else b""
        return self._memory


def _read(memory: bytes) -> dict[IPv6Address, int]:
    """What we once wrote; anything else is as good as nothing."""
    try:
        stored = msgspec.json.decode(memory or b"{}", type=dict[str, int])
        return {IPv6Address(address): sequence & 0xFFFF for address, sequence in stored.items()}
    except (msgspec.DecodeError, ValueError):
        return {}
