"""What the tests of the lab share: packets made by scapy, and a look at what is in the kernel."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from scapy.packet import Packet

from lab import lab
from lab.analysis.frames import Frame, decode
from lab.analysis.pcap import Record
from lab.site import Site, named

MILLISECOND = 1_000_000
START = 1_800_000_000 * 1_000_000_000
"""The nanosecond at which hand-made captures begin."""

FrameMaker = Callable[[float, Packet], Frame]


@pytest.fixture
def frame() -> FrameMaker:
    """Makes a captured frame out of scapy's packet; the time is in ms after START."""

    def make(milliseconds: float, packet: Packet) -> Frame:
        found = decode(Record(START + int(milliseconds * MILLISECOND), bytes(packet)))
        assert found is not None
        return found

    return make


@pytest.fixture
def site() -> Iterator[Site]:
    """A lab name of this test process alone; whatever is made under it is removed."""
    mine = named(f"test{os.getpid()}")
    yield mine
    lab.down(mine)


def kernel_snapshot() -> dict[str, bytes]:
    """Links, routes and rules outside of any lab."""
    commands = {
        "links": ["ip", "-json", "link"],
        "routes": ["ip", "-json", "route", "show", "table", "all"],
        "rules": ["ip", "-json", "rule"],
    }
    return {name: subprocess.run(words, capture_output=True, check=True).stdout for name, words in commands.items()}


@pytest.fixture
def unchanged_kernel(site: Site) -> Iterator[None]:
    """With the lab taken down, links, routes and rules are as they were, and none of its namespaces is left."""
    before = kernel_snapshot()
    yield
    lab.down(site)
    assert kernel_snapshot() == before
    left = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
    assert site.name not in left


Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def mobilenode_lab(site: Site) -> Command:
    """Runs the real command line on the test's own lab."""

    def run(*words: str | Path, timeout: float = 180, **variables: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "lab.cli", "--name", site.name, *map(str, words)]
        environment = {**os.environ, **variables}
        return subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=environment, check=False)

    return run


@pytest.fixture
def scenario(mobilenode_lab: Command) -> Callable[..., dict[str, object]]:
    """Runs a scenario; the JSON of its last line, which must agree with the exit code."""

    def run(name: str, *words: str | Path, timeout: float = 180, **variables: str) -> dict[str, object]:
        done = mobilenode_lab("run", name, "--json", *words, timeout=timeout, **variables)
        assert done.stdout.strip(), done.stderr
        result: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
        assert (done.returncode == 0) == result["ok"]
        return result

    return run


@pytest.fixture(params=["ebpf", "tun"])
def on_plane(
    scenario: Callable[..., dict[str, object]], request: pytest.FixtureRequest
) -> Callable[..., dict[str, object]]:
    """Runs a scenario on each data plane; the laptop must say that it ran on that one."""
    plane: str = request.param

    def run(name: str, *words: str | Path, timeout: float = 180) -> dict[str, object]:
        result = scenario(name, *words, timeout=timeout, MOBILENODE_DATAPLANE=plane)
        assert result["dataplane"] == plane
        return result

    return run
