"""Where packets come out of tunnels: which packets are taken, and why others are not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from client.core.ipv4 import BROADCAST
from client.core.plan import Encapsulation, End, Tunnel
from client.linux.dataplane.encapsulations.choice import PORTS


@dataclass(frozen=True, slots=True)
class Way:
    """How packets come: what stands between path and home address in the key of an exit.

    A path is outer source and destination; with UDP also the source's port.
    """

    mobile: bytes
    home: bytes


_MOBILE, _HOME = b"m", b"h"
_SIDE = {End.MOBILE: _MOBILE, End.HOME: _HOME}
WAYS = {each: Way(_MOBILE + bytes([number]), _HOME + bytes([number])) for number, each in enumerate(Encapsulation)}
"""By encapsulation as it is seen in what arrives."""
_WHOLE = WAYS[Encapsulation.IPIP]


class Exits:
    """Adding, removing and finding cost the same however many there are."""

    def __init__(self) -> None:
        self._exits: dict[bytes, Tunnel] = {}  # by path, way and home address
        self._whole: dict[bytes, Tunnel] = {}  # the same for what comes as IPIP where MINIMAL is agreed
        self._to_many: dict[bytes, dict[object, Tunnel]] = {}  # by path and way
        self._paths: Counter[bytes] = Counter()
        self._homes: Counter[bytes] = Counter()

    def add(self, tunnel: Tunnel) -> None:
        """Take packets out of a tunnel, in place of the one with its key."""
        self.remove(tunnel)
        if not tunnel.receives:
            return
        self._exits[_exit(tunnel, tunnel.encapsulation)] = tunnel
        if tunnel.encapsulation is Encapsulation.MINIMAL:
            self._whole[_exit(tunnel, Encapsulation.IPIP)] = tunnel
        if tunnel.end is End.MOBILE and tunnel.broadcast is not None:
            for encapsulation in _arriving(tunnel):
                self._to_many.setdefault(_way(tunnel, encapsulation), {})[tunnel.key] = tunnel
        self._paths[_SIDE[tunnel.end] + _path(tunnel)] += 1
        self._homes[_SIDE[tunnel.end] + tunnel.home_address.packed] += 1

    def remove(self, tunnel: Tunnel) -> None:
        """Take nothing out of it any longer."""
        if self._exits.pop(_exit(tunnel, tunnel.encapsulation), None) is None:
            return
        if tunnel.encapsulation is Encapsulation.MINIMAL:
            del self._whole[_exit(tunnel, Encapsulation.IPIP)]
        for encapsulation in _arriving(tunnel):
            wanting = self._to_many.get(_way(tunnel, encapsulation), {})
            wanting.pop(tunnel.key, None)
            if not wanting:
                self._to_many.pop(_way(tunnel, encapsulation), None)
        _take_one(self._paths, _SIDE[tunnel.end] + _path(tunnel))
        _take_one(self._homes, _SIDE[tunnel.end] + tunnel.home_address.packed)

    def find(self, way: Way, path: bytes, source: bytes, destination: bytes) -> Tunnel | None:
        """The tunnel that a packet came by, if its way, path and inner home address are those of one."""
        to_mobile, from_mobile = path + way.mobile + destination, path + way.home + source
        found = self._exits.get(to_mobile) or self._exits.get(from_mobile)
        if found is None and way is _WHOLE:
            return self._whole.get(to_mobile) or self._whole.get(from_mobile)
        return found

    def find_to_many(self, way: Way, path: bytes, destination: bytes) -> Tunnel | None:
        """The tunnel by which a packet to all or to a group came to a mobile node that wants such."""
        wanting = self._to_many.get(path + way.mobile)
        if not wanting:
            return None
        if 224 <= destination[0] < 240 or destination == BROADCAST.packed:
            return next(iter(wanting.values()))
        return next(
            (each for each in wanting.values() if each.broadcast and each.broadcast.packed == destination), None
        )

    def why_not(self, way: Way, path: bytes, source: bytes, destination: bytes) -> str:
        """Why `find` found none (the home agent's checks of RFC 5944 §4.3 and RFC 3024 §4.4 among them)."""
        if self.knows_home(source) or _MOBILE + destination in self._homes:
            return "wrong_encapsulation" if self._otherwise(way, path, source, destination) else "wrong_outer_source"
        if _HOME + path in self._paths:
            return "wrong_inner_source"
        if _MOBILE + path in self._paths:
            return "wrong_inner_destination"
        return "unknown_tunnel"

    def knows_home(self, source: bytes) -> bool:
        """Whether some tunnel takes packets from this home address (END.HOME)."""
        return _HOME + source in self._homes

    def _otherwise(self, way: Way, path: bytes, source: bytes, destination: bytes) -> bool:
        """Whether the same packet, otherwise encapsulated between the same addresses, would have been right."""
        pair = path[: len(source) * 2]
        return any(self.find(other, pair, source, destination) for other in WAYS.values() if other is not way)


def _path(tunnel: Tunnel) -> bytes:
    pair = tunnel.remote.packed + tunnel.local.packed
    if tunnel.encapsulation is not Encapsulation.UDP:
        return pair
    return pair + (tunnel.ports or PORTS)[1].to_bytes(2, "big")


def _way(tunnel: Tunnel, encapsulation: Encapsulation) -> bytes:
    way = WAYS[encapsulation]
    return _path(tunnel) + (way.mobile if tunnel.end is End.MOBILE else way.home)


def _exit(tunnel: Tunnel, encapsulation: Encapsulation) -> bytes:
    return _way(tunnel, encapsulation) + tunnel.home_address.packed


def _arriving(tunnel: Tunnel) -> tuple[Encapsulation, ...]:
    """How its packets come."""
    if tunnel.encapsulation is Encapsulation.MINIMAL:
        return (Encapsulation.MINIMAL, Encapsulation.IPIP)
    return (tunnel.encapsulation,)


def _take_one(counter: Counter[bytes], key: bytes) -> None:
    counter[key] -= 1
    if not counter[key]:
        del counter[key]
