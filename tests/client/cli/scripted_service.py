"""A service with a script: a real server on a real socket, whose status follows what the command line asks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from client.control.errors import Exit, RpcError
from client.control.server import Server
from client.core.explain import explain
from client.core.status import Handover, IPv4Status, LogEntry, Network, Phase, Place, Proof, Setting, State, Status

WORKING = Status(
    state=State.WORKING,
    since="2026-11-23T14:02:11.000Z",
    proof=Proof(kind="probe", age_ms=4012, rtt_ms=38.2),
    profile="alice@example.net",
    network=Network(interface="wlan0", name="Cafe-Guest"),
    v4=IPv4Status(
        place=Place.CO_LOCATED,
        home_address="198.51.100.23",
        care_of_address="10.0.0.7",
        home_agent="203.0.113.80",
        expires_s=1450,
        encapsulation="ipip",
        mtu=1480,
        path="triangle",
        code=0,
    ),
    settings={
        "reverse_tunnel": Setting(wanted="auto", applied="off"),
        "broadcasts": Setting(wanted="off", applied="off"),
        "prefixes": Setting(wanted="all", applied="all"),
    },
    dataplane="tun",
)

HANDOVERS = [
    Handover(
        at="2026-11-23T14:02:11.000Z",
        origin="home eth0",
        to="co-located wlan0",
        place=Place.CO_LOCATED,
        phases=[Phase(name="link", ms=41.0), Phase(name="address", ms=12.0), Phase(name="registration", ms=38.5)],
        total_ms=130.2,
    )
]

EVENTS = [
    LogEntry(at="2026-11-23T14:02:11.000Z", id="stalled"),
    LogEntry(at="2026-11-23T14:03:11.000Z", id="working-again"),
]


def having(status: Status = WORKING, **changes: Any) -> Status:
    """A status that differs in this."""
    return msgspec.structs.replace(status, **changes)


def switched(
    wanted: str,
    applied: str,
    why: str | None = None,
    *,
    pending: bool = False,
    age_ms: int = 4012,
    switch: str = "reverse_tunnel",
) -> Status:
    """A status with this setting, of the reverse tunnel unless said, and a proof of this age."""
    setting = Setting(wanted=wanted, applied=applied, pending=pending, why=why)
    return having(settings={switch: setting}, proof=Proof(kind="probe", age_ms=age_ms, rtt_ms=39.0))


METHODS = (
    "import",
    "profile.list",
    "profile.use",
    "profile.show",
    "profile.edit",
    "profile.remove",
    "pause",
    "resume",
    "check",
    "reverse_tunnel",
    "broadcasts",
    "direct_paths",
    "prefixes",
    "handovers",
    "events",
    "diagnose",
    "leave",
    "traffic",
)


class ScriptedService:
    """`script[method]` holds the statuses that follow a call, each a moment after the one before."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.status = WORKING
        self.script: dict[str, list[Status]] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, Any] = {
            "profile.list": [{"id": "alice@example.net", "name": "Home", "serial": 7, "active": True}],
            "handovers": HANDOVERS,
            "events": EVENTS,
            "leave": {"confirmed": True},
            "traffic": {"sent": 10, "received": 20, "sent_bytes": 80_000, "received_bytes": 1_234_567, "new": 1},
        }
        methods: dict[str, Callable[[dict[str, Any]], Any]] = {name: self._method(name) for name in METHODS}
        methods["explain"] = lambda params: explain(params["code"])
        self._server = Server(path, methods, lambda: self.status)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._tasks: set[asyncio.Task[None]] = set()
        asyncio.run_coroutine_threadsafe(self._server.start(), self._loop).result(timeout=10)

    def _method(self, name: str) -> Callable[[dict[str, Any]], Any]:
        def method(params: dict[str, Any]) -> Any:
            self.calls.append((name, params))
            answer = self.answers.get(name)
            if isinstance(answer, RpcError):
                raise answer
            self.play(name)
            return answer

        return method

    def play(self, name: str) -> None:
        task = self._loop.create_task(self._play(self.script.get(name, [])))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _play(self, statuses: list[Status]) -> None:
        for status in statuses:
            self.status = status
            self._server.changed()
            await asyncio.sleep(0.05)

    def tell(self, status: Status) -> None:
        self.status = status
        self._loop.call_soon_threadsafe(self._server.changed)

    def announce(self, entry: LogEntry) -> None:
        self._loop.call_soon_threadsafe(self._server.announce, entry)

    @property
    def clients(self) -> int:
        return self._server.clients

    async def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.stop()

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(timeout=10)

    def close(self) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()


NO_PROFILE = RpcError("no profile is in use", reason="no-profile", exit_code=Exit.BAD_PROFILE)
