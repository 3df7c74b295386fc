from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from gui.service import Service
from gui.view.model import Call, MenuItem
from gui.window.window import Window
from tests.gui.english import english
from tests.gui.fake_daemon import FakeDaemon, daemon
from tests.gui.statuses import STATES, raw

LONG = 20_000


def colours(widget: QWidget) -> set[str]:
    picture = widget.grab().toImage()
    right = range(picture.width() * 3 // 4, picture.width())
    return {picture.pixelColor(x, y).name() for x in right for y in range(picture.height())}


def button(page: QWidget, text: str) -> QPushButton:
    return next(found for found in page.findChildren(QPushButton) if found.text() == text)


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeDaemon]:
    with daemon(tmp_path / "control.sock") as made:
        yield made


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, fake: FakeDaemon) -> Iterator[Window]:
    service = Service(str(tmp_path / "control.sock"))
    made = Window(service, english)
    qtbot.addWidget(made)
    made.show()
    service.start()
    qtbot.waitUntil(lambda: made.windowTitle() == "mobilenode - Working", timeout=LONG)
    yield made
    service.stop()


def test_the_switches_show_what_the_service_says(qtbot: QtBot, fake: FakeDaemon, window: Window) -> None:
    box = window.overview.boxes["reverse-tunnel"]
    assert (box.isChecked(), box.isEnabled()) == (True, True)
    fake.say(raw(settings={"reverse_tunnel": {"wanted": "off", "applied": "on", "pending": True}}))
    qtbot.waitUntil(lambda: box.text() == "Reverse tunnel - turning off...", timeout=LONG)
    assert not box.isEnabled()
    fake.say(raw(settings={"reverse_tunnel": {"wanted": "off", "applied": "on", "why": "v4:138"}}))
    qtbot.waitUntil(lambda: box.text() == "Reverse tunnel - required by your home agent", timeout=LONG)
    assert box.isChecked()


def test_a_click_asks_and_moves_no_tick(window: Window) -> None:
    box = window.overview.boxes["reverse-tunnel"]
    chosen: list[MenuItem] = []
    window.chosen.connect(chosen.append)
    QTest.mouseClick(box, Qt.MouseButton.LeftButton)
    assert [item.id for item in chosen] == ["reverse-tunnel"]
    assert box.isChecked()


def test_the_keyboard_reaches_all(window: Window) -> None:
    chosen: list[MenuItem] = []
    window.chosen.connect(chosen.append)
    QTest.keyClick(window, Qt.Key.Key_F5)
    QTest.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert [item.id for item in chosen] == ["check", "reverse-tunnel"]
    for number, page in ((2, window.activity), (3, window.profiles), (1, window.overview)):
        QTest.keyClick(window, Qt.Key(ord(str(number))), Qt.KeyboardModifier.ControlModifier)
        assert page.isVisible()


@pytest.mark.parametrize("state", [state for state in STATES if state != "working"])
def test_every_state_is_drawn(qtbot: QtBot, fake: FakeDaemon, window: Window, state: str) -> None:
    before = window.windowTitle()
    fake.say(raw(state))
    qtbot.waitUntil(lambda: window.windowTitle() != before, timeout=LONG)
    assert not window.grab().toImage().isNull()


def test_the_diagnosis_runs_by_itself_and_its_report_can_be_copied(
    qtbot: QtBot, fake: FakeDaemon, window: Window
) -> None:
    fake.checks.append({"id": "registration", "result": "failed", "finding": "v4:131", "detail": ""})
    window.open_page(3)
    page = window.diagnostics
    qtbot.waitUntil(lambda: page.list.count() == 2, timeout=LONG)
    assert page.list.item(0).text() == "✓  Service: it runs; packets go by ebpf"
    assert page.list.item(1).text().startswith("✗  Registration: ")
    assert "(code 131)" in page.verdict.text()
    button(page, "Copy report").click()
    assert QGuiApplication.clipboard().text() == "all that is to be told\n"
    button(page, "Show exactly what is in it").click()
    assert page.report.isVisible()


def test_a_file_that_cannot_be_read_is_told_of(window: Window, tmp_path: Path) -> None:
    window.profiles.bring_file(tmp_path / "none.mobilenode")
    assert window.profiles.told.startswith("none.mobilenode cannot be read: ")


def test_traffic_is_told_and_drawn(qtbot: QtBot, window: Window) -> None:
    window.open_page(1)
    qtbot.waitUntil(lambda: "MB/s" in window.activity.traffic.accessibleDescription(), timeout=LONG)
    qtbot.waitUntil(lambda: {"#0072b2", "#e69f00"} <= colours(window.activity.traffic), timeout=LONG)


def test_nobody_asks_for_traffic_while_the_window_is_hidden(qtbot: QtBot, fake: FakeDaemon, window: Window) -> None:
    qtbot.waitUntil(lambda: fake.received > 0, timeout=LONG)
    window.hide()
    qtbot.wait(300)  # what was under way
    before = fake.received
    qtbot.wait(1500)
    assert fake.received == before


def test_a_pause_is_chosen_by_its_length_and_while_paused_there_is_resume(
    qtbot: QtBot, fake: FakeDaemon, window: Window
) -> None:
    chosen: list[MenuItem] = []
    window.chosen.connect(chosen.append)
    menu = window.overview.pause.menu()
    assert menu is not None
    assert [action.text() for action in menu.actions()] == ["15 minutes", "1 hour", "Until I resume"]
    menu.actions()[1].trigger()
    assert [(item.action.method, item.action.params) for item in chosen if isinstance(item.action, Call)] == [
        ("pause", {"seconds": 3600.0})
    ]
    fake.say(raw("paused"))
    qtbot.waitUntil(lambda: not window.overview.pause.isVisible(), timeout=LONG)
    assert button(window.overview, "Resume").isVisible()


def test_correspondents_are_listed_while_there_are_some(qtbot: QtBot, fake: FakeDaemon, window: Window) -> None:
    table = window.overview.peers
    assert not table.isVisible()
    rows = [{"address": f"2001:db8:5::{number}", "path": "direct"} for number in (1, 2)]
    for count in (2, 1, 0):
        fake.say(raw(v6={"place": "co-located", "home_address": "2001:db8:1::23", "peers": rows[:count]}))
        qtbot.waitUntil(partial(lambda wanted: table.topLevelItemCount() == wanted, count), timeout=LONG)
        assert table.isVisible() is (count > 0)
