"""Rules that the table of packet classes has no room for, on packets that scapy made."""

from __future__ import annotations

import hashlib

import pytest
from scapy.layers.inet import GRE, ICMP, IP, TCP, UDP
from scapy.layers.inet6 import (
    HAO,
    ICMPv6EchoRequest,
    ICMPv6ND_NS,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
)
from scapy.packet import Packet, Raw

from client.core.plan import Encapsulation, End, Tunnel
from tests.client.linux.bpf.trial import DROPPED, PASSED, REDIRECTED, Trial
from tests.client.linux.packet_classes import MTU, Direction, tunnel

pytestmark = pytest.mark.lab

HERE, THERE, HOME, PEER = "10.7.0.1", "10.7.0.2", "10.99.0.5", "192.0.2.9"
HERE6, THERE6, HOME6, PEER6 = "fd00:7::1", "fd00:7::2", "fd00:99::5", "fd00:c::9"
TUNNEL_DATA = Raw(b"\4\4\0\0")
OUTER, OUTER6 = IP(src=THERE, dst=HERE), IPv6(src=THERE6, dst=HERE6)
INNER = IP(src=PEER, dst=HOME) / UDP(sport=1, dport=2) / b"data"
INNER6 = IPv6(src=PEER6, dst=HOME6) / UDP(sport=1, dport=2) / b"data"
VISITOR = bytes.fromhex("0200000000aa")


def mobile(kind: Encapsulation = Encapsulation.IPIP, *, ipv6: bool = False) -> Tunnel:
    return tunnel(End.MOBILE, kind, ipv6=ipv6)


@pytest.mark.parametrize(
    ("kind", "arriving"),
    [
        (Encapsulation.IPIP, OUTER / INNER),
        (Encapsulation.GRE, OUTER / GRE() / INNER),
        (Encapsulation.UDP, OUTER / UDP(sport=434, dport=434, chksum=0) / TUNNEL_DATA / INNER),
        (Encapsulation.IPIP, OUTER6 / INNER6),
    ],
)
def test_tunnelled_packet_of_scapys_is_taken_out(bpf: Trial, kind: Encapsulation, arriving: Packet) -> None:
    bpf.hold(mobile(kind, ipv6=IPv6 in arriving))
    verdict, made = bpf.run(Direction.LEAVE, bytes(arriving))
    assert (verdict, made) == (REDIRECTED, bytes(INNER6 if IPv6 in arriving else INNER))


@pytest.mark.rfc("6275", "6.3")
def test_home_address_option_of_scapys_becomes_the_source(bpf: Trial) -> None:
    bpf.hold(tunnel(End.HOME, Encapsulation.DIRECT, ipv6=True))
    option = IPv6ExtHdrDestOpt(options=[HAO(hoa=HOME6)])
    arriving = IPv6(src=THERE6, dst=HERE6) / option / UDP(sport=1, dport=2, chksum=0x1234) / b"data"
    wanted = IPv6(src=HOME6, dst=HERE6) / UDP(sport=1, dport=2, chksum=0x1234) / b"data"
    assert bpf.run(Direction.LEAVE, bytes(arriving)) == (REDIRECTED, bytes(wanted))


@pytest.mark.rfc("6275", "6.4")
def test_type_2_routing_header_of_scapys_becomes_the_destination(bpf: Trial) -> None:
    bpf.hold(mobile(Encapsulation.DIRECT, ipv6=True))
    header = IPv6ExtHdrRouting(type=2, segleft=1, addresses=[HOME6])
    arriving = IPv6(src=PEER6, dst=HERE6) / header / UDP(sport=1, dport=2, chksum=0x1234) / b"data"
    wanted = IPv6(src=PEER6, dst=HOME6) / UDP(sport=1, dport=2, chksum=0x1234) / b"data"
    assert bpf.run(Direction.LEAVE, bytes(arriving)) == (REDIRECTED, bytes(wanted))


@pytest.mark.rfc("6275", "9.3.1")
@pytest.mark.parametrize(
    "arriving",
    [
        IPv6(src=PEER6, dst=HERE6) / IPv6ExtHdrRouting(type=2, segleft=0, addresses=[HOME6]) / UDP(),
        IPv6(src=PEER6, dst=HERE6) / IPv6ExtHdrRouting(type=0, segleft=1, addresses=[HOME6]) / UDP(),
        IPv6(src=PEER6, dst=HERE6) / IPv6ExtHdrRouting(type=2, segleft=1, addresses=[HOME6], nh=135) / Raw(bytes(8)),
        IPv6(src=PEER6, dst=HERE6) / IPv6ExtHdrRouting(type=2, segleft=1, addresses=[HOME6], nh=51) / Raw(bytes(24)),
        IPv6(src=PEER6, dst=HERE6) / IPv6ExtHdrDestOpt() / UDP(),
        IPv6(src=PEER6, dst=HERE6) / UDP(),
        IP(src=THERE, dst=HERE) / UDP(sport=434, dport=434) / Raw(b"\1" + bytes(23)),
        IP(src=THERE, dst=HERE) / UDP(sport=434, dport=435, chksum=0) / TUNNEL_DATA / INNER,
        IP(src=THERE, dst=HERE) / TCP(dport=434),
        IP(src=THERE, dst=HERE) / ICMP(type=3, code=4) / IP(src=HERE, dst=THERE) / INNER,
    ],
)
def test_what_is_no_tunnels_is_neither_touched_nor_counted(bpf: Trial, arriving: Packet) -> None:
    bpf.hold(mobile(Encapsulation.DIRECT, ipv6=True))
    bpf.hold(mobile(Encapsulation.UDP))
    assert bpf.run(Direction.LEAVE, bytes(arriving)) == (PASSED, bytes(arriving))
    assert bpf.counted() == {}


@pytest.mark.parametrize("destination", ["02:00:00:00:00:01", "ff:ff:ff:ff:ff:ff"])
def test_frame_to_another_host_is_not_ours(bpf: Trial, destination: str) -> None:
    bpf.hold(mobile())
    frame = bytes.fromhex(destination.replace(":", "")) + Trial.frame(bytes(OUTER / INNER))[6:]
    assert bpf.run_frame(Direction.LEAVE, frame) == (PASSED, frame)


def test_tunnel_takes_only_its_own_encapsulation(bpf: Trial) -> None:
    bpf.hold(mobile(Encapsulation.GRE))
    assert bpf.run(Direction.LEAVE, bytes(OUTER / INNER))[0] == PASSED


@pytest.mark.rfc("2004", "3")
def test_fragment_in_a_minimal_tunnel_arrives_as_ip_in_ip(bpf: Trial) -> None:
    bpf.hold(mobile(Encapsulation.MINIMAL))
    fragment = IP(src=PEER, dst=HOME, flags="MF", proto=17) / Raw(bytes(64))
    assert bpf.run(Direction.LEAVE, bytes(OUTER / fragment)) == (REDIRECTED, bytes(fragment))


@pytest.mark.rfc("5944", "4.2.2")
def test_visitor_gets_a_frame_and_one_hop_less(bpf: Trial) -> None:
    bpf.hold(mobile(), visitor=VISITOR)
    verdict, frame = bpf.run_frame(Direction.LEAVE, Trial.frame(bytes(OUTER / INNER)))
    assert (verdict, frame[:14]) == (REDIRECTED, VISITOR + b"\x02ours!" + b"\x08\0")
    wanted = IP(src=PEER, dst=HOME, ttl=63) / UDP(sport=1, dport=2) / b"data"
    assert frame[14:] == bytes(wanted)
    assert bpf.counted()["delivered"] == (1, len(wanted))


@pytest.mark.parametrize(
    ("inner", "why"),
    [
        (IP(src=PEER, dst=HOME, ttl=1) / UDP(), "declined_time_to_live"),
        (IP(src=PEER, dst=HOME) / UDP() / Raw(bytes(MTU)), "declined_too_big"),
    ],
)
def test_what_a_visitor_cannot_have_is_left_to_the_slow_path(bpf: Trial, inner: Packet, why: str) -> None:
    bpf.hold(mobile(), visitor=VISITOR)
    assert bpf.run(Direction.LEAVE, bytes(OUTER / inner)) == (PASSED, bytes(OUTER / inner))
    assert list(bpf.counted()) == [why]


def test_segments_are_never_cut_to_nothing(bpf: Trial) -> None:
    bpf.hold(mobile(), mtu=100)
    inner = IP(src=HOME, dst=PEER) / TCP(flags="S", options=[("MSS", 1460)])
    verdict, made = bpf.run(Direction.ENTER, bytes(inner))
    assert verdict == REDIRECTED
    lower = IP(src=HOME, dst=PEER) / TCP(flags="S", options=[("MSS", 88)])
    assert made[20:] == bytes(lower)


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (IPv6ExtHdrHopByHop() / UDP(), "declined_options"),
        (IPv6ExtHdrRouting(type=2, segleft=1, addresses=[HOME6]) / UDP(), "declined_options"),
        (IPv6ExtHdrDestOpt() / UDP(), "declined_options"),
        (IPv6ExtHdrFragment() / UDP(), "declined_options"),
        (ICMPv6ND_NS(), "declined_many"),
        (UDP() / Raw(bytes(MTU)), "declined_too_big"),
    ],
)
def test_what_cannot_go_directly_is_left_to_the_slow_path(bpf: Trial, payload: Packet, why: str) -> None:
    bpf.hold(mobile(Encapsulation.DIRECT, ipv6=True))
    packet = bytes(IPv6(src=HOME6, dst=PEER6) / payload)
    assert bpf.run(Direction.ENTER, packet) == (DROPPED, packet)
    assert list(bpf.counted()) == [why]


def test_only_the_peer_is_sent_to_directly(bpf: Trial) -> None:
    bpf.hold(mobile(Encapsulation.DIRECT, ipv6=True))
    bpf.hold(mobile(ipv6=True))
    for peer, next_header in ((PEER6, 60), ("fd00:c::10", 41)):
        _, made = bpf.run(Direction.ENTER, bytes(IPv6(src=HOME6, dst=peer) / ICMPv6EchoRequest()))
        assert made[6] == next_header


@pytest.mark.parametrize("address", ["fe80::1", "ff02::1", "::"])
def test_ipv6_addresses_of_one_link_stay_on_it(bpf: Trial, address: str) -> None:
    bpf.hold(mobile(ipv6=True))
    packet = bytes(IPv6(src=HOME6, dst=address) / ICMPv6EchoRequest())
    assert bpf.run(Direction.ENTER, packet)[0] == DROPPED
    packet = bytes(OUTER6 / IPv6(src=address, dst=HOME6) / ICMPv6EchoRequest())
    assert bpf.run(Direction.LEAVE, packet) == (PASSED, packet)


def every_tunnel(bpf: Trial) -> None:
    """Hold whatever random bytes could hit."""
    for end in End:
        for kind in (Encapsulation.IPIP, Encapsulation.DIRECT):
            bpf.hold(tunnel(end, kind, ipv6=True))
        for kind in Encapsulation:
            if kind is not Encapsulation.DIRECT:
                bpf.hold(tunnel(end, kind))


def chance(seed: int, size: int) -> bytes:
    """Bytes that look random, and are the same the next time."""
    return hashlib.shake_128(seed.to_bytes(4, "big")).digest(size)


def test_random_bytes_never_pass_for_a_tunnels_packet(bpf: Trial) -> None:
    """Behind a first byte and a protocol that get them looked at; a trial begins with a header's length."""
    every_tunnel(bpf)
    for seed in range(2000):
        packet = bytearray(chance(seed, 40 + seed % 160))
        packet[0] = (0x45, 0x60, packet[0])[seed % 3]
        packet[9 if packet[0] == 0x45 else 6] = (4, 17, 41, 43, 47, 55, 60)[seed % 7]
        assert bpf.run(Direction.LEAVE, bytes(packet)) == (PASSED, bytes(packet))
        assert bpf.run(Direction.ENTER, bytes(packet))[0] == DROPPED


WHOLE = [
    bytes(each)
    for each in (
        OUTER / INNER,
        OUTER / GRE() / INNER,
        OUTER / UDP(sport=434, dport=434, chksum=0) / TUNNEL_DATA / INNER,
        OUTER6 / INNER6,
    )
]


@pytest.mark.parametrize("whole", WHOLE, ids=["ipip", "gre", "udp", "ipip6"])
def test_packet_that_ends_too_early_is_not_taken(bpf: Trial, whole: bytes) -> None:
    every_tunnel(bpf)
    assert bpf.run(Direction.LEAVE, whole)[0] == REDIRECTED
    for size in range(40 if whole[0] == 0x60 else 20, len(whole)):
        assert bpf.run(Direction.LEAVE, whole[:size]) == (PASSED, whole[:size])


@pytest.mark.parametrize("whole", WHOLE[:3], ids=["ipip", "gre", "udp"])
def test_packet_with_one_wrong_byte_in_its_headers_is_not_taken(bpf: Trial, whole: bytes) -> None:
    """But for those that are told to ignore: the reserved field of RFC 3519 §3.3."""
    every_tunnel(bpf)
    for place in range(len(whole) - 12):  # its UDP datagram is not ours to judge
        if place in range(30, 32) and whole[9] == 17:
            continue
        wrong = whole[:place] + bytes([whole[place] ^ (chance(place, 1)[0] or 1)]) + whole[place + 1 :]
        assert bpf.run(Direction.LEAVE, wrong) == (PASSED, wrong), place
