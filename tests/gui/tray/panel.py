"""A desktop's panel without pixels: a session bus, a StatusNotifierWatcher on it, and the menu as it is read."""

from __future__ import annotations

import asyncio
import subprocess
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

PATIENCE = 30
T = TypeVar("T")
WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
PROPERTIES = "org.freedesktop.DBus.Properties"


@contextmanager
def session_bus() -> Iterator[str]:
    """The address of a bus of our own."""
    command = ["dbus-daemon", "--session", "--nofork", "--print-address=1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def until(ask: Callable[[], T]) -> T:
    """The first answer that is true; AssertionError after 30 s."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if answer := ask():
            return answer
        threading.Event().wait(0.05)
    raise AssertionError("nothing came")


class Panel:
    """Owns the watcher's name from `start` to `stop`; `items` are who registered: (bus name, object path)."""

    def __init__(self, address: str) -> None:
        self.items: list[tuple[str, str]] = []
        self._address = address
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._bus: MessageBus | None = None

    def start(self) -> None:
        """Come to the bus."""
        self._thread.start()
        self._wait(self._connect())

    def stop(self) -> None:
        """Be gone, and the connection with it."""
        self._wait(self._leave())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

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

    async def _connect(self) -> None:
        self._bus = await MessageBus(bus_address=self._address).connect()
        self._bus.add_message_handler(self._answer)
        await self._bus.request_name(WATCHER)

    async def _leave(self) -> None:
        assert self._bus
        await self._bus.release_name(WATCHER)
        self._bus.disconnect()

    def _answer(self, message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL or message.path != "/StatusNotifierWatcher":
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
        assert self._bus
        call = Message(self.items[0][0], path, interface, member, signature=signature, body=body)
        answer = self._wait(self._bus.call(call))
        assert answer.message_type is MessageType.METHOD_RETURN, answer.body
        return answer.body

    def _wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(PATIENCE)


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
