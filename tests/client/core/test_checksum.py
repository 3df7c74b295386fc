"""The Internet checksum, against the example of its RFC and against scapy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.utils import checksum as scapy_checksum

from client.core.checksum import internet_checksum


@pytest.mark.rfc("1071", "3")
def test_example_of_the_rfc() -> None:
    # 00 01 f2 03 f4 f5 f6 f7: the one's complement sum is ddf2, and the checksum its complement.
    assert internet_checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0xFFFF - 0xDDF2


@pytest.mark.rfc("1071", "1")
def test_data_with_its_own_checksum_sums_to_zero() -> None:
    assert internet_checksum(bytes.fromhex("0001f203f4f5f6f7") + bytes.fromhex("220d")) == 0


@pytest.mark.rfc("1071", "4.1")
def test_an_odd_last_byte_is_the_high_byte_of_a_word() -> None:
    assert internet_checksum(b"\x01") == internet_checksum(b"\x01\x00") == 0xFEFF


def test_nothing_and_zeros_have_the_complement_of_zero() -> None:
    assert internet_checksum(b"") == internet_checksum(bytes(40)) == 0xFFFF


@given(st.binary(max_size=300))
def test_scapy_finds_the_same(data: bytes) -> None:
    assert internet_checksum(data) == scapy_checksum(data)
