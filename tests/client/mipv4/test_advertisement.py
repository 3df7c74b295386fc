"""Agent Advertisement and Solicitation: bytes by hand from the RFC, and all that makes one invalid."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, IP
from scapy.utils import checksum as scapy_checksum

from client.core.errors import DecodeError
from client.core.icmp import IcmpMessage
from client.core.ipv4 import ALL_ROUTERS, ALL_SYSTEMS, IPv4Packet, Protocol
from client.mipv4.advertisement import AgentAdvertisement, AgentFlags, agent_solicitation, is_agent_solicitation

AGENT = IPv4Address("192.0.2.1")

# RFC 5944 appendix G.1: ICMP 9 with one router address and 30 s of lifetime; extension 16 with sequence number 1,
# registration lifetime 1800, the bits R, F and T, one care-of address; extension 19 with 24 bits; one byte of padding.
# The words sum to 26136, folded 6138: the checksum is 9ec7.
ROUTER = bytes.fromhex("01 02 001e c0000201 00000000")
MOBILITY_AGENT = bytes.fromhex("10 0a 0001 0708 9100 c0000201")
PREFIX_LENGTHS = bytes.fromhex("13 01 18")
VECTOR = bytes.fromhex("09 00 9ec7") + ROUTER + MOBILITY_AGENT + PREFIX_LENGTHS + b"\x00"
ADVERTISEMENT = AgentAdvertisement(
    lifetime=30,
    sequence_number=1,
    registration_lifetime=1800,
    flags=AgentFlags.REGISTRATION_REQUIRED | AgentFlags.FOREIGN_AGENT | AgentFlags.REVERSE_TUNNEL,
    care_of_addresses=(AGENT,),
    router_addresses=(AGENT,),
    prefix_lengths=(24,),
)


def packet(payload: bytes, *, ttl: int = 1, destination: IPv4Address = ALL_SYSTEMS) -> IPv4Packet:
    """The ICMP bytes in a packet from the agent."""
    return IPv4Packet(source=AGENT, destination=destination, protocol=Protocol.ICMP, payload=payload, ttl=ttl)


def with_body(body: bytes, *, code: int = 0) -> IPv4Packet:
    """An advertisement of this body; its checksum is scapy's."""
    checksum = scapy_checksum(bytes((9, code, 0, 0)) + body)
    return packet(bytes((9, code)) + checksum.to_bytes(2) + body)


def mobility_agent(flags: int, *care_of: str, length: int | None = None) -> bytes:
    """Extension 16 with these flags and care-of addresses, and its true length or another."""
    content = bytes.fromhex("0001 0708") + flags.to_bytes(2) + b"".join(IPv4Address(a).packed for a in care_of)
    return bytes((16, len(content) if length is None else length)) + content


@pytest.mark.rfc("5944", "2.1.1")
@pytest.mark.rfc("5944", "2.1.2")
@pytest.mark.rfc("5944", "2.1.3")
@pytest.mark.rfc("5944", "G.1")
def test_advertisement_is_laid_out_as_in_the_rfc() -> None:
    assert ADVERTISEMENT.message().pack() == VECTOR
    assert AgentAdvertisement.unpack(packet(VECTOR)) == ADVERTISEMENT


@pytest.mark.rfc("5944", "2.1.3", "one")
@pytest.mark.rfc("5944", "2.1.3", "last")
def test_one_byte_of_padding_makes_the_length_even() -> None:
    two = replace(ADVERTISEMENT, router_addresses=(AGENT, AGENT), prefix_lengths=(24, 24))
    assert len(two.message().pack()) == 4 + 4 + 16 + 12 + 4
    assert len(ADVERTISEMENT.message().pack()) % 2 == 0


@pytest.mark.rfc("5944", "2.1")
@pytest.mark.parametrize("ttl", [0, 2, 64, 255])
def test_ttl_other_than_1_is_refused(ttl: int) -> None:
    with pytest.raises(DecodeError, match="TTL"):
        AgentAdvertisement.unpack(packet(VECTOR, ttl=ttl))


@pytest.mark.rfc("1256", "5.2")
def test_wrong_checksum_is_refused() -> None:
    with pytest.raises(DecodeError, match="checksum"):
        AgentAdvertisement.unpack(packet(VECTOR[:-2] + b"\x19\x00"))


@pytest.mark.rfc("5944", "2.1")
@pytest.mark.parametrize("code", [0, 16])
def test_codes_of_agents(code: int) -> None:
    read = AgentAdvertisement.unpack(with_body(VECTOR[4:], code=code))
    assert read == replace(ADVERTISEMENT, code=code)
    assert replace(ADVERTISEMENT, code=code).message().pack()[1] == code


@pytest.mark.parametrize("code", [1, 15, 17, 255])
def test_other_codes_are_refused(code: int) -> None:
    with pytest.raises(DecodeError, match="not a router advertisement"):
        AgentAdvertisement.unpack(with_body(VECTOR[4:], code=code))


@pytest.mark.rfc("5944", "2.1.1")
@pytest.mark.parametrize(
    ("bit", "flag"),
    [
        (0x8000, AgentFlags.REGISTRATION_REQUIRED),
        (0x4000, AgentFlags.BUSY),
        (0x2000, AgentFlags.HOME_AGENT),
        (0x0800, AgentFlags.MINIMAL),
        (0x0400, AgentFlags.GRE),
        (0x0100, AgentFlags.REVERSE_TUNNEL),
        (0x0080, AgentFlags.UDP_TUNNEL),
        (0x0040, AgentFlags.REVOCATION),
        (0x0020, AgentFlags.REGIONAL),
    ],
)
def test_each_flag_is_its_bit(bit: int, flag: AgentFlags) -> None:
    read = AgentAdvertisement.unpack(with_body(ROUTER + mobility_agent(0x1000 | bit, "192.0.2.1")))
    assert read.flags == flag | AgentFlags.FOREIGN_AGENT
    packed = replace(ADVERTISEMENT, flags=flag | AgentFlags.FOREIGN_AGENT).message().pack()
    assert int.from_bytes(packed[22:24]) == 0x1000 | bit


@pytest.mark.rfc("5944", "2.4", "reserved-ignored")
@pytest.mark.rfc("5944", "2.1.1")
def test_reserved_bits_are_ignored() -> None:
    read = AgentAdvertisement.unpack(with_body(ROUTER + mobility_agent(0x1000 | 0x0200 | 0x1F, "192.0.2.1")))
    assert read.flags == AgentFlags.FOREIGN_AGENT


@pytest.mark.rfc("5944", "2.1.1")
@pytest.mark.parametrize("count", [0, 1, 2, 62])
def test_number_of_care_of_addresses_follows_from_the_length(count: int) -> None:
    care_of = [f"192.0.2.{n}" for n in range(1, count + 1)]
    read = AgentAdvertisement.unpack(with_body(ROUTER + mobility_agent(0x2000, *care_of)))
    assert [str(address) for address in read.care_of_addresses] == care_of


@pytest.mark.rfc("5944", "2.1.1")
@pytest.mark.parametrize("length", [0, 5, 7, 8, 9])
def test_wrong_length_of_the_mobility_agent_extension_is_refused(length: int) -> None:
    with pytest.raises(DecodeError):
        AgentAdvertisement.unpack(with_body(ROUTER + mobility_agent(0x2000, "192.0.2.1", length=length)))


@pytest.mark.rfc("5944", "2.1.1")
@pytest.mark.parametrize(
    ("flags", "care_of", "words"),
    [
        (0x0000, ["192.0.2.1"], "neither home nor foreign"),
        (0x1000, [], "without a care-of address"),
        (0x6000, [], "without F"),
        (0xA000, [], "without F"),
    ],
    ids=["neither H nor F", "F without care-of address", "B without F", "R without F"],
)
def test_flags_that_no_agent_may_send_are_refused(flags: int, care_of: list[str], words: str) -> None:
    with pytest.raises(DecodeError, match=words):
        AgentAdvertisement.unpack(with_body(ROUTER + mobility_agent(flags, *care_of)))


@pytest.mark.rfc("5944", "2.1")
def test_plain_router_advertisement_is_no_agents() -> None:
    with pytest.raises(DecodeError, match="no mobility agent"):
        AgentAdvertisement.unpack(with_body(ROUTER))


def test_mobility_agent_extension_twice_is_refused() -> None:
    with pytest.raises(DecodeError, match="twice"):
        AgentAdvertisement.unpack(with_body(ROUTER + MOBILITY_AGENT * 2))


@pytest.mark.rfc("5944", "2.1")
def test_there_may_be_no_router_address() -> None:
    read = AgentAdvertisement.unpack(with_body(bytes.fromhex("00 02 001e") + MOBILITY_AGENT))
    assert (read.router_addresses, read.prefixes) == ((), ())
    assert AgentAdvertisement.unpack(read.message().packet(AGENT, ALL_SYSTEMS, ttl=1)) == read


@pytest.mark.rfc("1256", "3.1")
def test_longer_router_entries_are_skipped_by_their_size() -> None:
    router = bytes.fromhex("01 03 001e c0000201 00000000 deadbeef")
    assert AgentAdvertisement.unpack(with_body(router + MOBILITY_AGENT + PREFIX_LENGTHS)) == ADVERTISEMENT


@pytest.mark.rfc("1256", "5.2")
@pytest.mark.parametrize("body", ["01 01 001e c0000201", "02 02 001e c0000201 00000000", "ff ff 001e"])
def test_router_entries_that_do_not_fit_are_refused(body: str) -> None:
    with pytest.raises(DecodeError, match="cut short"):
        AgentAdvertisement.unpack(with_body(bytes.fromhex(body)))


@pytest.mark.rfc("5944", "2.1.2")
@pytest.mark.parametrize("prefixes", ["13 00", "13 02 18 18", "13 01 21"], ids=["none", "two", "33 bits"])
def test_prefix_lengths_that_do_not_fit_their_routers_are_refused(prefixes: str) -> None:
    with pytest.raises(DecodeError, match="prefix-lengths"):
        AgentAdvertisement.unpack(with_body(ROUTER + MOBILITY_AGENT + bytes.fromhex(prefixes)))


@pytest.mark.rfc("5944", "2.1.2")
def test_prefix_lengths_belong_to_the_router_addresses_in_their_order() -> None:
    routers = bytes.fromhex("02 02 001e c0000281 00000000 cb007101 00000000")
    read = AgentAdvertisement.unpack(with_body(routers + MOBILITY_AGENT + bytes.fromhex("13 02 19 18")))
    assert read.prefixes == (IPv4Network("192.0.2.128/25"), IPv4Network("203.0.113.0/24"))


def test_without_prefix_lengths_the_networks_are_unknown() -> None:
    assert AgentAdvertisement.unpack(with_body(ROUTER + MOBILITY_AGENT)).prefixes == ()


@pytest.mark.rfc("5944", "1.8")
@pytest.mark.parametrize("type_", [1, 15, 17, 20, 32, 127])
def test_unknown_extension_up_to_127_condemns_the_advertisement(type_: int) -> None:
    """Registration's numbers, as 32, mean nothing here: the two numbering spaces are separate."""
    with pytest.raises(DecodeError, match="unknown extension"):
        AgentAdvertisement.unpack(with_body(ROUTER + MOBILITY_AGENT + bytes((type_, 1, 0))))


@pytest.mark.rfc("5944", "1.8")
@pytest.mark.parametrize("type_", [128, 131, 255])
def test_unknown_extension_from_128_is_skipped(type_: int) -> None:
    body = ROUTER + bytes((type_, 1, 0)) + MOBILITY_AGENT + PREFIX_LENGTHS
    assert AgentAdvertisement.unpack(with_body(body)) == ADVERTISEMENT


@pytest.mark.rfc("5944", "2", "solicitation-ttl")
@pytest.mark.rfc("5944", "2.2", "ttl")
def test_solicitation_is_a_router_solicitation_with_ttl_1() -> None:
    message = agent_solicitation().packet(AGENT, ALL_ROUTERS, ttl=1)
    theirs = IP(src=str(AGENT), dst="224.0.0.2", ttl=1, id=0) / ICMP(type=10, code=0)
    assert message.pack() == bytes(theirs)[:28]
    assert is_agent_solicitation(message)


@pytest.mark.rfc("5944", "2.2")
@pytest.mark.parametrize("ttl", [2, 64, 255])
def test_solicitation_from_behind_a_router_is_none(ttl: int) -> None:
    assert not is_agent_solicitation(agent_solicitation().packet(AGENT, ALL_ROUTERS, ttl=ttl))


@pytest.mark.rfc("1256", "5.2")
@pytest.mark.parametrize(
    "payload",
    [
        b"",
        bytes.fromhex("0a00f5ff000000"),
        bytes.fromhex("0a00f5fe00000000"),
        IcmpMessage(type=10, code=1, body=bytes(4)).pack(),
        IcmpMessage(type=8, body=bytes(4)).pack(),
        VECTOR,
    ],
    ids=["nothing", "short", "checksum", "code", "echo", "advertisement"],
)
def test_other_packets_are_no_solicitation(payload: bytes) -> None:
    assert not is_agent_solicitation(packet(payload, destination=ALL_ROUTERS))


@given(st.binary(max_size=300) | st.binary(max_size=60).map(ROUTER.__add__))
def test_any_body_is_an_advertisement_or_refused(body: bytes) -> None:
    with suppress(DecodeError):
        read = AgentAdvertisement.unpack(with_body(body))
        assert AgentAdvertisement.unpack(read.message().packet(AGENT, ALL_SYSTEMS, ttl=1)) == read


@given(st.binary(max_size=64))
def test_any_packet_is_an_advertisement_or_refused(payload: bytes) -> None:
    with suppress(DecodeError):
        AgentAdvertisement.unpack(packet(payload))
    assert is_agent_solicitation(packet(payload)) in (True, False)


@given(
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFF),
    st.lists(st.tuples(st.ip_addresses(v=4), st.integers(0, 32)), max_size=5),
    st.lists(st.ip_addresses(v=4), min_size=1, max_size=5),
)
def test_whatever_we_advertise_is_read(
    lifetime: int,
    sequence_number: int,
    registration_lifetime: int,
    routers: list[tuple[IPv4Address, int]],
    care_of: list[IPv4Address],
) -> None:
    ours = AgentAdvertisement(
        lifetime=lifetime,
        sequence_number=sequence_number,
        registration_lifetime=registration_lifetime,
        flags=AgentFlags.FOREIGN_AGENT,
        care_of_addresses=tuple(care_of),
        router_addresses=tuple(address for address, _ in routers),
        prefix_lengths=tuple(length for _, length in routers),
    )
    assert AgentAdvertisement.unpack(ours.message().packet(AGENT, ALL_SYSTEMS, ttl=1)) == ours
