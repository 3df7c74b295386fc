"""A desktop's panel without pixels: a StatusNotifierWatcher on a bus, and the menu as it is read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dbus_fast import Message, Variant

from tests.gui.on_bus import OnBus

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
PROPERTIES = "org.freedesktop.DBus.Properties"


class Panel(OnBus):
    """Owns the watcher's name from `start` to `stop`; `items` are who registered: (bus name, object path)."""

    name = WATCHER

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.items: list[tuple[str, str]] = []

    def property(self, name: str) -> Any:
        """A property of the first icon."""
        (variant,) = self._ask(self.items[0][1], PROPERTIES, "Get", "ss", [ITEM, name])
        return variant.value

    def press(self, method: str) -> None:
        """ "Activate" is a left click, "SecondaryActivate" one with the middle button."""
        self._ask(self.items[0][1], ITEM, method, "ii", [0, 0])

    def lines(self) -> dict[str, dict[str, Any]]:
        """The menu's visible lines, sub-menus included, in order: label (no mnemonics) -> the properties, and "id"."""
        _revision, layout = self._ask(self.property("Menu"), MENU, "GetLayout", "iias", [0, -1, []])
        return dict(_flat(layout))

    def click(self, start: str) -> None:
        """Click the line whose label starts so."""
        (number,) = [line["id"] for label, line in self.lines().items() if label.startswith(start)]
        self._ask(self.property("Menu"), MENU, "Event", "isvu", [number, "clicked", Variant("i", 0), 0])

    def answer(self, message: Message) -> Message | None:
        """As a watcher does that has a host."""
        if message.path != "/StatusNotifierWatcher":
            return None
        if message.member == "RegisterStatusNotifierItem":
            said = str(message.body[0])
            own_path = said.startswith("/")
            self.items.append((message.sender or "" if own_path else said, said if own_path else "/StatusNotifierItem"))
            return Message.new_method_return(message)
        if message.member == "Get":
            return Message.new_method_return(message, "v", [Variant("b", True)])  # IsStatusNotifierHostRegistered
        return None

    def _ask(self, path: str, interface: str, member: str, signature: str, body: list[Any]) -> list[Any]:
        return self.ask(Message(self.items[0][0], path, interface, member, signature=signature, body=body))


def _flat(layout: list[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    number, properties, children = layout
    plain = {name: variant.value for name, variant in properties.items()} | {"id": number}
    if plain.get("label") and plain.get("visible", True):
        yield plain["label"].replace("_", ""), plain
    for child in children:
        yield from _flat(child.value)


@contextmanager
def panel(address: str) -> Iterator[Panel]:
    """A panel that is there for as long as this block."""
    made = Panel(address)
    made.start()
    try:
        yield made
    finally:
        made.stop()
