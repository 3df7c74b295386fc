"""Services to talk to: the daemon's own control socket with a status that tests set, and one that answers badly."""

from __future__ import annotations

import asyncio
import socketserver
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from client.control.errors import RpcError
from client.control.server import Server
from tests.gui import statuses

_PATIENCE = 20
PROFILE_TEXT = 'format = 1\nname = "Home"\n'
SUMMARY = {
    "id": "alice@example.net",
    "name": "Home",
    "home_address": "198.51.100.23/24",
    "home_agents": ["ha.example.net"],
    "keys": {"k": "0123abcd"},
}


class FakeDaemon:
    """The real `Server` in a thread of its own; `calls` are the methods it was asked for, with their params."""

    def __init__(self, path: Path) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.received = 0
        self.listed = False  # has somebody come who shows profiles?
        self.profiles = [{"id": "alice@example.net", "name": "Home", "active": True, "serial": 7}]
        self.checks = [{"id": "service", "result": "ok", "finding": "runs", "detail": "ebpf"}]
        self._status = statuses.raw()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server = Server(path, self._methods(), lambda: self._status)

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        self._wait(self._server.start())

    def stop(self) -> None:
        """Hang up on everyone, and be gone."""
        self._wait(self._server.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE)
        self._loop.close()

    def say(self, status: dict[str, Any]) -> None:
        """This is the status from now on."""
        self._loop.call_soon_threadsafe(self._change, status)

    def announce(self, event: dict[str, Any]) -> None:
        """Something happened."""
        self._loop.call_soon_threadsafe(self._server.announce, event)

    def _change(self, status: dict[str, Any]) -> None:
        self._status = status
        self._server.changed()

    def _methods(self) -> dict[str, Callable[[dict[str, Any]], Any]]:
        return {
            "events": lambda _params: [],
            "handovers": lambda _params: [],
            "profile.list": self._list,
            "traffic": self._traffic,
            "check": lambda params: self.calls.append(("check", params)),
            "import": self._import,
            "diagnose": lambda _params: {"checks": self.checks, "report": "all that is to be told\n"},
            "profile.validate": self._validate,
            "profile.show": lambda params: {"summary": self._validate(params)["summary"], "text": PROFILE_TEXT},
            "profile.edit": lambda params: self.calls.append(("profile.edit", params)),
            "profile.remove": lambda params: self.calls.append(("profile.remove", params)),
            "reverse_tunnel": self._refuse,
        }

    def _traffic(self, _params: dict[str, Any]) -> dict[str, int]:
        """Each time a megabyte more has come in."""
        self.received += 1_000_000
        return {"received_bytes": self.received, "sent_bytes": self.received // 10}

    def _list(self, _params: dict[str, Any]) -> list[dict[str, Any]]:
        self.listed = True
        return self.profiles

    def _validate(self, params: dict[str, Any]) -> dict[str, Any]:
        if "format = 2" in params.get("text", ""):
            raise RpcError("format: 1 is the only one", reason="bad-profile")
        return {"summary": SUMMARY, "limits": []}

    def _import(self, params: dict[str, Any]) -> dict[str, Any]:
        self.calls.append(("import", params))
        return {"id": "alice@example.net", "summary": {"name": "Home"}, "in_use": True}

    def _refuse(self, params: dict[str, Any]) -> None:
        self.calls.append(("reverse_tunnel", params))
        raise RpcError("not now", reason="not-yet")

    def _wait(self, coroutine: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(_PATIENCE)


@contextmanager
def daemon(path: Path) -> Iterator[FakeDaemon]:
    """A service that works."""
    fake = FakeDaemon(path)
    fake.start()
    try:
        yield fake
    finally:
        fake.stop()


@contextmanager
def answering(path: Path, answer: bytes) -> Iterator[None]:
    """Something at the socket that says the same to every line: nothing of it need be JSON."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(ConnectionError):
                for _ in self.rfile:
                    self.wfile.write(answer)

    server = _Threads(str(path), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(_PATIENCE)


class _Threads(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
