"""The control server: answers, subscriptions, limits, and what other users may do (threat T22, fault F16)."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from client.control.connection import CALLS_PER_SECOND, QUEUE_LIMIT
from client.control.errors import AlreadyRunningError, Exit, RpcCode
from client.control.server import MOST_CLIENTS, MOST_CLIENTS_PER_USER, Server
from client.core.status import State
from tests.client.control.running_server import GROUP, HOME_STATUS, Line, RunningServer, as_other_user

BUILT_IN = msgspec.to_builtins(HOME_STATUS)


def with_tries(tries: int) -> Any:
    assert HOME_STATUS.v4
    return msgspec.structs.replace(HOME_STATUS, v4=msgspec.structs.replace(HOME_STATUS.v4, tries=tries))


def test_a_call_is_answered_with_its_id(line: Line) -> None:
    assert line.call("echo", a=1) == {"jsonrpc": "2.0", "id": 7, "result": {"a": 1}}


def test_a_method_may_take_its_time(line: Line) -> None:
    assert line.call("slowly")["result"] == "slow"


def test_the_status_is_the_snapshot(line: Line) -> None:
    assert line.call("status")["result"] == BUILT_IN


def test_calls_are_answered_in_their_order(line: Line) -> None:
    calls = [b'{"jsonrpc":"2.0","id":%d,"method":"%s"}\n' % (n, b"slowly" if n % 2 else b"echo") for n in range(8)]
    line.say(b"".join(calls))
    assert [line.hear()["id"] for _ in calls] == list(range(8))


def test_a_call_without_an_id_is_not_answered(line: Line) -> None:
    line.say(b'{"jsonrpc":"2.0","method":"echo","params":{"n":1}}\n')
    assert line.call("echo", n=2)["result"] == {"n": 2}


@pytest.mark.parametrize(
    ("method", "code", "exit_code", "reason"),
    [
        ("nonsense", RpcCode.METHOD_NOT_FOUND, Exit.USAGE, "no-such-method"),
        ("bad_profile", RpcCode.FAILED, Exit.BAD_PROFILE, "bad-profile"),
        ("fail", RpcCode.FAILED, Exit.FAILED, "failed"),
    ],
)
def test_what_fails_says_how(line: Line, method: str, code: int, exit_code: int, reason: str) -> None:
    error = line.call(method)["error"]
    assert (error["code"], error["data"]) == (code, {"exit": exit_code, "id": reason})


def test_broken_lines_are_refused_and_the_connection_goes_on(line: Line) -> None:
    line.say(b"nonsense\n[]\n")
    assert [line.hear()["error"]["code"] for _ in range(2)] == [RpcCode.PARSE_ERROR, RpcCode.INVALID_REQUEST]
    assert line.call("echo")["result"] == {}


def test_a_line_of_more_than_64_kib_ends_the_connection(line: Line) -> None:
    line.say(b"x" * 70_000)
    assert line.hear()["error"]["data"]["id"] == "too-long"
    assert line.hear() is None


def test_a_long_call_within_the_limit_is_read(line: Line) -> None:
    assert line.call("echo", text="x" * 60_000)["result"]["text"] == "x" * 60_000


def test_a_fault_of_ours_ends_one_connection_and_is_told(
    service: RunningServer, line: Line, connect: Callable[[], Line]
) -> None:
    other = connect()
    assert line.call("bug") is None
    assert other.call("echo")["result"] == {}
    assert [type(context["exception"]) for context in service.errors] == [KeyError]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.lists(st.binary(max_size=200), max_size=4))
def test_any_bytes_leave_the_server_serving(service: RunningServer, data: list[bytes]) -> None:
    hostile = Line(service.path)
    hostile.say(b"\n".join(data))
    hostile.close()
    honest = Line(service.path)
    assert honest.call("echo", n=1)["result"] == {"n": 1}
    honest.close()
    assert service.errors == []


def test_a_subscriber_gets_the_status_now_and_each_change_within_a_second(service: RunningServer, line: Line) -> None:
    assert line.call("subscribe")["result"] == BUILT_IN
    for state in (State.STALLED, State.WORKING, State.PAUSED):
        before = time.monotonic()
        service.change(msgspec.structs.replace(HOME_STATUS, state=state))
        heard = line.hear()
        assert (heard["method"], heard["params"]["state"]) == ("status", state.value)
        assert time.monotonic() - before < 1


def test_a_status_that_did_not_change_is_not_said_again(service: RunningServer, line: Line) -> None:
    line.call("subscribe")
    service.change(HOME_STATUS)
    service.change(with_tries(1))
    assert line.hear()["params"]["v4"]["tries"] == 1


def test_many_changes_are_told_as_few_and_the_last_is_the_newest(service: RunningServer, line: Line) -> None:
    line.call("subscribe")
    for tries in range(1, 501):
        service.change(with_tries(tries))
    seen = [0]
    while seen[-1] != 500:
        seen.append(line.hear()["params"]["v4"]["tries"])
    assert seen == sorted(seen)
    assert len(seen) < 250


def test_a_subscriber_that_reads_late_gets_the_newest_status_and_is_kept(
    service: RunningServer, connect: Callable[[], Line]
) -> None:
    slow = connect()
    slow.call("subscribe")
    big = "x" * 100_000
    for tries in range(40):
        service.change({"tries": tries, "big": big})
        time.sleep(0.025)  # longer than the interval between two statuses: each could be sent
    told = [slow.hear()["params"]["tries"]]
    while told[-1] != 39:
        told.append(slow.hear()["params"]["tries"])
    assert len(told) < 30


def test_a_follower_gets_the_log_and_each_later_event(service: RunningServer, line: Line) -> None:
    assert line.call("events.follow")["result"] == ["old"]
    service.run(lambda: service.server.announce({"id": "stalled"}))
    assert line.hear() == {"jsonrpc": "2.0", "method": "event", "params": {"id": "stalled"}}


def test_a_follower_that_does_not_read_is_dropped_at_256_kib(
    service: RunningServer, line: Line, connect: Callable[[], Line]
) -> None:
    deaf = connect()
    deaf.call("events.follow")
    line.call("events.follow")
    event = {"text": "x" * 1000}
    announced = 0
    while service.server.clients == 2 and announced < 5000:
        service.run(lambda: service.server.announce(event))
        announced += 1
        assert line.hear()["params"] == event
    assert service.server.clients == 1
    assert QUEUE_LIMIT // 1100 < announced < 5000


def test_fifty_calls_a_second_are_answered_and_more_have_to_wait(line: Line) -> None:
    before = time.monotonic()
    for _ in range(CALLS_PER_SECOND + 10):
        line.call("echo")
    assert time.monotonic() - before > 0.15


def test_one_program_too_many_is_told_so(service: RunningServer, connect: Callable[[], Line]) -> None:
    lines = [connect() for _ in range(MOST_CLIENTS)]
    assert all(line.call("echo") for line in lines)
    late = connect()
    assert late.hear()["error"]["data"]["id"] == "busy"
    assert late.hear() is None
    lines.pop().close()
    while service.server.clients == MOST_CLIENTS:
        time.sleep(0.001)
    assert connect().call("echo")["result"] == {}


def test_another_user_gets_four_connections_and_does_not_keep_root_out(service: RunningServer, line: Line) -> None:
    def crowd() -> list[bool]:
        lines = [Line(service.path) for _ in range(MOST_CLIENTS_PER_USER + 1)]
        answers = [line.call("status") for line in lines]
        return ["result" in answer for answer in answers]

    assert as_other_user(crowd) == [True] * MOST_CLIENTS_PER_USER + [False]
    assert line.call("echo")["result"] == {}


def test_another_user_sees_a_status_without_places(service: RunningServer) -> None:
    status = as_other_user(lambda: Line(service.path).call("status"))["result"]
    assert status["state"] == "working"
    assert status["v4"]["home_address"] == "198.51.100.23"
    assert (status["network"], status["v4"]["coa"], status["v4"]["ha"], status["v4"]["fa"]) == (None,) * 4
    assert "10.0.0" not in str(status)


def test_another_user_subscribes_to_a_status_without_places(service: RunningServer) -> None:
    ready, told = os.pipe()

    def watch() -> list[Any]:
        line = Line(service.path)
        first = line.call("subscribe")["result"]
        os.write(told, b".")
        return [first, line.hear()["params"]]

    def change_when_ready() -> None:
        os.read(ready, 1)
        service.change(with_tries(3))

    service.loop.run_in_executor(None, change_when_ready)
    first, second = as_other_user(watch)
    assert (first["network"], second["network"], second["v4"]["coa"], second["v4"]["tries"]) == (None, None, None, 3)


@pytest.mark.parametrize("method", ["echo", "events", "events.follow", "nonsense", "bug"])
def test_another_user_may_call_nothing_else(service: RunningServer, method: str) -> None:
    error = as_other_user(lambda: Line(service.path).call(method))["error"]
    assert (error["code"], error["data"]["exit"]) == (RpcCode.NOT_PERMITTED, Exit.NOT_PERMITTED)
    assert service.errors == []


def test_another_user_may_call_what_is_public(service: RunningServer) -> None:
    assert as_other_user(lambda: Line(service.path).call("explain"))["result"] == "words"


def test_a_member_of_the_group_may_do_all(service: RunningServer) -> None:
    answers = as_other_user(lambda: [Line(service.path).call(m) for m in ("echo", "status")], groups=(7, GROUP))
    assert [answer["result"] for answer in answers] == [{}, BUILT_IN]


def test_another_group_gives_no_rights(service: RunningServer) -> None:
    answer = as_other_user(lambda: Line(service.path).call("echo"), groups=(7, GROUP + 1))
    assert answer["error"]["data"]["id"] == "not-permitted"


def serve(path: Path, action: Any = lambda: None) -> None:
    async def main() -> None:
        server = Server(path, {}, lambda: None)
        await server.start()
        action()
        await server.stop()

    asyncio.run(main())


def test_everybody_may_connect_whatever_the_umask(tmp_path: Path) -> None:
    path = tmp_path / "made" / "control.sock"
    modes = []
    before = os.umask(0o077)
    try:
        serve(path, lambda: modes.append(stat.S_IMODE(path.stat().st_mode)))
    finally:
        os.umask(before)
    assert modes == [0o666]
    assert not path.exists()


def test_the_socket_of_a_dead_daemon_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    serve(path)


def test_a_living_daemon_keeps_its_socket(service: RunningServer, line: Line, connect: Callable[[], Line]) -> None:
    with pytest.raises(AlreadyRunningError):
        serve(service.path)
    assert line.call("echo")["result"] == {}
    assert connect().call("echo")["result"] == {}


def test_what_is_no_socket_is_not_removed(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    path.write_text("precious")
    with pytest.raises(FileExistsError):
        serve(path)
    assert path.read_text() == "precious"


def test_stopping_hangs_up(service: RunningServer, line: Line) -> None:
    line.call("subscribe")
    service.run(service.server.stop)
    assert line.hear() is None
    with pytest.raises(FileNotFoundError):
        Line(service.path)
