"""The filters run in the kernel on a socket pair: what comes out is what packet sockets would hear."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from ipaddress import IPv4Address

import pytest
from scapy.layers.inet import IP, UDP, IPOption_Router_Alert

from client.core.icmp import IcmpMessage
from client.core.ipv4 import IPv4Packet
from client.core.udp import UdpDatagram
from client.linux import packet_filter

HERE, THERE = IPv4Address("192.0.2.1"), IPv4Address("192.0.2.2")


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """A socket that sends, and one that hears what a filter lets through."""
    sender, receiver = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with sender, receiver:
        receiver.setblocking(False)
        yield sender, receiver


def passes(pair: tuple[socket.socket, socket.socket], code: bytes, data: bytes) -> bool:
    sender, receiver = pair
    packet_filter.attach(receiver, code)
    try:
        sender.send(data)
        return receiver.recv(65535) == data
    except BlockingIOError:
        return False
    except PermissionError:  # a Unix socket tells its peer that the filter refused
        return False


def udp(source: int, destination: int) -> bytes:
    datagram = UdpDatagram(source_port=source, destination_port=destination, payload=b"x")
    return datagram.packet(THERE, HERE).pack()


def with_options(packet: bytes) -> bytes:
    """The packet with four no-operation options behind its header."""
    return b"\x46" + packet[1:20] + b"\x01\x01\x01\x01" + packet[20:]


def with_fragment_field(packet: bytes, value: int) -> bytes:
    return packet[:6] + value.to_bytes(2, "big") + packet[8:]


@pytest.mark.parametrize("packet", [udp(434, 5000), udp(5000, 434), with_options(udp(5000, 434))])
def test_port_434_is_heard_on_either_side(pair: tuple[socket.socket, socket.socket], packet: bytes) -> None:
    assert passes(pair, packet_filter.signalling(), packet)


@pytest.mark.parametrize("type_", [0, 3, 9, 10, 11])
def test_icmp_that_matters_is_heard(pair: tuple[socket.socket, socket.socket], type_: int) -> None:
    packet = IcmpMessage(type=type_, body=bytes(8)).packet(THERE, HERE).pack()
    assert passes(pair, packet_filter.signalling(), packet)
    assert passes(pair, packet_filter.signalling(), with_options(packet))


def test_igmp_is_heard_behind_its_router_alert(pair: tuple[socket.socket, socket.socket]) -> None:
    report = bytes(
        IP(src="192.0.2.2", dst="224.0.0.22", proto=2, options=[IPOption_Router_Alert()]) / bytes.fromhex("22")
    )
    assert passes(pair, packet_filter.signalling(), report)


@pytest.mark.rfc("3519", "3.3")
@pytest.mark.parametrize(("source", "destination"), [(434, 434), (5000, 434), (434, 5000)])
def test_tunnel_data_is_no_signalling(pair: tuple[socket.socket, socket.socket], source: int, destination: int) -> None:
    data = bytes(IP(src="192.0.2.2", dst="192.0.2.1") / UDP(sport=source, dport=destination) / b"\x04\x04\0\0" / IP())
    assert not passes(pair, packet_filter.signalling(), data)
    assert not passes(pair, packet_filter.signalling(), with_options(data))


@pytest.mark.rfc("3519", "3.3")
@pytest.mark.parametrize(("first", "taken"), [(4, True), (1, False), (3, False), (0x44, False)])
def test_port_holder_takes_tunnel_data_only(
    pair: tuple[socket.socket, socket.socket], first: int, *, taken: bool
) -> None:
    """On a UDP socket the filter sees the packet from its UDP header on."""
    datagram = bytes(UDP(sport=434, dport=434) / bytes([first, 4, 0, 0]))
    assert passes(pair, packet_filter.tunnel_data(), datagram) is taken
    assert not passes(pair, packet_filter.tunnel_data(), datagram[:8])


@pytest.mark.parametrize(
    "packet",
    [
        udp(5000, 435),
        udp(53, 53),
        IcmpMessage(type=8, body=bytes(8)).packet(THERE, HERE).pack(),
        IPv4Packet(source=THERE, destination=HERE, protocol=6, payload=b"\x01\xb2\x01\xb2" + bytes(16)).pack(),
        with_fragment_field(udp(434, 434), 0x2000),
        with_fragment_field(udp(434, 434), 0x0001),
        udp(434, 434)[:21],
        b"",
    ],
    ids=["other port", "dns", "echo request", "tcp", "first fragment", "later fragment", "cut short", "empty"],
)
def test_everything_else_stays_in_the_kernel(pair: tuple[socket.socket, socket.socket], packet: bytes) -> None:
    assert not passes(pair, packet_filter.signalling(), packet)


def test_dont_fragment_is_no_fragment(pair: tuple[socket.socket, socket.socket]) -> None:
    assert passes(pair, packet_filter.signalling(), with_fragment_field(udp(434, 434), 0x4000))


def test_before_its_filter_a_socket_takes_nothing(pair: tuple[socket.socket, socket.socket]) -> None:
    assert not passes(pair, packet_filter.nothing(), udp(434, 434))


def test_arp_filter_takes_what_is_addressed_to_us(pair: tuple[socket.socket, socket.socket]) -> None:
    assert passes(pair, packet_filter.arp(), bytes(28))


@pytest.mark.parametrize(("packet_type", "taken"), [(0, False), (1, True), (2, True), (3, False), (4, False)])
def test_packets_to_many_are_told_by_their_frame(packet_type: int, *, taken: bool) -> None:
    assert (run(packet_filter.to_many(), udp(434, 434), packet_type) > 0) is taken


@pytest.mark.parametrize(("packet_type", "taken"), [(0, True), (1, True), (3, False), (4, False)])
def test_packet_to_a_links_broadcast_address_is_to_many_however_it_came(packet_type: int, *, taken: bool) -> None:
    assert (run(packet_filter.to_many([HERE.packed]), udp(434, 434), packet_type) > 0) is taken
    assert (run(packet_filter.to_many([THERE.packed]), udp(434, 434), packet_type) > 0) is (packet_type == 1)


@pytest.mark.parametrize(("next_header", "taken"), [(0, True), (43, True), (60, True), (6, False), (41, False)])
def test_what_may_name_a_home_address_is_seen(next_header: int, *, taken: bool) -> None:
    packet = bytes(6) + bytes([next_header, 64]) + bytes(32)
    assert (run(packet_filter.home_addresses(), packet, 0) > 0) is taken
    assert run(packet_filter.home_addresses(), packet, 3) == 0


def ipv6(next_header: int, payload: bytes) -> bytes:
    header = b"\x60\0\0\0" + len(payload).to_bytes(2, "big") + bytes([next_header, 64])
    return (
        header
        + bytes.fromhex("20010db8")
        + bytes(11)
        + b"\x02"
        + bytes.fromhex("20010db8")
        + bytes(11)
        + b"\x01"
        + payload
    )


def behind(first: int, then: int) -> bytes:
    """A packet with one extension header of 24 bytes, and what comes behind it."""
    return ipv6(first, bytes([then, 2]) + bytes(22) + bytes(8))


@pytest.mark.rfc("6275", "6.1.1")
@pytest.mark.parametrize("packet", [ipv6(135, bytes(8)), *(behind(first, 135) for first in (0, 43, 60))])
def test_mobility_headers_are_heard_behind_whatever(pair: tuple[socket.socket, socket.socket], packet: bytes) -> None:
    assert passes(pair, packet_filter.signalling6(), packet)


@pytest.mark.parametrize("type_", range(256))
def test_icmpv6_that_matters_is_heard(pair: tuple[socket.socket, socket.socket], type_: int) -> None:
    matters = type_ in (1, 2, 3, 4, 129, *range(130, 137), 143, 144, 145, 146, 147)
    assert passes(pair, packet_filter.signalling6(), ipv6(58, bytes([type_]) + bytes(7))) is matters


@pytest.mark.parametrize("first", [0, 43, 60])
@pytest.mark.parametrize("then", [58, 0, 43, 60])
def test_what_hides_behind_headers_is_looked_at(
    pair: tuple[socket.socket, socket.socket], first: int, then: int
) -> None:
    assert passes(pair, packet_filter.signalling6(), behind(first, then))


@pytest.mark.parametrize(
    "packet",
    [
        ipv6(6, bytes(20)),
        ipv6(17, bytes(8)),
        ipv6(41, bytes(40)),
        ipv6(44, bytes([135]) + bytes(7)),
        ipv6(50, bytes(16)),
        *(behind(first, then) for first in (0, 43, 60) for then in (6, 17, 44, 59)),
        ipv6(58, b""),
        ipv6(60, b""),
        b"",
    ],
)
def test_programs_ipv6_packets_stay_in_the_kernel(pair: tuple[socket.socket, socket.socket], packet: bytes) -> None:
    assert not passes(pair, packet_filter.signalling6(), packet)


FILTERS = [
    (packet_filter.arp(), udp(434, 434)),
    (packet_filter.signalling(), udp(434, 434)),
    (packet_filter.signalling6(), ipv6(135, bytes(8))),
]


@pytest.mark.parametrize(("packet_type", "heard"), [(0, True), (1, True), (2, True), (3, False), (4, False)])
@pytest.mark.parametrize(("code", "packet"), FILTERS, ids=["arp", "signalling", "signalling6"])
def test_overheard_and_own_packets_are_dropped(code: bytes, packet: bytes, packet_type: int, *, heard: bool) -> None:
    """A socket pair knows no packet type, so these few instructions are run here."""
    assert (run(code, packet, packet_type) > 0) is heard


def run(code: bytes, packet: bytes, packet_type: int) -> int:
    """The classic BPF machine, as far as our programs go."""
    accumulator = index = place = 0
    while True:
        operation, true, false, k = struct.unpack_from("=HBBI", code, 8 * place)
        place += 1
        match operation:
            case 0x06:
                return int(k)
            case 0x15:
                place += true if accumulator == k else false
            case 0x45:
                place += true if accumulator & k else false
            case 0xB1:
                index = 4 * (packet[k] & 0x0F)
            case 0x20:
                accumulator = packet_type if k == 0xFFFFF004 else int.from_bytes(packet[k : k + 4], "big")
            case _:
                start, width = LOADS[operation]
                start = k + start * index
                accumulator = int.from_bytes(packet[start : start + width], "big")


LOADS = {0x28: (0, 2), 0x30: (0, 1), 0x48: (1, 2), 0x50: (1, 1)}
"""Whether the index is added, and how many bytes are loaded."""


def esp(spi: int) -> bytes:
    """An ESP packet: SPI, sequence number, ..."""
    return ipv6(50, spi.to_bytes(4, "big") + bytes(24))


@pytest.mark.parametrize(
    ("wanted", "heard"),
    [
        (None, []),
        ((0x100, 0xFFFFFFFF), [0x300, 0x1001, 0x1002, 0xFFFFFFFF]),
        ((0x1001, 0x1002), [0x1001, 0x1002]),
        ((0x1001, 0x1001), [0x1001]),
    ],
    ids=["none", "all", "two", "one"],
)
def test_esp_is_heard_under_the_spis_that_are_ours(
    pair: tuple[socket.socket, socket.socket], wanted: tuple[int, int] | None, heard: list[int]
) -> None:
    code = packet_filter.signalling6(wanted)
    assert [spi for spi in (0x300, 0x1001, 0x1002, 0xFFFFFFFF) if passes(pair, code, esp(spi))] == heard
    assert passes(pair, code, behind(60, 50)) is (wanted is not None)
    assert passes(pair, code, ipv6(135, bytes(8)))
    assert not passes(pair, code, esp(0x1001)[:42])
