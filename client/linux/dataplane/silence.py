"""Keeps a kernel without CONFIG_IPV6_MIP6 from refusing packets that we understand.

It answers a type 2 routing header with "parameter problem, erroneous header field" and a home address option with
"parameter problem, unrecognised option" (RFC 8200 §4.2, §4.4), before any socket could say otherwise. A policy rule
gives exactly these two answers, between exactly these two addresses, no route. ICMP's type and code stand where the
kernel looks for a destination port.
"""

from __future__ import annotations

import errno
import socket
import struct

from client.core.plan import Encapsulation, Tunnel
from client.linux.netlink.codes import AF_INET6, RULE_TO_NOWHERE, Flag, MessageType, RuleAttribute
from client.linux.netlink.connection import Netlink
from client.linux.netlink.messages import RULE, Request, attribute, number
from client.linux.ownership import Owner

ANSWERS = (0x0400, 0x0402)  # type 4, codes 0 (erroneous field) and 2 (unrecognised option)
_ALREADY_GONE = (errno.ENOENT, errno.ESRCH)


class Silence:
    """The rules, one pair for each pair of addresses."""

    def __init__(self, owner: Owner, netlink: Netlink) -> None:
        self._owner = owner
        self._netlink = netlink
        self._pairs: dict[tuple[bytes, bytes], set[object]] = {}

    def add(self, tunnel: Tunnel) -> None:
        """Do not refuse what comes by this tunnel. Raises KernelError."""
        if tunnel.encapsulation is not Encapsulation.DIRECT or not tunnel.receives:
            return
        pair = (tunnel.local.packed, tunnel.remote.packed)
        if pair not in self._pairs:
            for answer in ANSWERS:
                request = Request(MessageType.NEWRULE, Flag.CREATE | Flag.EXCLUSIVE, self._body(*pair, answer))
                self._netlink.request(request, allow=(errno.EEXIST,))
        self._pairs.setdefault(pair, set()).add(tunnel.key)

    def remove(self, tunnel: Tunnel) -> None:
        """Nothing is expected by this tunnel any longer. Raises KernelError."""
        pair = (tunnel.local.packed, tunnel.remote.packed)
        users = self._pairs.get(pair)
        if users is None:
            return
        users.discard(tunnel.key)
        if not users:
            self._forget(pair)

    def close(self) -> None:
        """Leave nothing. Raises KernelError."""
        for pair in list(self._pairs):
            self._forget(pair)

    def _forget(self, pair: tuple[bytes, bytes]) -> None:
        for answer in ANSWERS:
            request = Request(MessageType.DELRULE, 0, self._body(*pair, answer))
            self._netlink.request(request, allow=_ALREADY_GONE)
        del self._pairs[pair]

    def _body(self, local: bytes, remote: bytes, answer: int) -> bytes:
        header = RULE.pack(AF_INET6, 128, 128, 0, 0, RULE_TO_NOWHERE, 0)
        return (
            header
            + number(RuleAttribute.PRIORITY, self._owner.rule_base)
            + attribute(RuleAttribute.PROTOCOL, bytes([self._owner.protocol]))
            + attribute(RuleAttribute.SOURCE, local)
            + attribute(RuleAttribute.DESTINATION, remote)
            + attribute(RuleAttribute.IP_PROTOCOL, bytes([socket.IPPROTO_ICMPV6]))
            + attribute(RuleAttribute.DESTINATION_PORTS, struct.pack("=HH", answer, answer))
        )
