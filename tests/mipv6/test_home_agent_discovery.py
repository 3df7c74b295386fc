"""Home agent address discovery: its anycast address, and its messages laid out by hand (RFC 6275 §6.5, §6.6)."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import IPv6Address, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.errors import DecodeError
from client.core.ipv6 import IPv6Packet, NextHeader
from mipv6.home_agent_discovery import HomeAgentReply, HomeAgentRequest, home_agents_anycast
from tests.mipv6.headers import CARE_OF, HOME_AGENT, checksum

ANYCAST = IPv6Address("2001:db8:1:0:fdff:ffff:ffff:fffe")
OTHER = IPv6Address("2001:db8:1::2")
REQUEST = "90 00 0000 1234 0000"  # type 144, code, checksum, identifier, reserved
REPLY = "91 00 0000 1234 0000 20010db8000100000000000000000001 20010db8000100000000000000000002"


def carried(layout: str, source: IPv6Address, destination: IPv6Address) -> IPv6Packet:
    """A message, whose checksum field is zero, in a packet, with the right one."""
    plain = bytes.fromhex(layout)
    payload = plain[:2] + checksum(plain, source, destination, NextHeader.ICMPV6) + plain[4:]
    return IPv6Packet(source=source, destination=destination, next_header=NextHeader.ICMPV6, payload=payload)


@pytest.mark.rfc("2526", "3")
@pytest.mark.parametrize(
    ("prefix", "address"),
    [
        ("2001:db8:1::/64", "2001:db8:1:0:fdff:ffff:ffff:fffe"),
        ("2001:db8::/48", "2001:db8:0:ffff:ffff:ffff:ffff:fffe"),
        ("2001:db8:1::/112", "2001:db8:1::fffe"),
        ("2001:db8:1::80/121", "2001:db8:1::fe"),
    ],
)
def test_all_home_agents_of_a_prefix_have_one_address(prefix: str, address: str) -> None:
    assert home_agents_anycast(IPv6Network(prefix)) == IPv6Address(address)


@pytest.mark.rfc("6275", "6.5", "reserved-zero")
def test_request_is_laid_out_as_in_the_rfc() -> None:
    packet = carried(REQUEST, CARE_OF, ANYCAST)
    assert HomeAgentRequest(identifier=0x1234).packet(CARE_OF, ANYCAST) == packet
    assert HomeAgentRequest.unpack(packet) == HomeAgentRequest(identifier=0x1234)


@pytest.mark.rfc("6275", "6.6", "reserved-zero")
def test_reply_is_laid_out_as_in_the_rfc() -> None:
    packet = carried(REPLY, HOME_AGENT, CARE_OF)
    reply = HomeAgentReply(identifier=0x1234, home_agents=(HOME_AGENT, OTHER))
    assert reply.packet(HOME_AGENT, CARE_OF) == packet
    assert HomeAgentReply.unpack(packet) == reply


@pytest.mark.rfc("6275", "6.5", "reserved-ignored")
@pytest.mark.rfc("6275", "6.6", "reserved-ignored")
def test_reserved_fields_are_not_looked_at() -> None:
    request = carried("90 00 0000 1234 ffff", CARE_OF, ANYCAST)
    assert HomeAgentRequest.unpack(request) == HomeAgentRequest(identifier=0x1234)
    reply = carried("91 00 0000 1234 ffff", HOME_AGENT, CARE_OF)
    assert HomeAgentReply.unpack(reply) == HomeAgentReply(identifier=0x1234, home_agents=())


@pytest.mark.parametrize("layout", ["91 00 0000 1234", REPLY[:-2], REPLY + "20", REQUEST])
def test_reply_that_is_malformed_is_refused(layout: str) -> None:
    with pytest.raises(DecodeError):
        HomeAgentReply.unpack(carried(layout, HOME_AGENT, CARE_OF))


@pytest.mark.parametrize("layout", ["90 00 0000 1234", REPLY, "92 00 0000 1234 0000"])
def test_request_that_is_malformed_is_refused(layout: str) -> None:
    with pytest.raises(DecodeError):
        HomeAgentRequest.unpack(carried(layout, CARE_OF, ANYCAST))


@given(st.binary(max_size=60), st.sampled_from(["90", "91"]))
def test_any_bytes_are_a_message_or_refused(data: bytes, kind: str) -> None:
    packet = carried(f"{kind}00 0000" + data.hex(), CARE_OF, ANYCAST)
    with suppress(DecodeError):
        HomeAgentRequest.unpack(packet)
    with suppress(DecodeError):
        HomeAgentReply.unpack(packet)
