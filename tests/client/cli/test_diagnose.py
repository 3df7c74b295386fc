from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.client.cli.scripted_service import ScriptedService

Run = Callable[..., Result]
CHECKS = [
    {"id": "service", "result": "ok", "finding": "runs", "detail": "ebpf"},
    {"id": "registration", "result": "failed", "finding": "v4:131"},
    {"id": "tunnel", "result": "skipped", "finding": "after-failure", "detail": "registration"},
]


@pytest.fixture(autouse=True)
def _checked(service: ScriptedService) -> None:
    service.answers["diagnose"] = {"checks": CHECKS, "report": "all that is to be told\n"}


def test_each_check_is_a_line_and_a_failure_is_1(run: Run) -> None:
    result = run("diagnose")
    assert result.exit_code == 1
    first, second, third = result.stdout.splitlines()
    assert first == "ok  Service            it runs; packets go by ebpf"
    assert second.startswith(" x  Registration")
    assert second.endswith("(code 131)")
    assert third == " -  Tunnel, both ways  not looked at, since this failed: Registration"


def test_without_a_failure_it_is_0(run: Run, service: ScriptedService) -> None:
    service.answers["diagnose"] = {"checks": CHECKS[:1], "report": ""}
    assert run("diagnose").exit_code == 0


def test_json(run: Run) -> None:
    assert json.loads(run("diagnose", "--json").stdout)["checks"][1]["finding"] == "v4:131"


def test_the_report_is_written_for_its_owner_and_never_over_a_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "report.txt"
    run("diagnose", "--report", str(file))
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("all that is to be told\n", 0o600)
    again = run("diagnose", "--report", str(file))
    assert (again.exit_code, "cannot be written" in again.stderr) == (1, True)
