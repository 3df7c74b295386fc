from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from client.control.errors import Exit, RpcError
from client.core.status import LogEntry, State, Status
from gui.service import Service
from gui.view.model import Call, Lost
from tests.gui.fake_daemon import FakeDaemon
from tests.gui.statuses import raw

LONG = 20_000


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[FakeDaemon]:
    made = FakeDaemon(tmp_path / "control.sock", raw())
    yield made
    made.close()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = Service(str(tmp_path / "control.sock"))
    yield made
    made.stop()


def shows(service: Service, state: State) -> bool:
    return isinstance(service.status, Status) and service.status.state is state


def test_it_says_what_the_service_says_and_each_change(qtbot: QtBot, daemon: FakeDaemon, service: Service) -> None:
    daemon.start()
    service.start()
    qtbot.waitUntil(lambda: shows(service, State.WORKING), timeout=LONG)
    daemon.say(raw("stalled"))
    qtbot.waitUntil(lambda: shows(service, State.STALLED), timeout=LONG)
    qtbot.waitUntil(lambda: [each.name for each in service.profiles] == ["Home"], timeout=LONG)


def test_a_service_that_comes_late_goes_and_comes_again_is_found(
    qtbot: QtBot, daemon: FakeDaemon, service: Service
) -> None:
    service.start()
    assert service.status == Lost(reason="not-running")
    daemon.start()
    qtbot.waitUntil(lambda: shows(service, State.WORKING), timeout=LONG)
    daemon.stop()
    qtbot.waitUntil(lambda: service.status == Lost(reason="not-running"), timeout=LONG)
    daemon.start()
    qtbot.waitUntil(lambda: shows(service, State.WORKING), timeout=LONG)


def test_of_many_changes_the_last_is_shown(qtbot: QtBot, daemon: FakeDaemon, service: Service) -> None:
    daemon.start()
    service.start()
    qtbot.waitUntil(lambda: shows(service, State.WORKING), timeout=LONG)
    for number in range(200):
        daemon.say(raw("working", reason=str(number)))
    daemon.say(raw("home"))
    qtbot.waitUntil(lambda: shows(service, State.HOME), timeout=LONG)


def test_calls_reach_the_service_and_refusals_come_back(qtbot: QtBot, daemon: FakeDaemon, service: Service) -> None:
    daemon.start()
    service.start()
    qtbot.waitUntil(lambda: not service.lost, timeout=LONG)
    service.do(Call(method="reverse_tunnel", params={"value": "on"}))
    qtbot.waitUntil(lambda: ("reverse_tunnel", {"value": "on"}) in daemon.calls, timeout=LONG)
    daemon.refuse = RpcError("no", reason="not-permitted", exit_code=Exit.NOT_PERMITTED)
    refused: list[RpcError] = []
    service.do(Call(method="check"), refused.append)
    qtbot.waitUntil(lambda: bool(refused), timeout=LONG)
    assert (refused[0].message, refused[0].exit_code) == ("no", Exit.NOT_PERMITTED)


def test_a_call_without_a_service_fails_at_once(service: Service) -> None:
    refused: list[RpcError] = []
    service.call("check", {}, None, refused.append)
    assert refused[0].exit_code is Exit.NOT_RUNNING


def test_events_are_heard(qtbot: QtBot, daemon: FakeDaemon, service: Service) -> None:
    daemon.start()
    heard: list[LogEntry] = []
    service.event_heard.connect(heard.append)
    service.start()
    qtbot.waitUntil(lambda: bool(service.profiles), timeout=LONG)  # asked for after the events
    daemon.tell({"at": "2026-11-23T14:31:07Z", "id": "stalled", "parameters": {}})
    qtbot.waitUntil(lambda: [entry.id for entry in heard] == ["stalled"], timeout=LONG)


def test_one_who_never_answers_is_called_silent(qtbot: QtBot, tmp_path: Path, service: Service) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "control.sock"))
        listener.listen()
        service.start()
        qtbot.waitUntil(lambda: service.status == Lost(reason="silent"), timeout=LONG)


def test_rubbish_is_not_our_service(qtbot: QtBot, tmp_path: Path, service: Service) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "control.sock"))
        listener.listen()
        service.start()
        caller, _ = listener.accept()
        caller.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        qtbot.waitUntil(lambda: service.status == Lost(reason="not-ours"), timeout=LONG)
        caller.close()
