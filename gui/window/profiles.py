"""The third page: which profiles there are, which one is in use, and how a new one comes in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import (
    QFileDialog,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from client.control.errors import RpcError
from gui.service import Service
from gui.view import phrases
from gui.view.model import Translate
from gui.view.profiles import Described, Profile
from gui.window.editing import EditDialog
from gui.window.flow import FlowLayout
from gui.window.importing import ImportDialog

LARGEST = 64 * 1024
"""Bytes of a file that may be a profile."""


class ProfilesPage(QWidget):
    """Takes files by a dialog, by drag and drop, and text from the clipboard. No key is ever shown."""

    def __init__(self, service: Service, translate: Translate, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self._translate = translate
        self.list = QListWidget()
        self.list.setAccessibleName(translate("Profiles"))
        self.dialog: ImportDialog | EditDialog | None = None
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
        """Let the service read what a profile file holds; if it is one, a person sees what it says, and decides."""
        self._told.setText("")
        self._service.call("profile.validate", {"text": text}, lambda raw: self._review(raw, text), self._refused)

    def paste(self) -> None:
        """Import the text that was copied."""
        self.bring(QGuiApplication.clipboard().text())

    def use_chosen(self) -> None:
        """Use the chosen profile."""
        if chosen := self._chosen():
            self._service.call("profile.use", {"id": chosen.id}, self._refresh, self._refused)

    def edit_chosen(self) -> None:
        """Show the chosen profile's text, to be changed."""
        if chosen := self._chosen():
            self._service.call("profile.show", {"id": chosen.id}, self._edit, self._refused)

    def remove_chosen(self) -> None:
        """Forget the chosen profile, if that is really meant."""
        if chosen := self._chosen():
            text = self._translate("Remove {name} and its keys from this computer?").format(
                name=chosen.name or chosen.id
            )
            if QMessageBox.question(self, self._translate("Remove"), text) is QMessageBox.StandardButton.Yes:
                self._service.call("profile.remove", {"id": chosen.id}, self._refresh, self._refused)

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

    def _chosen(self) -> Profile | None:
        row = self.list.currentRow()
        return self._service.profiles[row] if 0 <= row < len(self._service.profiles) else None

    def _review(self, raw: Any, text: str) -> None:
        described = _read(raw)
        self._open(ImportDialog(self._service, self._translate, described, text, self))

    def _edit(self, raw: Any) -> None:
        self._open(EditDialog(self._service, self._translate, _read(raw), self))

    def _open(self, dialog: ImportDialog | EditDialog) -> None:
        if self.dialog:
            self.dialog.close()
        self.dialog = dialog
        dialog.open()

    def _refresh(self, _result: Any) -> None:
        self._service.refresh_profiles()

    def _refused(self, error: RpcError) -> None:
        self._told.setText(phrases.error(error.reason, error.message, self._translate))

    def _arrange(self) -> None:
        row = FlowLayout()
        for text, slot in (
            (self._translate("Import file..."), self.choose_file),
            (self._translate("Paste"), self.paste),
            (self._translate("Use"), self.use_chosen),
            (self._translate("Change..."), self.edit_chosen),
            (self._translate("Remove..."), self.remove_chosen),
        ):
            button = QPushButton(text)
            button.clicked.connect(slot)
            row.addWidget(button)
        whole = QVBoxLayout(self)
        hint = QLabel(self._translate("Drop a profile file here, or import it:"))
        hint.setWordWrap(True)
        whole.addWidget(hint)
        whole.addLayout(row)
        whole.addWidget(self.list, 1)
        whole.addWidget(self._told)


def _read(raw: Any) -> Described:
    try:
        return msgspec.convert(raw, Described)
    except msgspec.ValidationError:
        return Described(summary={})  # of a newer service
