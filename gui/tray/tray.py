"""The icon: built when there is a panel for it, and anew when the panel comes back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from gui.icon_theme import icon
from gui.tray.host import TrayHost
from gui.tray.menu import LiveMenu
from gui.view.model import Call, Headline, Local, MenuItem

OPEN = MenuItem(id="open", label="", action=Local.OPEN_WINDOW)
CHECK = MenuItem(id="check", label="", action=Call(method="check"))


class Tray(QObject):
    """Shows a headline and a menu; `chosen` tells the item that was clicked.

    An icon that is made before there is a panel never gets into one (Qt 6.8 to 6.11), so it is made afterwards.
    """

    chosen = Signal(object)
    availability_changed = Signal(bool)

    def __init__(self, variant: str = "colour", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.menu = QMenu()
        self._variant = variant
        self._live = LiveMenu(self.menu, self.chosen.emit)
        self._icon: QSystemTrayIcon | None = None
        self._headline: Headline | None = None
        self._host = TrayHost(self)
        self._host.came.connect(self._arrive)
        self._host.went.connect(self._leave)

    def start(self) -> None:
        """Look for a panel."""
        self._host.look()

    @property
    def available(self) -> bool:
        """Whether a panel shows the icon."""
        return self._icon is not None

    def set(self, headline: Headline, items: Sequence[MenuItem]) -> None:
        """Show this from now on."""
        self._live.set(items)
        if headline != self._headline:
            self._headline = headline
            self._draw()

    def _arrive(self) -> None:
        self._icon = QSystemTrayIcon(self)
        self._icon.setContextMenu(self.menu)
        self._icon.activated.connect(self._activated)
        self._draw()
        self._icon.show()
        self.availability_changed.emit(True)

    def _leave(self) -> None:
        if self._icon:
            self._icon.hide()
            self._icon.deleteLater()
            self._icon = None
            self.availability_changed.emit(False)

    def _draw(self) -> None:
        if self._icon and self._headline:
            self._icon.setIcon(icon(self._headline.icon, self._variant))
            parts = (self._headline.title, self._headline.where)
            self._icon.setToolTip(" - ".join(part for part in parts if part))

    def _activated(self, how: QSystemTrayIcon.ActivationReason) -> None:
        if how is QSystemTrayIcon.ActivationReason.Trigger:
            self.chosen.emit(OPEN)
        elif how is QSystemTrayIcon.ActivationReason.MiddleClick:
            self.chosen.emit(CHECK)
