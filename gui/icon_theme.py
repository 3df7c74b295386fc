"""The icons as Qt wants them: drawn from SVG at every size that a panel may ask for."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

FOLDER = Path(__file__).parent / "icons"
SIZES = (16, 22, 24, 32, 48, 64, 128)
FALLBACK = "connecting"
"""Shown for a name that we do not know."""


@cache
def icon(name: str, variant: str = "colour") -> QIcon:
    """An icon by the name of a state, or "working-reverse"; `variant`: "colour", "white" or "dark"."""
    file = FOLDER / variant / f"{name}.svg"
    if not file.exists():
        file = FOLDER / variant / f"{FALLBACK}.svg"
    renderer = QSvgRenderer(str(file))
    made = QIcon()
    for size in SIZES:
        made.addPixmap(_draw(renderer, size))
    return made


def _draw(renderer: QSvgRenderer, size: int) -> QPixmap:
    pixmap = QPixmap(QSize(size, size))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter)
    painter.end()
    return pixmap
