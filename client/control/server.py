"""The control socket of a daemon: who may connect, and telling them what changed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from client.control.connection import Connection
from client.control.errors import RpcCode, RpcError
from client.control.methods import Methods, Service
from client.control.peer import Peer, peer_of
from client.control.protocol import FRAME_LIMIT, error_response, write_line
from client.control.socket_file import SocketFile

MOST_CLIENTS = 16
MOST_CLIENTS_PER_USER = 4


def unchanged(snapshot: Any) -> Any:
    """The redaction of a service that hides nothing."""
    return snapshot


class Server:
    """Serves `methods` at `path` to programs on this machine.

    Root, the daemon's own user and members of `group` (a gid) may call all methods; others only
    `public_methods`, and they see `redact(snapshot)`. Every service has three methods without being
    given them: `status` (the snapshot), `subscribe` (the snapshot now and a `status` notification at each
    change) and `events.follow` (the answer of `events`, and an `event` notification for each later one).
    Methods take the params as a dict; what they return is encoded by msgspec; RpcError, ProfileError and
    other MobileIPErrors become error objects with their exit code.
    """

    def __init__(
        self,
        path: Path,
        methods: Methods,
        snapshot: Callable[[], Any],
        *,
        public_methods: Collection[str] = (),
        redact: Callable[[Any], Any] = unchanged,
        group: int | None = None,
    ) -> None:
        self._path = path
        self._service = Service(methods, snapshot, public_methods, redact)
        self._group = group
        self._connections: dict[Connection, Peer] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._file: SocketFile | None = None
        self._listener: asyncio.Server | None = None

    async def start(self) -> None:
        """Begin to listen; raises AlreadyRunningError or OSError."""
        self._file = SocketFile(self._path)
        self._listener = await asyncio.start_unix_server(self._welcome, sock=self._file.socket, limit=FRAME_LIMIT)

    async def stop(self) -> None:
        """Say goodbye to everyone and remove the socket."""
        if self._listener:
            self._listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._file:
            self._file.close()
        self._file = self._listener = None

    def changed(self) -> None:
        """The snapshot may be another one now: subscribers who have not seen it will get it."""
        for connection in self._connections:
            connection.changed()

    def announce(self, event: Any) -> None:
        """Tell those who follow the events of this one."""
        for connection in tuple(self._connections):
            connection.announce(event)

    @property
    def clients(self) -> int:
        """How many are connected."""
        return len(self._connections)

    def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = peer_of(writer.get_extra_info("socket"))
        if self._full(peer):
            busy = RpcError("too many programs talk to the service already", reason="busy", code=RpcCode.BUSY)
            writer.write(write_line(error_response(None, busy)))
            writer.close()
            return
        connection = Connection(reader, writer, self._service, privileged=peer.may_do_all(self._group))
        self._connections[connection] = peer
        task = asyncio.get_running_loop().create_task(connection.serve())
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._gone(connection, done))

    def _full(self, peer: Peer) -> bool:
        users = Counter(other.uid for other in self._connections.values())
        if peer.uid == 0:  # nobody else can keep root out
            return users[0] >= MOST_CLIENTS
        return users.total() - users[0] >= MOST_CLIENTS or users[peer.uid] >= MOST_CLIENTS_PER_USER

    def _gone(self, connection: Connection, task: asyncio.Task[None]) -> None:
        del self._connections[connection]
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error:  # a fault of ours ends one connection, and is told; never the daemon
            context = {"message": "a control method failed", "exception": error, "task": task}
            asyncio.get_running_loop().call_exception_handler(context)
