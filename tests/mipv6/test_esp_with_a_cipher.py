"""ESP with AES-CBC (RFC 3602), opened and made by scapy."""

from __future__ import annotations

import hmac
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet6 import IPv6
from scapy.layers.ipsec import ESP, SecurityAssociation

from client.core.errors import DecodeError
from client.core.ipv6 import IPv6Packet, NextHeader
from client.core.secret import Secret
from mipv6.esp import Association, Associations, Sealer, associations, seal, secret_of, unseal
from mipv6.messages import HomeTestInit
from tests.mipv6.conversation import Dice
from tests.mipv6.headers import CARE_OF, HOME, HOME_AGENT

KEY, CIPHER_KEY = bytes(range(0x40, 0x54)), bytes(range(0x80, 0x90))
VECTOR = bytes(range(0x10, 0x20))
SPI = 0x1234
EXPERIMENT = 253
"""A protocol that scapy reads nothing into."""

ASSOCIATION = Association(SPI, Secret(KEY), Secret(CIPHER_KEY))
CORRESPONDENT = HOME_AGENT + 7
INIT = HomeTestInit(cookie=b"cookie!!").packet(HOME, CORRESPONDENT)


def scapys(**more: object) -> SecurityAssociation:
    return SecurityAssociation(
        ESP, spi=SPI, crypt_algo="AES-CBC", crypt_key=CIPHER_KEY, auth_algo="HMAC-SHA1-96", auth_key=KEY, **more
    )


def carrying(payload: bytes, kind: int = NextHeader.MOBILITY) -> IPv6Packet:
    return IPv6Packet(source=CARE_OF, destination=HOME_AGENT, next_header=kind, payload=payload)


@pytest.mark.parametrize("length", [0, 1, 13, 14, 15, 16, 30, 100])
def test_scapy_opens_what_we_seal(length: int) -> None:
    payload = bytes(range(length))
    sealed = seal(carrying(payload, EXPERIMENT), ASSOCIATION, 9, VECTOR)
    assert sealed.payload[8:24] == VECTOR
    clear = bytes(scapys().decrypt(IPv6(sealed.pack())))
    assert (clear[6], clear[40:]) == (EXPERIMENT, payload)


def test_we_open_what_scapy_seals() -> None:
    packet = IPv6(carrying(bytes(range(33)), 200).pack())
    assert unseal(IPv6Packet.unpack(bytes(scapys().encrypt(packet, seq_num=4))), ASSOCIATION) == carrying(
        bytes(range(33)), 200
    )


@pytest.mark.rfc("6275", "11.6.3", "protect")
def test_home_test_init_is_a_whole_packet_in_a_tunnel_and_scapy_opens_that() -> None:
    sealer = Sealer(ASSOCIATION, Dice().throw)
    sent = sealer.tunnel(INIT, CARE_OF, HOME_AGENT)
    assert (sent.source, sent.destination) == (CARE_OF, HOME_AGENT)
    tunnel = scapys(tunnel_header=IPv6(src=str(CARE_OF), dst=str(HOME_AGENT)))
    inner = bytes(tunnel.decrypt(IPv6(sent.pack())))
    assert inner == INIT.pack()


def test_nothing_of_it_can_be_read_and_no_two_are_the_same() -> None:
    sealer = Sealer(ASSOCIATION, Dice().throw)
    first, second = (sealer.tunnel(INIT, CARE_OF, HOME_AGENT).payload for _ in range(2))
    assert b"cookie!!" not in first
    assert first[8:24] != second[8:24]
    assert first[24:40] != second[24:40]


def signed(data: bytes) -> IPv6Packet:
    """With a right check value, whatever it is."""
    return carrying(data + hmac.digest(KEY, data, "sha1")[:12], NextHeader.ESP)


@pytest.mark.parametrize("kept", [8, 23, 24, 39, 41])
def test_what_is_not_whole_blocks_is_refused_even_with_a_right_check_value(kept: int) -> None:
    with pytest.raises(DecodeError):
        unseal(signed(seal(INIT, ASSOCIATION, 1, VECTOR).payload[:kept]), ASSOCIATION)


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    header = SPI.to_bytes(4) + bytes(4)
    for packet in (carrying(data, NextHeader.ESP), signed(data), signed(header + data)):
        with suppress(DecodeError):
            unseal(packet, ASSOCIATION)


def test_one_secret_makes_both_directions_and_is_made_of_them() -> None:
    for secret in (KEY, KEY + CIPHER_KEY):
        pair = associations(300, 301, Secret(secret))
        assert secret_of(pair.inbound).reveal() == secret_of(pair.outbound).reveal() == secret
        assert pair.hides is (len(secret) == 36)


def test_each_direction_has_an_spi_of_its_own() -> None:
    with pytest.raises(ValueError, match="each direction"):
        Associations(inbound=ASSOCIATION, outbound=replace(ASSOCIATION))


@pytest.mark.parametrize("length", [15, 17, 24, 32])
def test_cipher_keys_of_other_lengths_are_refused(length: int) -> None:
    with pytest.raises(ValueError, match="AES-CBC"):
        Association(SPI, Secret(KEY), Secret(bytes(length)))
