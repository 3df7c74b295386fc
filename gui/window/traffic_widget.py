"""The plot of what goes in and out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QWidget

from client.core.traffic import amount
from gui.view.model import Translate
from gui.view.traffic import Plot

INCOMING, OUTGOING, HANDOVER = QColor("#0072B2"), QColor("#E69F00"), QColor("#8A8A8A")


class TrafficWidget(QWidget):
    """In above the line, out below it, handovers as upright lines; its text twin is the accessible description."""

    def __init__(self, translate: Translate, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._translate = translate
        self._plot = Plot()
        self.setAccessibleName(translate("Traffic"))
        self.setFixedHeight(96)

    def set(self, plot: Plot, words: str) -> None:
        """Show this."""
        self._plot = plot
        self.setAccessibleDescription(words)
        self.setToolTip(words)
        self.update()

    def sizeHint(self) -> QSize:
        """Wide, and not high."""
        return QSize(500, 96)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(HANDOVER)
        for x in self._plot.ticks:
            painter.drawLine(self._place(x, 0.0), self._place(x, 1.0))
        for curve, colour in ((self._plot.incoming, INCOMING), (self._plot.outgoing, OUTGOING)):
            self._fill(painter, curve, colour)
        painter.setPen(self.palette().text().color())
        painter.drawLine(self._place(0.0, 0.5), self._place(1.0, 0.5))
        scale = f"{amount(self._plot.scale)}/s"
        height = painter.fontMetrics().ascent()
        painter.drawText(QPointF(4, height + 1), self._translate("in, up to {rate}").format(rate=scale))
        painter.drawText(QPointF(4, self.height() - 4), self._translate("out, up to {rate}").format(rate=scale))
        painter.end()

    def _fill(self, painter: QPainter, curve: Sequence[tuple[float, float]], colour: QColor) -> None:
        if len(curve) < 2:
            return
        ends = [(curve[0][0], 0.5), *curve, (curve[-1][0], 0.5)]
        painter.setPen(colour)
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF([self._place(*point) for point in ends]))

    def _place(self, x: float, y: float) -> QPointF:
        return QPointF(x * (self.width() - 1), 2 + y * (self.height() - 4))
