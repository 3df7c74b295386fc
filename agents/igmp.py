"""IGMP as a home agent hears and speaks it: who joins and leaves which group (RFC 1112, RFC 2236, RFC 3376)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address, IPv4Network

from client.core.checksum import internet_checksum
from client.core.errors import DecodeError
from client.core.ipv4 import IPv4Packet, Protocol

QUERY_INTERVAL = 125
"""Seconds from one general query to the next (RFC 3376 §8.2)."""

ROBUSTNESS = 2
"""As many losses less one are survived (RFC 3376 §8.1)."""

_MAX_RESPONSE_CODE = 1  # a tenth of a second: in a tunnel there is one host, whose answer need not wait for others'
_INTERNETWORK_CONTROL = 0xC0  # the type of service of all IGMP (RFC 3376 §4)
_LINK_LOCAL = IPv4Network("224.0.0.0/24")
_FIXED = struct.Struct("!BBH4s")
_QUERY = struct.Struct("!BBH4sBBH")
_RECORDS = struct.Struct("!BBHHH")
_RECORD = struct.Struct("!BBH4s")
_WORD = 4


class _Type(IntEnum):
    QUERY = 0x11
    REPORT_V1 = 0x12
    REPORT_V2 = 0x16
    LEAVE = 0x17
    REPORT_V3 = 0x22


class _RecordType(IntEnum):
    """RFC 3376 §4.2.12; the one left out blocks single sources, which changes no membership."""

    IS_INCLUDE = 1
    IS_EXCLUDE = 2
    TO_INCLUDE = 3
    TO_EXCLUDE = 4
    ALLOW = 5


_EXCLUDE = (_RecordType.IS_EXCLUDE, _RecordType.TO_EXCLUDE)
_INCLUDE = (_RecordType.IS_INCLUDE, _RecordType.TO_INCLUDE, _RecordType.ALLOW)


@dataclass(frozen=True, slots=True)
class Membership:
    """A host is in a group, or no longer."""

    group: IPv4Address
    joined: bool


def read_memberships(packet: IPv4Packet) -> tuple[Membership, ...]:
    """What an IGMP message says of its sender, nothing for messages to hosts; DecodeError if it is malformed.

    Groups of the link alone (224.0.0.0/24) are left out: no router forwards them (RFC 5771 §4). A group of
    which only some sources are wanted counts as a whole.
    """
    data = packet.payload
    if len(data) < _FIXED.size or internet_checksum(data):
        raise DecodeError("not an IGMP message", data)
    if data[0] == _Type.REPORT_V3:
        found = list(_records(data))
    elif data[0] in (_Type.REPORT_V1, _Type.REPORT_V2, _Type.LEAVE):
        found = [Membership(IPv4Address(data[4:8]), joined=data[0] != _Type.LEAVE)]
    else:
        found = []
    return tuple(one for one in found if one.group.is_multicast and one.group not in _LINK_LOCAL)


def _records(data: bytes) -> Iterator[Membership]:
    *_, count = _RECORDS.unpack_from(data)
    offset = _RECORDS.size
    for _ in range(count):
        if offset + _RECORD.size > len(data):
            raise DecodeError("an IGMP report cut short", data)
        kind, auxiliary, sources, group = _RECORD.unpack_from(data, offset)
        offset += _RECORD.size + _WORD * (sources + auxiliary)
        if kind in _EXCLUDE:
            yield Membership(IPv4Address(group), joined=True)
        elif kind in _INCLUDE and (sources or kind != _RecordType.ALLOW):
            yield Membership(IPv4Address(group), joined=bool(sources))
    if offset > len(data):
        raise DecodeError("an IGMP report cut short", data)


def general_query(source: IPv4Address, host: IPv4Address) -> IPv4Packet:
    """Asks one host for all its groups: a query may go to any address of the host's own (RFC 3376 §4.1.12).

    |  Type = 0x11  | Max Resp Code |           Checksum            |
    |                         Group Address                         |
    | Resv  |S| QRV |     QQIC      |     Number of Sources         |
    """
    fields = (_Type.QUERY, _MAX_RESPONSE_CODE, 0, bytes(4), ROBUSTNESS, QUERY_INTERVAL, 0)
    checksum = internet_checksum(_QUERY.pack(*fields))
    return IPv4Packet(
        source=source,
        destination=host,
        protocol=Protocol.IGMP,
        payload=_QUERY.pack(*fields[:2], checksum, *fields[3:]),
        ttl=1,
        type_of_service=_INTERNETWORK_CONTROL,
    )
