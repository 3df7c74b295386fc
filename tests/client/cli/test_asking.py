"""`pause`, `resume`, `check`, `leave`: asking, and telling what came of it."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable

import pytest
from click.testing import Result

from client.control.errors import Exit, RpcError
from client.core.status import Proof, State
from tests.client.cli.scripted_service import NO_PROFILE, ScriptedService, having

Run = Callable[..., Result]


@pytest.mark.parametrize(
    ("arguments", "params"),
    [
        ([], {"seconds": None, "network": False}),
        (["90"], {"seconds": 90, "network": False}),
        (["15m"], {"seconds": 900, "network": False}),
        (["1h"], {"seconds": 3600, "network": False}),
        (["network"], {"seconds": None, "network": True}),
    ],
)
def test_pause_says_for_how_long(run: Run, service: ScriptedService, arguments: list[str], params: object) -> None:
    result = run("pause", *arguments)
    assert result.exit_code == 0
    assert service.calls == [("pause", params)]
    assert result.output.startswith("Paused ")


@pytest.mark.parametrize("duration", ["0", "soon", "-5", "1.5h", "1w"])
def test_pause_takes_no_other_time(run: Run, service: ScriptedService, duration: str) -> None:
    assert run("pause", "--", duration).exit_code == 2
    assert service.calls == []


def test_resume_asks_the_service(run: Run, service: ScriptedService) -> None:
    assert run("resume").exit_code == 0
    assert service.calls == [("resume", {})]


def test_check_waits_for_a_proof_that_is_younger_than_the_question(run: Run, service: ScriptedService) -> None:
    service.script["check"] = [having(), having(proof=Proof(kind="probe", age_ms=1, rtt_ms=39.0))]
    result = run("check")
    assert (result.exit_code, result.output) == (0, "Working - Cafe-Guest, own address: answered in 39 ms.\n")


@pytest.mark.parametrize(
    ("state", "exit_code"), [(State.NO_NETWORK, 7), (State.PORTAL, 7), (State.REFUSED, 5), (State.PAUSED, 1)]
)
def test_check_does_not_wait_for_what_cannot_come(
    run: Run, service: ScriptedService, state: State, exit_code: int
) -> None:
    service.status = having(state=state, proof=None)
    before = time.monotonic()
    assert run("check").exit_code == exit_code
    assert time.monotonic() - before < 2


def test_check_gives_up_with_6_when_nothing_comes_back(run: Run, service: ScriptedService) -> None:
    service.script["check"] = [having(state=State.STALLED, proof=Proof(kind="probe", age_ms=99_000))]
    result = run("check", "--timeout", "1")
    assert result.exit_code == 6
    assert "nothing came back within 1 s; Stalled" in result.output


def test_leaving_cleanly_is_0(run: Run) -> None:
    result = run("leave")
    assert (result.exit_code, "confirmed" in result.output) == (0, True)


def test_leaving_where_nothing_is_registered_does_not_claim_an_answer(run: Run, service: ScriptedService) -> None:
    service.status = having(state=State.NO_NETWORK, v4=None)
    result = run("leave")
    assert (result.exit_code, result.output) == (0, "Left cleanly: nothing was registered away from home.\n")


def test_leaving_without_an_answer_says_when_it_lapses(run: Run, service: ScriptedService) -> None:
    service.answers["leave"] = {"confirmed": False, "lapses_at": "2026-11-23T12:40:00.000Z"}
    result = run("leave")
    assert result.exit_code == 6
    assert "will lapse at " in result.output


@pytest.mark.parametrize("command", ["pause", "resume", "check", "leave"])
def test_without_a_profile_the_next_command_is_named(run: Run, service: ScriptedService, command: str) -> None:
    service.answers[command] = NO_PROFILE
    result = run(command)
    assert result.exit_code == 8
    assert "next: mobilenode import FILE --up" in result.output


@pytest.mark.parametrize("exit_code", [Exit.FAILED, Exit.REFUSED, Exit.NO_NETWORK, Exit.NOT_PERMITTED])
def test_the_exit_code_is_what_the_service_says(run: Run, service: ScriptedService, exit_code: Exit) -> None:
    service.answers["resume"] = RpcError("because", reason="why", exit_code=exit_code)
    result = run("resume")
    assert result.exit_code == exit_code
    assert "because" in result.output


@pytest.mark.parametrize("command", ["status", "pause", "resume", "check", "leave", "handovers", "events"])
def test_without_the_service_it_is_3(command: str, program: Callable[..., subprocess.Popen[str]]) -> None:
    process = program(command)
    _, words = process.communicate(timeout=10)
    assert process.returncode == 3
    assert "the service is not running" in words
    assert "next: start mobilenoded" in words


def test_ctrl_c_says_that_the_service_goes_on(
    service: ScriptedService, program: Callable[..., subprocess.Popen[str]]
) -> None:
    process = program("check")
    while not service.calls:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, words = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "still going on in the service" in words
    assert "Traceback" not in words
