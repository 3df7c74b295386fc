"""A pair of interfaces in which the kernel cuts packets to size before they are minimally encapsulated.

No kernel can cut a packet that is minimally encapsulated already (RFC 2004 moves the addresses, and the
checksums of TCP and UDP cover them), and programs hand down packets of up to 64 kB. A program on the anchor puts
them into the near end, whose offloads are off, so that they come out at the far end as on a wire; there another
program encapsulates. Neither end has an address.
"""

from __future__ import annotations

import errno
import socket

from client.core.errors import KernelError
from client.linux.bpf.hook import Attacher, Direction, Hook
from client.linux.netlink.codes import (
    AF_INET6,
    AF_UNSPEC,
    INET6_ADDR_GEN_MODE,
    INET6_ADDR_GEN_NONE,
    VETH_INFO_PEER,
    Flag,
    LinkAttribute,
    LinkFlag,
    LinkInfoAttribute,
    MessageType,
)
from client.linux.netlink.connection import Netlink
from client.linux.netlink.messages import LINK, Request, attribute, attributes, nested, number, text
from client.linux.offload import turn_everything_off
from client.linux.ownership import Owner

_MTU = 65535
_SILENCE_REFUSED = (errno.EINVAL, errno.EAFNOSUPPORT, errno.EOPNOTSUPP)  # a kernel without IPv6


class Segmenter:
    """The pair, while it exists."""

    def __init__(self, owner: Owner, netlink: Netlink, attacher: Attacher, program: int) -> None:
        """`program` is the descriptor of the one that encapsulates. Raises KernelError."""
        self._netlink = netlink
        self._near, far = owner.segmenter
        self._hook: Hook | None = None
        _make(netlink, self._near, far)
        try:
            for name in owner.segmenter:
                _prepare(netlink, owner, name)
            self._hook = attacher.attach("segment", program, socket.if_nametoindex(far), Direction.INGRESS)
            self.index = socket.if_nametoindex(self._near)
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Make it go. Raises KernelError."""
        if self._hook is not None:
            self._hook.close()
        _delete(self._netlink, self._near)


def remove_segmenter(owner: Owner, netlink: Netlink) -> None:
    """Remove the pair that a killed daemon left. Raises KernelError."""
    for name in owner.segmenter:
        if _is_ours(netlink, name):
            _delete(netlink, name)


def _make(netlink: Netlink, near: str, far: str) -> None:
    peer = LINK.pack(AF_UNSPEC, 0, 0, 0, 0) + attribute(LinkAttribute.NAME, far.encode() + b"\0")
    info = nested(
        LinkAttribute.LINKINFO,
        attribute(LinkInfoAttribute.KIND, b"veth"),
        nested(LinkInfoAttribute.DATA, attribute(VETH_INFO_PEER, peer)),
    )
    body = LINK.pack(AF_UNSPEC, 0, 0, 0, 0) + attribute(LinkAttribute.NAME, near.encode() + b"\0") + info
    netlink.request(Request(MessageType.NEWLINK, Flag.CREATE | Flag.EXCLUSIVE, body))


def _prepare(netlink: Netlink, owner: Owner, name: str) -> None:
    """Silent and without offloads before it is up, so that not one packet of its own ever leaves it."""
    index = socket.if_nametoindex(name)
    silence = nested(
        LinkAttribute.AF_SPEC, nested(AF_INET6, attribute(INET6_ADDR_GEN_MODE, bytes([INET6_ADDR_GEN_NONE])))
    )
    _set(netlink, index, attribute(LinkAttribute.ALIAS, f"{owner.name}:segmenter".encode()))
    _set(netlink, index, silence, allow=_SILENCE_REFUSED)
    turn_everything_off(name)
    flags = LinkFlag.UP | LinkFlag.NO_ARP
    header = LINK.pack(AF_UNSPEC, 0, index, flags, flags)
    netlink.request(Request(MessageType.SETLINK, 0, header + number(LinkAttribute.MTU, _MTU)))


def _set(netlink: Netlink, index: int, body: bytes, allow: tuple[int, ...] = ()) -> None:
    netlink.request(Request(MessageType.SETLINK, 0, LINK.pack(AF_UNSPEC, 0, index, 0, 0) + body), allow)


def _delete(netlink: Netlink, name: str) -> None:
    body = LINK.pack(AF_UNSPEC, 0, 0, 0, 0) + attribute(LinkAttribute.NAME, name.encode() + b"\0")
    netlink.request(Request(MessageType.DELLINK, 0, body), allow=(errno.ENODEV,))


def _is_ours(netlink: Netlink, name: str) -> bool:
    """Whether there is a veth of this name: a daemon may have been killed before it could say that it is ours."""
    try:
        body = LINK.pack(AF_UNSPEC, 0, 0, 0, 0) + attribute(LinkAttribute.NAME, name.encode() + b"\0")
        found = attributes(netlink.get(MessageType.GETLINK, body).body[LINK.size :])
    except KernelError:
        return False
    return text(attributes(found.get(LinkAttribute.LINKINFO, b"")).get(LinkInfoAttribute.KIND)) == "veth"
