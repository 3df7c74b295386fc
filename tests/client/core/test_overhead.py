"""What each encapsulation adds, counted by scapy."""

from __future__ import annotations

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import HAO, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrRouting
from scapy.layers.l2 import GRE

from client.core.overhead import overhead
from client.core.plan import Encapsulation


@pytest.mark.parametrize(
    ("encapsulation", "headers"),
    [
        (Encapsulation.IPIP, bytes(IP())),
        (Encapsulation.MINIMAL, bytes(IP())),
        (Encapsulation.GRE, bytes(IP() / GRE())),
        (Encapsulation.UDP, bytes(IP() / UDP() / b"\x04\x04\0\0")),
        (Encapsulation.DIRECT, bytes(IPv6ExtHdrRouting(type=2, addresses=["2001:db8::1"]))),
    ],
)
def test_overhead_is_what_the_outer_headers_take(encapsulation: Encapsulation, headers: bytes) -> None:
    assert overhead(encapsulation) == len(headers)


@pytest.mark.rfc("2473", "7")
def test_overhead_between_ipv6_addresses_is_an_ipv6_header() -> None:
    assert overhead(Encapsulation.IPIP, ipv6=True) == len(bytes(IPv6()))


@pytest.mark.rfc("6275", "6.3")
def test_home_address_option_takes_as_much_as_the_routing_header() -> None:
    option = IPv6ExtHdrDestOpt(options=[HAO(hoa="2001:db8::1")])
    assert overhead(Encapsulation.DIRECT, ipv6=True) == len(bytes(option))
