"""What becomes of ICMP errors from within the tunnel (RFC 2003 §4)."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, IP, UDP

from client.core.ipv4 import IPv4Packet
from client.linux.dataplane.tunnel_errors import relayed

INNER = bytes(IP(src="192.0.2.9", dst="10.1.0.7", flags="DF") / UDP(sport=1, dport=2) / bytes(60))
OUTER = bytes(IP(src="198.51.100.1", dst="203.0.113.5", proto=4, flags="DF") / INNER)


def error(type_: int, code: int, mtu: int = 0, quoted: bytes = OUTER) -> IPv4Packet:
    message = ICMP(type=type_, code=code) if not mtu else ICMP(type=type_, code=code, nexthopmtu=mtu)
    return IPv4Packet.unpack(bytes(IP(src="203.0.113.1", dst="198.51.100.1") / message / quoted))


@pytest.mark.rfc("2003", "4.1")
def test_too_big_is_relayed_less_the_outer_header() -> None:
    found = relayed(error(3, 4, 1400))
    assert found is not None
    assert (found.code, found.mtu, found.quoted) == (4, 1380, INNER)
    assert (found.local, found.remote) == (OUTER[12:16], OUTER[16:20])


def test_forged_mtu_cannot_stop_traffic() -> None:
    found = relayed(error(3, 4, 60))
    assert found is not None
    assert found.mtu == 556


@pytest.mark.rfc("2003", "4.1")
@pytest.mark.parametrize("code", [0, 1, 2])
def test_unreachable_becomes_host_unreachable(code: int) -> None:
    found = relayed(error(3, code))
    assert found is not None
    assert found.code == 1


@pytest.mark.rfc("2003", "4.4")
def test_time_exceeded_becomes_host_unreachable() -> None:
    found = relayed(error(11, 0))
    assert found is not None
    assert found.code == 1


@pytest.mark.rfc("2003", "4.1")
@pytest.mark.parametrize(("type_", "code"), [(3, 3), (3, 5), (5, 1), (4, 0)])
def test_what_must_not_be_relayed_is_not(type_: int, code: int) -> None:
    assert relayed(error(type_, code)) is None


def test_error_about_another_packet_is_none_of_ours() -> None:
    assert relayed(error(3, 4, 1400, quoted=INNER)) is None
    assert relayed(error(3, 4, 1400, quoted=OUTER[:27])) is None


@given(st.binary(max_size=120))
def test_any_payload_is_read_or_left(payload: bytes) -> None:
    address = IPv4Address("192.0.2.1")
    found = relayed(IPv4Packet(source=address, destination=address, protocol=1, payload=payload))
    assert found is None or payload.endswith(found.quoted)
