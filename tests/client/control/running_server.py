"""A real server on a real socket, in a thread of its own, with a status that the test sets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from client.control.redact import without_places
from client.control.server import Server
from client.core.errors import MobileIPError, ProfileError
from client.core.status import IPv4Status, Limit, Network, Place, State, Status

NOBODY = 65534
GROUP = 54321
"""A group that nobody has."""

HOME_STATUS = Status(
    state=State.WORKING,
    since="2026-11-23T14:02:11Z",
    network=Network(interface="wlan0", name="Cafe"),
    v4=IPv4Status(
        place=Place.CO_LOCATED,
        home_address="198.51.100.23",
        care_of_address="10.0.0.7",
        home_agent="203.0.113.80",
        foreign_agent="192.0.2.1",
    ),
    limits=[Limit(id="kernel", detail="10.0.0.0/24")],
)


class RunningServer:
    """A server in a thread; `run` does something in its loop and waits for it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.status: Any = HOME_STATUS
        self.errors: list[dict[str, Any]] = []
        self.server = Server(
            path,
            {
                "echo": lambda params: params,
                "slowly": self._slowly,
                "bad_profile": self._bad_profile,
                "fail": self._fail,
                "bug": lambda params: params["missing"],
                "events": lambda params: ["old"],
                "explain": lambda params: "words",
            },
            lambda: self.status,
            public_methods=("explain",),
            redact=without_places,
            group=GROUP,
        )
        self.loop = asyncio.new_event_loop()
        self.loop.set_exception_handler(lambda loop, context: self.errors.append(context))
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()

    def run(self, action: Callable[[], Any]) -> Any:
        async def call() -> Any:
            result = action()
            return await result if asyncio.iscoroutine(result) else result

        return asyncio.run_coroutine_threadsafe(call(), self.loop).result(timeout=10)

    def change(self, status: Any) -> None:
        def change() -> None:
            self.status = status
            self.server.changed()

        self.run(change)

    def close(self) -> None:
        self.run(self.server.stop)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(timeout=10)
        self.loop.close()

    async def _slowly(self, params: dict[str, Any]) -> str:
        await asyncio.sleep(0.02)
        return "slow"

    def _bad_profile(self, params: dict[str, Any]) -> None:
        raise ProfileError("mipv4.nai: is missing")

    def _fail(self, params: dict[str, Any]) -> None:
        raise MobileIPError("the kernel said no")


class Line:
    """A raw connection: bytes out, JSON in."""

    def __init__(self, path: Path, *, receive_buffer: int = 0) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(10)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        try:
            self.socket.connect(str(path))
        except OSError:
            self.socket.close()
            raise
        self._file = self.socket.makefile("rb")

    def say(self, data: bytes) -> None:
        with contextlib.suppress(ConnectionError):  # it hung up: `hear` says so, and its last word
            self.socket.sendall(data)

    def hear(self) -> Any:
        """The next object, or None when the service hung up."""
        try:
            line = self._file.readline()
        except ConnectionResetError:
            return None
        return json.loads(line) if line.endswith(b"\n") else None

    def call(self, method: str, **params: Any) -> Any:
        self.say(json.dumps({"jsonrpc": "2.0", "id": 7, "method": method, "params": params}).encode() + b"\n")
        return self.hear()

    def close(self) -> None:
        self._file.close()
        self.socket.close()


def as_other_user(action: Callable[[], Any], groups: tuple[int, ...] = ()) -> Any:
    """What `action` returns (as JSON) when an ordinary user does it, in a process of its own."""
    if os.geteuid() != 0:
        pytest.skip("NOT PROVEN: what other users may do; only root can try that")
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        answer: Any = "the child failed"
        try:
            os.setgroups(list(groups))
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            answer = action()
        finally:
            os.write(writer, json.dumps(answer).encode())
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        answer = json.loads(pipe.read())
    os.waitpid(child, 0)
    return answer
