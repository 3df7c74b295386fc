"""Puts the program together: service, tray and window, and what becomes of a click."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from client.control.errors import RpcError
from gui import autostart
from gui.icon_theme import icon
from gui.notifier import Notifier
from gui.service import Service
from gui.tray.tray import Tray
from gui.view import phrases
from gui.view.headline import headline
from gui.view.menu import menu
from gui.view.model import Call, Local, MenuItem, Note, Translate
from gui.view.notes import Notes
from gui.view.steadiness import Steadiness
from gui.window.window import Window

WAIT_FOR_TRAY = 3000
"""Milliseconds until a desktop that shows no icon yet counts as one that has no tray."""

AGEING = 10_000
"""Milliseconds between two looks at ages in the menu."""


class Program(QObject):
    """`background`: started at login; then no window comes up, whether there is a tray or not."""

    def __init__(self, application: QApplication, service: Service, translate: Translate, *, background: bool) -> None:
        super().__init__(application)
        self._application = application
        self._service = service
        self._translate = translate
        self._background = background
        self.tray = Tray(parent=self)
        self.window = Window(service, translate)
        self.window.setWindowIcon(icon("working"))
        self.tray.chosen.connect(self.obey)
        self.window.chosen.connect(self.obey)
        self.window.closed.connect(self._closed)
        self.tray.availability_changed.connect(self._tray_changed)
        service.status_changed.connect(lambda _status: self.show())
        service.profiles_changed.connect(lambda _profiles: self.show())
        self._at_login = autostart.is_on()
        self._notes = Notes()
        self._steadiness = Steadiness()
        self._notifier = Notifier(self)
        self._notifier.chosen.connect(self.obey)
        application.aboutToQuit.connect(self._notifier.stop)
        self._clock = QTimer(self)
        self._clock.setSingleShot(True)
        self._clock.timeout.connect(self.show)

    def start(self, *, window: bool) -> None:
        """Reach for the service and the panel; `window`: open it at once."""
        self._application.setQuitOnLastWindowClosed(False)
        self.show()
        self.tray.start()
        self._service.start()
        if window:
            self.open_window()
        elif not self._background:
            QTimer.singleShot(WAIT_FOR_TRAY, self._without_tray)

    def show(self) -> None:
        """Give the tray what is."""
        status, age_ms = self._service.status, self._service.age_ms()
        now, found = time.monotonic(), headline(status, age_ms, self._translate)
        steady = replace(found, icon=self._steadiness.icon(found.state, found.icon, now))
        self.tray.set(steady, menu(status, self._service.profiles, age_ms, self._translate, at_login=self._at_login))
        for each in self._notes.follow(status, now, self._translate):
            if isinstance(each, Note):
                self._notifier.show(each)
            else:
                self._notifier.withdraw(each.id)
        self._look_again(now, ages=bool(found.where))

    def _look_again(self, now: float, *, ages: bool) -> None:
        """When something is due, or what is shown has an age."""
        moments = [each for each in (self._notes.deadline, self._steadiness.deadline) if each and each > now]
        waits = [(moment - now) * 1000 + 1 for moment in moments] + ([AGEING] if ages else [])
        if waits:
            self._clock.start(int(min(waits)))
        else:
            self._clock.stop()

    def open_window(self) -> None:
        """Show it, in front of the others."""
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()

    def bring(self, file: str) -> None:
        """Open the window; with a file, to import that."""
        self.open_window()
        if file:
            self.window.open_page(2)
            self.window.profiles.bring_file(Path(file))

    def obey(self, item: MenuItem) -> None:
        """Do what an item stands for."""
        if isinstance(item.action, Call):
            self._service.do(item.action, self._refused)
        elif item.action is Local.OPEN_WINDOW:
            self.open_window()
        elif item.action is Local.COPY:
            QGuiApplication.clipboard().setText(item.detail)
        elif item.action is Local.IMPORT:
            self.open_window()
            self.window.open_page(2)
            self.window.profiles.choose_file()
        elif item.action is Local.AT_LOGIN:
            self._switch_autostart()
        elif item.action is Local.QUIT:
            self._application.quit()

    def _refused(self, error: RpcError) -> None:
        self.window.statusBar().showMessage(phrases.error(error.reason, error.message, self._translate), 10_000)

    def _switch_autostart(self) -> None:
        try:
            autostart.switch(on=not self._at_login)
        except OSError as error:
            self.window.statusBar().showMessage(str(error), 10_000)
        self._at_login = autostart.is_on()
        self.show()

    def _without_tray(self) -> None:
        if not self.tray.available:
            self.window.tell_no_tray(missing=True)
            self.open_window()

    def _tray_changed(self, available: bool) -> None:
        self.window.tell_no_tray(missing=not available)
        if not available and not self._background and not self.window.isVisible():
            QTimer.singleShot(WAIT_FOR_TRAY, self._without_tray)

    def _closed(self) -> None:
        if not self.tray.available:
            self._application.quit()
