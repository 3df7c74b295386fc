"""The eight messages: each laid out by hand from RFC 6275 §6.1, and what stands in them."""

from __future__ import annotations

from ipaddress import IPv6Address

import pytest

from client.core.ipv6 import IPv6Packet, NextHeader
from mipv6.messages import (
    BindingAcknowledgement,
    BindingError,
    BindingRefreshRequest,
    BindingUpdate,
    CareOfTest,
    CareOfTestInit,
    HomeTest,
    HomeTestInit,
    Message,
)
from mipv6.mobility_header import unpack
from mipv6.options import BindingRefreshAdvice, UnknownOption
from tests.mipv6.headers import CARE_OF, COOKIE, CORRESPONDENT, HOME, HOME_AGENT, TOKEN, carried, checksum

# Each begins with payload proto 59, length in units of 8 octets without the first, type, reserved, and a checksum of
# zero. The comment names what follows.
REFRESH_REQUEST = "3b 00 00 00 0000 0000"  # reserved
HOME_TEST_INIT = "3b 01 01 00 0000 0000 c0c1c2c3c4c5c6c7"  # reserved, cookie
CARE_OF_TEST_INIT = "3b 01 02 00 0000 0000 c0c1c2c3c4c5c6c7"  # reserved, cookie
HOME_TEST = "3b 02 03 00 0000 0102 c0c1c2c3c4c5c6c7 d0d1d2d3d4d5d6d7"  # home nonce index, cookie, token
CARE_OF_TEST = "3b 02 04 00 0000 0304 c0c1c2c3c4c5c6c7 d0d1d2d3d4d5d6d7"  # care-of nonce index, cookie, token
UPDATE = "3b 01 05 00 0000 1234 c000 0069 01020000"  # sequence, A and H, 105 units of 4 s, PadN of 4 octets
ACKNOWLEDGEMENT = "3b 01 06 00 0000 87 80 1234 0069 01020000"  # status 135, K, sequence, 105 units, PadN of 4
ERROR = "3b 02 07 00 0000 01 00 20010db8000100000000000000000023"  # status, reserved, home address

MESSAGES = [
    (BindingRefreshRequest(), REFRESH_REQUEST),
    (HomeTestInit(cookie=COOKIE), HOME_TEST_INIT),
    (CareOfTestInit(cookie=COOKIE), CARE_OF_TEST_INIT),
    (HomeTest(nonce_index=0x102, cookie=COOKIE, keygen_token=TOKEN), HOME_TEST),
    (CareOfTest(nonce_index=0x304, cookie=COOKIE, keygen_token=TOKEN), CARE_OF_TEST),
    (BindingUpdate(sequence=0x1234, acknowledge=True, home_registration=True, lifetime=420), UPDATE),
    (BindingAcknowledgement(status=135, key_management=True, sequence=0x1234, lifetime=420), ACKNOWLEDGEMENT),
    (BindingError(status=1, home_address=HOME), ERROR),
]


@pytest.mark.rfc("6275", "6.1.1", "payload-proto")
@pytest.mark.rfc("6275", "6.1.1", "length")
@pytest.mark.rfc("6275", "6.1.1", "reserved-zero")
@pytest.mark.rfc("6275", "6.1.2", "reserved-zero")
@pytest.mark.rfc("6275", "6.1.3", "reserved-zero")
@pytest.mark.rfc("6275", "6.1.4", "reserved-zero")
@pytest.mark.rfc("6275", "6.1.7", "reserved-zero")
@pytest.mark.rfc("6275", "6.1.8", "reserved-zero")
@pytest.mark.rfc("6275", "6.1.9", "reserved-zero")
@pytest.mark.parametrize(("message", "layout"), MESSAGES)
def test_message_is_written_as_in_the_rfc(message: Message, layout: str) -> None:
    assert message.pack_without_checksum() == bytes.fromhex(layout)


@pytest.mark.rfc("6275", "6.1.2")
@pytest.mark.rfc("6275", "6.1.3")
@pytest.mark.rfc("6275", "6.1.4")
@pytest.mark.rfc("6275", "6.1.5")
@pytest.mark.rfc("6275", "6.1.6")
@pytest.mark.rfc("6275", "6.1.7")
@pytest.mark.rfc("6275", "6.1.8")
@pytest.mark.rfc("6275", "6.1.9")
@pytest.mark.parametrize(("message", "layout"), MESSAGES)
def test_message_is_read_as_in_the_rfc(message: Message, layout: str) -> None:
    assert unpack(carried(bytes.fromhex(layout))) == message


@pytest.mark.parametrize(
    ("layout", "ignored"),
    [
        pytest.param(REFRESH_REQUEST, "00 00 00 ff", marks=pytest.mark.rfc("6275", "6.1.1", "reserved-ignored")),
        pytest.param(
            REFRESH_REQUEST, "00 00 00 00 0000 ffff", marks=pytest.mark.rfc("6275", "6.1.2", "reserved-ignored")
        ),
        pytest.param(
            HOME_TEST_INIT, "00 00 00 00 0000 ffff", marks=pytest.mark.rfc("6275", "6.1.3", "reserved-ignored")
        ),
        pytest.param(
            CARE_OF_TEST_INIT, "00 00 00 00 0000 ffff", marks=pytest.mark.rfc("6275", "6.1.4", "reserved-ignored")
        ),
        pytest.param(UPDATE, "00 00 00 00 0000 0000 0fff", marks=pytest.mark.rfc("6275", "6.1.7", "reserved-ignored")),
        pytest.param(
            ACKNOWLEDGEMENT, "00 00 00 00 0000 00 7f", marks=pytest.mark.rfc("6275", "6.1.8", "reserved-ignored")
        ),
        pytest.param(ERROR, "00 00 00 00 0000 00 ff", marks=pytest.mark.rfc("6275", "6.1.9", "reserved-ignored")),
    ],
)
def test_reserved_bits_are_not_looked_at(layout: str, ignored: str) -> None:
    header, bits = bytes.fromhex(layout), bytes.fromhex(ignored)
    odd = bytes(a | b for a, b in zip(header, bits.ljust(len(header), b"\0"), strict=True))
    assert odd != header
    assert unpack(carried(odd)) == unpack(carried(header))


@pytest.mark.rfc("6275", "6.1.1", "options-behind")
@pytest.mark.parametrize(
    "layout",
    [
        pytest.param(REFRESH_REQUEST, marks=pytest.mark.rfc("6275", "6.1.2", "options-skipped")),
        pytest.param(HOME_TEST_INIT, marks=pytest.mark.rfc("6275", "6.1.3", "options-skipped")),
        pytest.param(CARE_OF_TEST_INIT, marks=pytest.mark.rfc("6275", "6.1.4", "options-skipped")),
        pytest.param(HOME_TEST, marks=pytest.mark.rfc("6275", "6.1.5", "options-skipped")),
        pytest.param(CARE_OF_TEST, marks=pytest.mark.rfc("6275", "6.1.6", "options-skipped")),
        pytest.param(UPDATE, marks=pytest.mark.rfc("6275", "6.1.7", "options-skipped")),
        pytest.param(ACKNOWLEDGEMENT, marks=pytest.mark.rfc("6275", "6.1.8", "options-skipped")),
        pytest.param(ERROR, marks=pytest.mark.rfc("6275", "6.1.9", "options-skipped")),
    ],
)
def test_unknown_options_are_skipped_in_every_message(layout: str) -> None:
    """Type 200 with one octet, Pad1, and refresh advice of 60 units behind it: one unit of 8 octets more."""
    header = bytes.fromhex(layout + "c8 01 ff 00 02 02 003c")
    longer = header[:1] + bytes([header[1] + 1]) + header[2:]
    assert unpack(carried(longer)).options == (UnknownOption(200, b"\xff"), BindingRefreshAdvice(240))


@pytest.mark.rfc("6275", "6.1.7")
@pytest.mark.parametrize(
    ("bits", "field"),
    [("8000", "acknowledge"), ("4000", "home_registration"), ("2000", "link_local"), ("1000", "key_management")],
)
def test_bits_of_a_binding_update(bits: str, field: str) -> None:
    plain = BindingUpdate(sequence=0, acknowledge=False, lifetime=0)
    update = unpack(carried(bytes.fromhex(f"3b 01 05 00 0000 0000 {bits} 0000 01020000")))
    fields = ("acknowledge", "home_registration", "link_local", "key_management")
    assert [name for name in fields if getattr(update, name)] == [field]
    assert [name for name in fields if getattr(plain, name)] == []
    assert update.pack_without_checksum()[8:10] == bytes.fromhex(bits)


@pytest.mark.rfc("6275", "6.1.8", "reserved-ignored")
@pytest.mark.parametrize(("octet", "key_management"), [("80", True), ("7f", False), ("ff", True), ("00", False)])
def test_bit_of_a_binding_acknowledgement(octet: str, key_management: bool) -> None:
    read = unpack(carried(bytes.fromhex(f"3b 01 06 00 0000 00 {octet} 0000 0000 01020000")))
    assert read == BindingAcknowledgement(status=0, key_management=key_management, sequence=0, lifetime=0)


@pytest.mark.rfc("6275", "6.1.7", "lifetime")
@pytest.mark.parametrize(("lifetime", "units"), [(0, 0), (4, 1), (420, 105), (65535 * 4, 65535)])
def test_one_unit_of_a_lifetime_is_four_seconds(lifetime: int, units: int) -> None:
    update = BindingUpdate(sequence=1, lifetime=lifetime)
    acknowledgement = BindingAcknowledgement(status=0, sequence=1, lifetime=lifetime)
    for message in (update, acknowledgement):
        assert message.pack_without_checksum()[10:12] == units.to_bytes(2)
        assert unpack(carried(message.pack_without_checksum())) == message


def test_lifetime_is_rounded_down_to_whole_units() -> None:
    assert BindingUpdate(sequence=1, lifetime=423).pack_without_checksum()[10:12] == (105).to_bytes(2)


@pytest.mark.rfc("6275", "6.1.1", "checksum")
def test_checksum_is_over_the_pseudo_header() -> None:
    """By hand: the words of both addresses, the length 8, next header 135, and 3b00: their sum's complement."""
    words = [0x2001, 0xDB8, 2, 7, 0x2001, 0xDB8, 3, 0x99, 8, 135, 0x3B00]
    total = sum(words)
    expected = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
    packed = BindingRefreshRequest().pack(CARE_OF, CORRESPONDENT)
    assert packed == bytes.fromhex("3b000000") + expected.to_bytes(2) + bytes(2)
    assert packed[4:6] == checksum(bytes.fromhex(REFRESH_REQUEST), CARE_OF, CORRESPONDENT)


@pytest.mark.rfc("6275", "6.1.1", "checksum")
def test_with_a_home_address_option_the_checksum_is_over_the_home_address() -> None:
    update = BindingUpdate(sequence=0x1234, home_registration=True, lifetime=420)
    packet = update.packet(CARE_OF, HOME_AGENT, home_address=HOME)
    assert packet.payload[4:6] == checksum(bytes.fromhex(UPDATE), HOME, HOME_AGENT)
    assert (packet.source, packet.home_address) == (CARE_OF, HOME)
    assert unpack(packet) == update


@pytest.mark.rfc("6275", "6.1.1", "checksum")
def test_with_a_type_2_routing_header_the_checksum_is_over_the_final_destination() -> None:
    reply = BindingAcknowledgement(status=135, key_management=True, sequence=0x1234, lifetime=420)
    packet = reply.packet(HOME_AGENT, CARE_OF, routing=HOME)
    assert packet.payload[4:6] == checksum(bytes.fromhex(ACKNOWLEDGEMENT), HOME_AGENT, HOME)
    assert (packet.destination, packet.routing) == (CARE_OF, HOME)
    assert unpack(packet) == reply


@pytest.mark.rfc("6275", "6.1.1", "aligned")
def test_mobility_header_begins_on_a_boundary_of_eight_octets() -> None:
    update = BindingUpdate(sequence=1, lifetime=4)
    packet = update.packet(CARE_OF, CORRESPONDENT, home_address=HOME)
    assert packet.pack().index(packet.payload) % 8 == 0
    assert IPv6Packet.unpack(packet.pack()).next_header == NextHeader.MOBILITY


def test_addresses_are_not_mixed_up() -> None:
    """The words of a checksum commute: what tells source and destination apart is who has the home address."""
    error = BindingError(status=1, home_address=IPv6Address("2001:db8::1"))
    assert error.packet(CARE_OF, CORRESPONDENT).payload == error.pack(CORRESPONDENT, CARE_OF)
