"""The third page: which profiles there are, which one is in use, and how a new one comes in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from client.control.errors import RpcError
from gui.service import Service
from gui.view.model import Translate
from gui.view.profiles import Profile

LARGEST = 64 * 1024
"""Bytes of a file that may be a profile."""


class ProfilesPage(QWidget):
    """Takes files by a dialog, by drag and drop, and text from the clipboard. No key is ever shown."""

    imported = Signal(str)

    def __init__(self, service: Service, translate: Translate, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self._translate = translate
        self.list = QListWidget()
        self.list.setAccessibleName(translate("Profiles"))
        self._told = QLabel()
        self._told.setWordWrap(True)
        self.setAcceptDrops(True)
        self._arrange()
        service.profiles_changed.connect(self.set)
        self.set(service.profiles)

    def set(self, profiles: Sequence[Profile]) -> None:
        """Show these."""
        self.list.clear()
        for each in profiles:
            active = self._translate("{name} (in use)").format(name=each.name or each.id)
            QListWidgetItem(active if each.active else each.name or each.id, self.list)

    @property
    def told(self) -> str:
        """What became of the last import."""
        return self._told.text()

    def choose_file(self) -> None:
        """Ask for a file, and import it."""
        name, _ = QFileDialog.getOpenFileName(self, self._translate("Import a profile"), "", "*.mobilenode *.toml")
        if name:
            self.bring_file(Path(name))

    def bring_file(self, file: Path) -> None:
        """Import a file."""
        try:
            with file.open(encoding="utf-8") as stream:
                self.bring(stream.read(LARGEST))
        except (OSError, UnicodeDecodeError) as error:
            self._told.setText(self._translate("{file} cannot be read: {error}").format(file=file.name, error=error))

    def bring(self, text: str) -> None:
        """Import what a profile file holds, and use it at once."""
        self._service.call("import", {"text": text, "up": True}, self._done, self._refused)

    def paste(self) -> None:
        """Import the text that was copied."""
        self.bring(QGuiApplication.clipboard().text())

    def use_chosen(self) -> None:
        """Use the chosen profile."""
        row = self.list.currentRow()
        if 0 <= row < len(self._service.profiles):
            identifier = self._service.profiles[row].id
            self._service.call("profile.use", {"id": identifier}, lambda _: self._service.refresh_profiles())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files and text are welcome."""
        if event.mimeData().hasUrls() or event.mimeData().hasText():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Import what is let fall."""
        data = event.mimeData()
        if data.hasUrls():
            self.bring_file(Path(data.urls()[0].toLocalFile()))
        else:
            self.bring(data.text())

    def _done(self, result: Any) -> None:
        summary: Mapping[str, Any] = result.get("summary", {}) if isinstance(result, dict) else {}
        told = self._translate("{name} is imported: home address {address}, home agent {agents}.")
        agents = ", ".join(map(str, summary.get("home_agents", [])))
        address = summary.get("home_address", "")
        self._told.setText(told.format(name=summary.get("name", ""), address=address, agents=agents))
        self._service.refresh_profiles()
        self.imported.emit(str(summary.get("id", "")))

    def _refused(self, error: RpcError) -> None:
        self._told.setText(error.message)

    def _arrange(self) -> None:
        row = QHBoxLayout()
        for text, slot in (
            (self._translate("Import file..."), self.choose_file),
            (self._translate("Paste"), self.paste),
            (self._translate("Use"), self.use_chosen),
        ):
            button = QPushButton(text)
            button.clicked.connect(slot)
            row.addWidget(button)
        row.addStretch(1)
        whole = QVBoxLayout(self)
        whole.addWidget(QLabel(self._translate("Drop a profile file here, or import it:")))
        whole.addLayout(row)
        whole.addWidget(self.list, 1)
        whole.addWidget(self._told)
