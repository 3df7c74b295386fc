"""A lab with IPv6: whom the laptop reaches, how its kernel treats a move, and that nothing is left."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from lab import lab
from lab.identity import inside
from lab.namespaces import DIRECTORY
from lab.nodes import Node
from lab.plug import move, plug
from lab.site import Site
from lab.topology6 import ALL_NODES, CORRESPONDENTS, HOME_AGENT6, OFFICE6, SECOND_HOME_AGENT6

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("unchanged_kernel")]
ECHO = ["ping", "-c", "1", "-W", "2"]


def wait_until(met: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while not met() and time.monotonic() < end:
        time.sleep(0.05)
    return met()


def usable(laptop: Node) -> set[str]:
    """The prefixes in which the laptop has an address that it may use."""
    links = json.loads(laptop.must(["ip", "-json", "-6", "address", "show", "dev", "eth0", "scope", "global"]))
    entries = [entry for link in links for entry in link.get("addr_info", []) if "local" in entry]
    return {entry["local"].rpartition("::")[0] + "::/64" for entry in entries if not entry.get("tentative")}


def test_laptop_forms_an_address_where_a_router_advertises_and_reaches_everybody(site: Site) -> None:
    lab.up(site, ours=True, ipv6=True)
    laptop = Node(site, "mn")
    plug(site, "office", "stranger")
    plug(site, "office")
    assert wait_until(lambda: str(OFFICE6.prefix) in usable(laptop))
    for address in (HOME_AGENT6, SECOND_HOME_AGENT6, *(one.address for one in CORRESPONDENTS)):
        laptop.must([*ECHO, str(address)])


def test_the_kernel_keeps_addresses_of_a_network_that_the_cable_has_left(site: Site) -> None:
    lab.up(site, ours=True, ipv6=True)
    laptop = Node(site, "mn")
    plug(site, "office")
    assert wait_until(lambda: str(OFFICE6.prefix) in usable(laptop))
    move(site, "cafe")
    time.sleep(0.2)
    assert usable(laptop) == {str(OFFICE6.prefix)}


def test_down_removes_what_up_made_for_ipv6(site: Site) -> None:
    lab.up(site, ours=True, ipv6=True)
    lab.start_captures(site, ipv6=True)
    paths = [DIRECTORY / site.namespace(node) for node in ALL_NODES]
    processes = inside(paths)
    assert len(processes) >= 12
    lab.down(site)
    assert not [process for process in processes if process.alive]
    assert not [path for path in paths if path.exists()]
