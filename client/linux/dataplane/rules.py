"""Policy rules: which packets look up which table."""

from __future__ import annotations

import errno
import socket
import struct

from client.core.errors import KernelError
from client.core.plan import Rule
from client.linux.netlink.codes import AF_INET, AF_INET6, RULE_TO_TABLE, Flag, MessageType, RuleAttribute
from client.linux.netlink.messages import RULE, Request, attribute, number
from client.linux.ownership import Owner


def rule_requests(rule: Rule, owner: Owner) -> tuple[Request, Request]:
    """What adds the rule, and what removes it."""
    if not 0 <= rule.order < owner.rule_span:
        raise KernelError(errno.EINVAL, f"rule order {rule.order} is outside our range")
    source_bits = 0 if rule.bound_to is None else rule.bound_to.max_prefixlen
    destination_bits = 0 if rule.destination is None else rule.destination.prefixlen
    table = owner.table(rule.table)
    # Tables above 255 are told by the attribute alone.
    header = RULE.pack(
        AF_INET if rule.version == 4 else AF_INET6,
        destination_bits,
        source_bits,
        0,
        table if table < 256 else 0,
        RULE_TO_TABLE,
        0,
    )
    body = header + _attributes(rule, owner, table)
    return Request(MessageType.NEWRULE, Flag.CREATE | Flag.EXCLUSIVE, body), Request(MessageType.DELRULE, 0, body)


def _attributes(rule: Rule, owner: Owner, table: int) -> bytes:
    body = number(RuleAttribute.PRIORITY, owner.rule_base + rule.order) + number(RuleAttribute.TABLE, table)
    body += attribute(RuleAttribute.PROTOCOL, bytes([owner.protocol]))
    if rule.marked:
        body += number(RuleAttribute.MARK, owner.mark)
    if rule.destination is not None and rule.destination.prefixlen:
        body += attribute(RuleAttribute.DESTINATION, rule.destination.network_address.packed)
    if rule.bound_to is not None:
        body += attribute(RuleAttribute.SOURCE, rule.bound_to.packed)
    if rule.arriving_on is not None:
        body += attribute(RuleAttribute.IN_INTERFACE, _name(rule.arriving_on).encode() + b"\0")
    if rule.protocol is not None:
        body += attribute(RuleAttribute.IP_PROTOCOL, bytes([rule.protocol]))
    return (
        body
        + _ports(RuleAttribute.SOURCE_PORTS, rule.source_port)
        + _ports(RuleAttribute.DESTINATION_PORTS, rule.destination_port)
    )


def _name(interface: int) -> str:
    try:
        return socket.if_indextoname(interface)
    except OSError as error:
        raise KernelError(errno.ENODEV, f"there is no link {interface}") from error


def _ports(type_: int, port: int | None) -> bytes:
    return b"" if port is None else attribute(type_, struct.pack("=HH", port, port))
