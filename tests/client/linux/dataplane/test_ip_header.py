"""Which packets are fit to be handed on, held against packets that scapy made."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.inet6 import ICMPv6EchoRequest, IPv6

from client.linux.dataplane.ip_header import forwarded, whole_packet, whole_packet6


def packet(**fields: object) -> bytes:
    return bytes(IP(src="10.1.0.7", dst="192.0.2.9", **fields) / UDP(sport=1, dport=2) / b"payload")


def packet6(**fields: object) -> bytes:
    return bytes(IPv6(src="2001:db8:1::7", dst="2001:db8:9::9", **fields) / UDP(sport=1, dport=2) / b"payload")


def test_padding_behind_the_packet_is_dropped() -> None:
    assert whole_packet(packet() + bytes(6)) == packet()
    assert whole_packet6(packet6() + bytes(6)) == packet6()


@pytest.mark.rfc("2003", "3.1")
@pytest.mark.parametrize(
    "unfit",
    [
        packet(ttl=0),
        packet(chksum=1),
        packet(version=6),
        packet(ihl=4),
        packet(len=19),
        packet(len=400),
        packet()[:19],
        b"",
    ],
    ids=["time to live 0", "checksum", "version", "header length", "too short", "too long", "cut", "empty"],
)
def test_unfit_packet_is_refused(unfit: bytes) -> None:
    assert whole_packet(unfit) is None


@pytest.mark.rfc("2473", "3.1")
@pytest.mark.parametrize(
    "unfit",
    [packet6(hlim=0), packet6(version=4), packet6(plen=400), packet6()[:39], b""],
    ids=["hop limit 0", "version", "too long", "cut", "empty"],
)
def test_unfit_ipv6_packet_is_refused(unfit: bytes) -> None:
    assert whole_packet6(unfit) is None


@given(st.binary(max_size=64))
def test_any_bytes_are_refused_or_make_a_packet(data: bytes) -> None:
    found, found6 = whole_packet(data), whole_packet6(data)
    assert found is None or (data.startswith(found) and IP(found).len == len(found))
    assert found6 is None or (data.startswith(found6) and IPv6(found6).plen == len(found6) - 40)


def test_forwarding_takes_one_off_and_the_checksum_is_right() -> None:
    before, after = (bytes(IP(src="10.1.0.7", dst="192.0.2.9", ttl=ttl) / ICMP()) for ttl in (9, 8))
    assert forwarded(before) == after
    before, after = (bytes(IPv6(src="::1", dst="::2", hlim=limit) / ICMPv6EchoRequest()) for limit in (9, 8))
    assert forwarded(before) == after


def test_last_time_to_live_is_not_forwarded() -> None:
    assert forwarded(packet(ttl=1)) is None
    assert forwarded(packet6(hlim=1)) is None
