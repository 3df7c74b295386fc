"""The client of command lines: results, notifications, and errors that say what is wrong."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from client.control.client import Client
from client.control.errors import Exit, NotPermittedError, NotRunningError, RpcError, TimedOutError
from client.control.server import MOST_CLIENTS
from client.core.status import State
from tests.client.control.running_server import HOME_STATUS, Line, RunningServer, as_other_user


def test_a_call_returns_its_result(service: RunningServer) -> None:
    with Client(service.path) as client:
        assert client.call("echo", seconds=90) == {"seconds": 90}
        assert client.call("slowly") == "slow"


def test_an_error_keeps_its_exit_code_and_id(service: RunningServer) -> None:
    with Client(service.path) as client, pytest.raises(RpcError, match="nai: is missing") as caught:
        client.call("bad_profile")
    assert (caught.value.exit_code, caught.value.reason) == (Exit.BAD_PROFILE, "bad-profile")


def test_notifications_between_call_and_answer_are_kept(service: RunningServer) -> None:
    with Client(service.path) as client:
        client.call("subscribe")
        client.call("events.follow")
        service.change(msgspec.structs.replace(HOME_STATUS, state=State.STALLED))
        service.run(lambda: service.server.announce("stalled"))
        time.sleep(0.1)  # both are in our buffer now, before the answer
        assert client.call("echo") == {}
        stream = client.notifications(time.monotonic() + 5)
        heard = dict([next(stream), next(stream)])
        assert (heard["status"]["state"], heard["event"]) == ("stalled", "stalled")


def test_waiting_for_notifications_ends_at_the_deadline_and_can_go_on(service: RunningServer) -> None:
    with Client(service.path) as client:
        client.call("subscribe")
        with pytest.raises(TimedOutError):
            next(client.notifications(time.monotonic() + 0.05))
        service.change(msgspec.structs.replace(HOME_STATUS, state=State.STALLED))
        assert next(client.notifications(time.monotonic() + 5))[1]["state"] == "stalled"


@pytest.mark.parametrize("leftover", [False, True])
def test_nobody_listening_is_not_running(tmp_path: Path, leftover: bool) -> None:
    path = tmp_path / "control.sock"
    if leftover:
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(path))
    with pytest.raises(NotRunningError, match=r"control\.sock"):
        Client(path)


def test_a_path_too_long_for_a_socket_is_not_running(tmp_path: Path) -> None:
    with pytest.raises(NotRunningError):
        Client(tmp_path / ("x" * 200))


def test_a_busy_service_says_so(service: RunningServer, connect: Callable[[], Line]) -> None:
    lines = [connect() for _ in range(MOST_CLIENTS)]
    assert all(line.call("echo") for line in lines)
    with Client(service.path) as client, pytest.raises(RpcError) as caught:
        client.call("status")
    assert caught.value.reason == "busy"


def test_a_service_that_goes_away_is_not_running(service: RunningServer) -> None:
    with Client(service.path) as client:
        client.call("subscribe")
        service.run(service.server.stop)
        with pytest.raises(NotRunningError):
            next(client.notifications())


def test_a_socket_that_may_not_be_opened_is_not_permitted(service: RunningServer) -> None:
    service.path.chmod(0o600)

    def connect() -> str:
        try:
            Client(service.path)
        except NotPermittedError as error:
            return str(error)
        return "connected"

    assert str(service.path) in as_other_user(connect)


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0\n", b"[]\n"])
def test_something_else_at_the_socket_is_not_our_service(tmp_path: Path, answer: bytes) -> None:
    path = tmp_path / "control.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def accept() -> None:
            connection, _ = listener.accept()
            connection.recv(1000)
            connection.sendall(answer)
            connection.close()

        thread = threading.Thread(target=accept)
        thread.start()
        with Client(path) as client, pytest.raises(NotRunningError):
            client.call("status")
        thread.join(timeout=10)


def test_a_silent_service_times_out(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        with Client(path) as client, pytest.raises(TimedOutError):
            client.call("status", timeout=0.05)
