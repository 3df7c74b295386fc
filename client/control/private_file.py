"""Files with keys in them: read only if nobody else can, written so that nobody else ever could."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Collection
from pathlib import Path

from client.core.errors import ProfileError

LONGEST = 64 * 1024
"""Bytes; a longer file is no profile."""


def read_private_file(path: Path, owners: Collection[int] = ()) -> str:
    """The text of a file that only its owner can read: us, root, or one of `owners` (uids).

    Raises ProfileError that says what to do about any other file.
    """
    # Opened once and judged by what is open: between two looks a file could be exchanged.
    descriptor = _open(path)
    try:
        _check(path, os.fstat(descriptor), {0, os.geteuid(), *owners})
        data = _read(descriptor)
    finally:
        os.close(descriptor)
    return _text(path, data)


def read_public_file(path: Path) -> str:
    """The text of a file without keys, which all may read; ProfileError if that cannot be."""
    descriptor = _open(path)
    try:
        return _text(path, _read(descriptor))
    finally:
        os.close(descriptor)


def _text(path: Path, data: bytes) -> str:
    if len(data) > LONGEST:
        raise ProfileError(f"{path} is longer than 64 KiB")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ProfileError(f"{path} is not text in UTF-8") from error


def write_private_file(path: Path, text: str, *, new: bool = False) -> None:
    """Put `text` at `path` with mode 0600: the old file or the new one is there at any time, also after a crash.

    With `new` an old file is kept, and FileExistsError raised.
    """
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    if new:
        try:
            os.link(draft, path)
        finally:
            draft.unlink()
    else:
        draft.rename(path)
    _sync_directory(path.parent)


def _open(path: Path) -> int:
    try:
        # O_NONBLOCK: a named pipe must not hold us up.
        return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise ProfileError(f"{path} is a symbolic link; name the file itself") from error
        raise ProfileError(f"{path} cannot be read: {error.strerror}") from error


def _check(path: Path, status: os.stat_result, owners: Collection[int]) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise ProfileError(f"{path} is not a file")
    if status.st_uid not in owners:
        raise ProfileError(f"{path} belongs to somebody else (uid {status.st_uid}), who could change it")
    if status.st_mode & 0o077:
        raise ProfileError(f"others can read {path}, and it holds a key; first: chmod 600 {path}")


def _read(descriptor: int) -> bytes:
    chunks: list[bytes] = []
    while sum(map(len, chunks)) <= LONGEST and (chunk := os.read(descriptor, LONGEST + 1)):
        chunks.append(chunk)
    return b"".join(chunks)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
