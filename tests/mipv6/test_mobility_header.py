"""Which mobility headers are taken (RFC 6275 §9.2): one rule a test."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.errors import DecodeError
from client.core.ipv6 import IPv6Packet, NextHeader
from mipv6.messages import HomeTestInit
from mipv6.mobility_header import UnknownTypeError, WrongFieldError, unpack
from tests.mipv6.headers import CARE_OF, COOKIE, CORRESPONDENT, HOME, carried

REFRESH_REQUEST = bytes.fromhex("3b 00 00 00 0000 0000")
HOME_TEST_INIT = bytes.fromhex("3b 01 01 00 0000 0000 c0c1c2c3c4c5c6c7")
SHORTEST = {0: 0, 1: 1, 2: 1, 3: 2, 4: 2, 5: 1, 6: 1, 7: 2}
"""The length field of each type without options (§6.1.2 to §6.1.9)."""


@pytest.mark.rfc("6275", "9.2", "checksum")
@pytest.mark.parametrize("bit", range(8 * len(HOME_TEST_INIT)))
def test_one_wrong_bit_spoils_the_message(bit: int) -> None:
    packet = carried(HOME_TEST_INIT)
    payload = bytearray(packet.payload)
    payload[bit // 8] ^= 0x80 >> bit % 8
    with pytest.raises(DecodeError) as caught:
        unpack(replace(packet, payload=bytes(payload)))
    assert type(caught.value) is DecodeError, "a wrong checksum is not answered"


@pytest.mark.rfc("6275", "9.2", "checksum")
def test_checksum_for_another_address_is_wrong() -> None:
    packet = carried(HOME_TEST_INIT)
    for other in (
        replace(packet, source=HOME),
        replace(packet, destination=HOME),
        replace(packet, home_address=HOME),
        replace(packet, routing=HOME),
    ):
        with pytest.raises(DecodeError, match="checksum"):
            unpack(other)


@pytest.mark.rfc("6275", "6.1.1", "checksum-length")
@pytest.mark.rfc("8200", "4.7")
def test_octets_behind_the_header_are_ignored() -> None:
    packet = carried(HOME_TEST_INIT)
    assert unpack(replace(packet, payload=packet.payload + b"more")) == HomeTestInit(cookie=COOKIE)


@pytest.mark.rfc("6275", "9.2", "known-type")
@pytest.mark.parametrize("kind", [8, 9, 127, 255])
def test_unknown_type_is_told_apart(kind: int) -> None:
    with pytest.raises(UnknownTypeError):
        unpack(carried(bytes([0x3B, 0, kind, 0, 0, 0, 0, 0])))


@pytest.mark.rfc("6275", "9.2", "payload-proto")
@pytest.mark.rfc("6275", "9.2", "payload-proto-pointer")
def test_another_payload_protocol_is_pointed_at() -> None:
    with pytest.raises(WrongFieldError) as caught:
        unpack(carried(b"\x06" + REFRESH_REQUEST[1:]))
    assert caught.value.pointer == 0


@pytest.mark.rfc("6275", "9.2", "header-length")
@pytest.mark.rfc("6275", "9.2", "header-length-pointer")
@pytest.mark.parametrize("kind", [kind for kind, length in SHORTEST.items() if length])
def test_header_shorter_than_its_type_is_pointed_at(kind: int) -> None:
    length = SHORTEST[kind] - 1
    with pytest.raises(WrongFieldError) as caught:
        unpack(carried(bytes([0x3B, length, kind]) + bytes(5 + 8 * length)))
    assert caught.value.pointer == 1


@pytest.mark.parametrize("kind", list(SHORTEST))
def test_shortest_header_of_each_type_is_taken(kind: int) -> None:
    message = unpack(carried(bytes([0x3B, SHORTEST[kind], kind]) + bytes(5 + 8 * SHORTEST[kind])))
    assert message.pack_without_checksum()[2] == kind


@pytest.mark.rfc("6275", "9.2", "known-type")
def test_type_is_judged_before_payload_protocol_and_length() -> None:
    with pytest.raises(UnknownTypeError):
        unpack(carried(b"\x06\0\xff" + bytes(5)))


@pytest.mark.parametrize("length", range(16))
def test_header_that_is_cut_short_is_refused(length: int) -> None:
    packet = carried(HOME_TEST_INIT)
    with pytest.raises(DecodeError):
        unpack(replace(packet, payload=packet.payload[:length]))


def test_other_protocol_is_refused() -> None:
    with pytest.raises(DecodeError):
        unpack(replace(carried(REFRESH_REQUEST), next_header=NextHeader.UDP))


@given(st.binary(max_size=120))
def test_any_bytes_are_a_message_or_refused(data: bytes) -> None:
    packet = IPv6Packet(source=CARE_OF, destination=CORRESPONDENT, next_header=NextHeader.MOBILITY, payload=data)
    with suppress(DecodeError):
        unpack(packet)


@given(st.sampled_from(sorted(SHORTEST)), st.integers(0, 12), st.binary(max_size=110))
def test_any_message_data_behind_a_right_checksum_are_a_message_or_refused(kind: int, length: int, data: bytes) -> None:
    header = (bytes([0x3B, length, kind, 0, 0, 0]) + data).ljust(8 * (length + 1), b"\0")[: 8 * (length + 1)]
    with suppress(DecodeError):
        message = unpack(carried(header))
        assert unpack(carried(message.pack_without_checksum())) == message
