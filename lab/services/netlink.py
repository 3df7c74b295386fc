"""The kernel's news of one link's carrier and addresses, read straight from a netlink socket."""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Interface, IPv6Interface

_RTMGRP_LINK = 0x1
_RTMGRP_IPV4_IFADDR = 0x10
_RTMGRP_IPV6_IFADDR = 0x100
_HEADER = struct.Struct("=IHHII")
_LINK = struct.Struct("=BxHiII")
_ADDRESS = struct.Struct("=BBBBI")
_IFLA_OPERSTATE = 16
_IFA_ADDRESS, _IFA_LOCAL, _IFA_FLAGS = 1, 2, 8
_OPTIMISTIC, _DUPLICATE, _TENTATIVE = 0x04, 0x08, 0x40
_OPERSTATE_UP = 6


class Kind(IntEnum):
    """The messages that we know (rtnetlink(7))."""

    NEW_LINK = 16
    DEL_LINK = 17
    NEW_ADDRESS = 20
    DEL_ADDRESS = 21
    GET_LINK = 18
    GET_ADDRESS = 22


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One message. `at`: when we read it, in nanoseconds since 1970."""

    at: int
    kind: Kind
    index: int
    up: bool = False  # of links: operstate UP
    address: IPv4Interface | IPv6Interface | None = None
    usable: bool = True  # an IPv6 address: not tentative, or optimistic


class Listener:
    """A netlink socket that first tells what is there, then what changes."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        with contextlib.suppress(PermissionError):
            self.socket.setsockopt(socket.SOL_SOCKET, 33, 1 << 20)  # SO_RCVBUFFORCE
        self.socket.bind((0, _RTMGRP_LINK | _RTMGRP_IPV4_IFADDR | _RTMGRP_IPV6_IFADDR))

    def dump_links(self) -> None:
        """Ask for all links; the answers come like any other news."""
        body = _LINK.pack(socket.AF_UNSPEC, 0, 0, 0, 0)
        self.socket.send(_HEADER.pack(_HEADER.size + len(body), Kind.GET_LINK, 0x301, 1, 0) + body)

    def read(self) -> list[News]:
        """The news of one datagram; waits for it."""
        data = self.socket.recv(1 << 16)
        return list(read_news(data, time.time_ns()))


def read_news(data: bytes, now: int) -> Iterator[News]:
    """The messages in a datagram that are of a kind that we know."""
    offset = 0
    while offset + _HEADER.size <= len(data):
        length, kind, *_ = _HEADER.unpack_from(data, offset)
        body = data[offset + _HEADER.size : offset + length]
        offset += max((length + 3) & ~3, _HEADER.size)
        if kind in (Kind.NEW_LINK, Kind.DEL_LINK) and len(body) >= _LINK.size:
            _, _, index, _, _ = _LINK.unpack_from(body)
            state = _attributes(body[_LINK.size :]).get(_IFLA_OPERSTATE, b"\x00")
            yield News(at=now, kind=Kind(kind), index=index, up=state[0] == _OPERSTATE_UP)
        elif kind in (Kind.NEW_ADDRESS, Kind.DEL_ADDRESS) and len(body) >= _ADDRESS.size:
            yield _address(body, Kind(kind), now)


def _address(body: bytes, kind: Kind, now: int) -> News:
    family, prefix_length, flags, _, index = _ADDRESS.unpack_from(body)
    attributes = _attributes(body[_ADDRESS.size :])
    packed = attributes.get(_IFA_LOCAL)
    if family != socket.AF_INET6:
        address = IPv4Interface((packed, prefix_length)) if packed else None
        return News(at=now, kind=kind, index=index, address=address)
    packed = packed or attributes.get(_IFA_ADDRESS)
    if _IFA_FLAGS in attributes:
        flags = int.from_bytes(attributes[_IFA_FLAGS], sys.byteorder)
    usable = not flags & _DUPLICATE and (not flags & _TENTATIVE or bool(flags & _OPTIMISTIC))
    address6 = IPv6Interface((packed, prefix_length)) if packed else None
    return News(at=now, kind=kind, index=index, address=address6, usable=usable)


def _attributes(data: bytes) -> dict[int, bytes]:
    found = {}
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        found[kind] = data[4:length]
        data = data[max((length + 3) & ~3, 4) :]
    return found
