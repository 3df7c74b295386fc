"""A scripted service, and the command line to run against it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from client.cli.main import mobilenode
from tests.client.cli.scripted_service import ScriptedService

ROOT = Path(__file__).parents[3]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[ScriptedService]:
    running = ScriptedService(tmp_path / "control.sock")
    yield running
    running.close()


@pytest.fixture
def run(service: ScriptedService) -> Callable[..., Result]:
    """Runs a command within this process."""

    def run(*arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(mobilenode, ["--socket", str(service.path), *arguments], input=stdin)

    return run


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts `mobilenode` as a process of its own, as people do."""
    started: list[subprocess.Popen[str]] = []
    environment = {**os.environ, "MOBILENODE_SOCKET": str(tmp_path / "control.sock"), "PYTHONUNBUFFERED": "1"}

    def program(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "client.cli", *arguments]
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=ROOT,
        )
        started.append(process)
        return process

    yield program
    for process in started:
        process.kill()
        process.communicate()
