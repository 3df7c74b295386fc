from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from gui.tray.menu import LiveMenu
from gui.view.menu import menu
from gui.view.model import MenuItem
from gui.view.profiles import Profile
from tests.gui.english import english
from tests.gui.statuses import status

ITEM = MenuItem(id="reverse-tunnel", label="Reverse tunnel", checked=False)


@pytest.fixture
def shown(qtbot: QtBot) -> QMenu:
    made = QMenu()
    qtbot.addWidget(made)
    return made


def texts(shown: QMenu) -> list[str]:
    return [action.text() for action in shown.actions() if action.isVisible() and not action.isSeparator()]


def test_a_click_tells_and_moves_no_tick(shown: QMenu) -> None:
    chosen: list[MenuItem] = []
    live = LiveMenu(shown, chosen.append)
    live.set([ITEM])
    live.action("reverse-tunnel").trigger()
    assert chosen == [ITEM]
    assert not live.action("reverse-tunnel").isChecked()
    live.set([replace(ITEM, checked=True, label="Reverse tunnel - turning on...", enabled=False)])
    action = live.action("reverse-tunnel")
    assert (action.isChecked(), action.isEnabled(), action.text()) == (True, False, "Reverse tunnel - turning on...")


def test_actions_are_edited_not_built_anew(shown: QMenu) -> None:
    live = LiveMenu(shown, lambda _: None)
    live.set([ITEM])
    before = live.action("reverse-tunnel")
    live.set([replace(ITEM, label="other")])
    assert live.action("reverse-tunnel") is before


def test_the_order_is_that_of_the_items_also_of_later_ones(shown: QMenu) -> None:
    live = LiveMenu(shown, lambda _: None)
    first, second, third = (MenuItem(id=name, label=name) for name in "abc")
    live.set([first, third])
    live.set([first, second, third])
    assert texts(shown) == ["a", "b", "c"]
    live.set([second])
    assert texts(shown) == ["b"]


def test_the_whole_menu_and_its_profiles(shown: QMenu) -> None:
    live = LiveMenu(shown, lambda _: None)
    live.set(menu(status(), (), 0, english))
    live.set(menu(status(), (Profile(id="a", name="Home & more", active=True),), 0, english))
    profiles = live.action("profile").menu()
    assert isinstance(profiles, QMenu)
    assert texts(profiles) == ["Home && more", "Import..."]
    assert profiles.actions()[0].isChecked()
    assert texts(shown)[:4] == [
        "Working - Cafe-Guest, own address behind NAT, 4 s ago",
        "Home address 198.51.100.23 (copy)",
        "Reverse tunnel",
        "Receive home broadcasts",
    ]


def test_twenty_thousand_calls_leave_python_alive(shown: QMenu) -> None:
    """PySide6 6.12.0 on Python 3.11 ends after about 5,100 calls that return nothing."""
    action = shown.addAction("x")
    for number in range(20_000):
        action.setVisible(number % 2 == 0)
    assert not action.isVisible()
