"""Reads the mobility header of a packet (RFC 6275 §6.1.1, §9.2)."""

from __future__ import annotations

from collections.abc import Mapping

from client.core.errors import DecodeError
from client.core.ipv6 import IPv6Packet, NextHeader, upper_layer_checksum
from mipv6.messages import (
    HEADER,
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
from mipv6.options import read_options

_CLASSES: Mapping[int, type[Message]] = {
    each.TYPE: each
    for each in (
        BindingRefreshRequest,
        HomeTestInit,
        CareOfTestInit,
        HomeTest,
        CareOfTest,
        BindingUpdate,
        BindingAcknowledgement,
        BindingError,
    )
}

LONGEST = 8 * 256
"""Bytes of a mobility header: the length field counts units of 8, without the first (§6.1.1)."""

_PAYLOAD_PROTO = 0
_HEADER_LENGTH = 1


class UnknownTypeError(DecodeError):
    """A message of a type that we do not know: a Binding Error with status 2 answers it (§9.2)."""


class WrongFieldError(DecodeError):
    """A field that an ICMPv6 Parameter Problem, code 0, points out (§9.2).

    `pointer` counts from the first byte of the mobility header.
    """

    def __init__(self, reason: str, data: bytes, pointer: int) -> None:
        super().__init__(reason, data)
        self.pointer = pointer


def unpack(packet: IPv6Packet) -> Message:
    """The message in a packet, or DecodeError. Nothing is authenticated here.

    UnknownTypeError and WrongFieldError are answered, other errors are not; both mean that the checksum was right.
    """
    header = mobility_header(packet)
    if upper_layer_checksum(packet.sender, packet.receiver, NextHeader.MOBILITY, header):
        raise DecodeError("wrong checksum of a mobility header", header)
    payload_proto, _, type_, _ = HEADER.unpack_from(header)
    kind = _CLASSES.get(type_)
    if kind is None:
        raise UnknownTypeError(f"unknown type {type_} of a mobility header", header)
    if payload_proto != NextHeader.NONE:
        raise WrongFieldError("something follows a mobility header", header, _PAYLOAD_PROTO)
    end = HEADER.size + kind.DATA.size
    if len(header) < end:
        raise WrongFieldError("a mobility header too short for its type", header, _HEADER_LENGTH)
    return kind.read(header[HEADER.size : end], read_options(header[end:]))


def mobility_header(packet: IPv6Packet) -> bytes:
    """The mobility header's own bytes, or DecodeError; what lies behind its length is ignored (RFC 8200 §4.7)."""
    data = packet.payload
    size = 8 * (data[1] + 1) if packet.next_header == NextHeader.MOBILITY and len(data) >= 8 else 0
    if not size or len(data) < size:
        raise DecodeError("not a mobility header, or cut short", data)
    return data[:size]
