"""Whichever call the real kernel refuses, what remains is clean or working (F12)."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from client.core.errors import KernelError
from client.core.plan import EMPTY, Plan, Tunnel
from client.linux.dataplane.kernel import Kernel
from client.linux.dataplane.reconciler import Reconciler
from client.linux.dataplane.tun import TunPlane
from client.linux.netlink.connection import Netlink
from client.linux.netlink.messages import Request
from client.linux.ownership import MOBILE_NODE
from client.linux.packet_socket import PacketSocket
from client.linux.raw import RoutedSender
from tests.client.linux.namespaces import Namespace, inside
from tests.client.linux.plans import give_addresses6, mobile_plan, mobile_plan6

pytestmark = pytest.mark.lab


class RefusingNetlink(Netlink):
    """The kernel, but for one call that fails before it reaches it."""

    def __init__(self, refuse: int) -> None:
        super().__init__()
        self.calls = 0
        self.refuse = refuse

    def request(self, request: Request, allow: Iterable[int] = ()) -> None:
        """Ask, unless this is the call to be refused."""
        self.calls += 1
        if self.calls == self.refuse:
            raise KernelError(errno.ENOBUFS, "No buffer space available")
        super().request(request, allow)


def refuse_each(plan: Plan) -> tuple[int, list[str]]:
    """Refuse every call once, in building and in removing; returns how many there are, and what went wrong."""
    return asyncio.run(_in_loop(plan))


async def _in_loop(plan: Plan) -> tuple[int, list[str]]:
    wrong: list[str] = []
    call = calls = 0
    while call <= calls:  # the last round is one in which no call was refused
        call += 1
        netlink = RefusingNetlink(call)
        with contextlib.closing(netlink), tempfile.TemporaryDirectory() as directory:
            wrong += [f"call {call}: {what}" for what in _build_and_remove(plan, netlink, Path(directory))]
        calls = netlink.calls
    return calls, wrong


def _build_and_remove(plan: Plan, netlink: RefusingNetlink, directory: Path) -> list[str]:
    """What is wrong after each step has been tried once more."""
    counters: Counter[str] = Counter()
    kernel = Kernel(MOBILE_NODE, netlink, directory)
    with (
        contextlib.closing(PacketSocket.for_signalling(counters)) as frames,
        contextlib.closing(RoutedSender(MOBILE_NODE.mark, counters)) as outer,
        contextlib.closing(TunPlane(outer, outer, frames, counters)) as plane,
    ):
        reconciler = Reconciler(kernel, plane, lambda: 0.0)
        refused = [*reconciler.apply(plan), *reconciler.apply(plan)]
        standing = kernel.standing()
        stands = all(kernel.stands(item, standing) for item in plan if not isinstance(item, Tunnel))
        refused += [*reconciler.apply(EMPTY), *reconciler.apply(EMPTY)]
        left = [*reconciler.close(), *directory.iterdir()]
    checks = {
        "it does not stand": stands,
        "something is left": not left and kernel.descriptor is None,
        "nothing was said": bool(refused) == (netlink.refuse <= netlink.calls),
    }
    return [what for what, right in checks.items() if not right]


def test_whichever_call_fails_the_next_try_makes_it_good(ends: tuple[Namespace, Namespace]) -> None:
    here, there = ends
    before = here.snapshot()
    calls, wrong = inside(here, refuse_each, mobile_plan(here, there))
    assert wrong == []
    assert calls >= 17
    assert here.snapshot() == before


def test_whichever_call_of_ipv6_fails_the_next_try_makes_it_good(ends: tuple[Namespace, Namespace]) -> None:
    here, _ = ends
    give_addresses6(here)
    before = here.snapshot6()
    calls, wrong = inside(here, refuse_each, mobile_plan6(here))
    assert wrong == []
    assert calls >= 25
    assert here.snapshot6() == before
