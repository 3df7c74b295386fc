"""What becomes of ICMP errors from within the tunnel (RFC 2003 §4, RFC 2473 §8)."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.inet6 import ICMPv6DestUnreach, ICMPv6PacketTooBig, ICMPv6TimeExceeded, IPv6
from scapy.layers.l2 import GRE
from scapy.packet import Packet

from client.core.ipv4 import IPv4Packet
from client.linux.dataplane.tunnel_errors import relayed, relayed6

INNER = bytes(IP(src="192.0.2.9", dst="10.1.0.7", flags="DF") / UDP(sport=1, dport=2) / bytes(60))
OUTER = bytes(IP(src="198.51.100.1", dst="203.0.113.5", proto=4, flags="DF") / INNER)
INNER6 = bytes(IPv6(src="2001:db8:9::9", dst="2001:db8:1::7") / UDP(sport=1, dport=2) / bytes(60))
OUTER6 = bytes(IPv6(src="2001:db8:1::1", dst="2001:db8:5::5", nh=41) / INNER6)


def error(type_: int, code: int, mtu: int = 0, quoted: bytes = OUTER) -> IPv4Packet:
    message = ICMP(type=type_, code=code) if not mtu else ICMP(type=type_, code=code, nexthopmtu=mtu)
    return IPv4Packet.unpack(bytes(IP(src="203.0.113.1", dst="198.51.100.1") / message / quoted))


def outer(content: Packet | bytes, protocol: int) -> bytes:
    return bytes(IP(src="198.51.100.1", dst="203.0.113.5", proto=protocol, flags="DF", id=77) / content)


@pytest.mark.rfc("2003", "4.1")
def test_too_big_tells_of_the_outer_packet_and_of_who_sent_the_inner_one() -> None:
    found = relayed(error(3, 4, 1400))
    assert found is not None
    assert (found.code, found.mtu, found.quoted) == (4, 1400, INNER)
    assert (found.local, found.remote) == (OUTER[12:16], OUTER[16:20])


@pytest.mark.rfc("2003", "4")
@pytest.mark.parametrize(
    "sent",
    [
        outer(GRE(proto=0x0800) / INNER, 47),
        outer(GRE(proto=0x0800, chksum_present=1, key_present=1, seqnum_present=1) / INNER, 47),
        outer(bytes(UDP(sport=434, dport=40123) / b"\x04\x04\0\0") + INNER, 17),
    ],
    ids=["GRE", "GRE with all fields", "UDP"],
)
def test_inner_packet_is_found_in_every_encapsulation(sent: bytes) -> None:
    found = relayed(error(3, 4, 1400, quoted=sent))
    assert found is not None
    assert found.quoted == INNER


@pytest.mark.rfc("2004", "3")
def test_inner_packet_of_minimal_encapsulation_is_put_together_again() -> None:
    forwarding = bytes.fromhex("11 80") + bytes(2) + bytes([10, 1, 0, 7]) + bytes([192, 0, 2, 9])
    found = relayed(error(3, 4, 1400, quoted=outer(forwarding + INNER[20:], 55)))
    assert found is not None
    original = bytes(IP(src="192.0.2.9", dst="10.1.0.7", flags="DF", id=77) / UDP(sport=1, dport=2) / bytes(60))
    assert found.quoted == original


def test_forged_mtu_cannot_stop_traffic() -> None:
    found = relayed(error(3, 4, 60))
    assert found is not None
    assert found.mtu == 576


@pytest.mark.rfc("2003", "4.1")
@pytest.mark.parametrize(("code", "told"), [(0, 0), (1, 1), (2, 1)])
def test_protocol_unreachable_becomes_host_unreachable(code: int, told: int) -> None:
    found = relayed(error(3, code))
    assert found is not None
    assert found.code == told


@pytest.mark.rfc("2003", "4.4")
def test_time_exceeded_becomes_host_unreachable() -> None:
    found = relayed(error(11, 0))
    assert found is not None
    assert found.code == 1


@pytest.mark.rfc("2003", "4.1")
@pytest.mark.parametrize(("type_", "code"), [(3, 3), (3, 5), (5, 1), (4, 0)])
def test_what_must_not_be_relayed_is_not(type_: int, code: int) -> None:
    assert relayed(error(type_, code)) is None


@pytest.mark.rfc("2003", "5")
@pytest.mark.parametrize("sent", [OUTER[:28], OUTER[:47], outer(bytes(8), 47)[:28], outer(b"\x11\x80" + bytes(6), 55)])
def test_error_that_quotes_too_little_still_tells_of_the_tunnel(sent: bytes) -> None:
    found = relayed(error(3, 4, 1400, quoted=sent))
    assert found is not None
    assert (found.local, found.remote, found.mtu, found.quoted) == (OUTER[12:16], OUTER[16:20], 1400, b"")


def test_error_about_another_packet_is_none_of_ours() -> None:
    assert relayed(error(3, 4, 1400, quoted=INNER)) is None
    assert relayed(error(3, 4, 1400, quoted=OUTER[:19])) is None
    request = outer(bytes(UDP(sport=434, dport=434) / b"\x01" / bytes(40)), 17)
    assert relayed(error(3, 4, 1400, quoted=request)) is None


@given(st.binary(max_size=120))
def test_any_payload_is_read_or_left(payload: bytes) -> None:
    address = IPv4Address("192.0.2.1")
    found = relayed(IPv4Packet(source=address, destination=address, protocol=1, payload=payload))
    assert found is None or len(found.quoted) <= len(payload)
    found = relayed6(payload)
    assert found is None or payload.endswith(found.quoted)


@pytest.mark.rfc("2473", "8.1")
@pytest.mark.parametrize(
    ("message", "code", "mtu"),
    [
        (ICMPv6PacketTooBig(mtu=1400), 4, 1400),
        (ICMPv6PacketTooBig(mtu=576), 4, 1280),  # RFC 8201 §4: never below the least that IPv6 links carry
        (ICMPv6DestUnreach(code=3), 1, 0),
        (ICMPv6TimeExceeded(), 1, 0),
    ],
)
def test_errors_from_within_an_ipv6_tunnel_are_relayed(message: Packet, code: int, mtu: int) -> None:
    found = relayed6(bytes(message / OUTER6))
    assert found is not None
    assert (found.code, found.mtu, found.quoted) == (code, mtu, INNER6)
    assert (found.local, found.remote) == (OUTER6[8:24], OUTER6[24:40])
