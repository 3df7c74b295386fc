"""Which entrances lead to whom: an ICMP error names the other end, which may be a foreign agent for thousands."""

from __future__ import annotations

from client.core.plan import Address


class Remotes:
    """Entrances' keys by the other end. Nearly all have one, which is kept without a set around it."""

    def __init__(self) -> None:
        self._keys: dict[Address, bytes | set[bytes]] = {}

    def add(self, remote: Address, key: bytes) -> None:
        """This entrance leads there."""
        held = self._keys.setdefault(remote, key)
        if isinstance(held, set):
            held.add(key)
        elif held != key:
            self._keys[remote] = {held, key}

    def remove(self, remote: Address, key: bytes) -> None:
        """It leads there no longer."""
        held = self._keys.get(remote)
        if isinstance(held, set):
            held.discard(key)
        if held == key or not held:
            self._keys.pop(remote, None)

    def keys(self, remote: Address) -> tuple[bytes, ...]:
        """The entrances that lead there."""
        held = self._keys.get(remote, ())
        return (held,) if isinstance(held, bytes) else tuple(held)
