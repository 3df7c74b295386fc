"""With whom programs exchange IPv6 packets that bear a home address, and how many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from ipaddress import IPv6Address
from typing import TypeAlias

from client.core.machine import Correspondence
from client.core.plan import Encapsulation, End, Tunnel

Peers: TypeAlias = Mapping[IPv6Address, tuple[int, int]]
"""Packets by who is at the other end: all of them, and those that came without a tunnel."""

_MOST = 1024  # told apart between two looks
_MOBILITY = 135
_NEXT_HEADER, _SOURCE, _DESTINATION = 6, slice(8, 24), slice(24, 40)


class Peering:
    """Counts what the TUN plane carries."""

    def __init__(self) -> None:
        self._tunnels: set[object] = set()
        self._packets: Counter[bytes] = Counter()
        self._direct: Counter[bytes] = Counter()

    @property
    def is_wanted(self) -> bool:
        """Whether there is a tunnel whose packets count."""
        return bool(self._tunnels)

    def add(self, tunnel: Tunnel) -> None:
        """It may carry packets from now on."""
        if counts(tunnel):
            self._tunnels.add(tunnel.key)

    def remove(self, tunnel: Tunnel) -> None:
        """It carries none any more."""
        self._tunnels.discard(tunnel.key)

    def sent(self, tunnel: Tunnel, packet: bytes) -> None:
        """This IPv6 packet went by this tunnel."""
        if counts(tunnel):
            self._count(packet[_DESTINATION], packet, direct=False)

    def received(self, tunnel: Tunnel, packet: bytes) -> None:
        """This IPv6 packet came by this tunnel."""
        if counts(tunnel):
            self._count(packet[_SOURCE], packet, direct=tunnel.encapsulation is Encapsulation.DIRECT)

    def taken(self) -> Peers:
        """What was counted since the last look."""
        taken = {IPv6Address(peer): (count, self._direct[peer]) for peer, count in self._packets.items()}
        self._packets.clear()
        self._direct.clear()
        return taken

    def _count(self, peer: bytes, packet: bytes, *, direct: bool) -> None:
        if packet[_NEXT_HEADER] == _MOBILITY or (len(self._packets) >= _MOST and peer not in self._packets):
            return  # signalling is not what programs say
        self._packets[peer] += 1
        self._direct[peer] += direct


def counts(tunnel: Tunnel) -> bool:
    """A mobile node's tunnels, and its direct paths at either end: what a home agent forwards is others' talk."""
    ours = tunnel.end is End.MOBILE or tunnel.encapsulation is Encapsulation.DIRECT
    return ours and tunnel.home_address.version == 6


def told(*counted: Peers) -> Correspondence:
    """The event that says so."""
    packets: Counter[IPv6Address] = Counter()
    direct: Counter[IPv6Address] = Counter()
    for each in counted:
        for peer, (count, of_these) in each.items():
            packets[peer] += count
            direct[peer] += of_these
    return Correspondence(packets=packets, direct=+direct)
