"""The last page: a run of checks that starts by itself, and a report to give away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from client.control.errors import RpcError
from client.core.checkup import Check
from gui.service import Service
from gui.view import phrases
from gui.view.diagnosis import check_lines, verdict
from gui.view.model import CheckLine, Translate
from gui.window.flow import FlowLayout

ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole

COLOURS = {"warning": QColor("#E69F00"), "failed": QColor("#D55E00")}


class DiagnosticsPage(QWidget):
    """Asks the service each time that it is opened."""

    def __init__(self, service: Service, translate: Translate, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self._translate = translate
        self._running = False
        self.verdict = QLabel()
        self.verdict.setWordWrap(True)
        self.list = QListWidget()
        self.list.setAccessibleName(translate("Checks"))
        self.report = QPlainTextEdit()
        self.report.setReadOnly(True)
        self.report.setAccessibleName(translate("Report"))
        self.report.setVisible(False)
        self._again = QPushButton(translate("Check again"))
        self._copy = QPushButton(translate("Copy report"))
        self._look = QPushButton(translate("Show exactly what is in it"))
        self._arrange()

    def run(self) -> None:
        """Ask for the checks; one run at a time."""
        if not self._running:
            self._running = True
            self.verdict.setText(self._translate("Checking..."))
            self._service.call("diagnose", {}, self._done, self._failed)

    def showEvent(self, event: QShowEvent) -> None:
        """It starts by itself."""
        super().showEvent(event)
        self.run()

    def _done(self, raw: Any) -> None:
        self._running = False
        try:
            checks = msgspec.convert(raw["checks"], list[Check])
            report = str(raw["report"])
        except (msgspec.ValidationError, KeyError, TypeError):
            return  # of a newer service
        self.verdict.setText(verdict(checks, self._translate))
        self.report.setPlainText(report)
        self._show(check_lines(checks, self._translate))

    def _failed(self, error: RpcError) -> None:
        self._running = False
        self.verdict.setText(phrases.error(error.reason, error.message, self._translate))

    def _show(self, lines: Sequence[CheckLine]) -> None:
        self.list.clear()
        for line in lines:
            item = QListWidgetItem(f"{line.sign}  {line.title}: {line.text}", self.list)
            item.setData(ACCESSIBLE, f"{line.title}, {line.spoken}: {line.text}")
            if line.result in COLOURS:
                item.setForeground(COLOURS[line.result])

    def _copy_report(self) -> None:
        QGuiApplication.clipboard().setText(self.report.toPlainText())

    def _arrange(self) -> None:
        self._again.clicked.connect(self.run)
        self._copy.clicked.connect(self._copy_report)
        self._look.clicked.connect(lambda: self.report.setVisible(not self.report.isVisible()))
        row = FlowLayout()
        for button in (self._again, self._copy, self._look):
            row.addWidget(button)
        whole = QVBoxLayout(self)
        whole.addWidget(self.verdict)
        whole.addWidget(self.list, 1)
        whole.addLayout(row)
        whole.addWidget(self.report, 1)
