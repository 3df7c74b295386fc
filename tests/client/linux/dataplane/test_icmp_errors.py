"""ICMP errors of the tunnel's entrance, read by scapy."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from scapy.layers.inet import ICMP, IP, UDP, IPerror

from client.linux.dataplane.icmp_errors import FRAGMENTATION_NEEDED, icmp_error

REPORTER = IPv4Address("198.51.100.1")


def packet(**fields: object) -> bytes:
    return bytes(IP(**({"src": "192.0.2.9", "dst": "10.1.0.7"} | fields)) / UDP(sport=1, dport=2) / bytes(900))


@pytest.mark.rfc("1191", "4")
def test_sender_is_told_the_mtu_and_which_packet() -> None:
    error = icmp_error(packet(id=4711), REPORTER, FRAGMENTATION_NEEDED, 1400)
    assert error is not None
    parsed = IP(error.pack())
    assert (parsed.src, parsed.dst) == (str(REPORTER), "192.0.2.9")
    assert (parsed[ICMP].type, parsed[ICMP].code, parsed[ICMP].nexthopmtu) == (3, 4, 1400)
    assert parsed[IPerror].id == 4711
    assert parsed.len <= 576


@pytest.mark.rfc("1122", "3.2.2")
@pytest.mark.parametrize(
    "data",
    [
        packet(dst="224.0.0.251"),
        packet(src="0.0.0.0"),
        packet(src="127.0.0.1"),
        packet(src="239.1.2.3"),
        packet(frag=8),
        bytes(IP(src="192.0.2.9", dst="10.1.0.7") / ICMP(type=3, code=1) / packet()[:28]),
    ],
    ids=["multicast", "no source", "loopback", "multicast source", "later fragment", "an error"],
)
def test_no_error_where_none_may_be_sent(data: bytes) -> None:
    assert icmp_error(data, REPORTER, FRAGMENTATION_NEEDED, 1400) is None


def test_a_ping_may_be_answered_with_an_error() -> None:
    assert icmp_error(bytes(IP(src="192.0.2.9", dst="10.1.0.7") / ICMP(type=8)), REPORTER, 1) is not None
