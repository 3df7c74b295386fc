"""Congestion marks move inside as the table of RFC 6040 §4.2 says, all sixteen combinations, both families."""

from __future__ import annotations

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6

from client.linux.dataplane.congestion import with_congestion

# Figure 4: rows are what arrives inside (Not-ECT, ECT(1), ECT(0), CE), columns outside, in the same order.
FIGURE_4 = {
    0: (0, 0, 0, None),
    1: (1, 1, 1, 3),
    2: (2, 1, 2, 3),
    3: (3, 3, 3, 3),
}
CASES = [(outside, inside, FIGURE_4[inside][outside]) for inside in range(4) for outside in range(4)]


@pytest.mark.rfc("6040", "4.2")
@pytest.mark.parametrize(("outside", "inside", "result"), CASES)
def test_congestion_mark_moves_inside(outside: int, inside: int, result: int | None) -> None:
    found = with_congestion(outside, ipv4(0xB8 | inside))
    assert found == (None if result is None else ipv4(0xB8 | result))  # scapy computed that checksum


@pytest.mark.rfc("6040", "4.2")
@pytest.mark.parametrize(("outside", "inside", "result"), CASES)
def test_congestion_mark_moves_inside_ipv6(outside: int, inside: int, result: int | None) -> None:
    found = with_congestion(outside, ipv6(0xB8 | inside))
    assert found == (None if result is None else ipv6(0xB8 | result))


def ipv4(type_of_service: int) -> bytes:
    return bytes(IP(src="10.1.0.7", dst="192.0.2.9", tos=type_of_service) / UDP() / b"payload")


def ipv6(traffic_class: int) -> bytes:
    return bytes(IPv6(src="2001:db8::7", dst="2001:db8::9", tc=traffic_class, fl=0xABCDE) / UDP() / b"payload")
