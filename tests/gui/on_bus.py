"""A session bus of a test's own, and programs of the test on it, each in a thread of its own."""

from __future__ import annotations

import asyncio
import subprocess
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

PATIENCE = 30
T = TypeVar("T")


@contextmanager
def session_bus() -> Iterator[str]:
    """The address of a bus of our own."""
    command = ["dbus-daemon", "--session", "--nofork", "--print-address=1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def until(ask: Callable[[], T]) -> T:
    """The first answer that is true; AssertionError after 30 s."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if answer := ask():
            return answer
        threading.Event().wait(0.05)
    raise AssertionError("nothing came")


class OnBus:
    """Owns `name` from `start` to `stop`; `answer` says what becomes of a call."""

    name = ""

    def __init__(self, address: str) -> None:
        self._address = address
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._bus: MessageBus | None = None

    def start(self) -> None:
        """Come to the bus."""
        self._thread.start()
        self._wait(self._connect())

    def stop(self) -> None:
        """Be gone, and the connection with it."""
        self._wait(self._leave())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    def answer(self, message: Message) -> Message | None:
        """To a call of somebody; None: not ours."""
        raise NotImplementedError

    def ask(self, call: Message) -> list[Any]:
        """Call somebody."""
        assert self._bus
        answer = self._wait(self._bus.call(call))
        assert answer.message_type is MessageType.METHOD_RETURN, answer.body
        return answer.body

    def emit(self, signal: Message) -> None:
        """Tell everybody."""
        assert self._bus
        self._loop.call_soon_threadsafe(self._bus.send, signal)

    async def _connect(self) -> None:
        self._bus = await MessageBus(bus_address=self._address).connect()
        self._bus.add_message_handler(self._handle)
        await self._bus.request_name(self.name)

    async def _leave(self) -> None:
        assert self._bus
        await self._bus.release_name(self.name)
        self._bus.disconnect()

    def _handle(self, message: Message) -> Message | None:
        return self.answer(message) if message.message_type is MessageType.METHOD_CALL else None

    def _wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(PATIENCE)
