"""Keeps a link from telling or answering for addresses that are not its own (RFC 5944 §4.6)."""

from __future__ import annotations

import errno
import struct
from collections.abc import Mapping
from types import MappingProxyType

from client.core.errors import KernelError
from client.linux.dataplane.link_settings import Values
from client.linux.netlink.codes import AF_INET, AF_UNSPEC, INET_CONF, LinkAttribute, MessageType
from client.linux.netlink.connection import Netlink
from client.linux.netlink.messages import LINK, Request, attributes, nested, number, text

_NUMBERS = {"arp_announce": 18, "arp_ignore": 19}  # IPV4_DEVCONF_...


class ArpSettings:
    """By netlink."""

    wanted: Mapping[str, int] = MappingProxyType({"arp_announce": 2, "arp_ignore": 1})

    def __init__(self, netlink: Netlink) -> None:
        self._netlink = netlink

    def read(self, interface: int) -> tuple[str, Values]:
        """The link's name and settings. Raises KernelError."""
        message = self._netlink.get(MessageType.GETLINK, LINK.pack(AF_UNSPEC, 0, interface, 0, 0))
        found = attributes(message.body[LINK.size :])
        families = attributes(found.get(LinkAttribute.AF_SPEC, b""))
        conf = attributes(families.get(AF_INET, b"")).get(INET_CONF, b"")
        if len(conf) < 4 * max(_NUMBERS.values()):
            raise KernelError(errno.ENODEV, "this link has no IPv4")
        # The kernel sends the settings as an array that begins with setting 1.
        values = {name: struct.unpack_from("=i", conf, 4 * (key - 1))[0] for name, key in _NUMBERS.items()}
        return text(found.get(LinkAttribute.NAME)), values

    def write(self, interface: int, values: Values) -> None:
        """Set them. Raises KernelError."""
        if not values:
            return
        conf = nested(INET_CONF, *(number(_NUMBERS[name], value) for name, value in values.items()))
        body = LINK.pack(AF_UNSPEC, 0, interface, 0, 0) + nested(LinkAttribute.AF_SPEC, nested(AF_INET, conf))
        self._netlink.request(Request(MessageType.SETLINK, 0, body))
