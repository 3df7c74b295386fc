"""Tokens, the key from them, authenticators: computed again by hashlib and hmac from RFC 6275's formulas."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace

import pytest

from client.core.ipv6 import IPv6Packet
from mipv6.messages import BindingAcknowledgement, BindingUpdate
from mipv6.mobility_header import unpack
from mipv6.options import AlternateCareOfAddress, BindingAuthorizationData, NonceIndices, Option, UnknownOption
from mipv6.return_routability import authorised, binding_key, is_authorised, keygen_token
from tests.mipv6.headers import CARE_OF, CORRESPONDENT, HOME, carried

NODE_KEY = bytes(range(20))
NONCE = bytes.fromhex("0011223344556677")
HOME_TOKEN, CARE_OF_TOKEN = b"hometokn", b"coa-tokn"
KBM = hashlib.sha1(b"hometokncoa-tokn").digest()
CHECKSUM_AND_AUTHENTICATOR = (slice(4, 6), slice(-12, None))

UPDATE = BindingUpdate(
    sequence=7, lifetime=420, options=(AlternateCareOfAddress(CARE_OF), NonceIndices(home=5, care_of=9))
)
# The same by hand: BU of 7 units of 8 octets, sequence, A, 105 units; PadN, alternate care-of address at 8n + 6; nonce
# indices; PadN so that the last option, type 5 with 12 octets, begins at 8n + 2.
UPDATE_LAYOUT = bytes.fromhex(
    "3b 06 05 00 0000 0007 8000 006901 00 03 10 20010db800020000000000000000000704 04 0005 0009 01 02 0000 05 0c"
)


def first_96_bits(key: bytes, data: bytes) -> bytes:
    """First (96, HMAC_SHA1 (key, data)), as the RFCs write it."""
    return hmac.new(key, data, hashlib.sha1).digest()[:12]


def by_hand(layout: bytes) -> IPv6Packet:
    """The message in a packet, its authenticator being right."""
    covered = CARE_OF.packed + CORRESPONDENT.packed + layout
    return carried(layout + first_96_bits(KBM, covered))


@pytest.mark.rfc("6275", "5.2.5", "home-token")
def test_home_keygen_token() -> None:
    expected = hmac.new(NODE_KEY, HOME.packed + NONCE + b"\x00", hashlib.sha1).digest()[:8]
    assert keygen_token(NODE_KEY, HOME, NONCE, care_of=False) == expected


@pytest.mark.rfc("6275", "5.2.5", "care-of-token")
def test_care_of_keygen_token() -> None:
    expected = hmac.new(NODE_KEY, CARE_OF.packed + NONCE + b"\x01", hashlib.sha1).digest()[:8]
    assert keygen_token(NODE_KEY, CARE_OF, NONCE, care_of=True) == expected


@pytest.mark.rfc("6275", "5.2.5", "binding-key")
def test_binding_key_is_the_hash_of_both_tokens() -> None:
    assert binding_key(HOME_TOKEN, CARE_OF_TOKEN) == hashlib.sha1(b"hometokncoa-tokn").digest()


@pytest.mark.rfc("6275", "5.2.5", "binding-key")
def test_binding_key_of_a_deletion_is_the_hash_of_the_home_token_alone() -> None:
    assert binding_key(HOME_TOKEN, None) == hashlib.sha1(b"hometokn").digest()


@pytest.mark.rfc("6275", "6.2.7", "authenticator")
@pytest.mark.rfc("6275", "5.2.6", "authenticator")
@pytest.mark.rfc("6275", "6.2", "authorization-last")
@pytest.mark.rfc("6275", "6.2", "authorization-no-padding")
def test_update_is_authorised_as_in_the_rfc() -> None:
    """The authenticator is over care-of address, correspondent, and the header without itself, the checksum zero."""
    message = authorised(UPDATE, KBM, CARE_OF, CORRESPONDENT)
    assert message.packet(CARE_OF, CORRESPONDENT).payload == by_hand(UPDATE_LAYOUT).payload


@pytest.mark.rfc("6275", "6.2.7", "authenticator")
def test_acknowledgement_is_authorised_as_in_the_rfc() -> None:
    """BA of 3 units of 8 octets, status 0, sequence 7, 105 units, PadN of 6, type 5 with 12 octets."""
    layout = bytes.fromhex("3b 03 06 00 0000 00 00 0007 0069 01 04 00000000 05 0c")
    plain = BindingAcknowledgement(status=0, sequence=7, lifetime=420)
    message = authorised(plain, KBM, CARE_OF, CORRESPONDENT)
    expected = first_96_bits(KBM, CARE_OF.packed + CORRESPONDENT.packed + layout)
    assert message.pack_without_checksum() == layout + expected


@pytest.mark.rfc("6275", "6.2.7", "authenticator")
def test_right_authenticator_is_taken() -> None:
    packet = by_hand(UPDATE_LAYOUT)
    assert is_authorised(packet, unpack(packet), KBM, CARE_OF, CORRESPONDENT)


@pytest.mark.rfc("6275", "6.2.7", "authenticator")
@pytest.mark.parametrize("bit", range(8 * (len(UPDATE_LAYOUT) + 12)))
def test_one_wrong_bit_is_refused(bit: int) -> None:
    """But in the checksum, which counts as zero, and where it makes other options of the bytes."""
    payload = bytearray(by_hand(UPDATE_LAYOUT).payload)
    payload[bit // 8] ^= 0x80 >> bit % 8
    packet = replace(by_hand(UPDATE_LAYOUT), payload=bytes(payload))
    intact = authorised(UPDATE, KBM, CARE_OF, CORRESPONDENT)
    last = BindingAuthorizationData(bytes(payload[-12:]))
    message = replace(intact, options=(*intact.options[:-1], last))
    too_long = bit // 8 == 1
    if not too_long:
        assert is_authorised(packet, message, KBM, CARE_OF, CORRESPONDENT) == (bit // 8 in {4, 5})


def test_another_key_care_of_address_or_correspondent_is_refused() -> None:
    packet = by_hand(UPDATE_LAYOUT)
    message = unpack(packet)
    assert not is_authorised(packet, message, hashlib.sha1(HOME_TOKEN).digest(), CARE_OF, CORRESPONDENT)
    assert not is_authorised(packet, message, KBM, HOME, CORRESPONDENT)
    assert not is_authorised(packet, message, KBM, CARE_OF, HOME)


@pytest.mark.parametrize(
    "options",
    [
        (),
        (NonceIndices(5, 9),),
        (BindingAuthorizationData(bytes(12)), UnknownOption(200, b"")),
        (BindingAuthorizationData(b""),),
        (BindingAuthorizationData(bytes(20)),),
    ],
)
def test_message_without_a_last_authenticator_of_twelve_octets_is_refused(options: tuple[Option, ...]) -> None:
    packet = BindingUpdate(sequence=7, lifetime=420, options=options).packet(CARE_OF, CORRESPONDENT)
    assert not is_authorised(packet, unpack(packet), KBM, CARE_OF, CORRESPONDENT)


@pytest.mark.rfc("6275", "6.2", "authorization-no-padding")
def test_padding_behind_the_authenticator_is_refused() -> None:
    """Nothing behind it would be covered; the right authenticator is moved six octets to the front."""
    layout = bytes.fromhex("3b 03 05 00 0000 0007 8000 0069 05 0c")
    covered = CARE_OF.packed + CORRESPONDENT.packed + layout
    packet = carried(layout + first_96_bits(KBM, covered) + bytes.fromhex("01 04 00000000"))
    assert not is_authorised(packet, unpack(packet), KBM, CARE_OF, CORRESPONDENT)


@pytest.mark.rfc("8200", "4.7")
def test_octets_behind_the_header_do_not_count() -> None:
    packet = by_hand(UPDATE_LAYOUT)
    longer = replace(packet, payload=packet.payload + b"more")
    assert is_authorised(longer, unpack(longer), KBM, CARE_OF, CORRESPONDENT)
