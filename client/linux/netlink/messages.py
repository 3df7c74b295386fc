"""The fixed headers of rtnetlink messages, and their attributes (type, length, value)."""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from client.linux.netlink.codes import NESTED

HEADER = struct.Struct("=IHHII")  # nlmsghdr: length, type, flags, sequence, port
ATTRIBUTE = struct.Struct("=HH")  # rtattr: length, type
LINK = struct.Struct("=BxHiII")  # ifinfomsg: family, hardware type, index, flags, change
ADDRESS = struct.Struct("=BBBBI")  # ifaddrmsg: family, prefix length, flags, scope, index
ROUTE = struct.Struct("=BBBBBBBBI")  # rtmsg: family, dst_len, src_len, tos, table, protocol, scope, type, flags
RULE = struct.Struct("=BBBBBxxBI")  # fib_rule_hdr: family, dst_len, src_len, tos, table, action, flags
TRAFFIC = struct.Struct("=BxxxiIII")  # tcmsg: family, interface, handle, parent, info
NEIGHBOUR = struct.Struct("=BxxxiHBB")  # ndmsg: family, ifindex, state, flags, type


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask of the kernel: message type, flags and body."""

    type: int
    flags: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """What the kernel says: message type, the port of the socket whose request caused it (0: the kernel), body."""

    type: int
    port: int
    body: bytes
    flags: int = 0
    sequence: int = 0


def attribute(type_: int, value: bytes) -> bytes:
    """One attribute, padded to four bytes."""
    length = ATTRIBUTE.size + len(value)
    return ATTRIBUTE.pack(length, type_) + value + bytes(-length % 4)


def number(type_: int, value: int) -> bytes:
    """An attribute that is an unsigned 32-bit number."""
    return attribute(type_, struct.pack("=I", value))


def nested(type_: int, *attributes: bytes) -> bytes:
    """An attribute made of attributes."""
    return attribute(type_ | NESTED, b"".join(attributes))


def attributes(data: bytes) -> dict[int, bytes]:
    """Values by type; reading ends where the bytes make no sense."""
    found: dict[int, bytes] = {}
    offset = 0
    while offset + ATTRIBUTE.size <= len(data):
        length, type_ = ATTRIBUTE.unpack_from(data, offset)
        if length < ATTRIBUTE.size:
            break
        found[type_ & ~NESTED & 0xFFFF] = data[offset + ATTRIBUTE.size : offset + length]
        offset += (length + 3) & ~3
    return found


def messages(data: bytes) -> Iterator[Message]:
    """The messages in one datagram from the kernel."""
    offset = 0
    while offset + HEADER.size <= len(data):
        length, type_, flags, sequence, port = HEADER.unpack_from(data, offset)
        if length < HEADER.size:
            break
        yield Message(type_, port, data[offset + HEADER.size : offset + length], flags, sequence)
        offset += (length + 3) & ~3


def unsigned(value: bytes | None, default: int = 0) -> int:
    """The number in an attribute of any width."""
    return int.from_bytes(value, sys.byteorder) if value else default


def text(value: bytes | None) -> str:
    """The string in an attribute."""
    return (value or b"").rstrip(b"\0").decode("utf-8", "replace")
