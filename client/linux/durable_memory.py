"""Stores memory in a thread, and holds back what must not be sent before it is stored."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from pathlib import Path

from client.linux import state_file


class DurableMemory:
    """At most one write is under way; while one is, only the newest memory waits for the next.

    What was said before a `remember` may be sent at once; what comes after it waits for the disk. A disk
    that refuses is reported and sending goes on: a daemon that cannot remember is better than none.
    """

    def __init__(self, file: Path | None, failed: Callable[[OSError], None]) -> None:
        self._file = file
        self._failed = failed
        self._asked = 0
        self._stored = 0
        self._newest = b""
        self._waiting: deque[tuple[int, Callable[[], None]]] = deque()
        self._task: asyncio.Task[None] | None = None

    def remember(self, memory: bytes) -> None:
        """Store it as soon as may be."""
        if self._file is None:
            return
        self._asked += 1
        self._newest = memory
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._write(self._file))

    def afterwards(self, do: Callable[[], None]) -> None:
        """Do this once all that was to be remembered before is stored: now, if nothing is on its way."""
        if self._stored == self._asked:
            do()
        else:
            self._waiting.append((self._asked, do))

    async def finish(self) -> None:
        """Wait until all is stored and done."""
        if self._task is not None:
            await self._task

    async def _write(self, file: Path) -> None:
        while self._stored < self._asked:
            asked = self._asked
            try:
                await asyncio.to_thread(state_file.store, file, self._newest)
            except OSError as error:
                self._failed(error)
            self._stored = asked
            while self._waiting and self._waiting[0][0] <= asked:
                _do(self._waiting.popleft()[1])
        self._task = None


def _do(what: Callable[[], None]) -> None:
    """What fails is told, and keeps nothing else from being done."""
    try:
        what()
    except Exception as error:  # noqa: BLE001  a daemon that is silent for good would be worse than any one failure
        told = {"message": "what waited for the disk failed", "exception": error}
        asyncio.get_running_loop().call_exception_handler(told)
