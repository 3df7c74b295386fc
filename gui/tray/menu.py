"""A Qt menu that is built once and then edited: panels keep it open, and lose one that is built anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from gui.view.model import MenuItem

Chosen = Callable[[MenuItem], None]


class LiveMenu:
    """Shows items; a click goes to `chosen`, and the tick stays as the items say until they say something else."""

    def __init__(self, menu: QMenu, chosen: Chosen) -> None:
        self._menu = menu
        self._chosen = chosen
        self._items: dict[str, MenuItem] = {}
        self._actions: dict[str, QAction] = {}
        self._separators: dict[str, QAction] = {}
        self._children: dict[str, LiveMenu] = {}
        self._radio = QActionGroup(menu)
        self._radio.setExclusionPolicy(QActionGroup.ExclusionPolicy.None_)

    def set(self, items: Sequence[MenuItem]) -> None:
        """Show these; what is gone goes, what is new is put where it belongs."""
        for gone in [known for known in self._actions if known not in {item.id for item in items}]:
            self._remove(gone)
        after: QAction | None = None
        for item in reversed(items):
            action = self._actions.get(item.id) or self._add(item, after)
            self._edit(action, item)
            after = self._separators.get(item.id) or action

    def action(self, identifier: str) -> QAction:
        """The action of an item."""
        return self._actions[identifier]

    def _add(self, item: MenuItem, before: QAction | None) -> QAction:
        if item.children:
            child = QMenu(self._menu)
            self._children[item.id] = LiveMenu(child, self._chosen)
            action = child.menuAction()
        else:
            action = QAction(self._menu)
            action.triggered.connect(lambda _checked=False, identifier=item.id: self._click(identifier))
        action.setObjectName(item.id)
        if item.radio:
            self._radio.addAction(action)
        if before:
            self._menu.insertAction(before, action)
        else:
            self._menu.addAction(action)
        if item.separator_before:
            self._separators[item.id] = self._menu.insertSeparator(action)
        self._actions[item.id] = action
        return action

    def _edit(self, action: QAction, item: MenuItem) -> None:
        """Touch only what has changed: every touch is a message to the panel."""
        if self._items.get(item.id) != item:
            self._items[item.id] = item
            action.setText(item.label.replace("&", "&&"))
            action.setVisible(item.visible)
            action.setEnabled(item.enabled)
            self._tick(item.id)
        if item.id in self._separators:
            self._separators[item.id].setVisible(item.visible)
        if item.children:
            self._children[item.id].set(item.children)

    def _tick(self, identifier: str) -> None:
        item, action = self._items[identifier], self._actions[identifier]
        action.setCheckable(item.checked is not None)
        action.setChecked(bool(item.checked))

    def _click(self, identifier: str) -> None:
        self._tick(identifier)  # Qt has moved it already; only the service decides
        self._chosen(self._items[identifier])

    def _remove(self, identifier: str) -> None:
        self._items.pop(identifier, None)
        self._children.pop(identifier, None)
        for action in (self._actions.pop(identifier), self._separators.pop(identifier, None)):
            if action:
                self._menu.removeAction(action)
                action.deleteLater()
