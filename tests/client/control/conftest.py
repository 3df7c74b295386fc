"""A served control socket, and one line to it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.client.control.running_server import Line, RunningServer


@pytest.fixture
def service() -> Iterator[RunningServer]:
    # Not tmp_path: another user must be able to get there.
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)
        running = RunningServer(Path(directory) / "control.sock")
        running.run(running.server.start)
        yield running
        running.close()


@pytest.fixture
def connect(service: RunningServer) -> Iterator[Callable[[], Line]]:
    opened: list[Line] = []

    def connect() -> Line:
        opened.append(Line(service.path))
        return opened[-1]

    yield connect
    for line in opened:
        line.close()


@pytest.fixture
def line(connect: Callable[[], Line]) -> Line:
    return connect()
