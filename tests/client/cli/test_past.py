"""`handovers`, `events`, `explain`: what happened, for people and for programs."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from client.cli.main import mobilenode
from client.core.status import LogEntry
from tests.client.cli.scripted_service import EVENTS, HANDOVERS, ScriptedService

Run = Callable[..., Result]


def test_a_handover_is_a_line_that_names_the_slowest_phase(run: Run) -> None:
    output = run("handovers").output
    assert output.endswith(" home eth0 > co-located wlan0 130 ms (slowest: link 41 ms)\n")


def test_only_the_last_n_are_asked_for(run: Run, service: ScriptedService) -> None:
    run("handovers", "-n", "1")
    assert service.calls == [("handovers", {"n": 1})]


def test_handovers_as_json_and_csv_have_all_phases(run: Run) -> None:
    assert json.loads(run("handovers", "--json").output) == msgspec.to_builtins(HANDOVERS)
    [row] = csv.DictReader(run("handovers", "--csv").output.splitlines())
    assert (row["from"], row["to"], row["total_ms"], row["registration_ms"], row["data_ms"]) == (
        "home eth0",
        "co-located wlan0",
        "130.2",
        "38.5",
        "",
    )


def test_events_are_told_in_words_or_as_json(run: Run) -> None:
    assert [line.split(" ", 1)[1] for line in run("events").output.splitlines()] == [
        "nothing comes back by this path; registering again",
        "working again",
    ]
    assert [json.loads(line) for line in run("events", "--json").output.splitlines()] == msgspec.to_builtins(EVENTS)


def test_since_is_a_time_or_how_long_ago(run: Run, service: ScriptedService) -> None:
    run("events", "--since", "2026-11-23T15:00:00+01:00")
    run("events", "--since", "15m")
    first, second = (params["since"] for _, params in service.calls)
    assert first == "2026-11-23T14:00:00.000Z"
    ago = datetime.now(UTC) - datetime.fromisoformat(second)
    assert timedelta(minutes=15) <= ago < timedelta(minutes=16)
    assert run("events", "--since", "yesterday").exit_code == 2


def test_following_tells_what_was_and_what_comes(
    service: ScriptedService, program: Callable[..., subprocess.Popen[str]]
) -> None:
    process = program("events", "-f", "--json")
    assert process.stdout
    assert [json.loads(process.stdout.readline())["id"] for _ in EVENTS] == ["stalled", "working-again"]
    service.announce(LogEntry(at="2026-11-23T14:05:11.000Z", id="arrived", parameters={"to": "home eth0", "ms": "7"}))
    assert json.loads(process.stdout.readline())["id"] == "arrived"


def explain(*arguments: str) -> Result:
    return CliRunner().invoke(mobilenode, ["--socket", "/nowhere", "explain", *arguments])


def test_explain_needs_no_service() -> None:
    result = explain("v4:133")
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "v4:133: your clock and your home agent's differ",
        "The daemon corrects for it and asks once more. (automatic)",
    ]
    assert json.loads(explain("v4:133", "--json").output)["automatic"] is True


@pytest.mark.parametrize("code", ["133", "v7:1", "nonsense"])
def test_explaining_what_is_no_code_is_a_usage_error(code: str) -> None:
    assert explain(code).exit_code == 2


def test_a_bare_number_is_told_that_the_family_is_missing() -> None:
    assert "next: mobilenode explain v4:133" in explain("133").output


def test_the_command_line_starts_without_the_heavy_modules() -> None:
    code = "import sys, client.cli.main; print(*sys.modules)"
    modules = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3]
    ).stdout.split()
    heavy = {"asyncio", "rich", "scapy", "pyroute2", "cryptography", "ssl", "client.mipv4", "client.linux"}
    assert not heavy.intersection(modules)
