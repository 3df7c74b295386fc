"""How long a packet may be that a tunnel takes, where the plan leaves it to the kernel and to what comes back."""

from __future__ import annotations

from client.core.overhead import overhead
from client.core.plan import Address, Tunnel
from client.linux.mtu import LEAST, LEAST_IPV6, path_mtu

_ETHERNET = 1500
_LONGEST = 65535
_MOST_LEARNT = 1024


class TunnelMtus:
    """What ICMP errors said of paths is kept here: the kernel may look at another route than our outer packets go."""

    def __init__(self, mark: int) -> None:
        """`mark` is that of our outer packets."""
        self._mark = mark
        self._learnt: dict[Address, int] = {}

    def of(self, tunnel: Tunnel) -> int:
        """Bytes of the longest inner packet."""
        return min(max(self._of(tunnel), LEAST), _LONGEST)

    def guess(self, tunnel: Tunnel) -> int:
        """Most likely the same, without a question to the kernel: what stands for the moment that `of` takes."""
        outer = min(_ETHERNET, self._learnt.get(tunnel.remote, _ETHERNET))
        told = tunnel.mtu or outer - overhead(tunnel.encapsulation, ipv6=tunnel.remote.version == 6)
        return min(max(told, LEAST), _LONGEST)

    def learn(self, remote: Address, mtu: int) -> bool:
        """Outer packets to there may be `mtu` bytes long; False if no less is news, or it is too much to remember.

        An error never says that a path takes more than we thought (RFC 1191 §3): it is late, or forged.
        """
        known = self._learnt.get(remote)
        if mtu >= (known or _LONGEST) or (known is None and len(self._learnt) >= _MOST_LEARNT):
            return False
        self._learnt[remote] = mtu
        return True

    def forget(self, remote: Address) -> None:
        """It was long ago: the path may take more by now."""
        self._learnt.pop(remote, None)

    def _of(self, tunnel: Tunnel) -> int:
        if tunnel.mtu is not None:
            return tunnel.mtu
        outer = min(self._path(tunnel), self._learnt.get(tunnel.remote, _LONGEST))
        return outer - overhead(tunnel.encapsulation, ipv6=tunnel.remote.version == 6)

    def _path(self, tunnel: Tunnel) -> int:
        """What the kernel knows. Without a path yet, most likely as much as nearly every link takes."""
        found = path_mtu(tunnel.remote, tunnel.interface, self._mark)
        return found if found >= _shortest(tunnel) else _ETHERNET


def _shortest(tunnel: Tunnel) -> int:
    """Of what a real path takes: less is what `path_mtu` says when there is none (RFC 1122 §3.3.3, RFC 8200 §5)."""
    return LEAST_IPV6 + 1 if tunnel.remote.version == 6 else 576
