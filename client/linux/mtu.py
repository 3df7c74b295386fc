"""What the kernel knows of a link and of the way to an address: how long a packet may be, and where all hear it."""

from __future__ import annotations

import fcntl
import socket
import struct

from client.core.plan import Address

_SIOCGIFMTU = 0x8921
_ADDRESSES = (0x8919, 0x8915, 0x891B)  # SIOCGIFBRDADDR, SIOCGIFADDR, SIOCGIFNETMASK
_ADDRESS_REQUEST = struct.Struct("=16sHxx4s16x")  # ifreq with a sockaddr_in
_IP_MTU = 14
_IPV6_MTU = 24
_SO_BINDTOIFINDEX = 62
_REQUEST = struct.Struct("=16si20x")
LEAST = 68  # RFC 791: every link carries that much
LEAST_IPV6 = 1280  # RFC 8200 §5


def link_mtu(interface: int) -> int:
    """The link's MTU, or the least one if the link is gone."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            request = _REQUEST.pack(socket.if_indextoname(interface).encode(), 0)
            answer = fcntl.ioctl(asking, _SIOCGIFMTU, request)
        except OSError:
            return LEAST
    mtu: int = _REQUEST.unpack(answer)[1]
    return mtu


def broadcast_address(interface: int) -> bytes | None:
    """Where all hosts of a link hear (of its first address), or None if the link is gone or has no such address.

    An address that was added without one has one all the same: the kernel's routes make it of the prefix.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            request = _ADDRESS_REQUEST.pack(socket.if_indextoname(interface).encode(), socket.AF_INET, bytes(4))
            told, own, mask = (_address(fcntl.ioctl(asking, what, request)) for what in _ADDRESSES)
        except OSError:
            return None
    if any(told):
        return told
    made = bytes(byte | ~part & 0xFF for byte, part in zip(own, mask, strict=True))
    return made if made != own else None


def _address(answer: bytes) -> bytes:
    found: bytes = _ADDRESS_REQUEST.unpack(answer)[2]
    return found


def path_mtu(destination: Address, interface: int | None, mark: int | None) -> int:
    """What the kernel has learnt of the path (RFC 1191, RFC 8201), or the least if there is no path."""
    ipv6 = destination.version == 6
    with socket.socket(socket.AF_INET6 if ipv6 else socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            if mark is not None:
                asking.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, mark)
            if interface is not None:
                asking.setsockopt(socket.SOL_SOCKET, _SO_BINDTOIFINDEX, interface)
            asking.connect((str(destination), 9))  # sends nothing: UDP only looks the route up
            if ipv6:
                return asking.getsockopt(socket.IPPROTO_IPV6, _IPV6_MTU)
            return asking.getsockopt(socket.IPPROTO_IP, _IP_MTU)
        except OSError:
            return LEAST_IPV6 if ipv6 else LEAST
