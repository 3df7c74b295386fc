"""When the kernel told of links and addresses: the notes of services/watcher.py."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Noted:
    """One line of the notes. `at`: nanoseconds since 1970."""

    at: int
    event: str  # up, down, address, no-address, tentative6, address6 or no-address6
    address: str = ""


def read(path: Path) -> list[Noted]:
    """All notes so far."""
    lines = path.read_text().splitlines()
    entries = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
    return [Noted(entry["at"], entry["event"], entry.get("address", "")) for entry in entries]


def first(notes: Iterable[Noted], event: str, start: int, end: int) -> int | None:
    """When the event was first told in [start, end)."""
    return next((note.at for note in notes if note.event == event and start <= note.at < end), None)
