"""A profile on its way in: what it says, a click, and then live until data has come back from home."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from client.control.errors import RpcError
from client.core.status import Status
from gui.service import Service
from gui.view import phrases
from gui.view.headline import CARRIES, headline
from gui.view.model import Lost, Translate
from gui.view.profiles import Described, rows


class ImportDialog(QDialog):
    """Reviewed, imported with one click, tried with a real registration. It is not ready before that has worked."""

    def __init__(
        self, service: Service, translate: Translate, described: Described, text: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._translate = translate
        self._text = text
        self._tried_at: float | None = None
        self.told = _words()
        self.advice = _words()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.go = self.buttons.addButton(translate("Import and use"), QDialogButtonBox.ButtonRole.ActionRole)
        self.go.setDefault(True)
        self.go.clicked.connect(self.bring)
        self.buttons.rejected.connect(self.reject)
        self.buttons.accepted.connect(self.accept)
        self.setWindowTitle(translate("Import a profile"))
        self._arrange(rows(described, translate))
        self.go.setFocus()  # Enter presses the button that has it, and Cancel comes first
        service.status_changed.connect(self._follow)

    def bring(self) -> None:
        """Give it to the service, which uses it at once."""
        self.go.setEnabled(False)
        self.told.setText(self._translate("Importing..."))
        self._service.call("import", {"text": self._text, "up": True}, self._imported, self._refused)

    def _imported(self, _result: Any) -> None:
        self._tried_at = time.monotonic()
        self._service.refresh_profiles()
        self.buttons.setStandardButtons(QDialogButtonBox.StandardButton.Close)

    def _refused(self, error: RpcError) -> None:
        self.told.setText(phrases.error(error.reason, error.message, self._translate))

    def _follow(self, status: object) -> None:
        if self._tried_at is None:
            return
        found = headline(self._service.status, self._service.age_ms(), self._translate)
        title = " - ".join(part for part in (found.title, found.where) if part)
        carries = isinstance(status, Status) and status.state in CARRIES
        works = carries and self._is_new(self._service.status)
        waiting = self._translate("Waiting for a proof that data flows...") if carries else found.sentence
        self.told.setText(self._translate("Ready: {state}").format(state=title) if works else waiting)
        self.advice.setText("" if works else found.advice)
        if works:
            self._tried_at = None
            self.buttons.setStandardButtons(QDialogButtonBox.StandardButton.Ok)

    def _is_new(self, status: Status | Lost) -> bool:
        """Whether it is proven of what was imported: an older proof was one of the profile before."""
        tried_for = (time.monotonic() - (self._tried_at or 0.0)) * 1000
        proof = status.proof if isinstance(status, Status) else None
        return proof is None or proof.age_ms < tried_for

    def _arrange(self, lines: Sequence[tuple[str, str]]) -> None:
        form = QFormLayout()
        for title, value in lines:
            label = _words()
            label.setText(value)
            form.addRow(f"{title}:", label)
        whole = QVBoxLayout(self)
        whole.addLayout(form)
        whole.addWidget(self.told)
        whole.addWidget(self.advice)
        whole.addWidget(self.buttons)
        self.setMinimumWidth(460)


def _words() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    return label
