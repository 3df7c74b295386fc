"""Profiles come in, are changed and go: reviewed before, tried with a registration, and no key is shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMessageBox
from pytestqt.qtbot import QtBot

from gui.service import Service
from gui.window.editing import EditDialog
from gui.window.importing import ImportDialog
from gui.window.profiles import ProfilesPage
from tests.gui.english import english
from tests.gui.fake_daemon import PROFILE_TEXT, FakeDaemon, daemon
from tests.gui.statuses import raw

LONG = 20_000


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeDaemon]:
    with daemon(tmp_path / "control.sock") as made:
        yield made


@pytest.fixture
def page(qtbot: QtBot, tmp_path: Path, fake: FakeDaemon) -> Iterator[ProfilesPage]:
    service = Service(str(tmp_path / "control.sock"))
    made = ProfilesPage(service, english)
    qtbot.addWidget(made)
    made.show()
    service.start()
    qtbot.waitUntil(lambda: made.list.count() == 1, timeout=LONG)
    yield made
    service.stop()


def review(qtbot: QtBot, page: ProfilesPage) -> ImportDialog:
    page.bring("format = 1")
    qtbot.waitUntil(lambda: isinstance(page.dialog, ImportDialog), timeout=LONG)
    assert isinstance(page.dialog, ImportDialog)
    return page.dialog


def edit(qtbot: QtBot, page: ProfilesPage) -> EditDialog:
    page.list.setCurrentRow(0)
    page.edit_chosen()
    qtbot.waitUntil(lambda: isinstance(page.dialog, EditDialog), timeout=LONG)
    assert isinstance(page.dialog, EditDialog)
    return page.dialog


def test_nothing_is_imported_before_it_was_reviewed(qtbot: QtBot, fake: FakeDaemon, page: ProfilesPage) -> None:
    dialog = review(qtbot, page)
    texts = [label.text() for label in dialog.findChildren(QLabel)]
    assert {"198.51.100.23/24", "ha.example.net", "k: 0123abcd"} <= set(texts)
    assert fake.calls == []
    dialog.reject()
    assert fake.calls == []


def test_it_is_ready_when_data_has_come_back_and_not_before(qtbot: QtBot, fake: FakeDaemon, page: ProfilesPage) -> None:
    fake.say(raw("no-profile", v4=None, proof=None))
    dialog = review(qtbot, page)
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)  # nothing else need be reached first
    qtbot.waitUntil(lambda: len(fake.calls) == 1, timeout=LONG)
    fake.say(raw("connecting", reason="registering", proof=None))
    qtbot.waitUntil(lambda: "home agent" in dialog.told.text(), timeout=LONG)
    assert fake.calls == [("import", {"text": "format = 1", "up": True})]
    fake.say(raw("working"))  # an old proof says nothing about the new profile
    qtbot.waitUntil(lambda: dialog.told.text() == "Waiting for a proof that data flows...", timeout=LONG)
    fake.say(raw("no-answer", proof=None, advice="check-home-agent"))
    qtbot.waitUntil(lambda: "434" in dialog.advice.text(), timeout=LONG)
    fake.say(raw("working", since="now", proof={"kind": "probe", "age_ms": 0, "rtt_ms": 38}))
    qtbot.waitUntil(lambda: dialog.told.text().startswith("Ready: Working"), timeout=LONG)
    assert dialog.advice.text() == ""


def test_what_is_no_profile_is_told_and_opens_nothing(qtbot: QtBot, page: ProfilesPage) -> None:
    page.bring("format = 2")
    qtbot.waitUntil(lambda: page.told == "format: 1 is the only one", timeout=LONG)
    assert page.dialog is None


def test_only_a_good_text_can_be_saved(qtbot: QtBot, fake: FakeDaemon, page: ProfilesPage) -> None:
    dialog = edit(qtbot, page)
    assert dialog.text.toPlainText() == PROFILE_TEXT
    assert not dialog.save.isEnabled()
    dialog.text.setPlainText("format = 2")
    qtbot.waitUntil(lambda: dialog.told.text() == "format: 1 is the only one", timeout=LONG)
    assert not dialog.save.isEnabled()
    dialog.text.setPlainText("format = 1")
    qtbot.waitUntil(dialog.save.isEnabled, timeout=LONG)
    dialog.keys["k"].setText("base64:AAAA")
    qtbot.waitUntil(dialog.save.isEnabled, timeout=LONG)
    dialog.save.click()
    text = 'format = 1\n[secrets]\n"k" = "base64:AAAA"\n'
    qtbot.waitUntil(lambda: ("profile.edit", {"id": "alice@example.net", "text": text}) in fake.calls, timeout=LONG)


def test_a_profile_goes_only_when_that_is_meant(
    qtbot: QtBot, fake: FakeDaemon, page: ProfilesPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.list.setCurrentRow(0)
    for answer in (QMessageBox.StandardButton.No, QMessageBox.StandardButton.Yes):
        assert fake.calls == []
        monkeypatch.setattr(QMessageBox, "question", lambda *_args, answer=answer: answer)
        page.remove_chosen()
    qtbot.waitUntil(lambda: fake.calls == [("profile.remove", {"id": "alice@example.net"})], timeout=LONG)
