"""ESP with keys set by hand (RFC 4303, RFC 2404, RFC 2410, RFC 3776 §3.1): one rule a test."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.errors import DecodeError
from client.core.ipv6 import IPv6Packet, NextHeader
from client.core.secret import Secret
from mipv6.esp import Association, Sealer, seal, spi_of, unseal
from mipv6.messages import BindingAcknowledgement, BindingUpdate
from tests.mipv6.headers import CARE_OF, HOME, HOME_AGENT

KEY = bytes(range(0x40, 0x54))
ASSOCIATION = Association(0x1234, Secret(KEY))
UPDATE = BindingUpdate(sequence=7, home_registration=True, lifetime=600).packet(CARE_OF, HOME_AGENT, home_address=HOME)


def icv(data: bytes) -> bytes:
    """HMAC-SHA1-96 written out (RFC 2104 §2, RFC 2404 §2)."""
    padded = KEY.ljust(64, b"\0")
    inner = hashlib.sha1(bytes(byte ^ 0x36 for byte in padded) + data).digest()
    return hashlib.sha1(bytes(byte ^ 0x5C for byte in padded) + inner).digest()[:12]


def carrying(payload: bytes, kind: int = NextHeader.MOBILITY) -> IPv6Packet:
    return IPv6Packet(source=CARE_OF, destination=HOME_AGENT, next_header=kind, payload=payload)


def signed(body: bytes) -> IPv6Packet:
    """An ESP packet with a right check value, whatever is in it."""
    data = bytes.fromhex("00001234 00000001") + body
    return carrying(data + icv(data), NextHeader.ESP)


def test_a_binding_update_is_home_address_option_then_esp_then_mobility_header() -> None:
    sent = seal(UPDATE, ASSOCIATION, 9).pack()
    clear = UPDATE.payload
    esp = bytes.fromhex("00001234 00000009") + clear + bytes.fromhex("0102 02 87")
    assert len(clear) % 8 == 0
    assert sent[6] == NextHeader.DESTINATION_OPTIONS
    assert sent[40:64] == bytes.fromhex("32 02 0102 0000 c910") + HOME.packed
    assert sent[64:] == esp + icv(esp)


def test_an_acknowledgement_is_type_2_routing_header_then_esp() -> None:
    packet = BindingAcknowledgement(status=0, sequence=7, lifetime=600).packet(HOME_AGENT, CARE_OF, routing=HOME)
    sent = seal(packet, ASSOCIATION, 1).pack()
    assert sent[6] == NextHeader.ROUTING
    assert sent[40:64] == bytes.fromhex("32 02 02 01 00000000") + HOME.packed
    assert sent[64:72] == bytes.fromhex("00001234 00000001")


@given(st.binary(max_size=300), st.integers(0, 255), st.integers(1, 2**32 - 1))
def test_what_was_sealed_is_unsealed_as_it_was(payload: bytes, kind: int, sequence: int) -> None:
    packet = carrying(payload, kind)
    sealed = seal(packet, ASSOCIATION, sequence)
    assert unseal(sealed, ASSOCIATION) == packet
    assert len(sealed.payload) % 4 == 0
    assert spi_of(sealed) == 0x1234


def test_one_wrong_bit_is_found() -> None:
    sealed = seal(UPDATE, ASSOCIATION, 9)
    for bit in range(8 * len(sealed.payload)):
        changed = bytearray(sealed.payload)
        changed[bit // 8] ^= 0x80 >> bit % 8
        with pytest.raises(DecodeError):
            unseal(replace(sealed, payload=bytes(changed)), ASSOCIATION)


def test_another_key_or_another_spi_opens_nothing() -> None:
    sealed = seal(UPDATE, ASSOCIATION, 9)
    for other in (Association(0x1234, Secret(bytes(20))), Association(0x1235, Secret(KEY))):
        with pytest.raises(DecodeError):
            unseal(sealed, other)


def test_what_is_not_esp_is_refused() -> None:
    with pytest.raises(DecodeError):
        unseal(UPDATE, ASSOCIATION)


@pytest.mark.parametrize("body", ["", "87", "03 87", "00 01 87", "0202 02 87", "0102 ff 87"])
def test_wrong_padding_is_refused_even_with_a_right_check_value(body: str) -> None:
    with pytest.raises(DecodeError):
        unseal(signed(bytes.fromhex(body)), ASSOCIATION)


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for packet in (carrying(data, NextHeader.ESP), signed(data)):
        with suppress(DecodeError):
            unseal(packet, ASSOCIATION)


@pytest.mark.parametrize("sequence", [0, 2**32])
def test_sequence_numbers_end_and_do_not_begin_again(sequence: int) -> None:
    with pytest.raises(ValueError, match="used up"):
        seal(UPDATE, ASSOCIATION, sequence)


@pytest.mark.parametrize(("spi", "length"), [(255, 20), (2**32, 20), (256, 19), (256, 21)])
def test_reserved_spis_and_keys_of_other_lengths_are_refused(spi: int, length: int) -> None:
    with pytest.raises(ValueError, match=r"SPI|key"):
        Association(spi, Secret(bytes(length)))


def test_a_sealer_goes_round_when_its_numbers_are_used_up() -> None:
    """Nobody looks at them with keys set by hand (RFC 4303 §3.3.3); to fall silent would help nobody."""
    sealer = Sealer(ASSOCIATION, lambda: 0.5)
    sealer._sequence = 2**32 - 2
    numbers = [int.from_bytes(sealer.seal(UPDATE).payload[4:8]) for _ in range(3)]
    assert numbers == [2**32 - 1, 1, 2]
