"""`status` and `wait`: what people and scripts see."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from click.testing import Result

from client.core import words
from client.core.plan import Encapsulation
from client.core.status import Limit, Place, Proof, Setting, State
from tests.client.cli.conftest import ROOT
from tests.client.cli.scripted_service import WORKING, ScriptedService, having, switched

Run = Callable[..., Result]
Program = Callable[..., "subprocess.Popen[str]"]


def test_status_shows_place_proof_home_path_and_tunnel(run: Run) -> None:
    assert run("status").output.splitlines() == [
        "Working - Cafe-Guest, own address",
        "  checked 4 s ago, 38 ms",
        "Home     198.51.100.23 at 203.0.113.80, 24:10 left",
        "Care-of  10.0.0.7",
        "Path     out straight, in via home (triangle)",
        "Tunnel   IP-in-IP, MTU 1480, by tun",
    ]


def test_status_names_the_foreign_agent(run: Run, service: ScriptedService) -> None:
    assert WORKING.v4
    v4 = msgspec.structs.replace(
        WORKING.v4, place=Place.FOREIGN_AGENT, care_of_address="192.0.2.1", foreign_agent="192.0.2.1", path="reverse"
    )
    service.status = having(v4=v4)
    output = run("status").output
    assert "Working - Cafe-Guest, through a foreign agent" in output
    assert "192.0.2.1 of the foreign agent 192.0.2.1" in output
    assert "out via home (reverse tunnel), in via home" in output
    assert output.endswith("Tunnel   IP-in-IP, MTU 1480, opened by the foreign agent\n")


def test_status_tells_nat_encapsulation_plane_prefixes_and_broadcasts(run: Run, service: ScriptedService) -> None:
    assert WORKING.v4
    assert WORKING.network
    service.status = having(
        network=msgspec.structs.replace(WORKING.network, nat=True),
        v4=msgspec.structs.replace(WORKING.v4, encapsulation="udp", mtu=1448, path="reverse"),
        settings={
            "broadcasts": Setting(wanted="on", applied="on"),
            "prefixes": Setting(wanted="10.0.0.0/8 192.0.2.0/24", applied="10.0.0.0/8 192.0.2.0/24"),
        },
        dataplane="ebpf",
    )
    lines = run("status").output.splitlines()
    assert lines[0] == "Working - Cafe-Guest, own address behind NAT"
    assert lines[-3:] == [
        "Tunnel   UDP, MTU 1448, by ebpf",
        "Prefixes only 10.0.0.0/8, 192.0.2.0/24; all else goes without the home address",
        "Also     what is sent to all of the home network",
    ]


@pytest.mark.parametrize("encapsulation", list(Encapsulation))
def test_every_encapsulation_of_ipv4_has_words(encapsulation: Encapsulation) -> None:
    assert encapsulation is Encapsulation.DIRECT or encapsulation.value in words.ENCAPSULATIONS


def test_home_is_said_for_certain_only_once_it_is(run: Run, service: ScriptedService) -> None:
    assert WORKING.v4
    v4 = msgspec.structs.replace(WORKING.v4, place=Place.HOME, care_of_address=None, path=None)
    service.status = having(v4=v4, state=State.CONNECTING, proof=None, reason="registering")
    assert run("status").output.startswith("Connecting - Cafe-Guest, perhaps at home\n")
    service.status = having(v4=v4, state=State.HOME)
    assert run("status").output.startswith("Home - Cafe-Guest, at home, no tunnel needed\n")


def test_status_says_why_it_does_not_work_and_what_to_do(run: Run, service: ScriptedService) -> None:
    service.status = having(state=State.REFUSED, reason="v4:131", proof=None, advice="clock")
    output = run("status").output
    assert output.startswith("Refused - your home agent does not accept your key or SPI (code 131)\n")
    assert "Next     Set this computer's clock." in output


def test_status_says_which_switch_is_not_as_asked(run: Run, service: ScriptedService) -> None:
    service.status = switched("on", "off", "v4:74")
    assert (
        "reverse tunnel on was asked for: the foreign agent does not offer reverse tunnelling" in run("status").output
    )


def test_status_names_limits(run: Run, service: ScriptedService) -> None:
    service.status = having(state=State.LIMITED, limits=[Limit(id="short-lifetime", detail="30")])
    assert "Limit    the home agent grants only 30 s at a time" in run("status").output


@pytest.mark.parametrize("state", [state for state in State if state is not State.NO_DAEMON])
@pytest.mark.parametrize("bare", [False, True])
def test_every_state_can_be_shown(run: Run, service: ScriptedService, state: State, bare: bool) -> None:
    nothing: dict[str, Any] = {"network": None, "v4": None, "proof": None}
    service.status = having(**{"state": state, **(nothing if bare else {})})
    result = run("status")
    assert (result.exit_code, result.exception) == (0, None)
    assert result.output.strip()


def test_json_is_what_the_service_said(run: Run) -> None:
    assert json.loads(run("status", "--json").output) == msgspec.to_builtins(WORKING)


@pytest.mark.parametrize("state", list(State)[1:])
def test_check_is_0_only_when_it_works(run: Run, service: ScriptedService, state: State) -> None:
    service.status = having(state=state)
    works = state in (State.WORKING, State.HOME, State.LIMITED)
    assert run("status", "--check").exit_code == (0 if works else 1)
    assert run("status").exit_code == 0


def test_colour_only_where_it_is_wanted(run: Run, service: ScriptedService) -> None:
    assert "\x1b[" not in run("status").output
    coloured = ["--socket", str(service.path), "--color", "always", "status"]
    assert "\x1b[" in run(*coloured[2:]).output
    assert "\x1b[" not in run("--color", "never", "status").output


def lines_of(process: subprocess.Popen[str], count: int) -> list[str]:
    assert process.stdout
    return [process.stdout.readline().strip() for _ in range(count)]


def test_watching_json_gives_one_object_a_line_and_ends_with_130_on_ctrl_c(
    service: ScriptedService, program: Program
) -> None:
    process = program("status", "--watch", "--json")
    [first] = lines_of(process, 1)
    service.tell(having(state=State.STALLED))
    [second] = lines_of(process, 1)
    assert [json.loads(line)["state"] for line in (first, second)] == ["working", "stalled"]
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=10) == 130


def test_watching_tells_each_new_headline(service: ScriptedService, program: Program) -> None:
    process = program("status", "--watch")
    [first] = lines_of(process, 1)
    service.tell(having(proof=Proof(kind="probe", age_ms=1)))
    service.tell(having(state=State.NO_NETWORK, network=None, v4=None))
    [second] = lines_of(process, 1)
    assert first.endswith(" Working - Cafe-Guest, own address")
    assert second.endswith(" No network: waiting for Wi-Fi or cable.")


def test_on_a_terminal_the_picture_is_drawn_anew(service: ScriptedService) -> None:
    terminal, screen = pty.openpty()
    environment = {**os.environ, "MOBILENODE_SOCKET": str(service.path), "TERM": "xterm"}
    command = [sys.executable, "-m", "client.cli", "status", "--watch"]
    process = subprocess.Popen(command, stdin=screen, stdout=screen, stderr=screen, env=environment, cwd=ROOT)
    os.close(screen)
    seen = read_until(terminal, b"by tun")
    service.tell(having(state=State.NO_NETWORK, network=None, v4=None))
    seen += read_until(terminal, b"No network")
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=10) == 130
    os.close(terminal)
    assert b"\x1b[6F\x1b[J" in seen  # six lines up, and clear
    assert b"\x1b[32m" in seen  # colour, on a terminal


def read_until(terminal: int, words: bytes) -> bytes:
    seen = b""
    while words not in seen:
        seen += os.read(terminal, 4096)
    return seen


def test_watching_ends_when_the_service_does(service: ScriptedService, program: Program) -> None:
    process = program("status", "--watch", "--json")
    lines_of(process, 1)
    service.stop()
    assert process.wait(timeout=10) == 3


def test_wait_returns_at_once_when_it_is_so(run: Run) -> None:
    result = run("wait", "working")
    assert (result.exit_code, "Working - Cafe-Guest" in result.output) == (0, True)


def test_wait_returns_when_it_becomes_so(service: ScriptedService, program: Program) -> None:
    service.tell(having(state=State.CONNECTING))
    process = program("wait", "home", "limited", "--timeout", "20")
    while not service.clients:
        time.sleep(0.01)
    service.tell(having(state=State.CHECKING))
    service.tell(having(state=State.LIMITED))
    assert process.wait(timeout=10) == 0


def test_wait_gives_up_with_6_and_says_what_it_is(run: Run) -> None:
    result = run("wait", "home", "--timeout", "1")
    assert result.exit_code == 6
    assert "not home within 1 s; it is working" in result.output


@pytest.mark.parametrize(
    "arguments", [["wait", "wroking"], ["wait"], ["wait", "home", "--timeout", "soon"], ["stauts"]]
)
def test_usage_errors_are_2(run: Run, arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


def test_a_setting_of_a_newer_service_does_no_harm(run: Run, service: ScriptedService) -> None:
    service.status = having(settings={"direct_paths": Setting(wanted="on", applied="on")})
    assert run("status").exit_code == 0
