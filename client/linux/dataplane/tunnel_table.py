"""The tunnels in use, found by what a packet shows of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from ipaddress import IPv4Address

from client.core.ipv4 import Protocol
from client.core.plan import End, Tunnel
from client.linux.dataplane.encapsulation import OuterHeaders


@dataclass(frozen=True, slots=True)
class Entrance:
    """Where packets of one home address enter its tunnel."""

    tunnel: Tunnel
    headers: OuterHeaders
    address: tuple[str, int]  # of the other end, as sockets want it


class TunnelTable:
    """Adding, removing and finding cost the same however many there are."""

    def __init__(self) -> None:
        self._from_home: dict[bytes, Entrance] = {}  # END.MOBILE sends: by inner source
        self._to_home: dict[bytes, Entrance] = {}  # END.HOME sends: by inner destination
        self._exits: dict[bytes, Tunnel] = {}  # by outer source, outer destination, end and home address
        self._pairs: Counter[bytes] = Counter()
        self._homes: Counter[bytes] = Counter()

    def add(self, tunnel: Tunnel) -> None:
        """Use a tunnel, in place of the one with its key; for sending, in place of any other of its home address."""
        self.remove(tunnel)
        home = tunnel.home_address.packed
        local, remote = tunnel.local, tunnel.remote
        if tunnel.sends and isinstance(local, IPv4Address) and isinstance(remote, IPv4Address):
            headers = OuterHeaders(local, remote)
            self._entrances(tunnel.end)[home] = Entrance(tunnel, headers, (str(tunnel.remote), 0))
        if tunnel.receives:
            self._exits[_exit(tunnel)] = tunnel
            self._pairs[_SIDE[tunnel.end] + _pair(tunnel)] += 1
            self._homes[_SIDE[tunnel.end] + home] += 1

    def remove(self, tunnel: Tunnel) -> None:
        """Use it no longer; what took its place stays."""
        home = tunnel.home_address.packed
        entrance = self._entrances(tunnel.end).get(home)
        if entrance is not None and entrance.tunnel.key == tunnel.key:
            del self._entrances(tunnel.end)[home]
        if self._exits.pop(_exit(tunnel), None) is not None:
            _take_one(self._pairs, _SIDE[tunnel.end] + _pair(tunnel))
            _take_one(self._homes, _SIDE[tunnel.end] + home)

    def entrance(self, packet: bytes) -> Entrance | None:
        """The tunnel for a packet that a program or a correspondent sent."""
        return self._from_home.get(packet[12:16]) or self._to_home.get(packet[16:20])

    def exit(self, outer: bytes, inner: bytes) -> Tunnel | None:
        """The tunnel that a packet came by, if outer addresses and inner home address are those of one."""
        pair = outer[12:20]
        return self._exits.get(pair + _MOBILE + inner[16:20]) or self._exits.get(pair + _HOME + inner[12:16])

    def why_not(self, outer: bytes, inner: bytes) -> str:
        """Why `exit` found none (the home agent's checks of RFC 5944 §4.3 and RFC 3024 §4.4 among them)."""
        if _HOME + outer[12:20] in self._pairs:
            return "wrong_inner_source"
        if _MOBILE + outer[12:20] in self._pairs:
            return "wrong_inner_destination"
        if _HOME + inner[12:16] in self._homes or _MOBILE + inner[16:20] in self._homes:
            return "wrong_outer_source"
        return "unknown_tunnel"

    def sent_by(self, local: bytes, remote: bytes, packet: bytes) -> Tunnel | None:
        """The tunnel by which this packet was sent inside an outer one between these addresses."""
        entrance = self.entrance(packet)
        if entrance is None or _pair(entrance.tunnel) != remote + local:
            return None
        return entrance.tunnel

    def _entrances(self, end: End) -> dict[bytes, Entrance]:
        return self._from_home if end is End.MOBILE else self._to_home


def loops(packet: bytes, tunnel: Tunnel) -> bool:
    """Whether tunnelling this packet would begin a loop (RFC 2003 §3.2).

    A packet from the other end never goes back into the tunnel. Nor does an outer packet of ours; other
    packets from our own address are this host's own, since the kernel forwards none that bear it.
    """
    source = packet[12:16]
    return source == tunnel.remote.packed or (packet[9] == Protocol.IPIP and source == tunnel.local.packed)


_MOBILE, _HOME = b"m", b"h"
_SIDE = {End.MOBILE: _MOBILE, End.HOME: _HOME}


def _pair(tunnel: Tunnel) -> bytes:
    """Outer source and destination of packets that come by this tunnel."""
    return tunnel.remote.packed + tunnel.local.packed


def _exit(tunnel: Tunnel) -> bytes:
    return _pair(tunnel) + _SIDE[tunnel.end] + tunnel.home_address.packed


def _take_one(counter: Counter[bytes], key: bytes) -> None:
    counter[key] -= 1
    if not counter[key]:
        del counter[key]
