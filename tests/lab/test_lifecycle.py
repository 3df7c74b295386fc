"""Everything that a lab makes is gone afterwards, whoever was killed meanwhile."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab import lab
from lab.errors import LabError
from lab.identity import ProcessIdentity, identify, inside
from lab.namespaces import DIRECTORY
from lab.nodes import Node
from lab.plug import move
from lab.site import Site, named
from lab.topology import NODES

Command = Callable[..., subprocess.CompletedProcess[str]]
pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("unchanged_kernel")]


def namespaces(site: Site) -> list[Path]:
    return [DIRECTORY / site.namespace(node) for node in NODES]


def assert_gone(site: Site, processes: list[ProcessIdentity]) -> None:
    assert not [process for process in processes if process.alive]
    assert not [path for path in namespaces(site) if path.exists()]
    assert not site.directory.exists()
    assert not site.scratch.exists()


def test_down_removes_what_up_made(site: Site) -> None:
    lab.up(site, ours=True)
    lab.start_laptop_network(site, "cafe")
    lab.start_captures(site)
    processes = inside(namespaces(site))
    assert len(processes) >= 7
    lab.down(site)
    assert_gone(site, processes)


def test_down_of_what_is_not_there_does_nothing(site: Site) -> None:
    assert not lab.down(site)


def test_process_that_nobody_wrote_down_is_removed_too(site: Site) -> None:
    lab.up(site, ours=True)
    with subprocess.Popen(Node(site, "cn").command(["sleep", "600"]), stdout=subprocess.DEVNULL) as process:
        time.sleep(0.2)
        identity = identify(process.pid)
        assert identity is not None
        lab.down(site)
        assert_gone(site, [identity])


@contextmanager
def running_lab(site: Site) -> Iterator[subprocess.Popen[bytes]]:
    """A lab in a process of its own, up and idle."""
    program = (
        "import sys, time; from lab import lab; from lab.site import named; site = named(sys.argv[1]);"
        "lab.up(site, ours=True); lab.start_laptop_network(site, 'cafe'); print('up', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", program, site.name], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        yield process
        process.kill()


def test_killed_lab_is_removed_by_down(site: Site, mobilenode_lab: Command) -> None:
    with running_lab(site) as process:
        processes = inside(namespaces(site))
        process.kill()
    assert [one for one in processes if one.alive], "the services outlive the lab's own process"
    assert mobilenode_lab("down").returncode == 0
    assert_gone(site, processes)


@pytest.mark.parametrize("what", ["cafe: dnsmasq", "mn: dhcp", "mn: watcher"])
def test_killed_service_does_not_stop_down(site: Site, what: str) -> None:
    lab.up(site, ours=True)
    lab.start_laptop_network(site, "cafe")
    lines = [json.loads(line) for line in (site.directory / "processes.jsonl").read_text().splitlines()]
    [victim] = [line["pid"] for line in lines if line["what"] == what]
    processes = inside(namespaces(site))
    os.kill(victim, signal.SIGKILL)
    lab.down(site)
    assert_gone(site, processes)


def test_next_run_removes_what_a_killed_one_left(site: Site) -> None:
    with running_lab(site) as process:
        process.kill()
    lab.up(site, ours=True)
    lab.down(site)
    assert_gone(site, [])


def test_lab_of_the_same_name_is_left_alone_while_it_lives(site: Site) -> None:
    with running_lab(site):
        with pytest.raises(LabError, match="is up already"):
            lab.up(site, ours=True)
        assert inside(namespaces(site))


def test_two_labs_at_once(site: Site) -> None:
    other = named(f"{site.name}b")
    try:
        lab.up(site, ours=True)
        lab.up(other, ours=True)
        lab.down(site)
        Node(other, "cn").must(["ping", "-c", "1", "-W", "2", "198.51.100.1"])
    finally:
        lab.down(other)


def test_every_router_is_reached_from_the_correspondent(site: Site) -> None:
    lab.up(site, ours=True)
    for address in ("198.51.100.1", "192.0.2.1", "192.0.2.65"):
        Node(site, "cn").must(["ping", "-c", "1", "-W", "2", address])


def laptop_addresses(site: Site) -> list[str]:
    entries = json.loads(Node(site, "mn").must(["ip", "-json", "-4", "address", "show", "dev", "eth0"]))
    return [info["local"] for entry in entries for info in entry.get("addr_info", [])]


def wait_until(met: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while not met() and time.monotonic() < end:
        time.sleep(0.05)
    return met()


def test_laptop_has_an_address_of_dhcp_where_there_is_a_server_and_nowhere_else(site: Site) -> None:
    lab.up(site, ours=True)
    system = Path("/etc/resolv.conf").read_bytes()
    lab.start_laptop_network(site, "cafe")
    assert wait_until(lambda: len(laptop_addresses(site)) == 1)
    assert wait_until(lambda: "192.0.2.65" in (site.directory / "mn/resolv.conf").read_text())
    for network in ("office", "cafe", "home"):
        move(site, network)
        if network == "cafe":
            assert wait_until(lambda: len(laptop_addresses(site)) == 1)
        else:
            assert wait_until(lambda: laptop_addresses(site) == [])
    assert Path("/etc/resolv.conf").read_bytes() == system


def test_default_route_of_the_laptop_goes_with_its_cable(site: Site) -> None:
    lab.up(site, ours=True)
    lab.start_laptop_network(site, "cafe")
    laptop = Node(site, "mn")
    assert wait_until(lambda: "metric 100" in laptop.must(["ip", "route", "show", "default"]))
    laptop.must(["ping", "-c", "1", "-W", "2", "203.0.113.80"])
    move(site, "home")
    assert wait_until(lambda: laptop.must(["ip", "route"]) == "")


def test_name_that_is_no_name_is_refused(mobilenode_lab: Command, site: Site) -> None:
    for name in ("../evil", "", "UPPER", "x" * 30):
        with pytest.raises(LabError):
            named(name)
    assert mobilenode_lab("exec", "cn", "--", "true").returncode == 1
    assert not site.directory.exists()
