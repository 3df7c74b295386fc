"""One program for each person: a second start raises the window of the first."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_PATIENCE = 500
_LONGEST = 4096
"""Bytes of a file's name."""


def socket_path() -> str:
    """Where the first program listens: in a folder that belongs to the person alone."""
    folder = os.environ.get("XDG_RUNTIME_DIR")
    return str(Path(folder) / "mobilenode-gui.sock") if folder else f"mobilenode-gui-{os.getuid()}"


class Instance(QObject):
    """`raised` when somebody started the program again: with the name of a file to open, or ""."""

    raised = Signal(str)

    def __init__(self, path: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._welcome)

    def first(self, file: str = "") -> bool:
        """Whether we are the first; if not, the first one has been told, and what to open."""
        other = QLocalSocket()
        other.connectToServer(self._path)
        if other.waitForConnected(_PATIENCE):
            other.write(file.encode())
            other.waitForBytesWritten(_PATIENCE)
            other.disconnectFromServer()
            return False
        QLocalServer.removeServer(self._path)  # of a program that was killed
        return self._server.listen(self._path)

    def _welcome(self) -> None:
        while self._server.hasPendingConnections():
            other = self._server.nextPendingConnection()
            if other.state() is QLocalSocket.LocalSocketState.ConnectedState:
                other.disconnected.connect(self._hung_up)
            else:
                self._read(other)  # it was gone before we looked

    def _hung_up(self) -> None:
        other = self.sender()
        if isinstance(other, QLocalSocket):
            self._read(other)

    def _read(self, other: QLocalSocket) -> None:
        self.raised.emit(bytes(other.read(_LONGEST).data()).decode(errors="replace"))
        other.deleteLater()
