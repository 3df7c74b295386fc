"""The packets that are not plain: rare ones that the slow path carries, and those that nobody may carry."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Address

from client.core.plan import Encapsulation, End
from tests.client.linux.packet_classes import (
    CORRESPONDENT,
    HERE,
    HOME,
    IPV4,
    MTU,
    PORT,
    SYN,
    THERE,
    Direction,
    PacketClass,
    in_tunnel,
    inner_addresses,
    packet,
    plain_class,
    plain_classes,
    tunnel,
)
from tests.client.linux.packet_layouts import (
    MORE_FRAGMENTS,
    gre,
    gre_with_checksum,
    ip4,
    segment_size,
    tcp,
    tunnel_data,
    udp,
)

NOTHING = b"\1\1\1\0"  # IPv4 options that mean nothing
STRANGER = IPv4Address("10.7.0.66")
GROUP = IPv4Address("239.1.2.3")
MOBILE, AT_HOME = tunnel(End.MOBILE, Encapsulation.IPIP), tunnel(End.HOME, Encapsulation.IPIP)
OUT = (HOME, CORRESPONDENT)
BACK = (CORRESPONDENT, HOME)


def all_classes() -> list[PacketClass]:
    """The whole table."""
    return [*plain_classes(), *entering(), *leaving(), *odd_gre(), *odd_udp(), *wrong_headers(), *congestion()]


def datagram(source: IPv4Address, destination: IPv4Address, size: int = 40, *, ttl: int = 63) -> bytes:
    """A UDP packet."""
    return ip4(source, destination, 17, udp(source, destination, (5000, 6000), bytes(size)), ttl=ttl)


def with_options(source: IPv4Address, destination: IPv4Address) -> bytes:
    """One with IP options."""
    return ip4(source, destination, 17, udp(source, destination, (5000, 6000), bytes(40)), options=NOTHING)


def enter(name: str, given: bytes, *expected: bytes, counter: str) -> PacketClass:
    """What the mobile node's slow path does with a packet from its anchor."""
    return PacketClass(
        name=f"enter: {name}", tunnel=MOBILE, direction=Direction.ENTER, packets=(given,),
        expected=tuple(in_tunnel(MOBILE, Direction.ENTER, each) for each in expected), plane="tun", counter=counter,
    )  # fmt: skip


def leave(name: str, *given: bytes, expected: bytes | None = None, counter: str) -> PacketClass:
    """What the mobile node's slow path does with what arrives from its tunnel."""
    return PacketClass(
        name=f"leave: {name}", tunnel=MOBILE, direction=Direction.LEAVE, packets=given,
        expected=() if expected is None else (expected,), plane="tun", counter=counter,
    )  # fmt: skip


def entering() -> Iterator[PacketClass]:
    """Into a tunnel."""
    for kind in IPV4:
        for end in End:
            each = tunnel(end, kind)
            source, destination = inner_addresses(each, Direction.ENTER)
            assert isinstance(source, IPv4Address)
            assert isinstance(destination, IPv4Address)
            given = with_options(source, destination)
            yield plain_class("inner options", each, Direction.ENTER, given, given)
    minimal = tunnel(End.HOME, Encapsulation.MINIMAL)
    yield plain_class("from the agent itself", minimal, Direction.ENTER, datagram(HERE, HOME), datagram(HERE, HOME))
    yield enter("too big", datagram(*OUT, MTU - 27), counter="declined_too_big")
    whole = udp(*OUT, (5000, 6000), bytes(1600))
    pieces = (whole[:1376], MORE_FRAGMENTS), (whole[1376:], 172)
    yield enter(
        "too big, may be fragmented",
        ip4(*OUT, 17, whole, identification=9, fragment=0),
        *(ip4(*OUT, 17, piece, identification=9, fragment=fragment) for piece, fragment in pieces),
        counter="declined_too_big",
    )
    late = (packet(*OUT, 6, tcp(*OUT, SYN, b"\1\1\4\2" + segment_size(size))) for size in (1460, MTU - 40))
    yield enter("TCP SYN, segment size behind other options", *late, counter="declined_options")
    yield enter("to a group", datagram(HOME, GROUP), datagram(HOME, GROUP), counter="declined_many")
    yield enter("time to live 0", datagram(*OUT, ttl=0), counter="declined_time_to_live")
    yield enter("from no home address", datagram(STRANGER, CORRESPONDENT), counter="declined_unknown")
    for name, loop in (
        ("from the other end", datagram(THERE, HOME)),
        ("an outer packet of ours", ip4(HERE, HOME, 4, datagram(*BACK))),
    ):
        yield replace(enter(name, loop, counter="declined_loop"), tunnel=AT_HOME)


def leaving() -> Iterator[PacketClass]:
    """Out of a tunnel."""
    inner, odd = datagram(*BACK), with_options(*BACK)
    minimal = tunnel(End.MOBILE, Encapsulation.MINIMAL)
    yield plain_class("from the agent itself", minimal, Direction.LEAVE, datagram(THERE, HOME), datagram(THERE, HOME))
    yield leave("inner options", in_tunnel(MOBILE, Direction.LEAVE, odd), expected=odd, counter="declined_options")
    outer = ip4(THERE, HERE, 4, inner, options=NOTHING)
    yield leave("outer options", outer, expected=inner, counter="declined_options")
    large = datagram(*BACK, 1000)
    pieces = (
        ip4(THERE, HERE, 4, large[:512], identification=3, fragment=MORE_FRAGMENTS),
        ip4(THERE, HERE, 4, large[512:], identification=3, fragment=64),
    )
    yield leave("outer fragments", *pieces, expected=large, counter="declined_fragment")
    padded = plain_class("padded by the link", MOBILE, Direction.LEAVE, inner, inner)
    yield replace(padded, packets=(padded.packets[0] + bytes(9),))
    padded = plain_class("padded in the tunnel", MOBILE, Direction.LEAVE, inner, inner)
    yield replace(padded, packets=(ip4(THERE, HERE, 4, inner + b"behind", ttl=64),))
    yield leave("from a stranger", ip4(STRANGER, HERE, 4, inner), counter="declined_unknown")
    other = in_tunnel(MOBILE, Direction.LEAVE, datagram(CORRESPONDENT, STRANGER))
    yield leave("to another's address", other, counter="declined_unknown")
    spoofed = in_tunnel(AT_HOME, Direction.LEAVE, datagram(STRANGER, CORRESPONDENT))
    yield replace(leave("from another's address", spoofed, counter="declined_unknown"), tunnel=AT_HOME)
    group = in_tunnel(MOBILE, Direction.LEAVE, datagram(CORRESPONDENT, GROUP))
    yield leave("to a group, unasked", group, counter="declined_many")


def odd_gre() -> Iterator[PacketClass]:
    """GRE with more than four bytes, which the slow path reads, and GRE that is wrong."""
    inner = datagram(*BACK)
    damaged = bytearray(gre_with_checksum(inner))
    damaged[-1] ^= 1
    for name, content, expected in (
        ("a key", gre(inner, flags=0x2000, fields=struct.pack("!I", 7)), inner),
        ("a sequence number", gre(inner, flags=0x1000, fields=struct.pack("!I", 1)), inner),
        ("a checksum", gre_with_checksum(inner), inner),
        ("a wrong checksum", bytes(damaged), None),
        ("another protocol", gre(inner, protocol=0x86DD), None),
        ("another version", gre(inner, flags=1), None),
        ("routing", gre(inner, flags=0x4000, fields=bytes(8)), None),
        ("nothing inside", gre(b""), None),
    ):
        found = leave(f"GRE, {name}", ip4(THERE, HERE, 47, content), expected=expected, counter="declined_header")
        yield replace(found, tunnel=tunnel(End.MOBILE, Encapsulation.GRE))


def odd_udp() -> Iterator[PacketClass]:
    """Tunnel data with a checksum, which the slow path verifies, and what no tunnel of ours sent."""
    inner, ends, ports = datagram(*BACK), (THERE, HERE), (PORT, PORT)
    damaged = bytearray(udp(*ends, ports, tunnel_data(inner)))
    damaged[-1] ^= 1
    for name, content, expected, counter in (
        ("a checksum", udp(*ends, ports, tunnel_data(inner)), inner, "declined_checksum"),
        ("a wrong checksum", bytes(damaged), None, "declined_checksum"),
        ("another next header", udp(*ends, ports, tunnel_data(inner, next_header=55), with_checksum=False), None,
         "declined_header"),
        ("another port", udp(*ends, (5555, PORT), tunnel_data(inner), with_checksum=False), None, "declined_unknown"),
    ):  # fmt: skip
        found = leave(f"UDP, {name}", ip4(THERE, HERE, 17, content), expected=expected, counter=counter)
        yield replace(found, tunnel=tunnel(End.MOBILE, Encapsulation.UDP))


def wrong_headers() -> Iterator[PacketClass]:
    """Headers that are wrong, or cut short, in every encapsulation."""
    inner = datagram(*BACK)
    for kind in (Encapsulation.IPIP, Encapsulation.GRE, Encapsulation.UDP):
        for name, wrong, counter in (
            ("inner checksum", inner[:10] + b"\xab\xcd" + inner[12:], "declined_checksum"),
            ("inner version", b"\x65" + inner[1:], "declined_header"),
            ("inner header length", b"\x44" + inner[1:], "declined_header"),
            ("inner total length", ip4(*BACK, 17, inner[20:] + bytes(50))[:-50], "declined_header"),
            ("inner header cut short", inner[:19], "declined_header"),
            ("inner time to live 0", datagram(*BACK, ttl=0), "declined_time_to_live"),
        ):
            each = tunnel(End.MOBILE, kind)
            given = in_tunnel(each, Direction.LEAVE, wrong)
            yield replace(leave(f"{kind.value}, wrong {name}", given, counter=counter), tunnel=each)
    each = tunnel(End.MOBILE, Encapsulation.MINIMAL)
    whole = in_tunnel(each, Direction.LEAVE, inner)
    for name, given, counter in (
        ("forwarding header's checksum", whole[:22] + b"\xab\xcd" + whole[24:], "declined_checksum"),
        ("length", ip4(THERE, HERE, 55, whole[20:30]), "declined_header"),
        ("time to live 0", in_tunnel(each, Direction.LEAVE, datagram(*BACK, ttl=0)), "declined_time_to_live"),
    ):
        yield replace(leave(f"minimal, wrong {name}", given, counter=counter), tunnel=each)
    wrong = in_tunnel(MOBILE, Direction.LEAVE, inner)
    yield leave("wrong outer checksum", wrong[:10] + b"\xab\xcd" + wrong[12:], counter="declined_checksum")


# RFC 6040 §4.2, figure 4: by the inner mark what comes of the outer marks Not-ECT, ECT(0), ECT(1), CE; None: dropped.
NOT_ECT, ECT_1, ECT_0, CE = 0b00, 0b01, 0b10, 0b11
FIGURE_4 = {
    NOT_ECT: (NOT_ECT, NOT_ECT, NOT_ECT, None),
    ECT_0: (ECT_0, ECT_0, ECT_1, CE),
    ECT_1: (ECT_1, ECT_1, ECT_1, CE),
    CE: (CE, CE, CE, CE),
}


def congestion() -> Iterator[PacketClass]:
    """All marks inside and outside, in a tunnel of either version."""
    for each in (MOBILE, tunnel(End.HOME, Encapsulation.GRE), tunnel(End.MOBILE, Encapsulation.IPIP, ipv6=True)):
        source, destination = inner_addresses(each, Direction.LEAVE)
        payload = udp(source, destination, (5000, 6000), b"marked")
        for mark, results in FIGURE_4.items():
            for outer, result in zip((NOT_ECT, ECT_0, ECT_1, CE), results, strict=True):
                inner = packet(source, destination, 17, payload, tos=0x48 | mark)
                after = packet(source, destination, 17, payload, tos=0x48 | (result or 0))
                found = plain_class(f"inner mark {mark:02b}, outer {outer:02b}", each, Direction.LEAVE, inner, after)
                given = in_tunnel(each, Direction.LEAVE, inner, tos=0x48 | outer)
                if result is None:
                    found = replace(found, expected=(), counter="dropped_congestion")
                yield replace(found, packets=(given,))
