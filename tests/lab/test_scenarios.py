"""The main job, end to end, and what may go wrong on the way: real programs, judged by their packets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lab.analysis.integrity import examine

Run = Callable[..., dict[str, Any]]
pytestmark = [pytest.mark.lab, pytest.mark.slow, pytest.mark.usefixtures("unchanged_kernel")]


def test_roam_keeps_the_connection_and_every_packet_is_sound(scenario: Run, tmp_path: Path) -> None:
    result = scenario("roam", "--pcap", tmp_path)
    assert result["problems"] == []
    assert result["ok"] is True
    assert [move["attachment"] for move in result["moves"]] == ["foreign-agent", "co-located", "foreign-agent", "home"]
    assert [move["requests"] for move in result["moves"]] == [1, 1, 1, 1]
    assert [(toggle["to"], toggle["path"]) for toggle in result["toggles"]] == [("off", "triangle"), ("on", "reverse")]
    assert result["connection"]["survived"] is True
    assert result["connection"]["checksum_ok"] is True
    assert result["connection"]["bytes"] >= 5_000_000
    assert result["dataplane"]
    packets = examine(tmp_path)
    assert packets.problems == []
    assert packets.registrations >= 8
    assert packets.packets > 10_000


def test_roam_through_delay_and_loss(scenario: Run) -> None:
    words = ("--delay", "15", "--loss", "0.01", "--reordering", "0.01", "--duplication", "0.01", "--seed", "3")
    result = scenario("roam", *words)
    assert result["problems"] == []
    assert result["connection"]["survived"] is True


def test_home_agent_that_lost_its_bindings(scenario: Run) -> None:
    result = scenario("ha-restart")
    assert result["problems"] == []
    assert 0 < result["figures"]["recovered_s"] <= 15


@pytest.mark.rfc("5944", "2.4.4")
def test_foreign_agent_that_rebooted(scenario: Run) -> None:
    result = scenario("agent-reboot")
    assert result["problems"] == []
    assert result["figures"]["requests"] == 1


@pytest.mark.rfc("5944", "5.7.1")
def test_clock_an_hour_wrong(scenario: Run) -> None:
    result = scenario("clock-skew")
    assert result["problems"] == []
    assert result["figures"]["refused_ahead"] == 1
    assert result["figures"]["refused_behind"] == 1


@pytest.mark.rfc("5944", "3.8.2.1")
def test_wrong_key(scenario: Run) -> None:
    assert scenario("wrong-key")["problems"] == []


def test_lost_laptop(scenario: Run) -> None:
    result = scenario("lost-laptop")
    assert result["problems"] == []
    assert result["figures"]["stranger_got_before"] > 0
    assert result["figures"]["stranger_got_after"] == 0
