"""Notifications over a real bus, to a server of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from dbus_fast import Message, Variant
from pytestqt.qtbot import QtBot

from gui.notifier import SERVER, Notifier
from gui.view.model import Call, MenuItem, Note
from tests.gui.on_bus import OnBus, session_bus, until

pytestmark = pytest.mark.lab

PATH = "/org/freedesktop/Notifications"
AGAIN = MenuItem(id="fix", label="Try again now", action=Call(method="check"))
STALLED = Note(id="fault", title="Stalled", text="Nothing <comes> back.", action=AGAIN)


class Server(OnBus):
    """Notes what it is asked to show and to close."""

    name = SERVER

    def __init__(self, address: str, capabilities: list[str]) -> None:
        super().__init__(address)
        self.capabilities = capabilities
        self.shown: list[list[Any]] = []
        self.closed: list[int] = []

    def answer(self, message: Message) -> Message | None:
        match message.member:
            case "GetCapabilities":
                return Message.new_method_return(message, "as", [self.capabilities])
            case "Notify":
                assert message.signature == "susssasa{sv}i"
                self.shown.append(message.body)
                return Message.new_method_return(message, "u", [message.body[1] or len(self.shown)])
            case "CloseNotification":
                self.closed += message.body
                return Message.new_method_return(message)
        return None

    def signal(self, member: str, signature: str, body: list[Any]) -> None:
        self.emit(Message.new_signal(PATH, SERVER, member, signature, body))


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with session_bus() as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        yield address


@pytest.fixture(params=[["actions", "body-markup"]])
def server(bus: str, request: pytest.FixtureRequest) -> Iterator[Server]:
    made = Server(bus, request.param)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def notifier(qtbot: QtBot, server: Server) -> Iterator[Notifier]:
    del server
    made = Notifier()
    qtbot.waitUntil(lambda: bool(made._capabilities))
    yield made
    made.stop()


def test_a_note_is_shown_with_its_button_and_clear_of_markup(notifier: Notifier, server: Server) -> None:
    notifier.show(STALLED)
    until(lambda: server.shown)
    [[name, replaces, icon, title, text, actions, hints, timeout]] = server.shown
    assert (name, replaces, icon, title, timeout) == ("mobilenode", 0, "mobilenode", "Stalled", -1)
    assert text == "Nothing &lt;comes&gt; back."
    assert actions == ["fix", "Try again now"]
    assert hints["desktop-entry"] == Variant("s", "mobilenode-gui")


@pytest.mark.parametrize("server", [["body"]], indirect=True)
def test_a_server_that_knows_neither_markup_nor_buttons_gets_neither(notifier: Notifier, server: Server) -> None:
    notifier.show(STALLED)
    until(lambda: server.shown)
    assert server.shown[0][4:6] == ["Nothing <comes> back.", []]


def test_the_next_one_takes_its_place_and_then_it_is_taken_back(
    qtbot: QtBot, notifier: Notifier, server: Server
) -> None:
    notifier.show(STALLED)
    qtbot.waitUntil(lambda: notifier._numbers["fault"] == 1)
    notifier.show(Note(id="fault", title="Working again", text=""))
    qtbot.waitUntil(lambda: len(server.shown) == 2)
    assert server.shown[1][1] == 1
    notifier.withdraw("fault")
    qtbot.waitUntil(lambda: server.closed == [1])
    notifier.withdraw("fault")
    notifier.show(STALLED)
    qtbot.waitUntil(lambda: len(server.shown) == 3)
    assert server.shown[2][1] == 0
    assert server.closed == [1]


def test_what_is_taken_back_before_the_server_answered_goes_all_the_same(
    qtbot: QtBot, notifier: Notifier, server: Server
) -> None:
    notifier.show(STALLED)
    notifier.withdraw("fault")
    qtbot.waitUntil(lambda: server.closed == [1])


def test_a_click_on_the_button_is_the_items_and_no_other_programs(
    qtbot: QtBot, notifier: Notifier, server: Server
) -> None:
    notifier.show(STALLED)
    qtbot.waitUntil(lambda: notifier._numbers["fault"] == 1)
    with qtbot.waitSignal(notifier.chosen) as chosen:
        server.signal("ActionInvoked", "us", [77, "fix"])
        server.signal("ActionInvoked", "us", [1, "fix"])
    assert chosen.args == [AGAIN]
    server.signal("NotificationClosed", "uu", [1, 2])
    qtbot.waitUntil(lambda: not notifier._numbers)


def test_without_a_server_nothing_breaks(qtbot: QtBot, bus: str) -> None:
    del bus
    notifier = Notifier()
    notifier.show(STALLED)
    notifier.withdraw("fault")
    qtbot.wait(200)
    assert notifier._numbers.get("fault", 0) == 0
    notifier.stop()


def test_without_a_bus_nothing_breaks(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    del qtbot
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    notifier = Notifier()
    notifier.show(STALLED)
    notifier.withdraw("fault")


def test_a_bus_that_ends_is_not_missed(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    with session_bus() as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        notifier = Notifier()
    qtbot.waitUntil(lambda: notifier._connection is None)
    notifier.show(STALLED)
