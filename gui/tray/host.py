"""Whether there is a panel that shows icons: now, later, and again after it was restarted."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtDBus import QDBusConnection, QDBusServiceWatcher
from PySide6.QtWidgets import QSystemTrayIcon

WATCHER = "org.kde.StatusNotifierWatcher"

POLL = 2000
"""Milliseconds between two looks for a panel of the older kind, which nobody announces."""


class TrayHost(QObject):
    """`came` when there is one (again), `went` when it is gone."""

    came = Signal()
    went = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.available = False
        bus = QDBusConnection.sessionBus()
        self._watcher = QDBusServiceWatcher(WATCHER, bus, QDBusServiceWatcher.WatchModeFlag.WatchForOwnerChange, self)
        self._watcher.serviceOwnerChanged.connect(self._owner_changed)
        self._timer = QTimer(self)
        self._timer.setInterval(POLL)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Look now."""
        self._set(QSystemTrayIcon.isSystemTrayAvailable())

    def _owner_changed(self, _name: str, old: str, new: str) -> None:
        if old:
            self._set(False)
        if new:
            self._set(True)

    def _set(self, available: bool) -> None:
        if available is not self.available:
            self.available = available
            (self.came if available else self.went).emit()
