"""A small blocking client of the control socket, for command lines."""

from __future__ import annotations

import itertools
import socket
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from client.control.errors import Exit, NotPermittedError, NotRunningError, RpcError, TimedOutError

TIMEOUT = 10.0
"""Seconds to wait for the answer to a call, if the caller does not say."""


class Client:
    """A connection to the service at `path`.

    Raises NotRunningError, NotPermittedError, TimedOutError, and RpcError for what the service refuses.
    """

    def __init__(self, path: Path, timeout: float = TIMEOUT) -> None:
        self._path = path
        self._timeout = timeout
        self._ids = itertools.count(1)
        self._notifications: deque[dict[str, Any]] = deque()
        self._received = bytearray()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._connect()

    def call(self, method: str, *, timeout: float | None = None, **params: Any) -> Any:
        """The result of one call; `timeout` in seconds."""
        deadline = time.monotonic() + (timeout or self._timeout)
        call = next(self._ids)
        self._send({"jsonrpc": "2.0", "id": call, "method": method, "params": params})
        while True:
            message = self._receive(deadline)
            if "method" in message:
                self._notifications.append(message)
            elif message.get("id") in (call, None):
                return _result(message)

    def notifications(self, deadline: float | None = None) -> Iterator[tuple[str, Any]]:
        """Method and params of each notification as it comes; TimedOutError at `deadline` (monotonic)."""
        while True:
            message = self._notifications.popleft() if self._notifications else self._receive(deadline)
            if "method" in message:
                yield message["method"], message.get("params")
            else:
                _result(message)  # a last word of the service, such as that it is busy

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _connect(self) -> None:
        try:
            self._socket.settimeout(self._timeout)
            self._socket.connect(str(self._path))
        except PermissionError as error:
            self._socket.close()
            raise NotPermittedError(f"you may not open {self._path}") from error
        except OSError as error:
            self._socket.close()
            raise NotRunningError(f"nothing answers at {self._path}") from error

    def _send(self, message: dict[str, Any]) -> None:
        try:
            self._socket.settimeout(self._timeout)
            self._socket.sendall(msgspec.json.encode(message) + b"\n")
        except ConnectionError:
            pass  # it hung up, perhaps with a last word that says why: reading tells
        except TimeoutError as error:
            raise TimedOutError("the service does not read") from error

    def _receive(self, deadline: float | None) -> dict[str, Any]:
        while b"\n" not in self._received:
            self._received += self._read(deadline)
        line, _, rest = self._received.partition(b"\n")
        self._received = rest
        try:
            return msgspec.json.decode(line, type=dict[str, Any])
        except msgspec.MsgspecError as error:
            raise NotRunningError(f"what answers at {self._path} is not our service") from error

    def _read(self, deadline: float | None) -> bytes:
        try:
            self._socket.settimeout(None if deadline is None else max(deadline - time.monotonic(), 0.001))
            data = self._socket.recv(65536)
        except TimeoutError as error:
            raise TimedOutError("the service did not answer in time") from error
        except ConnectionError as error:
            raise NotRunningError("the service hung up") from error
        if not data:
            raise NotRunningError("the service hung up")
        return data


def _result(message: dict[str, Any]) -> Any:
    error = message.get("error")
    if error is None:
        return message.get("result")
    data = error.get("data") or {}
    words, exit_code = str(error.get("message", "failed")), data.get("exit", Exit.FAILED)
    if exit_code == Exit.NOT_PERMITTED:
        raise NotPermittedError(words)
    known = Exit(exit_code) if exit_code in Exit._value2member_map_ else Exit.FAILED
    raise RpcError(words, reason=str(data.get("id", "failed")), exit_code=known, code=int(error.get("code", 0)))
