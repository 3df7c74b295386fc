"""Outer packets of our own making, byte by byte as the RFCs draw them, and as scapy reads them."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv6Address

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import GRE

from client.core.envelope import enveloped
from client.core.ipv4 import IPv4Packet
from client.core.overhead import overhead
from client.core.plan import Encapsulation, End, Tunnel

HOME, HOME_AGENT = IPv4Address("198.51.100.23"), IPv4Address("198.51.100.1")
CARE_OF, REMOTE = IPv4Address("192.0.2.70"), IPv4Address("203.0.113.80")
INNER = IPv4Packet(
    source=HOME, destination=HOME_AGENT, protocol=1, payload=bytes(range(40)), ttl=64, dont_fragment=True
)


def outer(encapsulation: Encapsulation, ports: tuple[int, int] | None = None) -> bytes:
    """The outer packet's bytes."""
    tunnel = Tunnel(
        end=End.MOBILE, home_address=HOME, local=CARE_OF, remote=REMOTE, encapsulation=encapsulation, ports=ports
    )
    return enveloped(INNER, tunnel).pack()


def sums_to_zero(data: bytes) -> bool:
    """Is the ones' complement sum of these 16-bit words all ones?"""
    return int(sum(struct.unpack(f"!{len(data) // 2}H", data))) % 0xFFFF == 0


@pytest.mark.rfc("2003", "3.1")
def test_ip_in_ip_is_an_ipv4_header_of_protocol_4_before_the_whole_packet() -> None:
    data = outer(Encapsulation.IPIP)
    assert data[20:] == INNER.pack()
    assert (data[0], data[9], data[12:16], data[16:20]) == (0x45, 4, CARE_OF.packed, REMOTE.packed)
    assert data[6] & 0x40  # DF is set inside, so it must be outside
    assert IP(data).len == len(data) == 80


@pytest.mark.rfc("2784", "2.1")
def test_gre_has_four_bytes_that_say_ipv4() -> None:
    data = outer(Encapsulation.GRE)
    assert (data[9], data[20:24], data[24:]) == (47, bytes.fromhex("00000800"), INNER.pack())
    assert (IP(data)[GRE].proto, IP(data)[GRE].payload.src) == (0x0800, str(HOME))


@pytest.mark.rfc("2004", "3.1")
def test_minimal_encapsulation_keeps_protocol_and_both_addresses_in_twelve_bytes() -> None:
    data = outer(Encapsulation.MINIMAL)
    assert data[9] == 55
    assert (data[20], data[21], data[24:28], data[28:32]) == (1, 0x80, HOME_AGENT.packed, HOME.packed)
    assert sums_to_zero(data[20:32])
    assert data[32:] == INNER.payload


@pytest.mark.rfc("3519", "3.3")
def test_udp_tunnel_data_says_type_4_and_next_header_4() -> None:
    data = outer(Encapsulation.UDP, (434, 50434))
    assert (data[9], data[20:24], data[28:32]) == (17, bytes.fromhex("01b2c502"), bytes.fromhex("04040000"))
    assert data[32:] == INNER.pack()
    parsed = IP(data)
    told = parsed[UDP].chksum
    del parsed[UDP].chksum
    assert IP(bytes(parsed))[UDP].chksum == told


@pytest.mark.parametrize("encapsulation", [Encapsulation.IPIP, Encapsulation.GRE, Encapsulation.UDP])
def test_it_is_as_much_longer_as_plans_count(encapsulation: Encapsulation) -> None:
    assert len(outer(encapsulation, (434, 434))) == len(INNER.pack()) + overhead(encapsulation)


def test_what_no_such_tunnel_can_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="ports are missing"):
        outer(Encapsulation.UDP)
    ipv6 = Tunnel(
        end=End.MOBILE, home_address=HOME, local=IPv6Address("2001:db8::1"), remote=IPv6Address("2001:db8::2")
    )
    with pytest.raises(TypeError):
        enveloped(INNER, ipv6)
