"""A scenario that is interrupted in the middle, with all daemons at work, leaves nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab.identity import ProcessIdentity, inside
from lab.namespaces import DIRECTORY
from lab.site import Site
from lab.topology import NODES

Command = Callable[..., subprocess.CompletedProcess[str]]
pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("unchanged_kernel")]


@contextmanager
def roaming(site: Site) -> Iterator[subprocess.Popen[str]]:
    """The main scenario, at the moment when the laptop has reached its first foreign network."""
    command = [sys.executable, "-m", "lab.cli", "--name", site.name, "run", "roam"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "attached to the office" in line:
                break
        assert process.poll() is None
        yield process
        process.kill()


def wait_for(met: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not met():
        assert time.monotonic() < end
        time.sleep(0.005)


def programs(site: Site) -> list[ProcessIdentity]:
    found = inside([DIRECTORY / site.namespace(node) for node in NODES])
    assert len(found) >= 12
    return found


def assert_gone(site: Site, processes: list[ProcessIdentity]) -> None:
    assert not [process for process in processes if process.alive]
    assert not list(DIRECTORY.glob(f"{site.name}-*"))
    assert not site.directory.exists()
    assert not site.scratch.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_run_cleans_up_and_says_so(site: Site, number: signal.Signals) -> None:
    with roaming(site) as process:
        processes = programs(site)
        process.send_signal(number)
        assert process.wait(30) == 130
    assert_gone(site, processes)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_up_leaves_nothing_half_made(site: Site, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "lab.cli", "--name", site.name, "up"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        wait_for(lambda: (site.directory / "mn" / "control.sock").exists())
        processes = inside([DIRECTORY / site.namespace(node) for node in NODES])
        process.send_signal(number)
        assert process.wait(30) == 130
        assert process.stderr is not None
        assert process.stderr.read() == "mobilenode-lab: interrupted\n"
    assert_gone(site, processes)


def test_killed_run_is_cleaned_up_by_down(site: Site, mobilenode_lab: Command) -> None:
    with roaming(site) as process:
        processes = programs(site)
        process.kill()
        process.wait(10)
    assert mobilenode_lab("down").returncode == 0
    assert_gone(site, processes)


@pytest.mark.parametrize("victim", ["client.daemon", "lab.services.web_server", "lab.services.numbered"])
def test_run_whose_programs_are_killed_fails_and_cleans_up(site: Site, victim: str) -> None:
    with roaming(site) as process:
        processes = programs(site)
        victims = [one for one in processes if victim in Path(f"/proc/{one.pid}/cmdline").read_text()]
        assert victims
        for one in victims:
            one.send(signal.SIGKILL)
        assert process.stdout is not None
        rest = process.stdout.read()
        assert process.wait(90) == 1
        assert "PROBLEM" in rest
    assert_gone(site, processes)
