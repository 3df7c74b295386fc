"""The line to mobilenoded: its status as it changes, and calls. It comes back by itself."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtNetwork import QLocalSocket

from client.control.errors import Exit, RpcError
from client.core.status import LogEntry, Status
from gui.reading import NOT_OURS, read_error, read_status
from gui.view.model import Call, Lost
from gui.view.profiles import Profile

FIRST_RETRY, LONGEST_RETRY = 500, 5000
"""Milliseconds from one attempt to reach the service to the next."""

GATHER = 100
"""Milliseconds in which statuses are gathered: of many only the newest is read."""

SILENCE = 5000
"""Milliseconds after which a call without an answer says that the service is silent."""

SLOW = frozenset({"import", "profile.use", "profile.edit", "profile.remove", "diagnose", "leave"})
"""Calls that may take as long as a farewell to an agent that is gone; the service answers others only afterwards."""

LONG_SILENCE = 30_000

LONGEST_LINE = 1 << 20
"""Bytes without an end of line that no service of ours would send."""

Done = Callable[[Any], None]
Failed = Callable[[RpcError], None]

_STATUS = b'"method":"status"'


class Service(QObject):
    """Connects, subscribes, and tells: `status_changed` (Status | Lost), `event_heard`, `profiles_changed`."""

    status_changed = Signal(object)
    event_heard = Signal(object)
    profiles_changed = Signal(object)

    def __init__(self, path: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.status: Status | Lost = Lost(reason="not-running")
        self.profiles: tuple[Profile, ...] = ()
        self._path = path
        self._ids = itertools.count(1)
        self._waiting: dict[int, tuple[Done | None, Failed | None]] = {}
        self._slow: set[int] = set()
        self._received = bytearray()
        self._newest: bytes | None = None
        self._came = time.monotonic()
        self._profile: str | None = None
        self._retry = FIRST_RETRY
        self._connection = 0  # counts those that were lost: what still comes from one is not heard
        self._socket = QLocalSocket(self)
        self._socket.connected.connect(self._greet)
        self._socket.disconnected.connect(lambda: self._lose("not-running"))
        self._socket.errorOccurred.connect(self._failed)
        self._socket.readyRead.connect(self._read)
        self._again = self._timer(self._connect)
        self._gathered = self._timer(self._take_newest)
        self._patience = self._timer(lambda: self._lose("silent"))

    def start(self) -> None:
        """Try to reach the service, now and until it is there."""
        self._connect()

    def stop(self) -> None:
        """Hang up."""
        self.blockSignals(True)
        for timer in (self._again, self._gathered, self._patience):
            timer.stop()
        self._socket.abort()

    @property
    def lost(self) -> bool:
        """Whether there is no service now."""
        return isinstance(self.status, Lost)

    def age_ms(self) -> float:
        """Milliseconds since the status came: every age in it has grown by so much."""
        return (time.monotonic() - self._came) * 1000

    def call(
        self, method: str, params: Mapping[str, Any] | None = None, done: Done | None = None,
        failed: Failed | None = None,
    ) -> None:  # fmt: skip
        """Call a method; `done` gets the result, `failed` what the service refuses, also that it is not there."""
        if self._socket.state() is not QLocalSocket.LocalSocketState.ConnectedState:
            if failed:
                failed(RpcError("the service is not running", reason="not-running", exit_code=Exit.NOT_RUNNING))
            return
        identifier = next(self._ids)
        self._waiting[identifier] = (done, failed)
        if method in SLOW:
            self._slow.add(identifier)
        message = {"jsonrpc": "2.0", "id": identifier, "method": method, "params": dict(params or {})}
        self._socket.write(msgspec.json.encode(message) + b"\n")
        if method in SLOW or not self._patience.isActive():
            self._wait()

    def do(self, call: Call, failed: Failed | None = None) -> None:
        """Call what a menu item or a button stands for."""
        self.call(call.method, call.params, None, failed)

    def refresh_profiles(self) -> None:
        """Ask for the list of profiles."""
        self.call("profile.list", {}, self._take_profiles)

    def _timer(self, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(slot)
        return timer

    def _connect(self) -> None:
        self._received.clear()
        self._socket.connectToServer(self._path)

    def _greet(self) -> None:
        self.call("subscribe", {}, self._take, self._refused)
        self.call("events.follow", {}, None, lambda _error: None)
        self.refresh_profiles()

    def _refused(self, error: RpcError) -> None:
        self._lose("not-permitted" if error.exit_code is Exit.NOT_PERMITTED else "silent")

    def _failed(self, error: QLocalSocket.LocalSocketError) -> None:
        denied = error is QLocalSocket.LocalSocketError.SocketAccessError
        self._lose("not-permitted" if denied else "not-running")

    def _lose(self, reason: str) -> None:
        """Say so, forget what is under way, and try again later."""
        self._patience.stop()
        self._gathered.stop()
        self._newest = None
        self._received.clear()
        self._connection += 1
        waiting, self._waiting = self._waiting, {}
        self._slow.clear()
        if self._socket.state() is not QLocalSocket.LocalSocketState.UnconnectedState:
            self._socket.blockSignals(True)
            self._socket.abort()
            self._socket.blockSignals(False)
        for _, failed in waiting.values():
            if failed:
                failed(RpcError("the service hung up", reason="not-running", exit_code=Exit.NOT_RUNNING))
        self._show(Lost(reason=reason))
        if not self._again.isActive():
            self._again.start(self._retry)
            self._retry = min(2 * self._retry, LONGEST_RETRY)

    def _read(self) -> None:
        self._received += self._socket.readAll().data()
        *lines, rest = self._received.split(b"\n")
        self._received = bytearray(rest)
        if len(rest) > LONGEST_LINE:
            self._lose(NOT_OURS.reason)
            return
        connection = self._connection
        for line in lines:
            if connection != self._connection:
                return  # lost with the line before
            if _STATUS in line[:64]:
                self._newest = bytes(line)
            else:
                self._hear(bytes(line))
        if self._newest is not None and not self._gathered.isActive():
            self._gathered.start(GATHER)

    def _take_newest(self) -> None:
        line, self._newest = self._newest, None
        if line is not None:
            self._hear(line)

    def _hear(self, line: bytes) -> None:
        try:
            message = msgspec.json.decode(line)
        except msgspec.DecodeError:
            message = None
        if not isinstance(message, dict):
            self._lose(NOT_OURS.reason)
        elif "method" in message:
            self._notified(message["method"], message.get("params"))
        else:
            self._answered(message)

    def _notified(self, method: str, params: Any) -> None:
        if method == "status":
            self._take(params)
        elif method == "event":
            try:
                self.event_heard.emit(msgspec.convert(params, LogEntry))
            except msgspec.ValidationError:
                return  # of a newer service

    def _answered(self, message: dict[str, Any]) -> None:
        identifier, error = message.get("id"), message.get("error")
        if identifier is None and error is not None:  # refused before it read our call
            self._refused(read_error(error))
            return
        if not isinstance(identifier, int):
            self._lose(NOT_OURS.reason)
            return
        done, failed = self._waiting.pop(identifier, (None, None))
        self._slow.discard(identifier)
        self._wait()
        if error is None:
            if done:
                done(message.get("result"))
        elif failed:
            failed(read_error(error))

    def _wait(self) -> None:
        if self._waiting:
            self._patience.start(LONG_SILENCE if self._slow else SILENCE)
        else:
            self._patience.stop()

    def _take(self, raw: Any) -> None:
        status = read_status(raw)
        if isinstance(status, Lost):
            self._lose(status.reason)
            return
        self._retry = FIRST_RETRY
        self._show(status)
        if status.profile != self._profile:
            self._profile = status.profile
            self.refresh_profiles()

    def _show(self, status: Status | Lost) -> None:
        self._came = time.monotonic()
        if status != self.status:
            self.status = status
            self.status_changed.emit(status)

    def _take_profiles(self, raw: Any) -> None:
        try:
            self.profiles = tuple(msgspec.convert(raw, list[Profile]))
        except msgspec.ValidationError:
            return  # of a newer service
        self.profiles_changed.emit(self.profiles)
