"""Notifications by org.freedesktop.Notifications. Without a server, or with a slow one, nothing waits or breaks.

Qt's own D-Bus cannot say an unsigned number from Python, which every call here needs; so this is jeepney.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

from jeepney import DBusAddress, HeaderFields, MatchRule, Message, MessageType, new_method_call
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from PySide6.QtCore import QObject, QSocketNotifier, Signal

from gui.view.model import MenuItem, Note

SERVER = "org.freedesktop.Notifications"
_ADDRESS = DBusAddress("/org/freedesktop/Notifications", bus_name=SERVER, interface=SERVER)
_RULE = MatchRule(type="signal", interface=SERVER, path="/org/freedesktop/Notifications")
_FROM_SERVER = -1
"""It decides how long a notification stays."""

_ACTION = "fix"

Answer = Callable[[tuple[Any, ...]], None]


class Notifier(QObject):
    """Shows notes and takes them back; `chosen` tells the item whose button, or whose note, was clicked."""

    chosen = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._capabilities: frozenset[str] = frozenset()
        self._numbers: dict[str, int] = {}  # the server's, by the note's id; 0: it has not told yet
        self._notes: dict[str, Note] = {}
        self._answers: dict[int, Answer] = {}  # by the serial number of the call
        self._watch: QSocketNotifier | None = None
        self._connection = self._connect()

    def show(self, note: Note) -> None:
        """Show it, in place of the one with its id."""
        self._notes[note.id] = note
        replaces = self._numbers.setdefault(note.id, 0)
        markup, buttons = "body-markup" in self._capabilities, "actions" in self._capabilities
        text = html.escape(note.text, quote=False) if markup else note.text
        actions = [_ACTION, note.action.label] if note.action and buttons else []
        hints = {"desktop-entry": ("s", "mobilenode-gui"), "urgency": ("y", 1)}
        body = ("mobilenode", replaces, "mobilenode", note.title, text, actions, hints, _FROM_SERVER)
        self._call("Notify", "susssasa{sv}i", body, lambda answer: self._number(note.id, int(answer[0])))

    def withdraw(self, identifier: str) -> None:
        """Take it back, if it is still there."""
        self._notes.pop(identifier, None)
        number = self._numbers.get(identifier)
        if number:
            del self._numbers[identifier]
            self._call("CloseNotification", "u", (number,))

    def stop(self) -> None:
        """Hang up; what is shown stays."""
        self._lose()

    def _connect(self) -> DBusConnection | None:
        try:
            connection = open_dbus_connection("SESSION")
        except (OSError, KeyError, ValueError):  # no bus, or one that does not let us in
            return None
        self._watch = QSocketNotifier(connection.sock.fileno(), QSocketNotifier.Type.Read, self)
        self._watch.activated.connect(self._read)
        self._send(connection, message_bus.AddMatch(_RULE), None)
        self._send(connection, new_method_call(_ADDRESS, "GetCapabilities"), self._learn)
        return connection

    def _learn(self, answer: tuple[Any, ...]) -> None:
        self._capabilities = frozenset(answer[0])

    def _call(self, method: str, signature: str, body: tuple[Any, ...], answer: Answer | None = None) -> None:
        if self._connection is not None:
            self._send(self._connection, new_method_call(_ADDRESS, method, signature, body), answer)

    def _send(self, connection: DBusConnection, message: Message, answer: Answer | None) -> None:
        serial = next(connection.outgoing_serial)
        if answer:
            self._answers[serial] = answer
        try:
            connection.send(message, serial=serial)
        except OSError:
            self._lose()

    def _number(self, identifier: str, number: int) -> None:
        """The server's number for it; what was taken back meanwhile goes."""
        if identifier in self._notes:
            self._numbers[identifier] = number
        else:
            self._numbers.pop(identifier, None)
            self._call("CloseNotification", "u", (number,))

    def _read(self) -> None:
        while self._connection is not None:
            try:
                self._hear(self._connection.receive(timeout=0))
            except TimeoutError:
                return
            except (OSError, ValueError):  # the bus is gone
                self._lose()

    def _lose(self) -> None:
        if self._watch:
            self._watch.setEnabled(False)
        if self._connection:
            self._connection.close()
        self._connection = None

    def _hear(self, message: Message) -> None:
        fields, kind = message.header.fields, message.header.message_type
        answer = self._answers.pop(fields.get(HeaderFields.reply_serial, 0), None)
        if answer and kind is MessageType.method_return:
            answer(message.body)
        if kind is not MessageType.signal or fields.get(HeaderFields.interface) != SERVER:
            return
        if fields.get(HeaderFields.member) == "ActionInvoked":
            self._clicked(message.body[0])
        elif fields.get(HeaderFields.member) == "NotificationClosed":
            self._forget(message.body[0])

    def _clicked(self, number: int) -> None:
        item = next((self._notes[each].action for each, known in self._numbers.items() if known == number), None)
        if isinstance(item, MenuItem):
            self.chosen.emit(item)

    def _forget(self, number: int) -> None:
        """A person closed it, or its time was over."""
        for identifier in [each for each, known in self._numbers.items() if known == number]:
            del self._numbers[identifier]
            self._notes.pop(identifier, None)
