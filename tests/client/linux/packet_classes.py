"""The classes of packets that a data plane meets: what must become of each, and which plane must carry it.

`HERE` is the host that is looked at, `THERE` the tunnel's other end; the home address is the host's own at
END.MOBILE and the other's at END.HOME. What a class expects is laid out by hand: see packet_layouts.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv6Address

from client.core.plan import Encapsulation, End, Tunnel
from tests.client.linux.packet_layouts import (
    DONT_FRAGMENT,
    MORE_FRAGMENTS,
    Address,
    checksum,
    echo,
    gre,
    home_address_option,
    ip4,
    ip6,
    minimal,
    segment_size,
    tcp,
    tunnel_data,
    type_2_routing,
    udp,
)

HERE, THERE = IPv4Address("10.7.0.1"), IPv4Address("10.7.0.2")
HOME, CORRESPONDENT = IPv4Address("10.99.0.5"), IPv4Address("192.0.2.9")
HERE6, THERE6 = IPv6Address("fd00:7::1"), IPv6Address("fd00:7::2")
HOME6, CORRESPONDENT6 = IPv6Address("fd00:99::5"), IPv6Address("fd00:c::9")
MTU = 1400
PORT = 434
NAT_PORT = 50434
IPV4 = (Encapsulation.IPIP, Encapsulation.GRE, Encapsulation.MINIMAL, Encapsulation.UDP)
SYN, ACK = 0x02, 0x10


class Direction(Enum):
    """Into the tunnel, from the anchor to the link; or out of it."""

    ENTER = "enter"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketClass:
    """Packets put into the anchor or arriving on the link, and what must come out on the other side."""

    name: str
    tunnel: Tunnel
    direction: Direction
    packets: tuple[bytes, ...]
    expected: tuple[bytes, ...]
    plane: str = "ebpf"
    counter: str  # what BPF counts of each

    def masked(self, packet: bytes) -> bytes:
        """The packet without the identification of an outer header: a whole one is any sender's own choice."""
        if self.direction is Direction.LEAVE or packet[0] >> 4 != 4 or packet[9] == 55:
            return packet
        assert checksum(packet[: (packet[0] & 0x0F) * 4]) == 0
        return packet[:4] + b"\0\0" + packet[6:10] + b"\0\0" + packet[12:]


def tunnel(end: End, encapsulation: Encapsulation, *, ipv6: bool = False) -> Tunnel:
    """The tunnel that all packets of a class belong to. A home agent sees the port that a NAT made up."""
    if not ipv6:
        theirs = NAT_PORT if end is End.HOME else PORT
        ports = (PORT, theirs) if encapsulation is Encapsulation.UDP else None
        return Tunnel(
            end=end, home_address=HOME, local=HERE, remote=THERE, encapsulation=encapsulation, ports=ports, mtu=MTU
        )
    if encapsulation is Encapsulation.DIRECT:
        remote = CORRESPONDENT6 if end is End.MOBILE else THERE6
        return Tunnel(end=end, home_address=HOME6, local=HERE6, remote=remote, encapsulation=encapsulation, mtu=MTU)
    return Tunnel(end=end, home_address=HOME6, local=HERE6, remote=THERE6, mtu=MTU)


def inner_addresses(tunnel: Tunnel, direction: Direction) -> tuple[Address, Address]:
    """Source and destination of what a program sent."""
    peer: Address = CORRESPONDENT if isinstance(tunnel.home_address, IPv4Address) else CORRESPONDENT6
    if tunnel.encapsulation is Encapsulation.DIRECT and tunnel.end is End.HOME:
        peer = HERE6
    from_home = (tunnel.end is End.MOBILE) is (direction is Direction.ENTER)
    return (tunnel.home_address, peer) if from_home else (peer, tunnel.home_address)


def in_tunnel(tunnel: Tunnel, direction: Direction, inner: bytes, *, tos: int | None = None) -> bytes:
    """An inner packet as it is on the wire."""
    ends = (tunnel.local, tunnel.remote) if direction is Direction.ENTER else (tunnel.remote, tunnel.local)
    source, destination = ends
    if isinstance(source, IPv6Address) and isinstance(destination, IPv6Address):
        return _in_tunnel6(tunnel, source, destination, inner, tos)
    assert isinstance(source, IPv4Address)
    assert isinstance(destination, IPv4Address)
    mark = inner[1] if tos is None else tos
    fragment = int.from_bytes(inner[6:8], "big")
    if tunnel.encapsulation is Encapsulation.MINIMAL and not fragment & 0x3FFF and inner[0] == 0x45:
        return _in_minimal(source, destination, inner, mark)
    protocol, content = 4, inner
    if tunnel.encapsulation is Encapsulation.GRE:
        protocol, content = 47, gre(inner)
    elif tunnel.encapsulation is Encapsulation.UDP:
        ours, theirs = tunnel.ports or (PORT, PORT)
        ports = (ours, theirs) if direction is Direction.ENTER else (theirs, ours)
        protocol, content = 17, udp(source, destination, ports, tunnel_data(inner), with_checksum=False)
    return ip4(source, destination, protocol, content, tos=mark, fragment=fragment & DONT_FRAGMENT, ttl=64)


def _in_minimal(source: IPv4Address, destination: IPv4Address, inner: bytes, tos: int) -> bytes:
    original = IPv4Address(inner[12:16])
    header = minimal(inner[9], IPv4Address(inner[16:20]), None if original == source else original)
    return ip4(
        source,
        destination,
        55,
        header + inner[20:],
        tos=tos,
        identification=int.from_bytes(inner[4:6], "big"),
        fragment=int.from_bytes(inner[6:8], "big"),
        ttl=inner[8],
    )


def _in_tunnel6(
    tunnel: Tunnel, source: IPv6Address, destination: IPv6Address, inner: bytes, traffic_class: int | None
) -> bytes:
    mark = int.from_bytes(inner[:2], "big") >> 4 & 0xFF if traffic_class is None else traffic_class
    if tunnel.encapsulation is not Encapsulation.DIRECT:
        return ip6(source, destination, 41, inner, traffic_class=mark, hop_limit=64)
    label = int.from_bytes(inner[:4], "big") & 0xFFFFF
    if IPv6Address(inner[8:24]) == HOME6:
        kind, header = 60, home_address_option(inner[6], HOME6)
    else:
        kind, header = 43, type_2_routing(inner[6], HOME6)
    content = header + inner[40:]
    return ip6(source, destination, kind, content, traffic_class=mark, flow_label=label, hop_limit=inner[7])


def packet(
    source: Address, destination: Address, protocol: int, payload: bytes, *, tos: int = 0, ttl: int = 63
) -> bytes:
    """A packet of either version."""
    if isinstance(source, IPv4Address) and isinstance(destination, IPv4Address):
        return ip4(source, destination, protocol, payload, tos=tos, ttl=ttl, identification=0x1234)
    assert isinstance(source, IPv6Address)
    assert isinstance(destination, IPv6Address)
    return ip6(source, destination, protocol, payload, traffic_class=tos, hop_limit=ttl, flow_label=0x12345)


def variants(source: Address, destination: Address) -> Iterator[tuple[str, bytes, bytes]]:
    """Ordinary packets of programs: a name, the packet, and how it looks afterwards."""
    header = 20 if isinstance(source, IPv4Address) else 40
    longest = MTU - header - 8
    for name, size in ("64 bytes", 36), ("odd", 33), ("empty", 0), ("longest", longest):
        payload = (bytes(range(256)) * 6)[:size]
        same = packet(source, destination, 17, udp(source, destination, (5000, 6000), payload))
        yield f"UDP, {name}", same, same
    marked = packet(source, destination, 17, udp(source, destination, (5000, 6000), b"voice"), tos=0xBA)
    yield "UDP, with DSCP and ECT(0)", marked, marked
    last_hop = packet(source, destination, 17, udp(source, destination, (5000, 6000), b"near"), ttl=1)
    yield "UDP, time to live 1", last_hop, last_hop
    data = packet(source, destination, 6, tcp(source, destination, ACK, payload=b"some data"))
    yield "TCP", data, data
    announced, lower = (
        packet(source, destination, 6, tcp(source, destination, SYN, segment_size(size) + b"\1\3\3\7"))
        for size in (1460, MTU - header - 20)
    )
    yield "TCP SYN, segments too long", announced, lower
    small = packet(source, destination, 6, tcp(source, destination, SYN | ACK, segment_size(536)))
    yield "TCP SYN, short segments", small, small
    bare = packet(source, destination, 6, tcp(source, destination, SYN))
    yield "TCP SYN, no options", bare, bare
    if isinstance(source, IPv4Address) and isinstance(destination, IPv4Address):
        yield from _variants4(source, destination)


def _variants4(source: IPv4Address, destination: IPv4Address) -> Iterator[tuple[str, bytes, bytes]]:
    ping = packet(source, destination, 1, echo(bytes(56)))
    yield "ICMP echo", ping, ping
    whole = udp(source, destination, (5000, 6000), bytes(1600))
    for name, part, fragment in (
        ("first fragment", whole[:800], MORE_FRAGMENTS),
        ("last fragment", whole[800:], 100),
        ("may be fragmented", whole[:8] + bytes(100), 0),
    ):
        same = ip4(source, destination, 17, part, identification=77, fragment=fragment)
        yield name, same, same


def plain_classes() -> Iterator[PacketClass]:
    """Every encapsulation, both ends, both directions, all ordinary packets: BPF's work."""
    tunnels = [tunnel(end, kind) for kind in IPV4 for end in End]
    tunnels += [tunnel(end, kind, ipv6=True) for kind in (Encapsulation.IPIP, Encapsulation.DIRECT) for end in End]
    for each in tunnels:
        for direction in Direction:
            for name, before, after in variants(*inner_addresses(each, direction)):
                yield plain_class(name, each, direction, before, after)


def plain_class(name: str, each: Tunnel, direction: Direction, before: bytes, after: bytes) -> PacketClass:
    """One of them."""
    packets, expected = before, in_tunnel(each, direction, after)
    if direction is Direction.LEAVE:
        packets, expected = in_tunnel(each, direction, before), after
    return PacketClass(
        name=f"{_label(each)} {each.end.value} {direction.value}: {name}",
        tunnel=each,
        direction=direction,
        packets=(packets,),
        expected=(expected,),
        counter=("sent_" if direction is Direction.ENTER else "received_") + counted_as(each, expected, packets),
    )


def counted_as(each: Tunnel, *versions: bytes) -> str:
    """The encapsulation's name in BPF's counters; a fragment in minimal encapsulation goes as IP in IP."""
    if any(each.encapsulation is Encapsulation.MINIMAL and version[9] == 4 for version in versions):
        return "ipip"
    return _label(each)


def _label(each: Tunnel) -> str:
    six = isinstance(each.home_address, IPv6Address) and each.encapsulation is Encapsulation.IPIP
    return "ipip6" if six else each.encapsulation.value
