"""The first page: the state, the path, the switches, and what could be better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from client.core.status import Status
from gui.icon_theme import icon
from gui.tray.menu import LiveMenu
from gui.view import phrases
from gui.view.menu import pausing, switches
from gui.view.model import Call, Headline, Lost, MenuItem, PathPicture, Translate
from gui.view.peers import peers
from gui.window.flow import FlowLayout
from gui.window.path_widget import PathWidget


class OverviewPage(QWidget):
    """`chosen` tells what was clicked; what is shown is given by `set`."""

    chosen = Signal(object)

    def __init__(self, translate: Translate, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._translate = translate
        self._fix: MenuItem | None = None
        self._icon, self._title, self._proof = QLabel(), QLabel(), QLabel()
        self._sentence, self._advice, self._limits = _text(), _text(), _text()
        self._traffic = QLabel()
        self.peers = QTreeWidget()
        self.peers.setAccessibleName(translate("Correspondents (IPv6)"))
        self.peers.setHeaderLabels([translate("Correspondents (IPv6)"), translate("Way of the packets")])
        self.peers.setRootIsDecorated(False)
        self.peers.setMaximumHeight(_PEERS)
        self._path = PathWidget()
        self._path.setMinimumHeight(_PICTURE)
        self._path.setAccessibleName(translate("The path of your packets"))
        self._check = self._button(translate("Check now"), lambda: MenuItem(id="check", label="", action=_CHECK))
        self._fix_button = self._button("", lambda: self._fix)
        self.pause = QPushButton(translate("Pause"))
        self._pauses = QMenu(self.pause)
        self._live_pauses = LiveMenu(self._pauses, self.chosen.emit)
        self.pause.setMenu(self._pauses)
        self._switches = {item.id: self._switch(item) for item in switches(None, translate)}
        self._arrange()

    def set(self, status: Status | Lost, headline: Headline, picture: PathPicture, *, moving: bool) -> None:
        """Show this."""
        self._icon.setPixmap(icon(headline.icon).pixmap(QSize(48, 48), self.devicePixelRatioF()))
        self._icon.setAccessibleName(headline.title)
        self._title.setText(" - ".join(part for part in (headline.title, headline.place) if part))
        self._proof.setText(headline.proof)
        self._sentence.setText(headline.sentence)
        self._advice.setText(headline.advice)
        self._path.set(picture, moving=moving)
        self._fix = headline.fix
        self._fix_button.setVisible(headline.fix is not None)
        self._fix_button.setText(headline.fix.label if headline.fix else "")
        there = status if isinstance(status, Status) else None
        self._check.setEnabled(there is not None)
        self._show_pause(there)
        limits = there.limits if there else []
        self._limits.setText("\n".join(phrases.limit(each, self._translate) for each in limits))
        self._show_switches(switches(there, self._translate))
        self._show_peers(peers(status, self._translate))

    def set_traffic(self, words: str) -> None:
        """Show how much goes in and out now."""
        self._traffic.setText(words)

    @property
    def boxes(self) -> Mapping[str, QCheckBox]:
        """The switches, by the id of their menu item."""
        return {identifier: box for identifier, (box, _) in self._switches.items()}

    def _show_peers(self, rows: Sequence[tuple[str, str]]) -> None:
        self.peers.setVisible(bool(rows))
        for number, row in enumerate(rows):
            item = self.peers.topLevelItem(number) or QTreeWidgetItem(self.peers)
            for column, text in enumerate(row):
                item.setText(column, text)
        while self.peers.topLevelItemCount() > len(rows):
            self.peers.takeTopLevelItem(len(rows))
        self.peers.resizeColumnToContents(0)

    def _show_pause(self, status: Status | None) -> None:
        pause, _resume = pausing(status, self._translate)  # resuming is what is suggested then
        self.pause.setVisible(pause.visible)
        self._live_pauses.set(pause.children)

    def _show_switches(self, items: Sequence[MenuItem]) -> None:
        for item in items:
            box, _ = self._switches[item.id]
            self._switches[item.id] = (box, item)
            box.setVisible(item.visible)
            box.setEnabled(item.enabled)
            box.setText(item.label)
            box.setChecked(bool(item.checked))

    def _switch(self, item: MenuItem) -> tuple[QCheckBox, MenuItem]:
        box = QCheckBox(item.label)
        box.setObjectName(item.id)
        box.clicked.connect(lambda _checked, identifier=item.id: self._clicked(identifier))
        return box, item

    def _clicked(self, identifier: str) -> None:
        box, item = self._switches[identifier]
        box.setChecked(bool(item.checked))  # Qt has moved the tick; only the service decides
        self.chosen.emit(item)

    def _button(self, text: str, item: object) -> QPushButton:
        button = QPushButton(text)
        button.clicked.connect(lambda: self._choose(item))
        return button

    def _choose(self, item: object) -> None:
        found = item() if callable(item) else None
        if found is not None:
            self.chosen.emit(found)

    def _arrange(self) -> None:
        font = self._title.font()
        font.setPointSizeF(font.pointSizeF() * 1.4)
        font.setBold(True)
        self._title.setFont(font)
        top = QHBoxLayout()
        words = QVBoxLayout()
        for label in (self._title, self._proof):
            label.setWordWrap(True)
            words.addWidget(label)
        top.addWidget(self._icon)
        top.addLayout(words, 1)
        top.addWidget(self._check)
        top.addWidget(self.pause)
        middle = QHBoxLayout()
        middle.addWidget(self._sentence, 1)
        middle.addWidget(self._fix_button, 0, Qt.AlignmentFlag.AlignTop)
        row = FlowLayout()
        for box, _ in self._switches.values():
            row.addWidget(box)
        row.addWidget(self._traffic)
        whole = QVBoxLayout(self)
        whole.addLayout(top)
        whole.addLayout(middle)
        whole.addWidget(self._path, 1)
        whole.addLayout(row)
        whole.addWidget(self.peers)
        whole.addWidget(self._limits)
        whole.addWidget(self._advice)


_PEERS = 130
"""Pixels of the list of correspondents at most: five of them."""

_PICTURE = 200
"""Pixels that the boxes and a triangle below them need."""

_CHECK = Call(method="check")


def _text() -> QLabel:
    """Words that may need several lines, and that can be copied."""
    label = QLabel()
    label.setWordWrap(True)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return label
