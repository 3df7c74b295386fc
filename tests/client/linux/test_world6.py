"""What the world holds of IPv6 in the real kernel, gives back, and repairs."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv6Address, IPv6Network
from pathlib import Path

import pytest

from client.core.plan import ANCHOR, EMPTY, Anchor, Anycast, OptimisticAddresses, Plan, Route
from client.linux.dataplane.kernel import cleanup
from client.linux.ownership import MOBILE_NODE, MOBILITY_AGENT
from tests.client.linux.holder import Holder, eventually
from tests.client.linux.namespaces import LINK, Namespace, inside
from tests.client.linux.plans import ANYCAST6, HOME, HOME6, give_addresses6, mobile_plan, mobile_plan6

pytestmark = pytest.mark.lab

Ends = tuple[Namespace, Namespace]


@pytest.fixture
def ends(ends: Ends) -> Ends:
    """Two namespaces with a cable, and IPv6 addresses that may be used at once."""
    give_addresses6(*ends)
    return ends


@pytest.fixture
def node(ends: Ends, tmp_path: Path) -> Iterator[Holder]:
    """A mobile node at the first end."""
    holder = Holder(ends[0], tmp_path / "node")
    assert holder.started == "ready"
    yield holder
    holder.kill()


def test_everything_of_ipv6_is_given_back(ends: Ends, tmp_path: Path) -> None:
    here, _ = ends
    before = here.snapshot6()
    node = Holder(here, tmp_path)
    assert node.hold(mobile_plan6(here)) == ()
    held = here.snapshot6()
    assert [name for name in before if held[name] == before[name]] == []  # the plan has an item of every kind
    assert {rule["priority"] for rule in held["rules"]} >= {4340, 4341, 4342, 4343, 4344}
    assert ["2001:db8:88::/48", "2001:db8:ffff::1", [{"mtu": 1400}]] in [
        [route[1], route[2], route[7]] for route in held["routes"]
    ]
    assert ("mip0", [(str(HOME6), 128)]) in held["addresses"]
    node.stop()
    assert here.snapshot6() == before
    assert list(tmp_path.iterdir()) == []


def test_killed_daemon_leaves_what_its_successor_removes(ends: Ends, tmp_path: Path) -> None:
    here, _ = ends
    before = here.snapshot6()
    for attempt in range(2):
        node = Holder(here, tmp_path)
        assert node.hold(mobile_plan6(here)) == ()
        node.kill()
        assert here.snapshot6() != before
        if attempt:
            inside(here, cleanup, MOBILE_NODE, tmp_path)
        else:
            Holder(here, tmp_path).stop()
        assert here.snapshot6() == before


def test_cleaning_touches_nothing_of_others(ends: Ends, tmp_path: Path) -> None:
    here, _ = ends
    here.ip("-6", "rule", "add", "priority", "4341", "from", "2001:db8::1", "lookup", "434")
    here.ip("-6", "route", "add", "2001:db8:1::/48", "dev", LINK, "table", "434", "proto", "static")
    here.ip("neigh", "add", "2001:db8:7::9", "lladdr", "02:00:00:00:00:09", "dev", LINK, "nud", "permanent")
    here.run("sysctl", "-w", f"net.ipv6.conf.{LINK}.optimistic_dad=1")
    before = here.snapshot6()
    inside(here, cleanup, MOBILE_NODE, tmp_path)
    inside(here, cleanup, MOBILITY_AGENT, tmp_path)
    assert here.snapshot6() == before


def test_setting_that_somebody_changed_meanwhile_is_left(ends: Ends, tmp_path: Path) -> None:
    here, _ = ends
    here.run("sysctl", "-w", f"net.ipv6.conf.{LINK}.use_optimistic=1")
    node = Holder(here, tmp_path)
    node.hold((OptimisticAddresses(here.interface),))
    here.run("sysctl", "-w", f"net.ipv6.conf.{LINK}.optimistic_dad=2")
    node.stop()
    assert here.run("sysctl", "-n", f"net.ipv6.conf.{LINK}.optimistic_dad").strip() == "2"
    assert here.run("sysctl", "-n", f"net.ipv6.conf.{LINK}.use_optimistic").strip() == "1"


@pytest.mark.parametrize(
    "theft",
    [
        ("-6", "route", "del", "default", "table", "434"),
        ("-6", "rule", "del", "priority", "4344"),
        ("-6", "rule", "del", "priority", "4340", "iif", "lo"),
        ("neigh", "del", "2001:db8:7::77", "dev", LINK),
        ("addr", "del", f"{HOME6}/128", "dev", "mip0"),
        ("link", "set", "mip0", "down"),
        ("link", "del", "mip0"),
        ("link", "set", LINK, "down"),
    ],
    ids=" ".join,
)
def test_what_others_take_away_is_put_back(ends: Ends, node: Holder, theft: tuple[str, ...]) -> None:
    here, _ = ends
    here.run("sysctl", "-w", f"net.ipv6.conf.{LINK}.keep_addr_on_down=1")
    node.hold(mobile_plan6(here))
    before = here.snapshot6()
    here.ip(*theft)
    if theft == ("link", "set", LINK, "down"):
        here.ip("link", "set", LINK, "up")
    assert eventually(lambda: here.snapshot6() == before, 6.0)
    assert eventually(lambda: node.refused() == (), 4.0)


def test_the_home_address_may_change(ends: Ends, node: Holder) -> None:
    here, _ = ends
    new = IPv6Address("2001:db8:98::6")
    everywhere = IPv6Network("::/0")
    for address in (HOME6, new):
        plan: Plan = (
            Anchor(1460, None, address6=address),
            Route(destination=everywhere, interface=ANCHOR, source=address),
        )
        assert node.hold(plan) == ()
        assert ("mip0", [(str(address), 128)]) in here.snapshot6()["addresses"]
        assert f"src {address}" in here.ip("-6", "route", "show", "table", "434")
    assert node.hold((Anchor(1460),)) == ()
    assert ("mip0", [(str(new), 128)]) not in here.snapshot6()["addresses"]


@pytest.mark.rfc("8200", "5")
def test_an_anchor_narrower_than_ipv6_needs_is_refused(node: Holder) -> None:
    [reason] = node.hold((Anchor(1279, None, address6=HOME6),))
    assert reason.endswith("IPv6 needs an MTU of 1280")
    assert node.hold((Anchor(1280, None, address6=HOME6),)) == ()


def test_both_families_live_side_by_side(ends: Ends, node: Holder) -> None:
    here, there = ends
    anchor = Anchor(1460, HOME, address6=HOME6)
    both = (*mobile_plan(here, there), *mobile_plan6(here))
    plan = (anchor, *(item for item in both if not isinstance(item, Anchor)))
    assert node.hold(plan) == ()
    assert node.hold(EMPTY) == ()


@pytest.mark.rfc("6275", "10.5")
def test_packets_to_an_anycast_address_are_heard(ends: Ends, node: Holder) -> None:
    here, there = ends
    here.run("sysctl", "-w", f"net.ipv6.conf.{LINK}.keep_addr_on_down=1")
    assert node.hold((Anycast(here.interface, ANYCAST6),)) == ()
    there.run("ping", "-6", "-c", "1", "-W", "3", str(ANYCAST6))
    here.ip("link", "set", LINK, "down")
    here.ip("link", "set", LINK, "up")
    assert eventually(lambda: "anycast 2001:db8:7:0:fdff" in here.ip("-6", "route", "show", "table", "local"))
    there.run("ping", "-6", "-c", "1", "-W", "3", str(ANYCAST6))
    assert node.hold(EMPTY) == ()
    assert here.snapshot6()["anycast"] == []
