from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from client.control.errors import NotPermittedError, RpcError
from client.control.protocol import error_response
from client.core.status import LogEntry, State, Status
from gui.service import Service
from gui.view.model import Call, Lost
from tests.gui import statuses
from tests.gui.fake_daemon import answering, daemon

PATIENCE = 20_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "control.sock"


@pytest.fixture
def service(path: Path, qtbot: QtBot) -> Iterator[Service]:
    found = Service(str(path))
    yield found
    found.stop()


def arrives(qtbot: QtBot, service: Service, state: str) -> Status:
    qtbot.waitUntil(lambda: getattr(service.status, "state", None) is State(state), timeout=PATIENCE)
    assert isinstance(service.status, Status)
    return service.status


def is_lost(qtbot: QtBot, service: Service, reason: str) -> None:
    qtbot.waitUntil(lambda: service.status == Lost(reason=reason), timeout=PATIENCE)


def test_the_status_comes_and_changes_with_the_service(qtbot: QtBot, path: Path, service: Service) -> None:
    with daemon(path) as fake:
        service.start()
        assert arrives(qtbot, service, "working").profile == "alice@example.net"
        fake.say(statuses.raw("stalled"))
        arrives(qtbot, service, "stalled")


def test_profiles_are_listed(qtbot: QtBot, path: Path, service: Service) -> None:
    with daemon(path):
        service.start()
        qtbot.waitUntil(lambda: [one.name for one in service.profiles] == ["Home"], timeout=PATIENCE)
        assert service.profiles[0].active


def test_events_are_heard(qtbot: QtBot, path: Path, service: Service) -> None:
    heard: list[LogEntry] = []
    service.event_heard.connect(heard.append)
    with daemon(path) as fake:
        service.start()
        qtbot.waitUntil(lambda: bool(service.profiles), timeout=PATIENCE)  # asked for after the events
        fake.announce({"at": "2026-11-23T14:31:07Z", "id": "stalled", "later": 1})
        qtbot.waitUntil(lambda: [entry.id for entry in heard] == ["stalled"], timeout=PATIENCE)


def test_a_service_that_starts_later_or_again_is_found(qtbot: QtBot, path: Path, service: Service) -> None:
    service.start()
    is_lost(qtbot, service, "not-running")
    for _ in range(2):
        with daemon(path):
            arrives(qtbot, service, "working")
        is_lost(qtbot, service, "not-running")


def test_who_may_not_ask_is_told_so(qtbot: QtBot, path: Path, service: Service) -> None:
    refusal = json.dumps(error_response(1, NotPermittedError())).encode() + b"\n"
    with answering(path, refusal):
        service.start()
        is_lost(qtbot, service, "not-permitted")


def test_a_service_that_is_too_busy_is_not_one_that_does_not_run(qtbot: QtBot, path: Path, service: Service) -> None:
    refusal = json.dumps(error_response(None, RpcError("too many programs", reason="busy"))).encode() + b"\n"
    with answering(path, refusal):
        service.start()
        is_lost(qtbot, service, "silent")


def test_a_service_that_says_nothing_is_silent(qtbot: QtBot, path: Path, service: Service) -> None:
    with answering(path, b""):
        service.start()
        is_lost(qtbot, service, "silent")


@pytest.mark.parametrize(
    "rubbish",
    [b"HTTP/1.1 400 Bad Request\r\n", b"[]\n", b"\xff\xfe\n", b'{"id":1,"result":3}\n', b'{"id":[],"result":3}\n'],
)
def test_what_is_not_our_service_is_told_from_one(qtbot: QtBot, path: Path, service: Service, rubbish: bytes) -> None:
    with answering(path, rubbish):
        service.start()
        is_lost(qtbot, service, "not-ours")


def test_a_line_without_an_end_is_not_gathered_for_ever(qtbot: QtBot, path: Path, service: Service) -> None:
    with answering(path, b"x" * 2_000_000):
        service.start()
        is_lost(qtbot, service, "not-ours")


def test_a_newer_service_is_understood_as_far_as_it_goes(qtbot: QtBot, path: Path, service: Service) -> None:
    with daemon(path) as fake:
        service.start()
        arrives(qtbot, service, "working")
        fake.say(statuses.raw("levitating", flying={"height": 3}))
        status = arrives(qtbot, service, "connecting")
    assert status.reason == "levitating"


def test_a_call_of_the_menu_reaches_the_service(qtbot: QtBot, path: Path, service: Service) -> None:
    with daemon(path) as fake:
        service.start()
        arrives(qtbot, service, "working")
        service.do(Call(method="check"))
        qtbot.waitUntil(lambda: fake.calls == [("check", {})], timeout=PATIENCE)


def test_a_refusal_comes_back_with_its_words(qtbot: QtBot, path: Path, service: Service) -> None:
    errors: list[RpcError] = []
    with daemon(path):
        service.start()
        arrives(qtbot, service, "working")
        service.call("reverse_tunnel", {"value": "on"}, None, errors.append)
        qtbot.waitUntil(lambda: [error.reason for error in errors] == ["not-yet"], timeout=PATIENCE)
    assert errors[0].message == "not now"
    assert service.status != Lost(reason="silent")


def test_a_call_without_a_service_fails_at_once(service: Service) -> None:
    errors: list[RpcError] = []
    service.call("check", {}, None, errors.append)
    assert [error.reason for error in errors] == ["not-running"]


def test_of_many_statuses_only_some_are_shown_and_the_newest_always(qtbot: QtBot, path: Path, service: Service) -> None:
    shown: list[object] = []
    with daemon(path) as fake:
        service.start()
        arrives(qtbot, service, "working")
        service.status_changed.connect(shown.append)
        for number in range(500):
            fake.say(statuses.raw(since=str(number)))
        qtbot.waitUntil(lambda: getattr(service.status, "since", "") == "499", timeout=PATIENCE)
    assert len([one for one in shown if isinstance(one, Status)]) < 250
