"""RFC 4285's authenticator, computed again by hmac from its formula; one that is not last, or twice, is refused."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace

import pytest

from client.core.ipv6 import IPv6Packet
from client.core.secret import Secret
from mipv6.messages import BindingAcknowledgement, BindingUpdate
from mipv6.mn_ha_authentication import SecurityAssociation, authenticated, is_authenticated, mn_ha_option
from mipv6.mobility_header import unpack
from mipv6.options import Authentication, MobileNodeIdentifier, Option, ReplayProtection, UnknownOption
from tests.mipv6.headers import CARE_OF, HOME, HOME_AGENT, carried

KEY = bytes(range(0x20, 0x30))
ASSOCIATION = SecurityAssociation(spi=0x1000, key=Secret(KEY))
OPTION = Authentication(1, 0x1000, bytes(12))
OTHER = SecurityAssociation(spi=0x1001, key=Secret(bytes(16)))

UPDATE = BindingUpdate(
    sequence=7,
    home_registration=True,
    lifetime=420,
    options=(MobileNodeIdentifier("a@b"), ReplayProtection(0xED2A0F1300ABCDEF)),
)
# By hand: BU of 6 units of 8 octets, sequence, A and H, 105 units; identifier: subtype 1 and three octets; Pad1 until
# 8n + 2; replay protection; Pad1 until 4n + 1; authentication: 17 octets, subtype 1, SPI 4096, authenticator.
UPDATE_LAYOUT = bytes.fromhex(
    "3b 05 05 00 0000 0007 c000 006908 04 01 614062 0a 08 ed2a0f1300abcdef00 09 11 01 00001000"
)


def authenticator(layout: bytes) -> bytes:
    """First (96, HMAC_SHA1 (MN-HA shared key, care-of address | home address | MH data))."""
    return hmac.new(KEY, CARE_OF.packed + HOME.packed + layout, hashlib.sha1).digest()[:12]


def by_hand(layout: bytes, behind: str = "") -> IPv6Packet:
    """The message in a packet from the home address, its authenticator being right."""
    return carried(layout + authenticator(layout) + bytes.fromhex(behind), HOME, HOME_AGENT)


def is_taken(packet: IPv6Packet) -> bool:
    """Does our association verify the packet?"""
    return is_authenticated(packet, unpack(packet), [OTHER, ASSOCIATION], CARE_OF, HOME)


def test_layout_has_the_length_that_it_says() -> None:
    assert len(UPDATE_LAYOUT) + 12 == 8 * (UPDATE_LAYOUT[1] + 1)
    assert UPDATE_LAYOUT.index(b"\x0a\x08") % 8 == 2
    assert UPDATE_LAYOUT.index(b"\x09\x11") % 4 == 1


@pytest.mark.rfc("4285", "5.1", "authenticator")
@pytest.mark.rfc("4285", "5.1", "checksum")
@pytest.mark.rfc("4285", "5.1", "last")
def test_update_is_authenticated_as_in_the_rfc() -> None:
    message = authenticated(UPDATE, ASSOCIATION, CARE_OF, HOME)
    assert message.pack(HOME, HOME_AGENT) == by_hand(UPDATE_LAYOUT).payload


@pytest.mark.rfc("4285", "5.1", "authenticator")
def test_acknowledgement_is_authenticated_as_in_the_rfc() -> None:
    """BA of 3 units of 8 octets, status 0, sequence 7, 105 units; Pad1; authentication."""
    layout = bytes.fromhex("3b 03 06 00 0000 00 00 0007 0069 00 09 11 01 00001000")
    plain = BindingAcknowledgement(status=0, sequence=7, lifetime=420)
    message = authenticated(plain, ASSOCIATION, CARE_OF, HOME)
    assert message.pack_without_checksum() == layout + authenticator(layout)


@pytest.mark.rfc("4285", "5.1.1", "verify")
def test_right_authenticator_is_taken() -> None:
    assert is_taken(by_hand(UPDATE_LAYOUT))


@pytest.mark.rfc("4285", "5.1.1", "verify")
@pytest.mark.parametrize("place", [3, 6, 7, 8, 11, 15, 20, *range(len(UPDATE_LAYOUT), len(UPDATE_LAYOUT) + 12)])
def test_one_wrong_bit_is_refused(place: int) -> None:
    """In the reserved octet, sequence number, flags, lifetime, identifier, timestamp, authenticator."""
    header = bytearray(UPDATE_LAYOUT + authenticator(UPDATE_LAYOUT))
    header[place] ^= 1
    assert not is_taken(carried(bytes(header), HOME, HOME_AGENT))


@pytest.mark.rfc("4285", "5.1.1", "verify")
def test_another_care_of_address_or_home_address_is_refused() -> None:
    packet = by_hand(UPDATE_LAYOUT)
    assert not is_authenticated(packet, unpack(packet), [ASSOCIATION], HOME, HOME)
    assert not is_authenticated(packet, unpack(packet), [ASSOCIATION], CARE_OF, CARE_OF)


def test_spi_that_nobody_has_is_refused() -> None:
    packet = by_hand(UPDATE_LAYOUT)
    assert not is_authenticated(packet, unpack(packet), [OTHER], CARE_OF, HOME)
    assert not is_authenticated(packet, unpack(packet), [], CARE_OF, HOME)


def test_key_of_another_spi_is_refused() -> None:
    impostor = SecurityAssociation(spi=ASSOCIATION.spi, key=OTHER.key)
    packet = by_hand(UPDATE_LAYOUT)
    assert not is_authenticated(packet, unpack(packet), [impostor], CARE_OF, HOME)


@pytest.mark.rfc("4285", "5.1")
def test_padding_behind_the_option_is_taken() -> None:
    """BU of 4 units of 8 octets; the option at octet 13 would end at 32; at 17, another boundary of 4n + 1, at 36."""
    layout = bytes.fromhex("3b 04 05 00 0000 0007 c000 0069 01 03 000000 09 11 01 00001000")
    assert len(layout) == 24
    assert is_taken(by_hand(layout, "01 02 0000"))


@pytest.mark.rfc("4285", "5.1", "last")
@pytest.mark.parametrize("behind", ["c8 02 0000", "02 02 003c"])
def test_option_behind_it_is_refused(behind: str) -> None:
    """The authenticator would not cover it."""
    layout = bytes.fromhex("3b 04 05 00 0000 0007 c000 0069 01 03 000000 09 11 01 00001000")
    packet = carried(layout + authenticator(layout) + bytes.fromhex(behind), HOME, HOME_AGENT)
    assert not is_taken(packet)


@pytest.mark.rfc("4285", "5", "order")
@pytest.mark.rfc("4285", "5", "once")
@pytest.mark.parametrize(
    "options",
    [
        (),
        (ReplayProtection(1),),
        (OPTION, OPTION),
        (OPTION, Authentication(1, 0x1000, b"other, forged")),
        (Authentication(2, 0x1000, bytes(12)),),
        (Authentication(2, 3, bytes(12)), OPTION),
        (Authentication(1, 0x1000, bytes(12)), Authentication(2, 3, bytes(12))),
        (Authentication(1, 0x1000, bytes(12)), UnknownOption(200, b"")),
    ],
)
def test_no_or_more_than_one_or_another_or_not_the_last_option_is_none(options: tuple[Option, ...]) -> None:
    assert mn_ha_option(replace(UPDATE, options=options)) is None


@pytest.mark.parametrize("size", [0, 11, 13, 20])
def test_authenticator_of_another_length_is_refused(size: int) -> None:
    right = authenticated(UPDATE, ASSOCIATION, CARE_OF, HOME).options[-1]
    assert isinstance(right, Authentication)
    wrong = Authentication(1, ASSOCIATION.spi, (right.authenticator + bytes(8))[:size])
    packet = replace(UPDATE, options=(*UPDATE.options, wrong)).packet(CARE_OF, HOME_AGENT, home_address=HOME)
    assert not is_taken(packet)


@pytest.mark.rfc("4285", "5.1", "reserved-spi")
@pytest.mark.parametrize("spi", [-1, 0, 255, 2**32])
def test_reserved_spi_is_refused(spi: int) -> None:
    with pytest.raises(ValueError, match="SPI"):
        SecurityAssociation(spi=spi, key=Secret(KEY))


@pytest.mark.rfc("4285", "5.1")
def test_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="128 bits"):
        SecurityAssociation(spi=256, key=Secret(KEY[:15]))
