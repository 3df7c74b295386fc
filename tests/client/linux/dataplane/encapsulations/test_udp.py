"""IP in UDP, held against bytes laid out by hand from RFC 3519 §3.3 and §4.2."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import IP, UDP

from client.linux.dataplane.encapsulations.udp import UdpHeaders, udp_content

LOCAL, REMOTE = IPv4Address("203.0.113.5"), IPv4Address("198.51.100.1")
HEADERS = UdpHeaders(LOCAL.packed, REMOTE.packed, (434, 40123))
INNER = bytes(IP(src="10.1.0.7", dst="192.0.2.9", tos=0xB9, flags="DF") / UDP(sport=1, dport=2) / b"payload")


@pytest.mark.rfc("3519", "4.2")
def test_headers_by_hand() -> None:
    expected = bytes.fromhex(
        "45 b9 0000 0000 4000 40 11 0000"  # as RFC 2003 §3.1 has them, protocol 17
        "cb007105 c6336401"  # 203.0.113.5, 198.51.100.1
        f"01b2 9cbb {12 + len(INNER):04x} 0000"  # from 434 to 40123, the length of the datagram, no checksum
        "04 04 0000"  # tunnel data, IP inside, reserved
    )
    assert HEADERS.encapsulate(INNER) == expected + INNER


def test_scapy_reads_what_we_send() -> None:
    parsed = IP(HEADERS.encapsulate(INNER))
    assert (parsed[UDP].sport, parsed[UDP].dport) == (434, 40123)
    assert parsed[UDP].len == len(bytes(parsed[UDP]))
    assert bytes(parsed[UDP].payload)[4:] == INNER


@pytest.mark.rfc("3519", "3.3")
@pytest.mark.parametrize("reserved", [b"\0\0", b"\xff\xff"])
def test_reserved_bits_are_ignored(reserved: bytes) -> None:
    assert udp_content(b"\x04\x04" + reserved + INNER) == INNER


@pytest.mark.rfc("3519", "3.3")
@pytest.mark.parametrize("next_header", [47, 55, 41, 0])
def test_another_next_header_is_refused(next_header: int) -> None:
    assert udp_content(bytes([4, next_header, 0, 0]) + INNER) is None


@given(st.binary(max_size=40))
def test_any_bytes_are_refused_or_have_content(data: bytes) -> None:
    found = udp_content(data)
    assert found is None or data.endswith(found)
