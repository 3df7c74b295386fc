"""Reads capture files as they grow (the classic pcap format, with micro- or nanoseconds, either byte order)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

_FILE_HEADER = 24
_MAGICS = {0xA1B2C3D4: 1000, 0xA1B23C4D: 1}
"""What to multiply a record's fraction with to get nanoseconds."""


class Record(NamedTuple):
    """One captured frame, perhaps cut short. `at`: nanoseconds since 1970."""

    at: int
    frame: bytes


class Capture:
    """A capture file, read from its beginning, and again from where the last reading ended."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._header = struct.Struct("<IIII")
        self._unit = 1

    def new_records(self) -> Iterator[Record]:
        """Those records that are whole and were not returned before."""
        with self._path.open("rb") as file:
            file.seek(self._offset)
            data = file.read()
        position = 0
        if self._offset == 0:
            if len(data) < _FILE_HEADER:
                return
            self._read_header(data)
            position = _FILE_HEADER
        while position + self._header.size <= len(data):
            seconds, fraction, length, _ = self._header.unpack_from(data, position)
            start = position + self._header.size
            if start + length > len(data):
                break
            yield Record(seconds * 1_000_000_000 + fraction * self._unit, data[start : start + length])
            position = start + length
        self._offset += position

    def _read_header(self, data: bytes) -> None:
        for order in "<>":
            magic = int(struct.unpack_from(f"{order}I", data)[0])
            if magic in _MAGICS:
                self._header = struct.Struct(f"{order}IIII")
                self._unit = _MAGICS[magic]
                return
        raise ValueError(f"{self._path} is no capture")


def records(path: Path) -> list[Record]:
    """All records of a capture that has ended."""
    return list(Capture(path).new_records())


def written(frames: Iterable[Record]) -> bytes:
    """A capture file of these frames, all of them whole."""
    header = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1)  # Ethernet, nanoseconds
    parts = (struct.pack("<IIII", *divmod(at, 1_000_000_000), len(frame), len(frame)) + frame for at, frame in frames)
    return header + b"".join(parts)
