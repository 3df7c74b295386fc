"""The one window: a list of pages beside the page."""

from __future__ import annotations

import time
from datetime import datetime, tzinfo
from typing import Any

import msgspec
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QMainWindow,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from client.core.status import Handover, LogEntry, Status
from client.core.traffic import Totals
from gui.service import Service
from gui.view.activity import bars, summary
from gui.view.events import lines
from gui.view.headline import headline
from gui.view.menu import switches
from gui.view.model import Call, MenuItem, Translate
from gui.view.path_picture import path_picture
from gui.view.traffic import TrafficHistory, plot, words
from gui.window.activity import ActivityPage
from gui.window.diagnostics import DiagnosticsPage
from gui.window.overview import OverviewPage
from gui.window.profiles import ProfilesPage

AGEING = 1000
"""Milliseconds: ages grow on the screen without the service having to say so. Only while the window is seen."""

MOST_EVENTS = 500


class Window(QMainWindow):
    """Shows what the service says; `chosen` tells items that the program or the service has to act on."""

    chosen = Signal(object)
    closed = Signal()

    def __init__(self, service: Service, translate: Translate, zone: tzinfo | None = None) -> None:
        super().__init__()
        self._service = service
        self._translate = translate
        self._zone = zone
        self._handovers: list[Handover] = []
        self._events: list[LogEntry] = []
        self._traffic = TrafficHistory()
        self.overview = OverviewPage(translate)
        self.activity = ActivityPage(translate)
        self.profiles = ProfilesPage(service, translate)
        self.diagnostics = DiagnosticsPage(service, translate)
        self.tray_hint = QLabel()
        self._arrange()
        self._clock = QTimer(self)
        self._clock.setInterval(AGEING)
        self._clock.timeout.connect(self._look)
        self.overview.chosen.connect(self.chosen)
        service.status_changed.connect(self._changed)
        service.event_heard.connect(self._heard)
        self.show_status()

    def open_page(self, number: int) -> None:
        """Show a page, from 0."""
        self._list.setCurrentRow(number)

    def show_status(self) -> None:
        """Draw what is; nothing is drawn while nobody sees it."""
        if not self.isVisible():
            return
        status, age_ms = self._service.status, self._service.age_ms()
        found = headline(status, age_ms, self._translate, self._zone)
        self.setWindowTitle(self._translate("mobilenode - {state}").format(state=found.title))
        rates = self._traffic.samples[-1] if self._traffic.samples else None
        moving = rates is not None and rates.incoming + rates.outgoing > 0
        self.overview.set(status, found, path_picture(status, self._translate), moving=moving)
        self._show_traffic()

    def tell_no_tray(self, missing: bool) -> None:
        """Say how to get a tray, where there is none."""
        hint = self._translate(
            "This desktop shows no tray icons. On GNOME the extension AppIndicator brings them; "
            "until then mobilenode is found among the applications."
        )
        self.tray_hint.setText(hint if missing else "")
        self.tray_hint.setVisible(missing)

    def showEvent(self, event: QShowEvent) -> None:
        """Ages grow again."""
        super().showEvent(event)
        self._clock.start()
        self.show_status()
        self._ask_for_the_past()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks."""
        self._clock.stop()
        self._traffic.pause()
        super().hideEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """The program decides what that means."""
        super().closeEvent(event)
        self.closed.emit()

    def _changed(self, status: object) -> None:
        self.show_status()
        if isinstance(status, Status) and self.isVisible():
            self._service.call("handovers", {}, self._take_handovers, lambda _error: None)

    def _look(self) -> None:
        """Once a second while somebody looks."""
        self._service.call("traffic", {}, self._take_traffic, lambda _error: None)
        self.show_status()

    def _take_traffic(self, raw: Any) -> None:
        try:
            self._traffic.add(msgspec.convert(raw, Totals), time.time())
        except msgspec.ValidationError:
            return  # of a newer service

    def _show_traffic(self) -> None:
        if self._service.lost:
            self._traffic.pause()
        now, told = time.time(), "" if self._service.lost else words(self._traffic.samples, self._translate)
        moves = [datetime.fromisoformat(each.at).timestamp() for each in self._handovers]
        self.overview.set_traffic(told)
        self.activity.traffic.set(plot(self._traffic.samples, moves, now), told)

    def _ask_for_the_past(self) -> None:
        self._service.call("handovers", {}, self._take_handovers, lambda _error: None)
        self._service.call("events", {}, self._take_events, lambda _error: None)

    def _take_handovers(self, raw: Any) -> None:
        try:
            self._handovers = msgspec.convert(raw, list[Handover])
        except msgspec.ValidationError:
            return  # of a newer service
        self._show_activity()

    def _take_events(self, raw: Any) -> None:
        try:
            self._events = msgspec.convert(raw, list[LogEntry])[-MOST_EVENTS:]
        except msgspec.ValidationError:
            return  # of a newer service
        self._show_activity()

    def _heard(self, entry: LogEntry) -> None:
        self._events = [*self._events, entry][-MOST_EVENTS:]
        if self.isVisible():
            self._show_activity()

    def _show_activity(self) -> None:
        translate, zone = self._translate, self._zone
        told = summary(self._handovers, translate)
        self.activity.set(told, bars(self._handovers, translate, zone), lines(self._events, translate, zone))

    def _arrange(self) -> None:
        named = {
            self._translate("Overview"): self.overview,
            self._translate("Activity"): self.activity,
            self._translate("Profiles"): self.profiles,
            self._translate("Diagnostics"): self.diagnostics,
        }
        self._list, pages = QListWidget(), QStackedWidget()
        self._list.setAccessibleName(self._translate("Pages"))
        self._list.setFixedWidth(140)
        for name, page in named.items():
            self._list.addItem(name)
            pages.addWidget(_scrolled(page) if page is self.overview else page)
        self._list.currentRowChanged.connect(pages.setCurrentIndex)
        self._list.setCurrentRow(0)
        self.tray_hint.setWordWrap(True)
        self.tray_hint.setVisible(False)
        whole, row = QWidget(), QHBoxLayout()
        row.addWidget(self._list)
        row.addWidget(pages, 1)
        column = QVBoxLayout(whole)
        column.addWidget(self.tray_hint)
        column.addLayout(row, 1)
        self.setCentralWidget(whole)
        self.setMinimumSize(640, 420)
        self.resize(880, 600)
        self._add_keys(len(named))

    def _add_keys(self, pages: int) -> None:
        for number in range(pages):
            self._key(f"Ctrl+{number + 1}", lambda number=number: self.open_page(number))
        self._key("F5", lambda: self.chosen.emit(MenuItem(id="check", label="", action=Call(method="check"))))
        self._key("Ctrl+R", self._toggle_reverse_tunnel)
        self._key("Ctrl+I", self.profiles.choose_file)
        self._key("Esc", self.close)

    def _key(self, keys: str, slot: object) -> None:
        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        shortcut.activated.connect(slot)

    def _toggle_reverse_tunnel(self) -> None:
        status = self._service.status
        there = status if isinstance(status, Status) else None
        item = switches(there, self._translate)[0]
        if item.visible and item.enabled:
            self.chosen.emit(item)


def _scrolled(page: QWidget) -> QScrollArea:
    """The page, to be moved where the window is too low for its words."""
    scrolled = QScrollArea()
    scrolled.setWidget(page)
    scrolled.setWidgetResizable(True)
    scrolled.setFrameShape(QFrame.Shape.NoFrame)
    return scrolled
