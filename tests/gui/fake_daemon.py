"""A control socket such as mobilenoded's, in a thread of its own: the real server, with statuses given by a test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from client.control.errors import RpcError
from client.control.server import Server


class FakeDaemon:
    """Start it, change its snapshot, stop it; `calls` holds what it was asked."""

    def __init__(self, path: Path, snapshot: Mapping[str, Any]) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.refuse: RpcError | None = None
        self._path = path
        self._snapshot = snapshot
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: Server | None = None
        self._thread.start()

    def start(self) -> None:
        """Listen."""
        self._server = Server(self._path, self._methods(), lambda: self._snapshot)
        asyncio.run_coroutine_threadsafe(self._server.start(), self._loop).result(10)

    def stop(self) -> None:
        """Hang up on everybody."""
        if self._server:
            asyncio.run_coroutine_threadsafe(self._server.stop(), self._loop).result(10)
            self._server = None

    def close(self) -> None:
        """End the thread, too."""
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def say(self, snapshot: Mapping[str, Any]) -> None:
        """From now on this is the status."""
        self._snapshot = snapshot
        if self._server:
            self._loop.call_soon_threadsafe(self._server.changed)

    def tell(self, event: Mapping[str, Any]) -> None:
        """Announce an event."""
        if self._server:
            self._loop.call_soon_threadsafe(self._server.announce, event)

    def _methods(self) -> dict[str, Callable[[dict[str, Any]], Any]]:
        answers: dict[str, Any] = {
            "profile.list": [{"id": "alice", "name": "Home", "serial": 1, "active": True}],
            "handovers": [],
            "events": [],
            "import": {"id": "alice", "summary": {"name": "Home", "home_address": "198.51.100.23"}, "in_use": True},
        }
        names = (*answers, "reverse_tunnel", "broadcasts", "direct_paths", "pause", "resume", "check", "profile.use")
        return {name: self._method(name, answers.get(name)) for name in names}

    def _method(self, name: str, answer: Any) -> Callable[[dict[str, Any]], Any]:
        def called(params: dict[str, Any]) -> Any:
            self.calls.append((name, params))
            if self.refuse and name not in ("profile.list", "events"):
                raise self.refuse
            return answer

        return called
