"""ICMPv6 messages: laid out by hand and as scapy writes them, and bad ones refused."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet6 import ICMPv6EchoRequest, IPv6

from client.core.errors import DecodeError
from client.core.icmp6 import Icmp6Message, Icmp6Type
from client.core.ipv6 import IPv6Packet, NextHeader

SOURCE, DESTINATION = IPv6Address("fe80::1"), IPv6Address("ff02::2")
HOME = IPv6Address("2001:db8:1::23")
# Words of the pseudo-header: fe80 + 1 + ff02 + 2 + length 8 + next header 3a; of the message: 8500. They sum to
# 2 82c7, so 82c9: the checksum is 7d36.
SOLICITATION = bytes.fromhex("85 00 7d36 00000000")


def packet(payload: bytes) -> IPv6Packet:
    """The payload between our two addresses."""
    return IPv6Packet(source=SOURCE, destination=DESTINATION, next_header=NextHeader.ICMPV6, payload=payload)


@pytest.mark.rfc("4443", "2.1")
@pytest.mark.rfc("4443", "2.3")
def test_message_is_laid_out_as_in_the_rfc() -> None:
    message = Icmp6Message(type=Icmp6Type.ROUTER_SOLICITATION, body=bytes(4))
    assert message.packet(SOURCE, DESTINATION) == packet(SOLICITATION)
    assert Icmp6Message.unpack(packet(SOLICITATION)) == message


@given(st.binary(max_size=50), st.integers(0, 65535))
def test_scapy_writes_the_same_echo(data: bytes, sequence: int) -> None:
    theirs = IPv6(src=str(SOURCE), dst=str(DESTINATION), hlim=64) / ICMPv6EchoRequest(id=7, seq=sequence, data=data)
    message = Icmp6Message(type=Icmp6Type.ECHO_REQUEST, body=b"\x00\x07" + sequence.to_bytes(2) + data)
    assert message.packet(SOURCE, DESTINATION).pack() == bytes(theirs)
    assert Icmp6Message.unpack(IPv6Packet.unpack(bytes(theirs))) == message


@pytest.mark.rfc("4443", "2.3")
@pytest.mark.parametrize("bit", range(8 * len(SOLICITATION)))
def test_one_wrong_bit_spoils_the_message(bit: int) -> None:
    payload = bytearray(SOLICITATION)
    payload[bit // 8] ^= 0x80 >> bit % 8
    with pytest.raises(DecodeError, match="checksum"):
        Icmp6Message.unpack(packet(bytes(payload)))


@pytest.mark.rfc("6275", "11.3.1")
def test_checksum_is_over_the_home_addresses() -> None:
    message = Icmp6Message(type=Icmp6Type.PREFIX_SOLICITATION, body=bytes(4))
    sent = message.packet(SOURCE, DESTINATION, home_address=HOME)
    assert sent.payload == message.pack(HOME, DESTINATION)
    assert Icmp6Message.unpack(sent) == message
    routed = message.packet(SOURCE, DESTINATION, routing=HOME)
    assert routed.payload == message.pack(SOURCE, HOME)
    assert Icmp6Message.unpack(routed) == message
    with pytest.raises(DecodeError, match="checksum"):
        Icmp6Message.unpack(replace(sent, home_address=None))


@pytest.mark.parametrize("length", range(4))
def test_less_than_four_bytes_are_refused(length: int) -> None:
    with pytest.raises(DecodeError):
        Icmp6Message.unpack(packet(SOLICITATION[:length]))


def test_other_protocol_is_refused() -> None:
    with pytest.raises(DecodeError):
        Icmp6Message.unpack(replace(packet(SOLICITATION), next_header=NextHeader.UDP))


@given(st.binary(max_size=60))
def test_any_bytes_are_a_message_or_refused(data: bytes) -> None:
    with suppress(DecodeError):
        assert Icmp6Message.unpack(packet(data)).body == data[4:]
