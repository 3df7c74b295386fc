"""The second page: handovers by phase, and what happened, in plain words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QScrollArea, QSplitter, QVBoxLayout, QWidget

from gui.view.model import Bar, EventLine, Translate
from gui.window.traffic_widget import TrafficWidget

PHASES = {
    "link": QColor("#0072B2"),
    "address": QColor("#E69F00"),
    "discovery": QColor("#56B4E9"),
    "registration": QColor("#009E73"),
    "data": QColor("#CC79A7"),
}
_OTHER = QColor("#8A8A8A")
_ROW = 46


class BarsWidget(QWidget):
    """One row for each handover, the newest above; all to one scale."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars: Sequence[Bar] = ()

    def set(self, bars: Sequence[Bar]) -> None:
        """Show these."""
        if list(bars) != list(self._bars):
            self._bars = bars
            self.setAccessibleDescription("\n".join(f"{bar.when} {bar.title}: {bar.summary}" for bar in bars))
            self.setMinimumHeight(_ROW * len(bars))
            self.update()

    def sizeHint(self) -> QSize:
        """As high as there are rows."""
        return QSize(500, _ROW * max(len(self._bars), 1))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw all rows."""
        painter = QPainter(self)
        longest = max((bar.total_ms for bar in self._bars), default=1.0) or 1.0
        for number, bar in enumerate(self._bars):
            self._draw(painter, bar, number * _ROW, longest)
        painter.end()

    def _draw(self, painter: QPainter, bar: Bar, top: int, longest: float) -> None:
        painter.setPen(self.palette().text().color())
        painter.drawText(QPointF(6, top + 15), f"{bar.when}  {bar.title}  {bar.summary}")
        left = 6.0
        for identifier, word, ms in bar.phases:
            width = (self.width() - 12) * ms / longest
            place = QRectF(left, top + 21, width, 17)
            painter.fillRect(place, PHASES.get(identifier, _OTHER))
            label = f"{word} {ms:.0f}"
            if painter.fontMetrics().horizontalAdvance(label) + 6 < width:
                painter.setPen(QColor("#FFFFFF" if identifier in ("link", "registration") else "#101010"))
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, label)
            left += width


class ActivityPage(QWidget):
    """Both, one above the other; an event that is chosen says what its code means."""

    def __init__(self, translate: Translate, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._translate = translate
        self._lines: Sequence[EventLine] = ()
        self._summary, self._details = QLabel(), QLabel()
        self._summary.setWordWrap(True)
        self._details.setWordWrap(True)
        self._bars = BarsWidget()
        self._bars.setAccessibleName(translate("Handovers"))
        self.events = QListWidget()
        self.events.setAccessibleName(translate("Events"))
        self.events.currentRowChanged.connect(self._explain)
        self.traffic = TrafficWidget(translate)
        self._arrange()

    def set(self, summary: str, bars: Sequence[Bar], lines: Sequence[EventLine]) -> None:
        """Show these."""
        self._summary.setText(summary)
        self._bars.set(bars)
        if list(lines) != list(self._lines):
            self._lines = lines
            self.events.clear()
            for line in lines:
                QListWidgetItem(f"{line.when}  {line.text}", self.events)

    def _explain(self, row: int) -> None:
        line = self._lines[row] if 0 <= row < len(self._lines) else None
        self._details.setText("\n".join(part for part in (line.meaning, line.action) if part) if line else "")

    def _arrange(self) -> None:
        scrolled = QScrollArea()
        scrolled.setWidget(self._bars)
        scrolled.setWidgetResizable(True)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.addWidget(scrolled)
        parts.addWidget(self.events)
        whole = QVBoxLayout(self)
        whole.addWidget(self._summary)
        whole.addWidget(self.traffic)
        whole.addWidget(parts, 1)
        whole.addWidget(self._details)
