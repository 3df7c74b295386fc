"""Mobile IPv6 end to end, and what may go wrong on the way: real programs, judged by their packets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lab.analysis.integrity import examine

Run = Callable[..., dict[str, Any]]
pytestmark = [pytest.mark.lab, pytest.mark.slow, pytest.mark.usefixtures("unchanged_kernel")]


def peers(result: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [peer for move in result["moves6"] for peer in move["peers"] if peer["name"] == name]


@pytest.mark.rfc("6275", "11.7.2")
def test_able_correspondents_are_reached_directly_and_every_packet_is_sound(on_plane: Run, tmp_path: Path) -> None:
    result = on_plane("roam6", "--pcap", tmp_path)
    assert result["problems"] == []
    assert [move["updates"] for move in result["moves6"]] == [1, 1, 1]
    assert all(move["own_ms"] < 20 for move in result["moves6"])
    for name in ("able", "visited"):
        assert [peer["path"] for peer in peers(result, name)] == ["direct", "direct", "plain"]
        # After the second move the home token is still valid, and the care-of test alone goes out (§11.6.1).
        assert [peer["home_tests"] for peer in peers(result, name)] == [1, 0, 0]
        assert [peer["care_of_tests"] for peer in peers(result, name)] == [1, 1, 0]
    assert [peer["path"] for peer in peers(result, "unable")] == ["home-agent", "home-agent", "plain"]
    assert [peer["hops_direct"] for peer in peers(result, "visited")][:2] == [0, 3]
    first, second, _home = peers(result, "able")
    assert first["hops_direct"] < first["hops_tunnelled"]
    # With a token at hand the tunnel carries programs for one round trip only: some runs send nothing in it.
    assert second["hops_tunnelled"] is None or second["hops_direct"] < second["hops_tunnelled"]
    assert result["connection"]["survived"] is True
    assert result["figures"]["authenticators"] >= 18
    packets = examine(tmp_path)
    assert packets.problems == []
    assert packets.packets > 10_000


@pytest.mark.rfc("6275", "5.1", "esp-able")
def test_home_signalling_goes_in_esp_and_nothing_of_it_in_clear(on_plane: Run) -> None:
    result = on_plane("esp")
    assert result["problems"] == []
    assert [move["updates"] for move in result["moves6"]] == [1, 1, 1]
    assert [peer["path"] for peer in peers(result, "able")] == ["direct", "direct", "plain"]
    assert result["figures"]["in_esp"] >= 10  # each move's request and answer, and home tests with two correspondents
    assert result["figures"]["home_tests_in_esp"] >= 2


@pytest.mark.rfc("6275", "11.4.3", "as-on-link")
def test_a_renumbered_home_gives_another_home_address_when_the_old_one_has_ended(on_plane: Run) -> None:
    result = on_plane("renumbering")
    assert result["problems"] == []
    assert result["figures"]["told_s"] < 10 < result["figures"]["bound_after_s"]
    assert result["figures"]["solicitations"] >= 1


def test_both_families_move_together(on_plane: Run) -> None:
    result = on_plane("both")
    assert result["problems"] == []
    assert [move["attachment"] for move in result["moves"]] == ["foreign-agent", "co-located", "home"]
    assert [move["requests"] for move in result["moves"]] == [1, 1, 1]
    assert [move["updates"] for move in result["moves6"]] == [1, 1, 1]


@pytest.mark.rfc("6275", "11.4.1")
def test_home_agents_are_found_by_anycast_and_the_dead_one_is_passed_over(on_plane: Run) -> None:
    result = on_plane("anycast")
    assert result["problems"] == []
    assert result["figures"]["anycast_requests"] == 1


def test_home_agent_that_lost_its_ipv6_bindings(on_plane: Run) -> None:
    result = on_plane("ha-restart6")
    assert result["problems"] == []
    assert 0 < result["figures"]["recovered_s"] <= 15


@pytest.mark.rfc("6275", "11.3.6")
def test_correspondent_that_lost_its_bindings_says_so_and_is_reached_directly_again(on_plane: Run) -> None:
    result = on_plane("correspondent-restart")
    assert result["problems"] == []
    assert result["figures"]["binding_errors"] >= 1


@pytest.mark.rfc("6275", "9.5.1")
def test_expired_nonce_costs_one_refusal(on_plane: Run) -> None:
    result = on_plane("nonce-expiry")
    assert result["problems"] == []
    assert result["figures"]["refused_136"] == 1


@pytest.mark.rfc("6275", "11.7.3")
def test_sequence_number_out_of_the_window_is_cured(on_plane: Run) -> None:
    result = on_plane("sequence-lost")
    assert result["problems"] == []
    assert result["figures"]["refused_135"] == 1


def test_access_by_ipv6_alone(on_plane: Run) -> None:
    assert on_plane("ipv6-only")["problems"] == []


@pytest.mark.rfc("6275", "11.5.3")
def test_address_that_somebody_else_has_is_not_used(on_plane: Run) -> None:
    result = on_plane("duplicate-address")
    assert result["problems"] == []
    assert result["figures"]["packets_with_taken_address"] == 0
