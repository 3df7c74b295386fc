"""The file that keeps a machine's memory over restarts and power cuts."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

_HEADER = struct.Struct("!4sII")  # magic, length, CRC-32
_MAGIC = b"MIP1"


def load(file: Path) -> bytes:
    """What was stored last, or b"" if nothing was; a file that cannot be right is put aside as `.bad`."""
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return b""
    memory = _decode(data)
    if memory is None:
        file.replace(file.with_suffix(file.suffix + ".bad"))
        return b""
    return memory


def store(file: Path, memory: bytes) -> None:
    """Store durably: after a crash at any moment the file holds the old memory or the new, whole. Raises OSError."""
    fresh = file.with_name(file.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb", closefd=False) as stream:
            stream.write(_HEADER.pack(_MAGIC, len(memory), zlib.crc32(memory)) + memory)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    fresh.replace(file)
    _sync_directory(file.parent)


def _decode(data: bytes) -> bytes | None:
    if len(data) < _HEADER.size:
        return None
    magic, length, checksum = _HEADER.unpack_from(data)
    memory = data[_HEADER.size :]
    if magic != _MAGIC or length != len(memory) or checksum != zlib.crc32(memory):
        return None
    return memory


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
