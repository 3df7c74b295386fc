"""Authenticators: the vectors of RFC 2202, digests that another program made, and every way to be wrong."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.secret import Secret
from client.mipv4.authentication import (
    Algorithm,
    SecurityAssociation,
    authenticates,
    find_association,
    read_spi,
)
from client.mipv4.extensions import Extension, ExtensionType, read_extensions
from client.mipv4.messages import RegistrationRequest

MHAE = ExtensionType.MOBILE_HOME_AUTHENTICATION
KEY = bytes.fromhex("00112233445566778899aabbccddeeff")
ASSOCIATION = SecurityAssociation(spi=4096, key=Secret(KEY))
OLD_PEER = SecurityAssociation(spi=4096, key=Secret(KEY), algorithm=Algorithm.MD5_PREFIX_SUFFIX)

MESSAGE = bytes.fromhex("01220258c6336417c6336401c0000207ed2a0f1300abcdef") + b"\x83\x11alice@example.net"
EXTENSION_HEADER = bytes.fromhex("20 14 00001000")
# Made with openssl dgst -md5 -mac HMAC over MESSAGE + EXTENSION_HEADER.
HMAC_MD5 = bytes.fromhex("7ab8cc51c7dccaf57961ca298696e14d")
# Made with md5sum over KEY + MESSAGE + EXTENSION_HEADER + KEY.
PREFIX_SUFFIX = bytes.fromhex("53765fc461eeb3c2af36662a47cc4b03")

RFC_2202 = [
    (b"\x0b" * 16, b"Hi There", "9294727a3638bb1c13f48ef8158bfc9d"),
    (b"\xaa" * 16, b"\xdd" * 50, "56be34521d144c88dbb8c733f0e8b3f6"),
    (bytes(range(1, 26)), b"\xcd" * 50, "697eaf0aca3a3aea3a75164746ffaa79"),
    (b"\x0c" * 16, b"Test With Truncation", "56461ef2342edc00f9bab995690efd4c"),
    (
        b"\xaa" * 80,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd",
    ),
    (
        b"\xaa" * 80,
        b"Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data",
        "6f630fad67cda0ee1fb1f562db3aa53e",
    ),
]


def extensions_of(message: bytes) -> tuple[Extension, ...]:
    """As the receiver reads them."""
    return RegistrationRequest.unpack(message).extensions


def hmac_md5_by_hand(key: bytes, data: bytes) -> bytes:
    """RFC 2104 §2, step by step."""
    if len(key) > 64:
        key = hashlib.md5(key).digest()
    key = key.ljust(64, b"\x00")
    inner = hashlib.md5(bytes(byte ^ 0x36 for byte in key) + data).digest()
    return hashlib.md5(bytes(byte ^ 0x5C for byte in key) + inner).digest()


@pytest.mark.rfc("5944", "3.5.1", "hmac-md5")
@pytest.mark.rfc("2202", "2")
@pytest.mark.parametrize(("key", "data", "digest"), RFC_2202)
def test_default_is_hmac_md5(key: bytes, data: bytes, digest: str) -> None:
    assert SecurityAssociation(spi=256, key=Secret(key)).authenticator(data).hex() == digest


@pytest.mark.rfc("5944", "5.1", "any-key")
@given(key=st.binary(min_size=16, max_size=100), data=st.binary(max_size=200))
def test_keys_of_any_length_from_128_bits(key: bytes, data: bytes) -> None:
    association = SecurityAssociation(spi=256, key=Secret(key))
    assert association.authenticator(data) == hmac_md5_by_hand(key, data)


@pytest.mark.rfc("5944", "3.5.1", "protects")
@pytest.mark.rfc("5944", "3.5.2", "present")
def test_authenticator_covers_message_prior_extensions_type_length_and_spi() -> None:
    assert ASSOCIATION.sign(MESSAGE, MHAE) == MESSAGE + EXTENSION_HEADER + HMAC_MD5


@pytest.mark.rfc("2002", "3.5.1")
def test_old_peers_hash_between_two_keys() -> None:
    assert OLD_PEER.sign(MESSAGE, MHAE) == MESSAGE + EXTENSION_HEADER + PREFIX_SUFFIX


@pytest.mark.parametrize(("association", "digest"), [(ASSOCIATION, HMAC_MD5), (OLD_PEER, PREFIX_SUFFIX)])
def test_message_that_another_program_signed_is_authentic(association: SecurityAssociation, digest: bytes) -> None:
    message = MESSAGE + EXTENSION_HEADER + digest
    assert authenticates(message, extensions_of(message), MHAE, [association])


@pytest.mark.rfc("5944", "3.5.1")
def test_what_follows_the_extension_is_not_covered() -> None:
    for_the_foreign_agent = SecurityAssociation(spi=4097, key=Secret(KEY[::-1]))
    message = for_the_foreign_agent.sign(
        MESSAGE + EXTENSION_HEADER + HMAC_MD5, ExtensionType.MOBILE_FOREIGN_AUTHENTICATION
    )
    read = extensions_of(message)
    assert authenticates(message, read, MHAE, [ASSOCIATION])
    assert authenticates(message, read, ExtensionType.MOBILE_FOREIGN_AUTHENTICATION, [for_the_foreign_agent])


@pytest.mark.rfc("5944", "3.5.1")
def test_one_changed_bit_anywhere_is_noticed() -> None:
    message = MESSAGE + EXTENSION_HEADER + HMAC_MD5
    extensions = extensions_of(message)
    for position in range(len(message) * 8):
        forged = bytearray(message)
        forged[position // 8] ^= 1 << position % 8
        # The offsets stay those of the true message, so that each bit is judged by the authenticator alone.
        moved = tuple(Extension(e.type, bytes(forged[e.offset + 2 : e.end]), e.offset) for e in extensions)
        assert not authenticates(bytes(forged), moved, MHAE, [ASSOCIATION]), position


@pytest.mark.rfc("5944", "3.6.2.1")
@pytest.mark.parametrize(
    "association",
    [
        SecurityAssociation(spi=4096, key=Secret(KEY[::-1])),
        SecurityAssociation(spi=4097, key=Secret(KEY)),
        OLD_PEER,
    ],
    ids=["another key", "another SPI", "another algorithm"],
)
def test_message_of_another_association_is_not_authentic(association: SecurityAssociation) -> None:
    message = MESSAGE + EXTENSION_HEADER + HMAC_MD5
    assert not authenticates(message, extensions_of(message), MHAE, [association])


@pytest.mark.rfc("5944", "3.6.2.1", "mobile-home")
def test_exactly_one_extension_must_stand_there() -> None:
    once = ASSOCIATION.sign(MESSAGE, MHAE)
    twice = ASSOCIATION.sign(once, MHAE)
    assert not authenticates(MESSAGE, extensions_of(MESSAGE), MHAE, [ASSOCIATION])
    assert authenticates(once, extensions_of(once), MHAE, [ASSOCIATION])
    assert not authenticates(twice, extensions_of(twice), MHAE, [ASSOCIATION])


def test_extension_of_another_type_does_not_count() -> None:
    message = ASSOCIATION.sign(MESSAGE, ExtensionType.FOREIGN_HOME_AUTHENTICATION)
    assert not authenticates(message, extensions_of(message), MHAE, [ASSOCIATION])


@pytest.mark.parametrize("length", [0, 3, 4, 5, 19])
def test_cut_authenticator_is_not_authentic(length: int) -> None:
    body = (EXTENSION_HEADER[2:] + HMAC_MD5)[:length]
    message = MESSAGE + bytes((MHAE, length)) + body
    assert not authenticates(message, extensions_of(message), MHAE, [ASSOCIATION])


def test_longer_authenticator_is_not_authentic() -> None:
    message = MESSAGE + b"\x20\x15" + EXTENSION_HEADER[2:] + HMAC_MD5 + b"\x00"
    assert not authenticates(message, extensions_of(message), MHAE, [ASSOCIATION])


@pytest.mark.rfc("5944", "3.5.1", "spi")
def test_spi_chooses_among_several_associations() -> None:
    newer = SecurityAssociation(spi=4097, key=Secret(KEY[::-1]), algorithm=Algorithm.MD5_PREFIX_SUFFIX)
    for association in (ASSOCIATION, newer):
        message = association.sign(MESSAGE, MHAE)
        extensions = extensions_of(message)
        assert find_association([ASSOCIATION, newer], extensions[-1]) is association
        assert authenticates(message, extensions, MHAE, [ASSOCIATION, newer])


@pytest.mark.parametrize(("data", "spi"), [(b"", None), (b"\x00\x00\x10", None), (b"\x00\x00\x10\x01", 4097)])
def test_spi_is_the_first_four_bytes(data: bytes, spi: int | None) -> None:
    assert read_spi(Extension(MHAE, data)) == spi


@pytest.mark.rfc("5944", "1.6")
@pytest.mark.parametrize("spi", [-1, 0, 255, 2**32])
def test_reserved_and_impossible_spis_are_refused(spi: int) -> None:
    with pytest.raises(ValueError, match="SPI"):
        SecurityAssociation(spi=spi, key=Secret(KEY))


@pytest.mark.rfc("5944", "1.6")
@pytest.mark.parametrize("spi", [256, 2**32 - 1])
def test_smallest_and_largest_spi(spi: int) -> None:
    message = SecurityAssociation(spi=spi, key=Secret(KEY)).sign(b"", MHAE)
    assert message[2:6] == spi.to_bytes(4)


@pytest.mark.rfc("5944", "5.1")
def test_key_of_less_than_128_bits_is_refused() -> None:
    with pytest.raises(ValueError, match="128 bits"):
        SecurityAssociation(spi=256, key=Secret(bytes(15)))


@given(st.binary(max_size=120))
def test_no_bytes_whatever_are_authentic_by_chance(data: bytes) -> None:
    extension = Extension(MHAE, data, offset=len(MESSAGE))
    message = MESSAGE + bytes((MHAE, len(data))) + data
    assert not authenticates(message, [extension], MHAE, [ASSOCIATION])


def test_offsets_of_padding_are_covered() -> None:
    message = ASSOCIATION.sign(MESSAGE + b"\x00", MHAE)
    assert authenticates(message, read_extensions(message, 24), MHAE, [ASSOCIATION])
