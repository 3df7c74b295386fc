"""ICMP messages: an echo as scapy writes it, and bad ones refused."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, IP
from scapy.packet import Raw

from client.core.errors import DecodeError
from client.core.icmp import IcmpMessage, IcmpType
from client.core.ipv4 import IPv4Packet, Protocol

SOURCE, DESTINATION = IPv4Address("192.0.2.1"), IPv4Address("224.0.0.2")
# 0a00 + 0000 + 0000 + 0000 sums to 0a00: the checksum is f5ff.
SOLICITATION = bytes.fromhex("0a 00 f5 ff 00 00 00 00")


def packet(payload: bytes, protocol: int = Protocol.ICMP) -> IPv4Packet:
    """The payload between our two addresses."""
    return IPv4Packet(source=SOURCE, destination=DESTINATION, protocol=protocol, payload=payload)


@pytest.mark.rfc("792", "Message Formats")
def test_message_is_laid_out_as_in_the_rfc() -> None:
    message = IcmpMessage(type=IcmpType.ROUTER_SOLICITATION, body=bytes(4))
    assert message.pack() == SOLICITATION
    assert IcmpMessage.unpack(packet(SOLICITATION)) == message


@given(st.binary(max_size=50), st.integers(0, 65535))
def test_scapy_writes_the_same_echo(data: bytes, sequence: int) -> None:
    other = IP(src=str(SOURCE), dst=str(DESTINATION), ttl=64, id=0) / ICMP(type=8, id=7, seq=sequence) / Raw(data)
    message = IcmpMessage(type=IcmpType.ECHO_REQUEST, body=b"\x00\x07" + sequence.to_bytes(2) + data)
    assert message.packet(SOURCE, DESTINATION).pack() == bytes(other)


@pytest.mark.rfc("1122", "3.2.2")
def test_wrong_checksum_is_refused() -> None:
    with pytest.raises(DecodeError, match="checksum"):
        IcmpMessage.unpack(packet(SOLICITATION[:-1] + b"\x01"))


@pytest.mark.rfc("1256", "5.2")
@pytest.mark.parametrize("length", range(8))
def test_less_than_eight_bytes_are_refused(length: int) -> None:
    with pytest.raises(DecodeError):
        IcmpMessage.unpack(packet(SOLICITATION[:length]))


def test_other_protocol_is_refused() -> None:
    with pytest.raises(DecodeError):
        IcmpMessage.unpack(packet(SOLICITATION, protocol=Protocol.UDP))


@given(st.binary(max_size=60))
def test_any_bytes_are_a_message_or_refused(data: bytes) -> None:
    with suppress(DecodeError):
        message = IcmpMessage.unpack(packet(data))
        assert message.body == data[4:]
