"""IPv6 packets that nobody may carry: tunnels of strangers, routing headers and home addresses that are not right."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv6Address

from client.core.plan import Encapsulation, End, Tunnel
from tests.client.linux.packet_classes import (
    CORRESPONDENT6,
    HERE6,
    HOME6,
    THERE6,
    Direction,
    PacketClass,
    packet,
    tunnel,
)
from tests.client.linux.packet_layouts import home_address_option, ip6, type_2_routing, udp

STRANGER6 = IPv6Address("fd00:7::66")
TUNNEL = tunnel(End.MOBILE, Encapsulation.IPIP, ipv6=True)
AT_HOME = tunnel(End.HOME, Encapsulation.IPIP, ipv6=True)
DIRECT = tunnel(End.MOBILE, Encapsulation.DIRECT, ipv6=True)
AT_CORRESPONDENT = tunnel(End.HOME, Encapsulation.DIRECT, ipv6=True)
UDP = 17


def nobodys6() -> Iterator[PacketClass]:
    """All of them arrive, and nothing comes of them."""
    for name, each, given, counter in (
        ("from a stranger", TUNNEL, in_ip6(STRANGER6, CORRESPONDENT6, HOME6), "declined_unknown"),
        ("to another's address", TUNNEL, in_ip6(THERE6, CORRESPONDENT6, STRANGER6), "declined_unknown"),
        ("at home, from a stranger", AT_HOME, in_ip6(STRANGER6, HOME6, CORRESPONDENT6), "declined_unknown"),
        ("at home, from another's address", AT_HOME, in_ip6(THERE6, STRANGER6, CORRESPONDENT6), "declined_unknown"),
        ("another's home address", DIRECT, routed(home_address=STRANGER6), "declined_unknown"),
        ("not from the correspondent", DIRECT, routed(source=STRANGER6), "declined_unknown"),
        ("no segment left", DIRECT, routed(segments_left=0), ""),
        ("two segments left", DIRECT, routed(segments_left=2), ""),
        ("a routing header with two addresses", DIRECT, routed(length=4), ""),
        ("a home address without a binding", AT_CORRESPONDENT, named(home_address=STRANGER6), "declined_unknown"),
        ("a home address from elsewhere", AT_CORRESPONDENT, named(source=STRANGER6), "declined_unknown"),
    ):
        yield PacketClass(
            name=f"leave: IPv6, {name}", tunnel=each, direction=Direction.LEAVE, packets=(given,), expected=(),
            plane="tun", counter=counter,
        )  # fmt: skip


def in_ip6(outer_source: IPv6Address, source: IPv6Address, destination: IPv6Address) -> bytes:
    """A datagram in a tunnel (RFC 2473 §3.1)."""
    inner = packet(source, destination, UDP, udp(source, destination, (5000, 6000), bytes(40)))
    return ip6(outer_source, HERE6, 41, inner, hop_limit=64)


def routed(
    *,
    source: IPv6Address = CORRESPONDENT6,
    home_address: IPv6Address = HOME6,
    segments_left: int = 1,
    length: int = 2,
) -> bytes:
    """A datagram by a routing header of type 2 (RFC 6275 §6.4.1); a longer one holds the home address twice."""
    whole = bytearray(type_2_routing(UDP, home_address))
    whole[1], whole[3] = length, segments_left
    header = bytes(whole) + home_address.packed * (length // 2 - 1)
    return ip6(source, HERE6, 43, header + udp(source, home_address, (5000, 6000), bytes(40)), hop_limit=64)


def named(*, source: IPv6Address = THERE6, home_address: IPv6Address = HOME6) -> bytes:
    """A datagram with a home address option (RFC 6275 §6.3)."""
    header = home_address_option(UDP, home_address)
    return ip6(source, HERE6, 60, header + udp(home_address, HERE6, (5000, 6000), bytes(40)), hop_limit=64)


def right(each: Tunnel) -> bytes:
    """What the same tunnel does take: else nothing would be shown by what it does not."""
    if each.encapsulation is Encapsulation.DIRECT:
        return routed() if each.end is End.MOBILE else named()
    return in_ip6(THERE6, CORRESPONDENT6, HOME6) if each.end is End.MOBILE else in_ip6(THERE6, HOME6, CORRESPONDENT6)
