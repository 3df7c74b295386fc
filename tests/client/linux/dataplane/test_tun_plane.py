"""The TUN plane by itself: what it holds back, copies and answers. Its anchor is one end of a socket pair."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import closing
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6PacketTooBig, IPv6

from client.core.checksum import internet_checksum
from client.core.ipv4 import IPv4Packet
from client.core.machine import PathMtuLearnt
from client.core.plan import Encapsulation, End, Tunnel
from client.linux.dataplane.held_packets import MOST
from client.linux.dataplane.tun import TunPlane
from client.linux.packet_socket import PacketSocket
from client.linux.partial_checksum import pseudo_header
from client.linux.raw import RoutedSender, tunnel_receiver
from tests.client.linux.namespaces import Namespace, inside

pytestmark = pytest.mark.lab

HOME, AGENT = IPv4Address("10.99.0.5"), IPv4Address("10.7.0.2")
FIRST, SECOND = IPv4Address("10.7.0.9"), IPv4Address("10.7.0.10")
CORRESPONDENT = IPv4Address("192.0.2.9")
SECONDS = 5.0


class Plane:
    """A plane, the other end of its anchor, and a socket that sends and hears what is outside."""

    def __init__(self) -> None:
        self.counters: Counter[str] = Counter()
        self.frames = PacketSocket.for_signalling(self.counters)
        self.outer, self.plain = RoutedSender(0x435, self.counters), RoutedSender(None, self.counters)
        self.tun = TunPlane(self.outer, self.plain, self.frames, self.counters)
        self.inside, self._anchor = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.inside.setblocking(False)
        self._anchor.setblocking(False)
        self.tun.attach(self._anchor.fileno(), 1480)
        self.outside = tunnel_receiver(4)

    def close(self) -> None:
        self.tun.close()
        for each in (self.frames, self.outer, self.plain, self.inside, self._anchor, self.outside):
            each.close()

    def arrive(self, packet: bytes) -> None:
        """A packet comes from outside."""
        destination = IPv4Address(packet[16:20])
        self.plain.send(packet, destination)

    async def counted(self, name: str, count: int) -> int:
        """What a counter says, once it has come to this."""
        for _ in range(int(SECONDS / 0.002)):
            if self.counters[name] >= count:
                break
            await asyncio.sleep(0.002)
        return self.counters[name]

    async def came_in(self, count: int) -> list[bytes]:
        """What programs get."""
        return [await asyncio.wait_for(_receive(self.inside), SECONDS) for _ in range(count)]

    async def went_out(self, count: int) -> list[bytes]:
        """What arrives at the other ends, all of which are this host's."""
        return [await asyncio.wait_for(_receive(self.outside), SECONDS) for _ in range(count)]


async def _receive(source: socket.socket) -> bytes:
    return await asyncio.get_running_loop().sock_recv(source, 65535)


Scene = Callable[[Plane], Awaitable[Any]]


def play(scene: Scene) -> Any:
    return asyncio.run(_play(scene))


async def _play(scene: Scene) -> Any:
    plane = Plane()
    try:
        return await scene(plane)
    finally:
        plane.close()


@pytest.fixture
def there(ends: tuple[Namespace, Namespace]) -> Namespace:
    """The namespace where the plane is; the other ends' addresses are also there."""
    _, there = ends
    for address in (FIRST, SECOND, CORRESPONDENT):
        there.ip("addr", "add", f"{address}/32", "dev", "lo")
    return there


def at_home(remote: IPv4Address, copy: int = 0, mtu: int | None = None) -> Tunnel:
    return Tunnel(end=End.HOME, home_address=HOME, local=AGENT, remote=remote, copy=copy, mtu=mtu)


def up(number: int, care_of_address: IPv4Address = SECOND) -> bytes:
    inner = IP(src=str(HOME), dst=str(CORRESPONDENT)) / UDP(sport=1, dport=number) / b"up"
    return bytes(IP(src=str(care_of_address), dst=str(AGENT), proto=4) / bytes(inner))


def down(size: int = 10, flags: str = "") -> bytes:
    return bytes(IP(src=str(CORRESPONDENT), dst=str(HOME), flags=flags) / UDP(sport=2, dport=1) / bytes(size))


async def overtaking(plane: Plane) -> tuple[list[bytes], int, int]:
    plane.tun.add(at_home(FIRST))
    for number in range(3):
        plane.arrive(up(number))
    await plane.counted("held", 3)
    before = plane.counters["received"]
    plane.tun.add(at_home(SECOND))
    return await plane.came_in(3), before, plane.counters["wrong_outer_source"]


def test_packets_that_overtook_their_request_go_on_in_order_when_the_binding_stands(there: Namespace) -> None:
    packets, before, refused = inside(there, play, overtaking)
    assert packets == [up(number)[20:] for number in range(3)]
    assert (before, refused) == (0, 0)


async def in_vain(plane: Plane) -> Counter[str]:
    plane.tun.add(at_home(FIRST))
    for number in range(MOST + 6):
        plane.arrive(up(number))
    await plane.counted("wrong_outer_source", MOST + 6)
    plane.tun.add(at_home(SECOND))
    plane.arrive(up(999))
    await plane.counted("received", 1)
    return plane.counters


async def request_is_read_first(plane: Plane) -> tuple[list[bytes], int]:
    plane.tun.add(at_home(FIRST))
    plane.tun.read_first(lambda: plane.tun.add(at_home(SECOND)))
    plane.arrive(up(1))
    return await plane.came_in(1), plane.counters["held"]


def test_requests_that_wait_are_read_before_a_packet_from_an_unknown_place_is_judged(there: Namespace) -> None:
    came, held = inside(there, play, request_is_read_first)
    assert IP(came[0])[UDP].dport == 1
    assert held == 0


def test_nothing_is_forwarded_for_who_is_never_bound_and_not_many_wait(there: Namespace) -> None:
    counters = inside(there, play, in_vain)
    assert (counters["held"], counters["wrong_outer_source"], counters["received"]) == (MOST, MOST + 6, 1)


async def copies(plane: Plane) -> list[bytes]:
    plane.tun.add(at_home(FIRST, copy=0))
    plane.tun.add(at_home(SECOND, copy=1))
    plane.inside.send(down())
    return await plane.went_out(2)


@pytest.mark.rfc("5944", "3.6.1.2")
def test_every_packet_goes_to_both_bindings(there: Namespace) -> None:
    packets = inside(there, play, copies)
    assert {packet[16:20] for packet in packets} == {FIRST.packed, SECOND.packed}
    assert {packet[20:] for packet in packets} == {down()}


def icmp(type_: int, code: int, quoted: bytes, mtu: int = 0) -> IPv4Packet:
    message = ICMP(type=type_, code=code, nexthopmtu=mtu) if mtu else ICMP(type=type_, code=code)
    return IPv4Packet.unpack(bytes(IP(src="10.7.0.1", dst=str(AGENT)) / message / quoted))


async def narrow(plane: Plane, quoted_bytes: int) -> tuple[object, int, list[bytes]]:
    tunnel = at_home(FIRST)
    plane.tun.add(tunnel)
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as errors:
        errors.setblocking(False)
        plane.inside.send(down(1300, "DF"))
        [outer] = await plane.went_out(1)
        learnt = plane.tun.tunnel_error(icmp(3, 4, outer[:quoted_bytes], 1200))
        told = [await asyncio.wait_for(_receive(errors), SECONDS)] if quoted_bytes > 60 else []
        plane.inside.send(down(1300, "DF"))
        plane.inside.send(down(1300))
        told.append(await asyncio.wait_for(_receive(errors), SECONDS))
        pieces = await plane.went_out(2)
    return learnt, plane.tun.limit(tunnel), [*told, *pieces]


async def narrow_and_told(plane: Plane) -> Any:
    return await narrow(plane, 120)


async def narrow_and_hardly_told(plane: Plane) -> Any:
    return await narrow(plane, 28)


@pytest.mark.rfc("2003", "5.1")
@pytest.mark.parametrize("scene", [narrow_and_told, narrow_and_hardly_told])
def test_narrow_path_is_told_to_senders_and_remembered(there: Namespace, scene: Scene) -> None:
    """However little of our packet the router quoted."""
    learnt, limit, packets = inside(there, play, scene)
    assert learnt == PathMtuLearnt(remote=FIRST, mtu=1200)
    assert limit == 1180
    *told, first, second = packets
    assert len(told) == (2 if scene is narrow_and_told else 1)
    for error in told:
        parsed = IP(error)
        assert (parsed.src, parsed[ICMP].type, parsed[ICMP].code) == (str(AGENT), 3, 4)
        assert parsed[ICMP].nexthopmtu == 1180
        assert bytes(parsed[ICMP].payload)[:28] == down(1300, "DF")[:28]
    assert max(len(first), len(second)) <= 1200


async def unreachable(plane: Plane) -> list[bytes]:
    plane.tun.add(at_home(FIRST))
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as errors:
        errors.setblocking(False)
        plane.inside.send(down(1))
        [outer] = await plane.went_out(1)
        assert plane.tun.tunnel_error(icmp(11, 0, outer[:28])) is None
        plane.inside.send(down(2))
        told = await asyncio.wait_for(_receive(errors), SECONDS)
        plane.inside.send(down(3))
        return [told, *await plane.went_out(2)]


@pytest.mark.rfc("2003", "5")
def test_error_that_quoted_too_little_answers_the_next_packet_which_goes_all_the_same(there: Namespace) -> None:
    told, *sent = inside(there, play, unreachable)
    parsed = IP(told)
    assert (parsed[ICMP].type, parsed[ICMP].code, parsed.dst) == (3, 1, str(CORRESPONDENT))
    assert bytes(parsed[ICMP].payload) == down(2)
    assert [packet[20:] for packet in sent] == [down(2), down(3)]


async def segments(plane: Plane) -> tuple[list[bytes], list[bytes]]:
    plane.tun.add(at_home(FIRST, mtu=1400))
    syn = TCP(sport=1, dport=80, flags="S", options=[("NOP", None), ("MSS", 1460)])
    plane.inside.send(bytes(IP(src=str(CORRESPONDENT), dst=str(HOME)) / syn))
    sent = await plane.went_out(1)
    answer = TCP(sport=80, dport=1, flags="SA", options=[("MSS", 1460)])
    inner = bytes(IP(src=str(HOME), dst=str(CORRESPONDENT)) / answer)
    plane.arrive(bytes(IP(src=str(FIRST), dst=str(AGENT), proto=4) / inner))
    return sent, await plane.came_in(1)


def test_both_ends_of_a_connection_are_told_to_send_segments_that_fit(there: Namespace) -> None:
    outs, ins = inside(there, play, segments)
    sent, received = IP(outs[0][20:]), IP(ins[0])
    for packet, size in ((sent, 1360), (received, 1360)):
        assert dict(packet[TCP].options)["MSS"] == size
        again = packet.copy()
        del again[TCP].chksum
        assert bytes(again) == bytes(packet)


async def left_to_a_card(plane: Plane) -> tuple[bytes, bytes]:
    plane.tun.add(at_home(FIRST))
    right = up(7, FIRST)[20:]
    total = internet_checksum(pseudo_header(right, len(right) - 20)) ^ 0xFFFF
    left = right[:26] + total.to_bytes(2, "big") + right[28:]
    plane.arrive(bytes(IP(src=str(FIRST), dst=str(AGENT), proto=4) / left))
    return (await plane.came_in(1))[0], right


def test_datagram_of_a_neighbours_tunnel_arrives_with_its_checksum(there: Namespace) -> None:
    """Its programs left it to a network card, which the packet never saw."""
    arrived, right = inside(there, play, left_to_a_card)
    assert arrived == right


HOME6, AGENT6 = IPv6Address("2001:db8:1::7"), IPv6Address("2001:db8:1::1")
FIRST6, CORRESPONDENT6 = IPv6Address("2001:db8:5::5"), IPv6Address("2001:db8:9::9")


@pytest.fixture
def there6(there: Namespace) -> Namespace:
    """The same with IPv6."""
    for address in (AGENT6, FIRST6, CORRESPONDENT6):
        there.ip("-6", "addr", "add", f"{address}/128", "dev", "lo", "nodad")
    return there


async def narrow6(plane: Plane) -> tuple[int, bytes]:
    tunnel = Tunnel(end=End.HOME, home_address=HOME6, local=AGENT6, remote=FIRST6)
    plane.tun.add(tunnel)
    inner = bytes(IPv6(src=str(CORRESPONDENT6), dst=str(HOME6)) / UDP(sport=2, dport=1) / bytes(1300))
    outer = bytes(IPv6(src=str(AGENT6), dst=str(FIRST6), nh=41) / inner)
    too_big = bytes(IPv6(src=str(FIRST6), dst=str(AGENT6)) / ICMPv6PacketTooBig(mtu=1350) / outer)
    with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as errors:
        errors.bind((str(CORRESPONDENT6), 0))
        errors.setblocking(False)
        plane.inside.send(inner)
        await plane.counted("sent", 1)
        with closing(RoutedSender(None, plane.counters, socket.AF_INET6)) as sender:
            sender.send(too_big, AGENT6)
        await plane.counted("tunnel_errors", 1)
        return plane.tun.limit(tunnel), await asyncio.wait_for(_receive(errors), SECONDS)


@pytest.mark.rfc("6275", "9.3.4", "relay")
@pytest.mark.rfc("2473", "8.2")
def test_packet_too_big_from_within_an_ipv6_tunnel_reaches_the_sender(there6: Namespace) -> None:
    limit, told = inside(there6, play, narrow6)
    assert limit == 1310
    error = ICMPv6PacketTooBig(told)
    assert (error.type, error.mtu) == (2, 1310)
    assert bytes(error.payload)[8:40] == CORRESPONDENT6.packed + HOME6.packed


async def membership(plane: Plane) -> tuple[list[bytes], int]:
    plane.tun.add(at_home(FIRST))
    report = IP(src=str(HOME), dst="239.1.2.3", proto=2, ttl=1) / bytes.fromhex("1600f9fbef010203")
    plane.arrive(bytes(IP(src=str(FIRST), dst=str(AGENT), proto=4) / bytes(report)))
    data = IP(src=str(HOME), dst="239.1.2.3", ttl=9) / UDP(sport=1, dport=2)
    plane.arrive(bytes(IP(src=str(FIRST), dst=str(AGENT), proto=4) / bytes(data)))
    await plane.counted("no_relay", 1)
    return await plane.came_in(1), plane.counters["no_relay"]


@pytest.mark.rfc("5944", "4.4")
def test_membership_report_to_its_group_stays_with_us_and_data_to_the_group_does_not(there: Namespace) -> None:
    """IGMPv2 reports go to the very group (RFC 2236 §3)."""
    [report], dropped = inside(there, play, membership)
    assert IP(report).proto == 2
    assert dropped == 1


async def no_port(plane: Plane) -> str:
    tunnel = Tunnel(
        end=End.MOBILE, home_address=HOME, local=AGENT, remote=FIRST, encapsulation=Encapsulation.UDP, ports=(434, 434)
    )
    try:
        plane.tun.add(tunnel)
    except OSError as error:
        return error.strerror or ""
    return "not refused"


def test_tunnel_whose_packets_could_not_be_received_is_refused(there: Namespace) -> None:
    assert "port 434 is not ours" in inside(there, play, no_port)
