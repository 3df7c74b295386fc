"""IPv6 groups and anycast addresses, joined by sockets."""

from __future__ import annotations

from ipaddress import IPv6Address
from pathlib import Path

import pytest

from client.core.errors import KernelError
from client.core.ipv6 import solicited_node
from client.linux.dataplane.groups import GROUP, Groups
from tests.client.linux.namespaces import Namespace, inside

pytestmark = pytest.mark.lab
MANY = 2000


def _join_and_leave(interface: int) -> list[int]:
    """How many groups there are before, with very many more, with half of them, and after."""
    groups = Groups(GROUP)
    addresses = [solicited_node(IPv6Address(0x20010DB8 << 96 | number)) for number in range(MANY)]
    found = [_memberships()]
    for address in addresses:
        groups.join(interface, address)
        groups.join(interface, address)
    found.append(_memberships())
    for address in addresses[::2]:
        groups.leave(interface, address)
    found.append(_memberships())
    for address in addresses:
        groups.leave(interface, address)
    return [*found, _memberships()]


def _memberships() -> int:
    return len(Path("/proc/net/igmp6").read_text().splitlines())


def test_very_many_groups_are_joined_and_left(ends: tuple[Namespace, Namespace]) -> None:
    before, all_, half, after = inside(ends[0], _join_and_leave, ends[0].interface)
    assert (all_ - before, half - before, after - before) == (MANY, MANY // 2, 0)


def _join_nowhere() -> str:
    with pytest.raises(KernelError) as refused:
        Groups(GROUP).join(999, solicited_node(IPv6Address("2001:db8::1")))
    return str(refused.value.strerror)


def test_a_link_that_is_gone_is_refused(ends: tuple[Namespace, Namespace]) -> None:
    assert inside(ends[0], _join_nowhere) == "No such device"
