"""The real kernel's IPv6 addresses and routers as machines see them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from ipaddress import IPv6Address, IPv6Interface, IPv6Network
from pathlib import Path

import pytest

from client.core.links import Address6, Doubt, Link
from client.core.machine import Heard6
from client.linux.ownership import MOBILITY_AGENT
from tests.client.linux.holder import Holder, eventually
from tests.client.linux.namespaces import LINK, Namespace
from tests.client.linux.routers import ROUTER, advertised

pytestmark = pytest.mark.lab

Ends = tuple[Namespace, Namespace]
PREFIX = IPv6Network("2001:db8:5::/64")


@pytest.fixture
def node(ends: Ends, tmp_path: Path) -> Iterator[Holder]:
    """A mobile node at the first end, with a link-local address."""
    holder = Holder(ends[0], tmp_path / "node")
    assert holder.started == "ready"
    assert eventually(lambda: only(holder).link_local is not None)
    yield holder
    holder.kill()


@pytest.fixture
def router(ends: Ends, tmp_path: Path) -> Iterator[Holder]:
    """A router at the second end."""
    holder = Holder(ends[1], tmp_path / "router", owner=MOBILITY_AGENT)
    assert holder.started == "ready"
    yield holder
    holder.kill()


def only(node: Holder) -> Link:
    [link] = node.links().links
    return link


@pytest.mark.rfc("4862", "5.5.3")
def test_address_and_router_of_an_advertisement(ends: Ends, node: Holder, router: Holder) -> None:
    router.say(advertised(ends[1], PREFIX))
    assert eventually(lambda: only(node).addresses6)
    [address] = only(node).addresses6
    assert address.ip in PREFIX
    assert address.interface.network == PREFIX
    assert (only(node).gateway6, only(node).routed6) == (ROUTER, True)
    [heard] = [each for each in node.heard(Heard6) if each.packet.payload[0] == 134]
    assert (heard.interface, heard.link_layer_source) == (11, ends[1].link_layer_address)
    assert (heard.packet.hop_limit, heard.unicast) == (255, False)
    router.say(advertised(ends[1], PREFIX, lifetime=0))
    assert eventually(lambda: not only(node).routed6)


@pytest.mark.rfc("4429", "3.3")
def test_an_optimistic_address_is_told_at_once(ends: Ends, node: Holder, router: Holder) -> None:
    ends[0].run("sysctl", "-w", f"net.ipv6.conf.{LINK}.optimistic_dad=1", f"net.ipv6.conf.{LINK}.use_optimistic=1")
    before = time.monotonic()
    router.say(advertised(ends[1], PREFIX))
    assert eventually(lambda: only(node).addresses6)
    assert time.monotonic() - before < 0.5  # duplicate address detection takes a second and more
    assert [each.doubts for each in only(node).addresses6] == [Doubt.OPTIMISTIC]
    assert eventually(lambda: [each.doubts for each in only(node).addresses6] == [Doubt(0)])


@pytest.mark.rfc("4862", "5.4.5")
@pytest.mark.parametrize("advertised_prefix", [True, False], ids=["made of a prefix", "given by hand"])
def test_a_duplicate_is_told(ends: Ends, node: Holder, router: Holder, *, advertised_prefix: bool) -> None:
    link_local = only(node).link_local
    assert link_local is not None
    taken = IPv6Address(PREFIX.network_address.packed[:8] + link_local.packed[8:])
    ends[1].ip("addr", "add", f"{taken}/64", "dev", LINK, "nodad")
    if advertised_prefix:
        router.say(advertised(ends[1], PREFIX))
    else:
        ends[0].ip("addr", "add", f"{taken}/64", "dev", LINK)
    expected = (Address6(IPv6Interface((taken, 64)), Doubt.DUPLICATE),)
    assert eventually(lambda: only(node).addresses6 == expected)


def test_an_address_given_by_hand_is_tentative_first(ends: Ends, node: Holder) -> None:
    ends[0].ip("addr", "add", "2001:db8:6::7/64", "dev", LINK)
    assert eventually(lambda: only(node).addresses6)
    assert not only(node).addresses6[0].is_usable
    assert eventually(lambda: only(node).addresses6[0].is_usable)
    ends[0].ip("addr", "del", "2001:db8:6::7/64", "dev", LINK)
    assert eventually(lambda: only(node).addresses6 == ())


def test_links_are_known_from_the_start(ends: Ends, node: Holder, tmp_path: Path) -> None:
    here, _ = ends
    here.ip("addr", "add", "2001:db8:6::7/64", "dev", LINK, "nodad")
    here.ip("route", "add", "default", "via", "fe80::9", "dev", LINK)
    assert eventually(lambda: only(node).routed6)
    told = only(node)
    node.stop()
    second = Holder(here, tmp_path / "second")
    assert only(second) == told
    assert told.gateway6 == IPv6Address("fe80::9")
    second.stop()
