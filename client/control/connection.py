"""One program at the control socket: its calls in order, its subscriptions, and how much it may ask of us."""

from __future__ import annotations

import asyncio
from typing import Any

from client.control.errors import Exit, RpcCode, RpcError
from client.control.methods import Service
from client.control.protocol import Request, error_response, notification, read_request, response, write_line

QUEUE_LIMIT = 256 * 1024
"""Bytes waiting for a program that does not read; beyond it we drop the program."""

CALLS_PER_SECOND = 50
"""As many at once, then one at a time: a program that calls faster waits."""

STATUS_INTERVAL = 0.02
"""Seconds at least between two statuses: many changes at once are told as one."""


class Connection:
    """Reads a program's calls one after the other and writes answers and notifications."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, service: Service, *, privileged: bool
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._service = service
        self._privileged = privileged
        self._allowance = _Allowance(CALLS_PER_SECOND)
        self._follows_events = False
        self._stale = asyncio.Event()
        self._last_status: bytes | None = None
        self._publisher: asyncio.Task[None] | None = None
        writer.transport.set_write_buffer_limits(0)  # `drain` waits until the program has read all

    async def serve(self) -> None:
        """Answer until the program hangs up, sends nonsense without end, or does not read."""
        try:
            while line := await self._next_line():
                await self._allowance.take()
                await self._answer(line)
                await self._writer.drain()
        except ConnectionError:
            pass  # it hung up, or we dropped it
        except asyncio.CancelledError:
            self._writer.transport.abort()  # the daemon stops and waits for nobody
            raise
        finally:
            if self._publisher:
                self._publisher.cancel()
            self._writer.close()

    def changed(self) -> None:
        """The status may have changed."""
        self._stale.set()

    def announce(self, event: Any) -> None:
        """Something happened that those who follow want to hear."""
        if self._follows_events:
            self._write(write_line(notification("event", event)))

    async def _next_line(self) -> bytes:
        try:
            return await self._reader.readline()
        except ValueError:  # the reader's limit; what follows cannot be told from the rest of that line
            error = RpcError(
                "a line of more than 64 KiB", reason="too-long", exit_code=Exit.USAGE, code=RpcCode.PARSE_ERROR
            )
            self._write(write_line(error_response(None, error)))
            return b""

    async def _answer(self, line: bytes) -> None:
        try:
            request = read_request(line)
        except RpcError as error:
            self._write(write_line(error_response(None, error)))
            return
        try:
            answer = response(request.id, await self._service.call(request, privileged=self._privileged))
        except RpcError as error:
            answer = error_response(request.id, error)
        if request.id is not None:
            self._write(write_line(answer))
        if "result" in answer:
            self._subscribe(request, answer["result"])

    def _subscribe(self, request: Request, result: Any) -> None:
        if request.method == "events.follow":
            self._follows_events = True
        if request.method == "subscribe" and self._publisher is None:
            self._last_status = write_line(notification("status", result))
            self._publisher = asyncio.get_running_loop().create_task(self._publish())

    async def _publish(self) -> None:
        # A program that reads slowly gets fewer and newer statuses: the next is taken when it has read the last.
        try:
            while True:
                await self._writer.drain()
                await self._stale.wait()
                self._stale.clear()
                self._write_status()
                await asyncio.sleep(STATUS_INTERVAL)
        except ConnectionError:
            pass  # `serve` notices too

    def _write_status(self) -> None:
        line = write_line(notification("status", self._service.snapshot(privileged=self._privileged)))
        if line != self._last_status:
            self._last_status = line
            self._write(line)

    def _write(self, line: bytes) -> None:
        self._writer.write(line)
        if self._writer.transport.get_write_buffer_size() > QUEUE_LIMIT:
            self._writer.transport.abort()


class _Allowance:
    """A bucket of `rate` calls that fills in one second."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._calls = float(rate)
        self._at = 0.0

    async def take(self) -> None:
        """Wait until one more call is allowed."""
        now = asyncio.get_running_loop().time()
        self._calls = min(self._rate, self._calls + (now - self._at) * self._rate) - 1
        self._at = now
        if self._calls < 0:
            await asyncio.sleep(-self._calls / self._rate)
