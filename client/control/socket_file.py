"""The socket file of a daemon: one living owner, leftovers of dead ones replaced."""

from __future__ import annotations

import fcntl
import os
import socket
import stat
from pathlib import Path

from client.control.errors import AlreadyRunningError

MODE = 0o666
"""Everybody may connect; who connected decides what they may do."""


class SocketFile:
    """A listening Unix socket at `path`, and the lock beside it that says its owner is alive.

    Raises AlreadyRunningError if another process holds the lock, FileExistsError if something else than a
    socket stands at `path`, and OSError as `bind` does.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        self._lock = _lock(path.with_name(path.name + ".lock"), path)
        try:
            _remove_leftover(path)
            self.socket = _listen(path)
        except OSError:
            os.close(self._lock)
            raise

    def close(self) -> None:
        """Remove the socket file and let go of the lock."""
        self.socket.close()
        self._path.unlink(missing_ok=True)
        os.close(self._lock)


def _lock(lock_path: Path, path: Path) -> int:
    # Asking by `connect` whether somebody lives there would leave a gap in which two starting daemons
    # remove each other's sockets; the kernel drops a lock with its owner, also after kill -9.
    lock = os.open(lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise AlreadyRunningError(f"another daemon serves {path}") from error
    return lock


def _remove_leftover(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise FileExistsError(f"{path} is not a socket; remove it or choose another place")
    path.unlink()


def _listen(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        listener.bind(str(path))
        path.chmod(MODE)  # whatever the umask is
        listener.listen(32)
    except OSError:
        listener.close()
        raise
    return listener
