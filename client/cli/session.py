"""What all commands share: the connection to the service, and whether there is colour."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from client.control.client import Client
from client.control.errors import NotRunningError, TimedOutError
from client.core.status import Status

DEFAULT_SOCKET = Path("/run/mobilenode/control.sock")


class Session:
    """One run of the command line."""

    def __init__(self, socket: Path, color: str) -> None:
        self._socket = socket
        self._color = color

    def connect(self) -> Client:
        """A new connection to the service."""
        return Client(self._socket)

    def call(self, method: str, *, timeout: float = 10.0, **params: Any) -> Any:
        """One call on a connection of its own."""
        with self.connect() as client:
            return client.call(method, timeout=timeout, **params)

    def echo(self, text: str, *, err: bool = False) -> None:
        """Write a line, with its colours where they are wanted."""
        click.echo(text, err=err, color=self._coloured(sys.stderr.isatty() if err else sys.stdout.isatty()))

    def _coloured(self, terminal: bool) -> bool:
        if self._color != "auto":
            return self._color == "always"
        return terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def read_status(raw: Any) -> Status:
    """The status in a message; what a newer service added to it is skipped."""
    try:
        return msgspec.convert(raw, Status)
    except msgspec.ValidationError as error:
        raise NotRunningError(f"what answers is not mobilenoded, or a newer one ({error})") from error


def statuses(client: Client, deadline: float | None = None) -> Iterator[Any]:
    """The status now and then each change, raw as the service says it; TimedOutError at `deadline`."""
    yield client.call("subscribe")
    for method, params in client.notifications(deadline):
        if method == "status":
            yield params


def statuses_for(client: Client, seconds: float) -> Iterator[Status]:
    """The same, read, and ended without an error after so many seconds."""
    try:
        yield from map(read_status, statuses(client, time.monotonic() + seconds))
    except TimedOutError:
        return
