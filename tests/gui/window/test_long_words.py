"""A language whose words are longer, and one that is read from right to left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFont, QFontMetricsF
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from client.core.status import Status
from gui.service import Service
from gui.view.path_picture import path_picture
from gui.window.path_widget import PathWidget, fitting
from gui.window.window import Window
from tests.gui.english import english
from tests.gui.fake_daemon import FakeDaemon, daemon
from tests.gui.statuses import raw, status

LONG = 20_000
SMALLEST = (640, 420)
NOTES = {
    "reverse_tunnel": {"wanted": "on", "applied": "off", "why": "v4:138"},
    "direct_paths": {"wanted": "on", "applied": "off", "pending": True},
    "broadcasts": {"wanted": "on", "applied": "off", "why": "v4:74"},
}


def longer(text: str, number: int | None = None) -> str:
    """Every word 40 % longer."""
    words = re.sub(r"\{\w+\}|%n|\w+", lambda found: _longer(found[0]), text)
    return english(words, number)


def _longer(word: str) -> str:
    return word if word[0] in "{%" else word + "e" * (-(-len(word) * 4 // 10))


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[Window]:
    with daemon(tmp_path / "control.sock") as fake:
        service = Service(str(tmp_path / "control.sock"))
        made = Window(service, longer)
        qtbot.addWidget(made)
        made.resize(*SMALLEST)
        made.show()
        said(fake)
        service.start()
        qtbot.waitUntil(lambda: isinstance(service.status, Status) and bool(service.status.limits), timeout=LONG)
        yield made
        service.stop()


def said(fake: FakeDaemon) -> None:
    """As much as can stand on the first page."""
    limits = [{"id": "mtu", "detail": "1200"}, {"id": "one-place"}]
    fake.say(raw("stalled", settings=NOTES, limits=limits, advice="check-tunnel"))


def shown(page: QWidget) -> list[QWidget]:
    """All that has words on it."""
    found = [*page.findChildren(QLabel), *page.findChildren(QAbstractButton)]
    return [each for each in found if each.isVisible() and each.property("text")]


def cut(widget: QWidget, page: QWidget) -> bool:
    """Whether not all of its words can be seen."""
    place = QRect(widget.mapTo(page, QPoint(0, 0)), widget.size())
    wrapped = isinstance(widget, QLabel) and widget.wordWrap()
    needed = widget.minimumSizeHint() if wrapped else widget.sizeHint()
    height = widget.heightForWidth(widget.width()) if wrapped else needed.height()
    return not page.rect().contains(place) or widget.width() < needed.width() or widget.height() < height


@pytest.mark.parametrize("number", range(4))
def test_in_the_smallest_window_no_word_is_cut(qtbot: QtBot, window: Window, number: int) -> None:
    pages = (window.overview, window.activity, window.profiles, window.diagnostics)
    window.open_page(number)
    page = pages[number]
    qtbot.waitUntil(lambda: not [each for each in shown(page) if cut(each, page)], timeout=5000)
    assert (window.width(), window.height()) == SMALLEST
    assert shown(page)
    assert page.mapTo(window, page.rect().topRight()).x() <= SMALLEST[0]


@pytest.mark.parametrize("width", [40, 80])
def test_the_words_of_a_box_shrink_until_they_fit(qtbot: QtBot, width: int) -> None:
    font = fitting(QFont(), "Heimatagent in 198.51.100.23", width)
    assert 0.7 * width < QFontMetricsF(font).horizontalAdvance("198.51.100.23") <= width
    assert fitting(QFont(), "Laptop", 200) == QFont()


def test_the_path_is_not_mirrored(qtbot: QtBot) -> None:
    drawn = []
    for direction in (Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft):
        widget = PathWidget()
        qtbot.addWidget(widget)
        widget.setLayoutDirection(direction)
        widget.resize(800, 210)
        widget.set(path_picture(status(), english), moving=False)
        drawn.append(widget.grab().toImage())
    assert drawn[0] == drawn[1]
