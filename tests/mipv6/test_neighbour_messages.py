"""Neighbour Solicitation and Advertisement: laid out by hand from RFC 4861, and which ones are taken."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.errors import DecodeError
from client.core.ipv6 import IPv6Packet, NextHeader
from mipv6.neighbour_message import OffLinkError
from mipv6.neighbour_messages import NeighbourAdvertisement, NeighbourSolicitation, duplicate_address_probe
from tests.mipv6.headers import HOME, checksum

HOST, ALL_NODES, NOBODY = IPv6Address("fe80::7"), IPv6Address("ff02::1"), IPv6Address("::")
GROUP = IPv6Address("ff02::1:ff00:23")
"""The solicited-node group of HOME: its last 24 bits."""

MAC = bytes.fromhex("020000000001")
TARGET = "20010db8000100000000000000000023"
SOLICITATION = "87 00 0000 00000000" + TARGET  # type 135, code, checksum, reserved, target
SOURCE, DESTINATION = "01 01 020000000001", "02 01 020000000001"  # link-layer addresses


def heard(layout: str, source: IPv6Address = HOST, destination: IPv6Address = GROUP) -> IPv6Packet:
    """A message, whose checksum field is zero, in a packet of this link, with the right one."""
    plain = bytes.fromhex(layout)
    payload = plain[:2] + checksum(plain, source, destination, NextHeader.ICMPV6) + plain[4:]
    return IPv6Packet(
        source=source, destination=destination, next_header=NextHeader.ICMPV6, payload=payload, hop_limit=255
    )


def advertisement(flags: str) -> str:
    """Type 136, code, checksum, these flags, reserved, target, target's link-layer address."""
    return f"88 00 0000 {flags}000000" + TARGET + DESTINATION


@pytest.mark.rfc("4861", "4.3")
def test_solicitation_is_laid_out_as_in_the_rfc() -> None:
    solicitation = NeighbourSolicitation(target=HOME, link_layer_address=MAC)
    assert solicitation.packet(HOST) == heard(SOLICITATION + SOURCE)
    assert NeighbourSolicitation.unpack(heard(SOLICITATION + SOURCE)) == solicitation


@pytest.mark.rfc("4861", "7.3.1")
def test_solicitation_may_go_to_the_neighbour_alone() -> None:
    assert NeighbourSolicitation(target=HOME).packet(HOST, HOME) == heard(SOLICITATION, HOST, HOME)


@pytest.mark.rfc("4862", "5.4.2")
def test_probe_for_a_duplicate_address_comes_from_nobody() -> None:
    assert duplicate_address_probe(HOME) == heard(SOLICITATION, NOBODY)
    assert NeighbourSolicitation.unpack(heard(SOLICITATION, NOBODY)) == NeighbourSolicitation(target=HOME)


@pytest.mark.rfc("4861", "4.4")
@pytest.mark.parametrize(
    ("flags", "router", "solicited", "override"),
    [("80", True, False, False), ("40", False, True, False), ("20", False, False, True), ("00", False, False, False)],
)
def test_advertisement_is_laid_out_as_in_the_rfc(flags: str, router: bool, solicited: bool, override: bool) -> None:
    message = NeighbourAdvertisement(
        target=HOME, router=router, solicited=solicited, override=override, link_layer_address=MAC
    )
    packet = heard(advertisement(flags), HOME, HOST)
    assert message.packet(HOME, HOST) == packet
    assert NeighbourAdvertisement.unpack(packet) == message


@pytest.mark.rfc("4861", "4.4")
def test_reserved_bits_are_not_looked_at() -> None:
    odd = advertisement("00").replace("00000000", "1fffffff", 1)
    assert NeighbourAdvertisement.unpack(heard(odd, HOME, HOST)) == NeighbourAdvertisement(
        target=HOME, link_layer_address=MAC
    )


@pytest.mark.rfc("4861", "7.1.2")
def test_solicited_advertisement_to_a_group_is_refused() -> None:
    with pytest.raises(DecodeError):
        NeighbourAdvertisement.unpack(heard(advertisement("40"), HOME, ALL_NODES))
    assert NeighbourAdvertisement.unpack(heard(advertisement("20"), HOME, ALL_NODES)).override


@pytest.mark.rfc("4861", "7.1.1")
@pytest.mark.parametrize(
    "packet",
    [
        heard(SOLICITATION + SOURCE, NOBODY),  # nobody has a link-layer address
        heard(SOLICITATION, NOBODY, HOME),  # to the neighbour alone
        heard(SOLICITATION, NOBODY, ALL_NODES),
        heard("87 00 0000 00000000" + GROUP.packed.hex()),  # nobody has a group's address
        heard("87 01 0000 00000000" + TARGET),  # code 1
        heard("87 00 0000 00000000" + TARGET[:-2]),  # 23 octets
        heard(SOLICITATION + "01 00 020000000001"),  # an option of length zero
        heard(advertisement("00")),
        replace(heard(SOLICITATION), payload=heard(SOLICITATION).payload[:-1] + b"\x24"),  # wrong checksum
    ],
)
def test_solicitation_that_is_not_valid_is_refused(packet: IPv6Packet) -> None:
    with pytest.raises(DecodeError):
        NeighbourSolicitation.unpack(packet)


@pytest.mark.rfc("4861", "7.1.2")
@pytest.mark.parametrize(
    "packet",
    [
        heard("88 00 0000 00000000" + GROUP.packed.hex(), HOME, HOST),
        heard("88 01 0000 00000000" + TARGET, HOME, HOST),
        heard("88 00 0000 00000000" + TARGET[:-2], HOME, HOST),
        heard(advertisement("00") + "02 00", HOME, HOST),
        heard(SOLICITATION, HOME, HOST),
    ],
)
def test_advertisement_that_is_not_valid_is_refused(packet: IPv6Packet) -> None:
    with pytest.raises(DecodeError):
        NeighbourAdvertisement.unpack(packet)


@pytest.mark.rfc("4861", "7.1.1")
@pytest.mark.rfc("4861", "7.1.2")
@pytest.mark.parametrize("hop_limit", [0, 1, 64, 254])
def test_what_a_router_forwarded_is_off_link(hop_limit: int) -> None:
    with pytest.raises(OffLinkError):
        NeighbourSolicitation.unpack(replace(heard(SOLICITATION), hop_limit=hop_limit))
    with pytest.raises(OffLinkError):
        NeighbourAdvertisement.unpack(replace(heard(advertisement("20"), HOME, ALL_NODES), hop_limit=hop_limit))


@given(st.binary(max_size=60), st.sampled_from(["87", "88"]))
def test_any_bytes_are_a_message_or_refused(data: bytes, kind: str) -> None:
    for packet in (heard(f"{kind}00 0000" + data.hex()), replace(heard(SOLICITATION), payload=data)):
        with suppress(DecodeError):
            NeighbourSolicitation.unpack(packet)
        with suppress(DecodeError):
            NeighbourAdvertisement.unpack(packet)
