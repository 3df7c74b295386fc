"""Entries that end by themselves: adding, finding and ending one costs about the same however many there are."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeVar

from client.core.machine import NEVER

Key = TypeVar("Key", bound=Hashable)
Entry = TypeVar("Entry")

_SLACK = 64


class Ledger(Generic[Key, Entry]):
    """One entry for each key; `end` tells when an entry ends.

    `followed`: somebody asks for `changed` and clears it, time and again; without one it stays empty.
    """

    def __init__(self, end: Callable[[Entry], float], *, followed: bool = False) -> None:
        self._end = end
        self._followed = followed
        self._entries: dict[Key, Entry] = {}
        self._ends: list[tuple[float, int, Key, Entry]] = []  # a heap; entries that were replaced linger in it
        self._count = itertools.count()
        self.changed: set[Key] = set()  # since whoever follows us cleared it

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def __contains__(self, key: Key) -> bool:
        return key in self._entries

    def get(self, key: Key) -> Entry | None:
        """The entry of a key."""
        return self._entries.get(key)

    def put(self, key: Key, entry: Entry) -> None:
        """Take an entry in place of the one before."""
        self._entries[key] = entry
        heapq.heappush(self._ends, (self._end(entry), next(self._count), key, entry))
        self._note(key)
        if len(self._ends) > 2 * len(self._entries) + _SLACK:
            self._tidy()

    def pop(self, key: Key) -> Entry | None:
        """Forget an entry; it is returned if there was one."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._note(key)
        return entry

    def expire(self, now: float) -> list[Entry]:
        """Forget the entries that have ended, and return them."""
        ended = []
        while self._ends and self._ends[0][0] <= now:
            _, _, key, entry = heapq.heappop(self._ends)
            if self._entries.get(key) is entry:
                ended.append(entry)
                self.pop(key)
        return ended

    @property
    def deadline(self) -> float:
        """When the next entry ends."""
        while self._ends and self._entries.get(self._ends[0][2]) is not self._ends[0][3]:
            heapq.heappop(self._ends)
        return self._ends[0][0] if self._ends else NEVER

    def _note(self, key: Key) -> None:
        if self._followed:
            self.changed.add(key)

    def _tidy(self) -> None:
        self._ends = [item for item in self._ends if self._entries.get(item[2]) is item[3]]
        heapq.heapify(self._ends)
