"""A profile being changed: its text without the keys, judged by the service while it is written."""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from client.control.errors import RpcError
from gui.service import Service
from gui.view import phrases
from gui.view.model import Translate
from gui.view.profiles import Described

PAUSE = 400
"""Milliseconds without a key being pressed until the service is asked."""


class EditDialog(QDialog):
    """Saves only what the service calls a good profile. A new key is written here, and never shown again."""

    def __init__(
        self, service: Service, translate: Translate, described: Described, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._translate = translate
        self._id = str(described.summary.get("id", ""))
        self._asked = 0
        self.text = QPlainTextEdit(described.text)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setAccessibleName(translate("Profile"))
        self.keys = {name: self._key_field(digits) for name, digits in described.summary.get("keys", {}).items()}
        self.told = QLabel()
        self.told.setWordWrap(True)
        buttons = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(buttons.Save | buttons.Cancel)
        self.save = self.buttons.button(buttons.Save)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE)
        self._timer.timeout.connect(self._judge)
        self._arrange()

    def whole(self) -> str:
        """The text with the new keys, for those that are replaced."""
        new = {name: field.text().strip() for name, field in self.keys.items() if field.text().strip()}
        secrets = "\n".join(f"{json.dumps(name)} = {json.dumps(value)}" for name, value in new.items())
        return f"{self.text.toPlainText()}\n[secrets]\n{secrets}\n" if new else self.text.toPlainText()

    def _changed(self) -> None:
        self.save.setEnabled(False)
        self._timer.start()

    def _judge(self) -> None:
        self._asked += 1
        asked = self._asked  # an answer about an older text says nothing about this one
        self._service.call(
            "profile.validate",
            {"text": self.whole(), "id": self._id},
            lambda _result: self._judged(asked, ""),
            lambda error: self._judged(asked, phrases.error(error.reason, error.message, self._translate)),
        )

    def _judged(self, asked: int, wrong: str) -> None:
        if asked == self._asked and not self._timer.isActive():
            self.told.setText(wrong)
            self.save.setEnabled(not wrong)

    def _save(self) -> None:
        self.save.setEnabled(False)
        self._service.call("profile.edit", {"id": self._id, "text": self.whole()}, self._saved, self._refused)

    def _saved(self, _result: Any) -> None:
        self._service.refresh_profiles()
        self.accept()

    def _refused(self, error: RpcError) -> None:
        self.told.setText(phrases.error(error.reason, error.message, self._translate))

    def _key_field(self, digits: str) -> QLineEdit:
        field = QLineEdit()
        field.setEchoMode(QLineEdit.EchoMode.Password)
        hint = self._translate("unchanged (fingerprint {digits}); base64:... replaces it")
        field.setPlaceholderText(hint.format(digits=digits))
        field.textChanged.connect(self._changed)
        return field

    def _arrange(self) -> None:
        self.setWindowTitle(self._translate("Change a profile"))
        self.text.textChanged.connect(self._changed)
        self.save.setEnabled(False)
        self.buttons.accepted.connect(self._save)
        self.buttons.rejected.connect(self.reject)
        form = QFormLayout()
        for name, field in self.keys.items():
            form.addRow(self._translate("Key {name}:").format(name=name), field)
        whole = QVBoxLayout(self)
        whole.addWidget(self.text, 1)
        whole.addLayout(form)
        whole.addWidget(self.told)
        whole.addWidget(self.buttons)
        self.resize(640, 520)
