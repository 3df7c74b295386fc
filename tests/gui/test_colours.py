from __future__ import annotations

from collections.abc import Iterator

import pytest
from dbus_fast import Message, Variant
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui import colours
from tests.gui.on_bus import OnBus, session_bus
from tests.gui.test_resources import run


@pytest.fixture
def application(qtbot: QtBot) -> Iterator[QApplication]:
    del qtbot
    found = QApplication.instance()
    assert isinstance(found, QApplication)
    before = found.palette()
    yield found
    found.setPalette(before)


def lightness(application: QApplication) -> tuple[int, int]:
    palette = application.palette()
    return palette.window().color().lightness(), palette.windowText().color().lightness()


def test_dark_is_dark_and_light_stays_light(application: QApplication) -> None:
    for scheme, is_dark in (("light", False), ("dark", True)):
        colours.use(application, scheme)
        window, text = lightness(application)
        assert (window < text) is is_dark


def test_words_can_be_read_on_every_ground() -> None:
    """Contrast of at least 4.5 to 1 (WCAG 2.1 §1.4.3)."""
    palette, role = colours.dark_palette(), QPalette.ColorRole
    grounds = {
        role.WindowText: role.Window,
        role.Text: role.Base,
        role.ButtonText: role.Button,
        role.HighlightedText: role.Highlight,
        role.ToolTipText: role.ToolTipBase,
        role.Link: role.Base,
        role.PlaceholderText: role.Base,
    }
    for words, ground in grounds.items():
        light, dark = sorted((_luminance(palette, words), _luminance(palette, ground)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, words


def _luminance(palette: QPalette, role: QPalette.ColorRole) -> float:
    colour = palette.color(role)
    mixed = (colour.redF(), colour.greenF(), colour.blueF())
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in mixed]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


class Portal(OnBus):
    """Says what a person prefers: 0 nothing, 1 dark, 2 light."""

    name = "org.freedesktop.portal.Desktop"
    scheme = 0

    def answer(self, message: Message) -> Message | None:
        if message.member != "ReadOne":
            return None
        assert message.body == ["org.freedesktop.appearance", "color-scheme"]
        return Message.new_method_return(message, "v", [Variant("u", self.scheme)])


ASK = """
from PySide6.QtWidgets import QApplication
from gui import colours
application = QApplication([])
colours.use(application, "auto")
print(application.palette().window().color().lightness() < 128)
"""


@pytest.mark.lab
@pytest.mark.parametrize(("scheme", "is_dark"), [(None, False), (0, False), (1, True), (2, False)])
def test_the_portal_is_asked_where_qt_does_not_know(
    monkeypatch: pytest.MonkeyPatch, scheme: int | None, *, is_dark: bool
) -> None:
    with session_bus() as bus:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
        portal = Portal(bus) if scheme is not None else None
        if portal and scheme is not None:
            portal.scheme = scheme
            portal.start()
        assert run("-c", ASK).strip() == str(is_dark)
        if portal:
            portal.stop()
