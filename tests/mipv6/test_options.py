"""Mobility options: each laid out by hand from its RFC, where it must begin, and what a wrong one does."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.errors import DecodeError
from mipv6.messages import BindingRefreshRequest, BindingUpdate, HomeTestInit
from mipv6.mobility_header import unpack
from mipv6.options import (
    AlternateCareOfAddress,
    Authentication,
    BindingAuthorizationData,
    BindingRefreshAdvice,
    MobileNetworkPrefix,
    MobileNodeIdentifier,
    NonceIndices,
    Option,
    ReplayProtection,
    UnknownOption,
    find,
    read_options,
)
from tests.mipv6.headers import CARE_OF, COOKIE, carried

AUTHENTICATOR = bytes(range(0xA0, 0xAC))

# What stands behind the twelve octets of a Binding Update: begun on its boundary, padded to a multiple of 8.
OPTIONS = [
    pytest.param(
        BindingRefreshAdvice(240),
        "02 02 003c",  # at 2n: 60 units of 4 s
        id="refresh advice",
    ),
    pytest.param(
        AlternateCareOfAddress(CARE_OF),
        "01 00 03 10 20010db8000200000000000000000007",  # PadN of 2, at 8n + 6
        id="alternate care-of address",
    ),
    pytest.param(
        NonceIndices(home=0x102, care_of=0x304),
        "04 04 0102 0304 01 04 00000000",  # at 2n; PadN of 6
        id="nonce indices",
    ),
    pytest.param(
        BindingAuthorizationData(AUTHENTICATOR),
        "01 04 00000000 05 0c a0a1a2a3a4a5a6a7a8a9aaab",  # PadN of 6, at 8n + 2, nothing behind it
        id="binding authorization data",
    ),
    pytest.param(
        MobileNetworkPrefix(48, IPv6Address("2001:db8:7::")),
        "06 12 00 30 20010db8000700000000000000000000",  # at 8n + 4: reserved, length, prefix
        id="mobile network prefix",
    ),
    pytest.param(
        MobileNodeIdentifier("alice@example.net"),
        "08 12 01 616c696365406578616d706c652e6e6574",  # anywhere: subtype 1, and what needs no padding
        id="mobile node identifier",
    ),
    pytest.param(
        Authentication(1, 0x1000, AUTHENTICATOR),
        "00 09 11 01 00001000 a0a1a2a3a4a5a6a7a8a9aaab",  # Pad1, at 4n + 1: subtype, SPI; nothing behind it
        id="authentication",
    ),
    pytest.param(
        ReplayProtection(0xED2A0F1300ABCDEF),
        "01 04 00000000 0a 08 ed2a0f1300abcdef 01 02 0000",  # PadN of 6, at 8n + 2; PadN of 4
        id="replay protection",
    ),
]


def update_with(layout: str) -> bytes:
    """A Binding Update of 420 s with sequence number 1, A set, and these octets behind it."""
    options = bytes.fromhex(layout)
    return bytes([0x3B, (12 + len(options)) // 8 - 1, 5]) + bytes.fromhex("00 0000 0001 8000 0069") + options


@pytest.mark.rfc("6275", "6.2.4")
@pytest.mark.rfc("6275", "6.2.5", "alternate")
@pytest.mark.rfc("6275", "6.2.6", "indices")
@pytest.mark.rfc("6275", "6.2", "authorization-no-padding")
@pytest.mark.rfc("4285", "5")
@pytest.mark.rfc("4285", "6")
@pytest.mark.parametrize(("option", "layout"), OPTIONS)
def test_option_is_written_as_in_its_rfc(option: Option, layout: str) -> None:
    update = BindingUpdate(sequence=1, lifetime=420, options=(option,))
    assert update.pack_without_checksum() == update_with(layout)


@pytest.mark.rfc("6275", "6.2.4")
@pytest.mark.rfc("6275", "6.2.5", "alternate")
@pytest.mark.rfc("6275", "6.2.6", "indices")
@pytest.mark.rfc("6275", "6.2", "authorization-no-padding")
@pytest.mark.rfc("4285", "5")
@pytest.mark.rfc("4285", "6")
@pytest.mark.parametrize(("option", "layout"), OPTIONS)
def test_option_is_read_as_in_its_rfc(option: Option, layout: str) -> None:
    assert unpack(carried(update_with(layout))).options == (option,)


BOUNDARIES = [
    (BindingRefreshAdvice(240), 2, 0),
    (AlternateCareOfAddress(CARE_OF), 8, 6),
    (NonceIndices(1, 2), 2, 0),
    (BindingAuthorizationData(AUTHENTICATOR), 8, 2),
    (MobileNetworkPrefix(48, CARE_OF), 8, 4),
    (Authentication(1, 0x1000, AUTHENTICATOR), 4, 1),
    (ReplayProtection(7), 8, 2),
]


@pytest.mark.rfc("6275", "6.2.1")
@pytest.mark.parametrize(("option", "unit", "rest"), BOUNDARIES)
@pytest.mark.parametrize("before", range(9))
def test_option_begins_on_its_boundary_whatever_stands_before_it(
    option: Option, unit: int, rest: int, before: int
) -> None:
    other = UnknownOption(200, b"\xcc" * before)
    for message in (
        BindingUpdate(sequence=1, lifetime=4, options=(other, option)),
        HomeTestInit(cookie=COOKIE, options=(other, option)),
    ):
        header = message.pack_without_checksum()
        wire = bytes([option.kind, len(option.data())]) + option.data()
        assert header.index(wire) % unit == rest
        assert len(header) == 8 * (header[1] + 1)
        assert unpack(carried(header)) == message


@pytest.mark.rfc("6275", "6.2.2")
@pytest.mark.rfc("6275", "6.2.3")
@pytest.mark.parametrize(
    ("size", "padding"),
    [(3, "01 01 00"), (4, "01 00"), (5, "00"), (6, ""), (7, "01 05 0000000000"), (8, "01 04 00000000")],
)
def test_message_is_padded_by_one_option(size: int, padding: str) -> None:
    """The option begins at octet 8; with its two own octets it ends at 8 + 2 + size."""
    message = BindingRefreshRequest(options=(UnknownOption(200, b"\xcc" * size),))
    assert message.pack_without_checksum()[10 + size :] == bytes.fromhex(padding)


@pytest.mark.rfc("6275", "6.2.3", "padding-ignored")
def test_what_stands_in_padding_is_not_looked_at() -> None:
    assert unpack(carried(update_with("01 06 03 10 0000 0000 02 02 003c"))).options == (BindingRefreshAdvice(240),)


@pytest.mark.rfc("6275", "6.2.1", "unknown-skipped")
@pytest.mark.rfc("6275", "6.2.1", "unknown-silent")
@pytest.mark.parametrize("kind", [7, 11, 34, 199, 255])
def test_unknown_option_is_skipped_and_what_follows_is_read(kind: int) -> None:
    options = unpack(carried(update_with(f"{kind:02x} 03 ffffff 00 04 04 0102 0304"))).options
    assert options == (UnknownOption(kind, b"\xff\xff\xff"), NonceIndices(0x102, 0x304))
    assert find(options, NonceIndices) == NonceIndices(0x102, 0x304)
    assert find(options, ReplayProtection) is None


@pytest.mark.rfc("4283", "3")
def test_identifier_of_another_kind_is_unknown() -> None:
    assert read_options(bytes.fromhex("08 03 02 abcd")) == (UnknownOption(8, b"\x02\xab\xcd"),)


@pytest.mark.rfc("6275", "6.2.7")
def test_authenticator_of_another_procedure_may_have_another_length() -> None:
    assert read_options(b"\x05\x14" + bytes(20)) == (BindingAuthorizationData(bytes(20)),)


@pytest.mark.parametrize(
    "layout",
    [
        "02 01 00",
        "02 03 000000",
        "03 0f" + 15 * "00",
        "03 11" + 17 * "00",
        "04 02 0001",
        "04 10" + 16 * "00",
        "06 11" + 17 * "00",
        "06 12 00 81" + 16 * "00",  # a prefix of 129 bits
        "08 00",
        "08 01 01",  # an NAI of no octets
        "08 02 01 ff",  # not UTF-8
        "09 04 01 000010",  # no room for an SPI
        "0a 07" + 7 * "00",
        "0a 09" + 9 * "00",
    ],
)
def test_known_option_that_is_malformed_spoils_its_message(layout: str) -> None:
    """To skip it would give the message another meaning than its sender's."""
    with pytest.raises(DecodeError):
        read_options(bytes.fromhex(layout))


@pytest.mark.parametrize("layout", ["c8", "c8 01", "c8 05 00000000", "01", "01 01", "00 c8"])
def test_option_that_runs_past_the_end_spoils_its_message(layout: str) -> None:
    with pytest.raises(DecodeError):
        read_options(bytes.fromhex(layout))


def test_option_fills_its_255_octets() -> None:
    assert read_options(b"\xc8\xff" + bytes(255)) == (UnknownOption(200, bytes(255)),)


@given(st.binary(max_size=300))
def test_any_bytes_are_options_or_refused(body: bytes) -> None:
    with suppress(DecodeError):
        for option in read_options(body):
            assert len(option.data()) <= 255
