"""Mobile Prefix Solicitation and Advertisement, laid out by hand (RFC 6275 §6.7, §6.8)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.errors import DecodeError
from client.core.ipv6 import IPv6Packet, NextHeader
from mipv6.neighbour_options import PrefixInformation
from mipv6.prefix_messages import PrefixAdvertisement, PrefixSolicitation
from tests.mipv6.headers import CARE_OF, HOME, HOME_AGENT, checksum

SOLICITATION = "92 00 0000 1234 0000"  # type 146, code, checksum, identifier, reserved
# Type 147, code, checksum, identifier, M; prefix information of 4 units: /64, L, A and R, lifetimes, an address.
ADVERTISEMENT = "93 00 0000 1234 8000"
PREFIX = "03 04 40 e0 00015180 00003840 00000000 20010db8000100000000000000000001"
INFORMATION = PrefixInformation(
    address=HOME_AGENT,
    length=64,
    on_link=True,
    autonomous=True,
    router_address=True,
    valid_lifetime=86400,
    preferred_lifetime=14400,
)


def from_home_address(layout: str) -> IPv6Packet:
    """A message to the home agent, with a home address option: the checksum is over the home address."""
    plain = bytes.fromhex(layout)
    payload = plain[:2] + checksum(plain, HOME, HOME_AGENT, NextHeader.ICMPV6) + plain[4:]
    return IPv6Packet(
        source=CARE_OF, destination=HOME_AGENT, next_header=NextHeader.ICMPV6, payload=payload, home_address=HOME
    )


def to_home_address(layout: str) -> IPv6Packet:
    """A message of the home agent, with a type 2 routing header: the checksum is over the home address."""
    plain = bytes.fromhex(layout)
    payload = plain[:2] + checksum(plain, HOME_AGENT, HOME, NextHeader.ICMPV6) + plain[4:]
    return IPv6Packet(
        source=HOME_AGENT, destination=CARE_OF, next_header=NextHeader.ICMPV6, payload=payload, routing=HOME
    )


@pytest.mark.rfc("6275", "6.7", "home-address")
@pytest.mark.rfc("6275", "6.7", "reserved-zero")
def test_solicitation_is_laid_out_as_in_the_rfc() -> None:
    solicitation = PrefixSolicitation(identifier=0x1234)
    assert solicitation.packet(CARE_OF, HOME_AGENT, HOME) == from_home_address(SOLICITATION)
    assert PrefixSolicitation.unpack(from_home_address(SOLICITATION)) == solicitation


@pytest.mark.rfc("6275", "6.7", "reserved-ignored")
@pytest.mark.rfc("6275", "6.7", "option-format")
@pytest.mark.rfc("6275", "6.7", "options-skipped")
def test_reserved_field_and_options_of_a_solicitation_are_not_looked_at() -> None:
    for odd in ("92 00 0000 1234 ffff", SOLICITATION + "c8 01 ffffffffffff"):
        assert PrefixSolicitation.unpack(from_home_address(odd)) == PrefixSolicitation(identifier=0x1234)


@pytest.mark.rfc("6275", "6.8", "routing-header")
@pytest.mark.rfc("6275", "6.8", "reserved-zero")
@pytest.mark.rfc("6275", "6.8", "option-format")
def test_advertisement_is_laid_out_as_in_the_rfc() -> None:
    advertisement = PrefixAdvertisement(identifier=0x1234, managed=True, prefixes=(INFORMATION, INFORMATION))
    packet = to_home_address(ADVERTISEMENT + PREFIX + PREFIX)
    assert advertisement.packet(HOME_AGENT, CARE_OF, HOME) == packet
    assert PrefixAdvertisement.unpack(packet) == advertisement


@pytest.mark.rfc("6275", "6.8", "reserved-ignored")
@pytest.mark.parametrize(("bits", "managed", "other"), [("8000", True, False), ("4000", False, True), ("3fff", 0, 0)])
def test_bits_of_an_advertisement(bits: str, managed: bool, other: bool) -> None:
    read = PrefixAdvertisement.unpack(to_home_address(f"93 00 0000 1234 {bits}"))
    assert read == PrefixAdvertisement(identifier=0x1234, managed=managed, other=other, prefixes=())


@pytest.mark.rfc("6275", "6.8", "options-skipped")
def test_other_options_of_an_advertisement_are_skipped() -> None:
    odd = "c8 01 ffffffffffff 01 01 020000000001 07 01 0000 000005dc"
    assert PrefixAdvertisement.unpack(to_home_address(ADVERTISEMENT + odd + PREFIX)).prefixes == (INFORMATION,)


@pytest.mark.parametrize("layout", ["93 00 0000 1234", SOLICITATION, ADVERTISEMENT + "03 00", ADVERTISEMENT + "03 04"])
def test_advertisement_that_is_malformed_is_refused(layout: str) -> None:
    with pytest.raises(DecodeError):
        PrefixAdvertisement.unpack(to_home_address(layout))


@pytest.mark.parametrize("layout", ["92 00 0000 1234", ADVERTISEMENT])
def test_solicitation_that_is_malformed_is_refused(layout: str) -> None:
    with pytest.raises(DecodeError):
        PrefixSolicitation.unpack(from_home_address(layout))


@pytest.mark.rfc("6275", "6.7", "home-address")
def test_checksum_of_a_solicitation_is_over_the_home_address() -> None:
    with pytest.raises(DecodeError, match="checksum"):
        PrefixSolicitation.unpack(replace(from_home_address(SOLICITATION), home_address=None))


@given(st.binary(max_size=80), st.sampled_from(["92", "93"]))
def test_any_bytes_are_a_message_or_refused(data: bytes, kind: str) -> None:
    packet = to_home_address(f"{kind}00 0000" + data.hex())
    with suppress(DecodeError):
        PrefixSolicitation.unpack(packet)
    with suppress(DecodeError):
        PrefixAdvertisement.unpack(packet)
