"""Keeps the kernel from refusing mobility headers, and packets that name a home address, before we see them.

A mobility header without a socket for it is answered with "parameter problem, unrecognised next header": a socket that
takes nothing prevents that. A kernel without CONFIG_IPV6_MIP6 answers a home address option and a type 2 routing
header like any option or header that it does not know; there a policy rule gives these two answers no route, whoever
they are for (as `silence` does between two addresses). With it go the same answers to other unknown options.
"""

from __future__ import annotations

import errno
import socket
import struct

from client.linux.dataplane.silence import ANSWERS
from client.linux.dataplane.silent_socket import silent_socket
from client.linux.netlink.codes import AF_INET6, RULE_TO_NOWHERE, Flag, MessageType, RuleAttribute
from client.linux.netlink.connection import Netlink
from client.linux.netlink.messages import RULE, Request, attribute, attributes, number
from client.linux.ownership import Owner

_MOBILITY = 135
_ALREADY_GONE = (errno.ENOENT, errno.ESRCH)
_TYPE_2_HEADER = b"\0\x02\x02\x01" + bytes(20)
_OURS_ALONE = b"lo\0"  # what this machine sends, and not what it forwards


class MobilityPackets:
    """Ours while `keep` has been called."""

    def __init__(self, owner: Owner, netlink: Netlink) -> None:
        self._owner = owner
        self._netlink = netlink
        self._socket: socket.socket | None = None

    @property
    def is_kept(self) -> bool:
        """Whether they are ours."""
        return self._socket is not None

    def keep(self) -> None:
        """Have them reach us alone. Raises KernelError."""
        if self._socket is None:
            self._socket = silent_socket(_MOBILITY)
        if knows_home_addresses(self._socket):
            return
        for answer in ANSWERS:
            request = Request(MessageType.NEWRULE, Flag.CREATE | Flag.EXCLUSIVE, self._body(answer))
            self._netlink.request(request, allow=(errno.EEXIST,))

    def drop(self) -> None:
        """Leave them to the kernel. Raises KernelError."""
        for answer in ANSWERS:
            self._netlink.request(Request(MessageType.DELRULE, 0, self._body(answer)), allow=_ALREADY_GONE)
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def stands(self) -> bool:
        """Whether nobody has taken the rules away."""
        if self._socket is None:
            return False
        return knows_home_addresses(self._socket) or self._rules() >= {_ports(answer) for answer in ANSWERS}

    def _rules(self) -> set[bytes]:
        told = self._netlink.dump(MessageType.GETRULE, RULE.pack(AF_INET6, 0, 0, 0, 0, 0, 0))
        found = (attributes(message.body[RULE.size :]) for message in told)
        protocol = bytes([self._owner.protocol])
        return {
            each.get(RuleAttribute.DESTINATION_PORTS, b"")
            for each in found
            if each.get(RuleAttribute.PROTOCOL) == protocol and each.get(RuleAttribute.IN_INTERFACE) == _OURS_ALONE
        }

    def _body(self, answer: int) -> bytes:
        return (
            RULE.pack(AF_INET6, 0, 0, 0, 0, RULE_TO_NOWHERE, 0)
            + number(RuleAttribute.PRIORITY, self._owner.rule_base)
            + attribute(RuleAttribute.PROTOCOL, bytes([self._owner.protocol]))
            + attribute(RuleAttribute.IN_INTERFACE, _OURS_ALONE)
            + attribute(RuleAttribute.IP_PROTOCOL, bytes([socket.IPPROTO_ICMPV6]))
            + attribute(RuleAttribute.DESTINATION_PORTS, _ports(answer))
        )


def knows_home_addresses(asking: socket.socket) -> bool:
    """Whether this kernel has CONFIG_IPV6_MIP6: then programs may ask for a type 2 routing header."""
    try:
        asking.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RTHDR, _TYPE_2_HEADER)
    except OSError:
        return False
    return True


def _ports(answer: int) -> bytes:
    return struct.pack("=HH", answer, answer)
