"""IGMP by bytes laid out by hand from the RFCs, and by scapy's."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.igmp import IGMPv2_MR, IGMPv3_MQ, IGMPv3_MR, IGMPv3_MR_Group

from agents.igmp import Membership, general_query, read_memberships
from client.core.errors import DecodeError
from client.core.ipv4 import IPv4Packet

HOST = IPv4Address("198.51.100.23")
ROUTER = IPv4Address("198.51.100.1")
GROUP = "239.1.2.3"
OTHER = "239.1.2.4"


def checked(data: bytes) -> bytes:
    """With the checksum in its place, summed word by word."""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return data[:2] + struct.pack("!H", total ^ 0xFFFF) + data[4:]


def packet(data: bytes) -> IPv4Packet:
    return IPv4Packet(source=HOST, destination=IPv4Address("224.0.0.22"), protocol=2, payload=data, ttl=1)


def heard(data: bytes) -> list[tuple[str, bool]]:
    return [(str(one.group), one.joined) for one in read_memberships(packet(checked(data)))]


def address(text: str) -> bytes:
    return IPv4Address(text).packed


def record(kind: int, group: str = GROUP, sources: int = 0, auxiliary: int = 0) -> bytes:
    """RFC 3376 §4.2.4."""
    return struct.pack("!BBH", kind, auxiliary, sources) + address(group) + bytes(4 * (sources + auxiliary))


def report(*records: bytes, count: int | None = None) -> bytes:
    """RFC 3376 §4.2."""
    return struct.pack("!BBHHH", 0x22, 0, 0, 0, len(records) if count is None else count) + b"".join(records)


@pytest.mark.rfc("1112", "Appendix I")
@pytest.mark.rfc("2236", "2.1")
@pytest.mark.parametrize(("kind", "joined"), [(0x12, True), (0x16, True), (0x17, False)])
def test_the_old_versions_name_one_group(kind: int, joined: bool) -> None:
    assert heard(bytes((kind, 0, 0, 0)) + address(GROUP)) == [(GROUP, joined)]


@pytest.mark.rfc("3376", "4.2.12")
@pytest.mark.parametrize(
    ("kind", "sources", "said"),
    [
        (1, 0, [(GROUP, False)]),
        (1, 2, [(GROUP, True)]),
        (2, 0, [(GROUP, True)]),
        (2, 3, [(GROUP, True)]),
        (3, 0, [(GROUP, False)]),
        (3, 1, [(GROUP, True)]),
        (4, 0, [(GROUP, True)]),
        (5, 1, [(GROUP, True)]),
        (5, 0, []),
        (6, 1, []),
        (7, 0, []),
    ],
)
def test_a_record_says_whether_anything_of_the_group_is_wanted(
    kind: int, sources: int, said: list[tuple[str, bool]]
) -> None:
    assert heard(report(record(kind, sources=sources))) == said


@pytest.mark.rfc("3376", "4.2")
def test_records_follow_each_other_with_their_sources_and_auxiliary_data() -> None:
    data = report(record(4, sources=2, auxiliary=1), record(3, OTHER), record(4, "239.9.9.9"))
    assert heard(data) == [(GROUP, True), (OTHER, False), ("239.9.9.9", True)]
    assert heard(data + bytes(4)) == heard(data)  # additional data is ignored


@pytest.mark.rfc("5771", "4")
@pytest.mark.parametrize("group", ["224.0.0.1", "224.0.0.251", "198.51.100.1", "0.0.0.0", "255.255.255.255"])
def test_groups_of_the_link_and_what_is_no_group_do_not_count(group: str) -> None:
    assert heard(bytes((0x16, 0, 0, 0)) + address(group)) == []
    assert heard(report(record(4, group))) == []


def test_queries_and_unknown_messages_say_nothing() -> None:
    assert heard(bytes((0x11, 0, 0, 0)) + address(GROUP)) == []
    assert heard(bytes((0x99, 0, 0, 0)) + address(GROUP)) == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        checked(bytes((0x16, 0, 0, 0, 239, 1))),
        bytes((0x16, 0, 1, 2)) + address(GROUP),
        checked(report(record(4), count=2)),
        checked(report(record(4, sources=1)[:-4])),
        checked(report(record(4, sources=0xFFFF)[:12])),
    ],
)
def test_a_broken_message_is_refused(data: bytes) -> None:
    with pytest.raises(DecodeError):
        read_memberships(packet(data))


def test_what_scapy_makes_is_read() -> None:
    old = bytes(IGMPv2_MR(gaddr=GROUP))
    assert read_memberships(packet(old)) == (Membership(IPv4Address(GROUP), joined=True),)
    records = [IGMPv3_MR_Group(rtype=4, maddr=GROUP), IGMPv3_MR_Group(rtype=3, maddr=OTHER)]
    new = bytes(IGMPv3_MR(records=records))
    assert [(str(one.group), one.joined) for one in read_memberships(packet(new))] == [(GROUP, True), (OTHER, False)]


@pytest.mark.rfc("3376", "4.1")
def test_the_query_is_laid_out_as_the_rfc_draws_it_and_goes_to_one_host() -> None:
    """Version 3, all groups, an answer within a tenth of a second, robustness 2, the next one after 125 s."""
    query = general_query(ROUTER, HOST)
    assert (query.source, query.destination, query.protocol, query.ttl) == (ROUTER, HOST, 2, 1)
    assert query.type_of_service == 0xC0
    assert query.payload == bytes.fromhex("1101 ec81 00000000 02 7d 0000")
    read = IGMPv3_MQ(query.payload)
    assert (read.type, read.mrcode, read.gaddr, read.qrv, read.qqic) == (0x11, 1, "0.0.0.0", 2, 125)
    assert bytes(IGMPv3_MQ(mrcode=1, qrv=2, qqic=125)) == query.payload


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for payload in (data, b"\x22" + data, report(data)):
        for bytes_ in (payload, checked(payload + bytes(4 + len(payload) % 2))):
            try:
                memberships = read_memberships(packet(bytes_))
            except DecodeError:
                continue
            assert all(membership.group.is_multicast for membership in memberships)
