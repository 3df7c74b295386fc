"""IPv6 in IPv6, held against bytes laid out by hand from RFC 2473 §5.1 and against scapy."""

from __future__ import annotations

from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import UDP
from scapy.layers.inet6 import IPv6

from client.linux.dataplane.encapsulations.ipip6 import Ipv6Headers

LOCAL, REMOTE = IPv6Address("2001:db8:5::5"), IPv6Address("2001:db8:1::1")
HEADERS = Ipv6Headers(LOCAL.packed, REMOTE.packed)


@pytest.mark.rfc("2473", "5.1")
def test_outer_header_by_hand() -> None:
    inner = bytes(IPv6(src="2001:db8:1::7", dst="2001:db8:9::9", tc=0xB9, fl=0x12345, hlim=7) / UDP() / b"payload")
    expected = bytes.fromhex(
        "6b900000"  # version 6, traffic class 0xb9 as inside, no flow label
        f"{len(inner):04x} 29 40"  # payload length, next header 41, hop limit 64
        "20010db8000500000000000000000005"
        "20010db8000100000000000000000001"
    )
    assert HEADERS.encapsulate(inner) == expected + inner


@pytest.mark.rfc("6040", "4.1")
@given(st.integers(0, 255), st.integers(1, 255))
def test_inner_packet_goes_through_unchanged(traffic_class: int, hop_limit: int) -> None:
    inner = bytes(IPv6(src="2001:db8:1::7", dst="2001:db8:9::9", tc=traffic_class, hlim=hop_limit) / UDP())
    parsed = IPv6(HEADERS.encapsulate(inner))
    assert (parsed.tc, parsed.hlim, parsed.nh, parsed.plen) == (traffic_class, 64, 41, len(inner))
    assert bytes(parsed.payload) == inner
