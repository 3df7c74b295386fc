"""What ICMP errors told of the ways to the tunnels' other ends: soft state (RFC 2003 §5)."""

from __future__ import annotations

from collections.abc import Callable

_MEMORY = 600.0  # RFC 1191 §6.3: a path may have become wider after ten minutes
_MOST = 4096


class PathStates:
    """The longest outer packet by local and remote address, for as long as it is believed."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._learnt: dict[bytes, tuple[int, float]] = {}

    def learn(self, path: bytes, mtu: int) -> None:
        """Outer packets between these addresses may be this long; never longer than is believed (RFC 1191 §3)."""
        if mtu > (self.mtu(path) or mtu):
            return
        if len(self._learnt) >= _MOST:
            self._learnt.pop(next(iter(self._learnt)))
        self._learnt[path] = (mtu, self._now() + _MEMORY)

    def mtu(self, path: bytes) -> int | None:
        """How long they may be, if that was learnt and is not too old."""
        mtu, until = self._learnt.get(path, (0, 0.0))
        if not mtu:
            return None
        if until <= self._now():
            del self._learnt[path]
            return None
        return mtu
