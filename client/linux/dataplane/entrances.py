"""Where packets enter tunnels, found by their inner addresses."""

from __future__ import annotations

from client.core.ipv4 import Protocol
from client.core.plan import Encapsulation, End, Tunnel
from client.linux.dataplane.encapsulations.choice import PORTS, headers_of
from client.linux.dataplane.encapsulations.headers import Headers
from client.linux.dataplane.ipv6_headers import MOBILITY, upper_layer

_TUNNELLED = (Protocol.IPIP, Protocol.IPV6, Protocol.GRE, Protocol.MINIMAL)
_PORT = PORTS[0].to_bytes(2, "big")
_TUNNEL_DATA = b"\x04"


class Entrance:
    """Where packets of one home address enter one of its tunnels.

    An agent has very many, few of which are used in this plane: what a packet needs is made when one comes.
    """

    __slots__ = ("address", "asked", "headers", "interface", "limit", "local", "remote", "tunnel", "unanswered")
    headers: Headers
    address: tuple[str, int]  # of the other end, as sockets want it

    def __init__(self, tunnel: Tunnel) -> None:
        self.tunnel = tunnel
        self.interface = tunnel.interface
        self.local, self.remote = tunnel.local.packed, tunnel.remote.packed
        self.limit = 0  # bytes of the longest packet that may enter; 0: not known yet, and nothing is ready
        self.asked = float("-inf")  # when the limit was found, in the clock's seconds
        self.unanswered: int | None = None  # an ICMP code that the next packet's sender has to hear

    def prepare(self) -> None:
        """Make ready for packets."""
        self.headers = headers_of(self.tunnel)
        self.address = (str(self.tunnel.remote), 0)

    def loops(self, packet: bytes) -> bool:
        """Whether tunnelling this packet would begin a loop (RFC 2003 §3.2, RFC 2473 §4.1).

        A packet from the other end never goes back into the tunnel. Nor does an outer packet of ours; other
        packets from our own address are this host's own, since the kernel forwards none that bear it.
        """
        if packet[0] >> 4 == 6:
            return packet[8:24] == self.remote or (packet[6] in _TUNNELLED and packet[8:24] == self.local)
        source = packet[12:16]
        return source == self.remote or (source == self.local and _is_outer(packet))


class Entrances:
    """Adding, removing and finding cost the same however many there are."""

    def __init__(self) -> None:
        self._from_home: dict[bytes, tuple[Entrance, ...]] = {}  # END.MOBILE: by inner source
        self._to_home: dict[bytes, tuple[Entrance, ...]] = {}  # END.HOME: by inner destination
        self._used: dict[bytes, set[Entrance]] = {}  # by local and remote address

    def add(self, tunnel: Tunnel) -> None:
        """Send by a tunnel, in place of the one with its key and of the one in its slot."""
        self.remove(tunnel)
        if tunnel.sends:
            self._open(Entrance(tunnel))

    def remove(self, tunnel: Tunnel) -> None:
        """Send by it no longer; what took its place stays."""
        for entrance in self._end(tunnel).get(_slot(tunnel), ()):
            if entrance.tunnel.key == tunnel.key:
                self._close(entrance)

    def of(self, packet: bytes) -> tuple[Entrance, ...]:
        """The tunnels that a packet goes through, which a program or a correspondent sent: one for each copy."""
        if packet[0] >> 4 == 4:
            return self._from_home.get(packet[12:16]) or self._to_home.get(packet[16:20]) or ()
        return self._of6(packet, packet[8:24], packet[24:40])

    def _of6(self, packet: bytes, source: bytes, destination: bytes) -> tuple[Entrance, ...]:
        """Signalling never goes directly: a home test is one because the home agent is on its way (RFC 6275 §5.2.5)."""
        from_home, to_home = self._from_home, self._to_home
        if upper_layer(packet) == MOBILITY:
            tunnels = from_home.get(source) or to_home.get(destination) or ()
            return tuple(entrance for entrance in tunnels if entrance.tunnel.signalling)
        direct = from_home.get(source + destination) or to_home.get(destination + source)
        return direct or from_home.get(source) or to_home.get(destination) or ()

    def home(self, home_address: bytes) -> tuple[Entrance, ...]:
        """The tunnels to a home address (END.HOME)."""
        return self._to_home.get(home_address, ())

    def sent_by(self, local: bytes, remote: bytes, packet: bytes) -> Entrance | None:
        """The tunnel by which this packet was sent inside an outer one between these addresses."""
        pair = (local, remote)
        return next((each for each in self.of(packet) if (each.local, each.remote) == pair), None)

    def through(self, local: bytes, remote: bytes) -> tuple[Entrance, ...]:
        """The tunnels by which packets were sent between these addresses."""
        return tuple(self._used.get(local + remote, ()))

    def use(self, entrance: Entrance) -> None:
        """A packet is about to enter here for the first time."""
        entrance.prepare()
        self._used.setdefault(entrance.local + entrance.remote, set()).add(entrance)

    def _end(self, tunnel: Tunnel) -> dict[bytes, tuple[Entrance, ...]]:
        return self._from_home if tunnel.end is End.MOBILE else self._to_home

    def _open(self, entrance: Entrance) -> None:
        slots, slot = self._end(entrance.tunnel), _slot(entrance.tunnel)
        known = slots.get(slot, ())
        others = [each for each in known if each.tunnel.copy != entrance.tunnel.copy]
        slots[slot] = tuple(sorted([*others, entrance], key=lambda each: each.tunnel.copy))
        for displaced in set(known) - set(others):
            self._use_no_longer(displaced)

    def _close(self, entrance: Entrance) -> None:
        slots, slot = self._end(entrance.tunnel), _slot(entrance.tunnel)
        left = tuple(each for each in slots[slot] if each is not entrance)
        if left:
            slots[slot] = left
        else:
            del slots[slot]
        self._use_no_longer(entrance)

    def _use_no_longer(self, entrance: Entrance) -> None:
        used = self._used.get(entrance.local + entrance.remote, set())
        used.discard(entrance)
        if not used:
            self._used.pop(entrance.local + entrance.remote, None)


def _slot(tunnel: Tunnel) -> bytes:
    """The packets of which home address enter; with DIRECT those of one correspondent."""
    if tunnel.encapsulation is not Encapsulation.DIRECT:
        return tunnel.home_address.packed
    return tunnel.home_address.packed + (tunnel.remote if tunnel.end is End.MOBILE else tunnel.local).packed


def _is_outer(packet: bytes) -> bool:
    if packet[9] != Protocol.UDP:
        return packet[9] in _TUNNELLED
    start = (packet[0] & 0x0F) * 4
    return packet[start : start + 2] == _PORT and packet[start + 8 : start + 9] == _TUNNEL_DATA
