from __future__ import annotations

from itertools import combinations

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from gui.icon_theme import FOLDER, icon
from gui.icons.draw import PICTURES, VARIANTS, svg

LEAST = 250
"""The sum of the differences in brightness (0 to 255) of all pixels that makes two icons two."""


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_files_are_what_the_drawing_makes(variant: str) -> None:
    for name in PICTURES:
        assert (FOLDER / variant / f"{name}.svg").read_text() == svg(name, variant)


def grey(name: str, variant: str) -> bytes:
    image = icon(name, variant).pixmap(16, 16).toImage().convertToFormat(QImage.Format.Format_ARGB32)
    values = bytearray()
    for y in range(16):
        for x in range(16):
            pixel = image.pixelColor(x, y)
            values.append(int(pixel.lightness() * pixel.alphaF() + 128 * (1 - pixel.alphaF())))
    return bytes(values)


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_two_icons_look_the_same_in_grey_at_16_pixels(qtbot: QtBot, variant: str) -> None:
    drawn = {name: grey(name, variant) for name in PICTURES}
    for first, second in combinations(drawn, 2):
        difference = sum(abs(a - b) for a, b in zip(drawn[first], drawn[second], strict=True))
        assert difference > LEAST, (first, second, difference)


def test_an_unknown_name_has_an_icon(qtbot: QtBot) -> None:
    assert not icon("from a newer version").isNull()
