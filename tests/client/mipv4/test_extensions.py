"""Type, length, data: what is read, what is skipped, and what condemns the whole message."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.errors import DecodeError
from client.mipv4.extensions import Extension, ExtensionType, nai_extension, of_type, read_extensions, read_nai

AUTHENTICATION = bytes.fromhex("20 14 00001000 000102030405060708090a0b0c0d0e0f")
NAI = b"\x83\x03a@b"


@pytest.mark.rfc("5944", "1.9")
def test_extension_is_type_length_data() -> None:
    [extension] = read_extensions(NAI, 0)
    assert (extension.type, extension.data, extension.offset, extension.end) == (131, b"a@b", 0, 5)
    assert extension.pack() == NAI


@pytest.mark.rfc("5944", "1.9")
def test_length_does_not_count_type_and_length() -> None:
    first, second = read_extensions(b"fixed" + NAI + AUTHENTICATION, 5)
    assert (first.offset, second.offset, second.end) == (5, 10, 32)


@pytest.mark.rfc("5944", "1.8")
def test_one_byte_padding_has_no_length() -> None:
    padded = b"\x00" + NAI + b"\x00\x00" + AUTHENTICATION + b"\x00"
    assert [extension.type for extension in read_extensions(padded, 0)] == [131, 32]


@pytest.mark.rfc("5944", "1.8")
@pytest.mark.parametrize("type_", [t for t in range(1, 128) if t not in (32, 33, 34, 44)])
def test_unknown_extension_up_to_127_condemns_the_message(type_: int) -> None:
    with pytest.raises(DecodeError, match="unknown extension"):
        read_extensions(NAI + bytes((type_, 2, 7, 7)) + AUTHENTICATION, 0)


@pytest.mark.rfc("5944", "1.8")
@pytest.mark.parametrize("type_", [t for t in range(128, 256) if t not in (131, 144)])
def test_unknown_extension_from_128_is_skipped_and_the_rest_is_read(type_: int) -> None:
    read = read_extensions(NAI + bytes((type_, 2, 7, 7)) + AUTHENTICATION, 0)
    assert [(extension.type, extension.offset) for extension in read] == [(131, 0), (32, 9)]


@pytest.mark.rfc("3519", "3.1")
def test_udp_tunnel_extensions_are_known_the_request_skippable_and_the_reply_not() -> None:
    read = read_extensions(bytes.fromhex("90 06 000000000000 2c 06 000000000000"), 0)
    assert [(extension.type, extension.offset) for extension in read] == [(144, 0), (44, 8)]
    assert ExtensionType.UDP_TUNNEL_REPLY < 128 <= ExtensionType.UDP_TUNNEL_REQUEST


@pytest.mark.rfc("5944", "1.8")
@pytest.mark.parametrize("type_", [32, 131, 200])
@pytest.mark.parametrize("cut", [b"", b"\x01", b"\x03ab", b"\xff" + bytes(254)])
def test_extension_past_the_end_condemns_the_message(type_: int, cut: bytes) -> None:
    with pytest.raises(DecodeError, match="past the end"):
        read_extensions(NAI + bytes((type_,)) + cut, 0)


@pytest.mark.rfc("5944", "1.9")
@pytest.mark.parametrize("length", [0, 255])
def test_shortest_and_longest_data(length: int) -> None:
    [extension] = read_extensions(bytes((131, length)) + b"x" * length, 0)
    assert extension.data == b"x" * length
    assert extension.pack() == bytes((131, length)) + b"x" * length


def test_data_of_more_than_a_length_byte_can_tell_is_never_packed() -> None:
    with pytest.raises(ValueError, match="range"):
        Extension(131, bytes(256)).pack()


def test_extensions_are_found_by_type_in_their_order() -> None:
    first, second = Extension(33, b"1"), Extension(33, b"2")
    assert of_type((first, Extension(32, b""), second), ExtensionType.MOBILE_FOREIGN_AUTHENTICATION) == [first, second]


@pytest.mark.rfc("2794", "2")
def test_nai_extension_is_131_and_holds_the_identifier() -> None:
    assert nai_extension("a@b").pack() == NAI
    assert read_nai(read_extensions(NAI, 0)) == "a@b"


def test_message_without_nai_has_none() -> None:
    assert read_nai(read_extensions(AUTHENTICATION, 0)) is None


@pytest.mark.rfc("2794", "2")
@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"a@\xc3"])
def test_nai_that_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(DecodeError, match="network access identifier"):
        read_nai([Extension(131, data)])


@given(st.binary(max_size=600), st.integers(0, 40))
def test_any_bytes_are_extensions_or_refused(data: bytes, offset: int) -> None:
    with suppress(DecodeError):
        for extension in read_extensions(data, offset):
            assert data[extension.offset : extension.end] == extension.pack()


@given(st.lists(st.tuples(st.sampled_from([32, 33, 34, 44, 131, 144]), st.binary(max_size=255)), max_size=5))
def test_well_formed_extensions_are_all_read(pairs: list[tuple[int, bytes]]) -> None:
    data = b"".join(bytes((type_, len(content))) + content for type_, content in pairs)
    assert [(extension.type, extension.data) for extension in read_extensions(data, 0)] == pairs
