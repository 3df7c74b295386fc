"""Draws the path: boxes, tunnels as double lines, arrows, and packets that move while traffic flows."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.view.model import Leg, LineStyle, Node, PathPicture

BROKEN = QColor("#D55E00")
PACKET = QColor("#0072B2")
_FRAME = 60
_WRAPPED = Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap
_STEPS = 30
_PENS: Mapping[LineStyle, Qt.PenStyle] = {
    LineStyle.SOLID: Qt.PenStyle.SolidLine,
    LineStyle.DASHED: Qt.PenStyle.DashLine,
    LineStyle.CUT: Qt.PenStyle.SolidLine,
    LineStyle.ABSENT: Qt.PenStyle.NoPen,
}


class PathWidget(QWidget):
    """One picture; its text is what a screen reader says."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = PathPicture(nodes=(), legs=(), text="")
        self._step = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME)
        self._timer.timeout.connect(self._move)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """Wide enough for five boxes."""
        return QSize(800, 210)

    def set(self, picture: PathPicture, *, moving: bool) -> None:
        """Show this; `moving`: programs' packets flow just now."""
        if picture != self._picture:
            self._picture = picture
            self.setAccessibleDescription(picture.text)
            self.setToolTip(picture.text)
            self.update()
        if moving and self.isVisible():
            self._timer.start()
        else:
            self._timer.stop()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it all."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        places = self._places()
        for leg in self._picture.legs:
            self._draw_leg(painter, leg, places)
        for node in self._picture.nodes:
            self._draw_node(painter, node, places[node.id])
        painter.end()

    def _places(self) -> dict[str, QRectF]:
        """Boxes side by side, all of one size."""
        nodes = self._picture.nodes
        width = self.width() / max(len(nodes), 1)
        box = QRectF(0, 0, min(width * 0.78, 170), 84)
        found = {}
        for number, node in enumerate(nodes):
            place = QRectF(box)
            place.moveCenter(QPointF(width * (number + 0.5), self.height() * 0.42))
            found[node.id] = place
        return found

    def _draw_node(self, painter: QPainter, node: Node, place: QRectF) -> None:
        painter.setPen(QPen(self.palette().text().color(), 1.5))
        painter.setBrush(self.palette().base())
        painter.drawRoundedRect(place, 8, 8)
        bold = QFont(self.font())
        bold.setBold(True)
        inside = place.adjusted(4, 6, -4, -5)
        painter.setFont(fitting(bold, node.title, inside.width()))
        painter.drawText(inside, _WRAPPED | Qt.AlignmentFlag.AlignTop, node.title)
        text = "\n".join(node.lines)
        painter.setFont(fitting(self.font(), text, inside.width()))
        painter.drawText(inside, _WRAPPED | Qt.AlignmentFlag.AlignBottom, text)

    def _draw_leg(self, painter: QPainter, leg: Leg, places: Mapping[str, QRectF]) -> None:
        start, end = places[leg.origin], places[leg.target]
        below = self._passes_by(leg)  # a way of its own, round what lies between
        lift = 74.0 if below else 0.0
        first = QPointF(start.right(), start.center().y())
        last = QPointF(end.left(), end.center().y())
        points = [first, last]
        if below:
            first, last = QPointF(start.center().x(), start.bottom()), QPointF(end.center().x(), end.bottom())
            floor = start.bottom() + lift
            points = [first, QPointF(first.x(), floor), QPointF(last.x(), floor), last]
        self._draw_line(painter, leg, points)
        middle = (points[1] + points[-2]) / 2 if below else (first + last) / 2
        self._draw_words(painter, leg, middle, 0.0 if below else start.height() / 2)
        if self._timer.isActive() and leg.style is LineStyle.SOLID:
            self._draw_packets(painter, leg, points)

    def _passes_by(self, leg: Leg) -> bool:
        order = [node.id for node in self._picture.nodes]
        return order.index(leg.target) != order.index(leg.origin) + 1

    def _draw_line(self, painter: QPainter, leg: Leg, points: list[QPointF]) -> None:
        colour = BROKEN if leg.style is LineStyle.CUT else self.palette().text().color()
        painter.setPen(QPen(colour, 2, _PENS[leg.style]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for shift in (-4, 4) if leg.tunnel else (0,):
            painter.drawPolyline([point + QPointF(0, shift) for point in points])
        if leg.style is LineStyle.CUT:
            middle = (points[0] + points[-1]) / 2
            painter.drawLine(middle + QPointF(-7, -9), middle + QPointF(7, 9))
            painter.drawLine(middle + QPointF(7, -9), middle + QPointF(-7, 9))

    def _draw_words(self, painter: QPainter, leg: Leg, middle: QPointF, away: float) -> None:
        """Above and below the boxes, which may stand close together."""
        painter.setPen(self.palette().text().color())
        around = QRectF(0, 0, 170, 18)
        arrows = "⇄" if leg.outwards and leg.inwards else "→" if leg.outwards else "←"
        around.moveCenter(middle - QPointF(0, away + 12))
        painter.drawText(around, Qt.AlignmentFlag.AlignCenter, leg.tunnel)
        around.moveCenter(middle + QPointF(0, away + 14))
        painter.drawText(around, Qt.AlignmentFlag.AlignCenter, " ".join(part for part in (leg.word, arrows) if part))

    def _draw_packets(self, painter: QPainter, leg: Leg, points: list[QPointF]) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(PACKET)
        part = self._step / _STEPS
        for there, forward in ((leg.outwards, True), (leg.inwards, False)):
            if there:
                painter.drawEllipse(along(points, part if forward else 1 - part), 3.5, 3.5)

    def _move(self) -> None:
        self._step = (self._step + 1) % _STEPS
        self.update()


def fitting(font: QFont, text: str, width: float) -> QFont:
    """The font, or a smaller one in which the longest word is not cut."""
    metrics = QFontMetricsF(font)
    longest = max((metrics.horizontalAdvance(word) for word in text.split()), default=0.0)
    fits = QFont(font)
    if longest > width > 0:
        fits.setPointSizeF(font.pointSizeF() * width / longest * 0.9)  # whole pixels: glyphs do not shrink evenly
    return fits


def along(points: list[QPointF], part: float) -> QPointF:
    """The point at a part (0 to 1) of the way along a line of several pieces."""
    lengths = [(second - first).manhattanLength() for first, second in pairwise(points)]
    left = part * sum(lengths)
    for (first, second), length in zip(pairwise(points), lengths, strict=True):
        if left <= length and length:
            return first + (second - first) * (left / length)
        left -= length
    return points[-1]
