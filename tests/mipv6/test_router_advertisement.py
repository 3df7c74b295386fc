"""Router Solicitation and Advertisement: laid out by hand from RFC 4861 and RFC 6275 §7, and which ones are taken."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from ipaddress import IPv6Address, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.errors import DecodeError
from client.core.ipv6 import IPv6Packet, NextHeader
from mipv6.neighbour_message import OffLinkError
from mipv6.neighbour_options import (
    AdvertisementInterval,
    HomeAgentInformation,
    LinkMtu,
    PrefixInformation,
    SourceLinkLayerAddress,
)
from mipv6.router_advertisement import RouterAdvertisement, RouterSolicitation
from tests.mipv6.headers import CARE_OF, checksum

ROUTER, HOST = IPv6Address("fe80::1"), IPv6Address("fe80::7")
ALL_NODES, ALL_ROUTERS, NOBODY = IPv6Address("ff02::1"), IPv6Address("ff02::2"), IPv6Address("::")
MAC = bytes.fromhex("020000000001")

# Type 134, code 0, checksum; hop limit 64, H and O, lifetime 1800 s; reachable time 30 s, retransmission 1 s, in ms.
FIXED = "86 00 0000 40 60 0708 00007530 000003e8"
SOURCE = "01 01 020000000001"  # source link-layer address, one unit of 8 octets
MTU = "05 01 0000 00000578"  # MTU 1400
# Prefix information, 4 units: /64, L, A and R, valid for a day, preferred for 4 hours, reserved, 2001:db8:1::1.
PREFIX = "03 04 40 e0 00015180 00003840 00000000 20010db8000100000000000000000001"
INTERVAL = "07 01 0000 000005dc"  # 1500 ms
HOME_AGENT = "08 01 0000 0009 0258"  # preference 9, lifetime 600 s

ADVERTISEMENT = RouterAdvertisement(
    lifetime=1800,
    hop_limit=64,
    other=True,
    home_agent=True,
    reachable_time=30.0,
    retransmission_time=1.0,
    options=(
        SourceLinkLayerAddress(MAC),
        LinkMtu(1400),
        PrefixInformation(
            address=IPv6Address("2001:db8:1::1"),
            length=64,
            on_link=True,
            autonomous=True,
            router_address=True,
            valid_lifetime=86400,
            preferred_lifetime=14400,
        ),
        AdvertisementInterval(1.5),
        HomeAgentInformation(preference=9, lifetime=600),
    ),
)


def heard(layout: str, source: IPv6Address = ROUTER, destination: IPv6Address = ALL_NODES) -> IPv6Packet:
    """A message, whose checksum field is zero, in a packet of this link, with the right one."""
    plain = bytes.fromhex(layout)
    payload = plain[:2] + checksum(plain, source, destination, NextHeader.ICMPV6) + plain[4:]
    return IPv6Packet(
        source=source, destination=destination, next_header=NextHeader.ICMPV6, payload=payload, hop_limit=255
    )


@pytest.mark.rfc("4861", "4.2")
@pytest.mark.rfc("6275", "7.1")
@pytest.mark.rfc("6275", "7.2")
@pytest.mark.rfc("6275", "7.3")
@pytest.mark.rfc("6275", "7.4")
def test_advertisement_is_laid_out_as_in_the_rfc() -> None:
    packet = heard(FIXED + SOURCE + MTU + PREFIX + INTERVAL + HOME_AGENT)
    assert RouterAdvertisement.unpack(packet) == ADVERTISEMENT
    assert ADVERTISEMENT.packet(ROUTER) == packet


@pytest.mark.rfc("6275", "7.1")
@pytest.mark.parametrize(
    ("bits", "managed", "other", "home_agent"),
    [("80", True, False, False), ("40", False, True, False), ("20", False, False, True), ("1f", False, False, False)],
)
def test_bits_of_an_advertisement(bits: str, managed: bool, other: bool, home_agent: bool) -> None:
    read = RouterAdvertisement.unpack(heard(f"86 00 0000 40 {bits} 0708 00000000 00000000"))
    assert (read.managed, read.other, read.home_agent) == (managed, other, home_agent)


@pytest.mark.rfc("6275", "7.2")
@pytest.mark.parametrize(
    ("bits", "on_link", "autonomous", "router_address"),
    [("80", True, False, False), ("40", False, True, False), ("20", False, False, True), ("1f", False, False, False)],
)
def test_bits_of_a_prefix(bits: str, on_link: bool, autonomous: bool, router_address: bool) -> None:
    [prefix] = RouterAdvertisement.unpack(heard(FIXED + PREFIX.replace("40 e0", f"40 {bits}"))).prefixes
    assert (prefix.on_link, prefix.autonomous, prefix.router_address) == (on_link, autonomous, router_address)


@pytest.mark.rfc("6275", "7.2")
def test_prefix_is_the_first_bits_and_the_address_all_of_them() -> None:
    [prefix] = ADVERTISEMENT.prefixes
    assert prefix.prefix == IPv6Network("2001:db8:1::/64")
    assert prefix.address == IPv6Address("2001:db8:1::1")


def test_what_an_advertisement_tells() -> None:
    assert ADVERTISEMENT.link_layer_address == MAC
    assert ADVERTISEMENT.interval == 1.5
    assert ADVERTISEMENT.home_agent_information == HomeAgentInformation(preference=9, lifetime=600)
    bare = RouterAdvertisement(lifetime=1800)
    assert (bare.link_layer_address, bare.interval, bare.prefixes) == (None, None, ())


@pytest.mark.rfc("6275", "7.4", "default-preference")
@pytest.mark.rfc("6275", "7.4", "default-lifetime")
def test_home_agent_without_information_has_preference_zero_and_the_routers_lifetime() -> None:
    read = RouterAdvertisement.unpack(heard(FIXED))
    assert read.home_agent_information == HomeAgentInformation(preference=0, lifetime=1800)


@pytest.mark.rfc("6275", "7.4")
def test_information_of_one_that_is_no_home_agent_is_ignored() -> None:
    read = RouterAdvertisement.unpack(heard("86 00 0000 40 00 0708 00000000 00000000" + HOME_AGENT))
    assert read.home_agent_information is None


@pytest.mark.rfc("4861", "6.1.2")
@pytest.mark.parametrize("hop_limit", [0, 1, 64, 254])
def test_advertisement_that_a_router_forwarded_is_off_link(hop_limit: int) -> None:
    with pytest.raises(OffLinkError):
        RouterAdvertisement.unpack(replace(heard(FIXED), hop_limit=hop_limit))


@pytest.mark.rfc("4861", "6.1.2")
@pytest.mark.parametrize("source", [CARE_OF, NOBODY, IPv6Address("fd00::1")])
def test_advertisement_not_from_a_link_local_address_is_off_link(source: IPv6Address) -> None:
    with pytest.raises(OffLinkError):
        RouterAdvertisement.unpack(heard(FIXED, source))


@pytest.mark.rfc("4861", "6.1.2")
@pytest.mark.parametrize(
    "layout",
    [
        "86 01 0000 40 60 0708 00007530 000003e8",  # code 1
        "85 00 0000 40 60 0708 00007530 000003e8",  # a solicitation
        "86 00 0000 40 60 0708 00007530 000003",  # 15 octets
        FIXED + "01 00 020000000001",  # an option of length zero
        FIXED + "c8 00",
        FIXED + "01 02 020000000001",  # an option that runs past the end
        FIXED + "01",
    ],
)
def test_advertisement_that_is_malformed_is_refused(layout: str) -> None:
    with pytest.raises(DecodeError):
        RouterAdvertisement.unpack(heard(layout))


@pytest.mark.rfc("4861", "6.1.2")
def test_advertisement_with_a_wrong_checksum_is_refused() -> None:
    packet = heard(FIXED)
    with pytest.raises(DecodeError, match="checksum"):
        RouterAdvertisement.unpack(replace(packet, payload=packet.payload[:-1] + b"\0"))


@pytest.mark.rfc("4861", "6.1.2")
@pytest.mark.parametrize(
    "odd",
    [
        "c8 01 ffffffffffff",  # unknown
        "02 01 020000000009",  # a target's address has no place here
        "01 02 0200000000010000 000000000000",  # 14 octets are no Ethernet address
        "03 03 40 e0 00015180 00003840 00000000 20010db800010000",  # a short prefix information
        "03 04 81 e0 00015180 00003840 00000000 20010db8000100000000000000000001",  # 129 bits
        "05 02 0000 00000578 0000000000000000",
        "07 02 0000 000005dc 0000000000000000",
        "08 02 0000 0009 0258 0000000000000000",
    ],
)
def test_option_that_is_unknown_or_of_a_wrong_length_is_skipped(odd: str) -> None:
    read = RouterAdvertisement.unpack(heard(FIXED + odd + INTERVAL))
    assert (read.link_layer_address, read.prefixes, read.interval) == (None, (), 1.5)
    assert read.home_agent_information == HomeAgentInformation(0, 1800)


@pytest.mark.rfc("4861", "4.1")
def test_solicitation_is_laid_out_as_in_the_rfc() -> None:
    solicitation = RouterSolicitation(options=(SourceLinkLayerAddress(MAC),))
    packet = heard("85 00 0000 00000000" + SOURCE, HOST, ALL_ROUTERS)
    assert solicitation.packet(HOST) == packet
    assert RouterSolicitation.unpack(packet) == solicitation
    assert solicitation.link_layer_address == MAC
    assert RouterSolicitation().packet(NOBODY) == heard("85 00 0000 00000000", NOBODY, ALL_ROUTERS)


@pytest.mark.rfc("4861", "6.1.1")
def test_solicitation_from_nobody_with_a_link_layer_address_is_refused() -> None:
    with pytest.raises(DecodeError):
        RouterSolicitation.unpack(heard("85 00 0000 00000000" + SOURCE, NOBODY, ALL_ROUTERS))
    assert RouterSolicitation.unpack(heard("85 00 0000 00000000", NOBODY, ALL_ROUTERS)) == RouterSolicitation()


@pytest.mark.rfc("4861", "6.1.1")
def test_solicitation_that_a_router_forwarded_is_refused() -> None:
    with pytest.raises(OffLinkError):
        RouterSolicitation.unpack(replace(heard("85 00 0000 00000000", CARE_OF, ALL_ROUTERS), hop_limit=254))


@given(st.binary(max_size=120))
def test_any_options_are_an_advertisement_or_refused(options: bytes) -> None:
    with suppress(DecodeError):
        RouterAdvertisement.unpack(heard(FIXED + options.hex()))


@given(st.binary(max_size=60))
def test_any_bytes_are_a_solicitation_or_refused(data: bytes) -> None:
    packet = replace(heard(FIXED), payload=data)
    for kind in (RouterAdvertisement, RouterSolicitation):
        with suppress(DecodeError):
            kind.unpack(packet)
