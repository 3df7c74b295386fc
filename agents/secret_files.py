"""Files that hold keys: only their owner may read them (RFC 5944 §5.4, threat T24)."""

from __future__ import annotations

import base64
import binascii
import os
import stat
from pathlib import Path

from client.core.errors import ProfileError
from client.core.secret import Secret

_PREFIX = "base64:"
_LARGEST = 64 * 1024


def read_private(path: Path) -> str:
    """The text of a file that nobody else can read or replace; ProfileError if that is not so, OSError without it."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode) or facts.st_uid not in (0, os.geteuid()):
            raise ProfileError(f"{path} is not a file of root's or of the daemon's own user")
        if facts.st_mode & 0o077:
            raise ProfileError(f"{path} holds keys and can be read by others: chmod 600 {path}")
        return read_text(path, file.read(_LARGEST + 1))


def read_text(path: Path, data: bytes) -> str:
    """A file's bytes as text of a sensible size, or ProfileError."""
    if len(data) > _LARGEST:
        raise ProfileError(f"{path} is larger than {_LARGEST} bytes")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ProfileError(f"{path} is not UTF-8 text") from error


def write_private(path: Path, text: str) -> None:
    """Make a new file with mode 0600, whole or not at all; FileExistsError if it is there already."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        os.link(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_directory(path.parent)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def decode_secret(text: str) -> Secret:
    """The key in "base64:...", or ProfileError."""
    if not text.startswith(_PREFIX):
        raise ProfileError('a secret is written as "base64:..."')
    try:
        return Secret(base64.b64decode(text.removeprefix(_PREFIX), validate=True))
    except (binascii.Error, ValueError):
        raise ProfileError("a secret is not right base64") from None


def encode_secret(secret: Secret) -> str:
    """A key as text, for a file that only root can read."""
    return _PREFIX + base64.b64encode(secret.reveal()).decode()
