"""The main job, end to end, and what may go wrong on the way: real programs, judged by their packets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lab.analysis.integrity import examine

Run = Callable[..., dict[str, Any]]
pytestmark = [pytest.mark.lab, pytest.mark.slow, pytest.mark.usefixtures("unchanged_kernel")]


def test_roam_keeps_the_connection_and_every_packet_is_sound(on_plane: Run, tmp_path: Path) -> None:
    result = on_plane("roam", "--pcap", tmp_path)
    assert result["problems"] == []
    assert result["ok"] is True
    assert [move["attachment"] for move in result["moves"]] == ["foreign-agent", "co-located", "foreign-agent", "home"]
    assert [move["requests"] for move in result["moves"]] == [1, 1, 1, 1]
    assert [(toggle["to"], toggle["path"]) for toggle in result["toggles"]] == [("off", "triangle"), ("on", "reverse")]
    assert result["connection"]["survived"] is True
    assert result["connection"]["checksum_ok"] is True
    assert result["connection"]["bytes"] >= 5_000_000
    assert [plane["node"] for plane in result["planes"]] == ["mn", "ha", "fa"]
    assert len({plane["dataplane"] for plane in result["planes"]}) == 1
    packets = examine(tmp_path)
    assert packets.problems == []
    assert packets.registrations >= 8
    assert packets.packets > 10_000


def test_roam_through_delay_and_loss(on_plane: Run) -> None:
    words = ("--delay", "15", "--loss", "0.01", "--reordering", "0.01", "--duplication", "0.01", "--seed", "3")
    result = on_plane("roam", *words)
    assert result["problems"] == []
    assert result["connection"]["survived"] is True


def test_home_agent_that_lost_its_bindings(on_plane: Run) -> None:
    result = on_plane("ha-restart")
    assert result["problems"] == []
    assert 0 < result["figures"]["recovered_s"] <= 15


@pytest.mark.rfc("5944", "2.4.4")
def test_foreign_agent_that_rebooted(on_plane: Run) -> None:
    result = on_plane("agent-reboot")
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


@pytest.mark.rfc("5944", "3.3")
@pytest.mark.parametrize("kind", ["ipip", "gre", "minimal", "udp"])
def test_encapsulation_that_the_profile_asks_for_is_used_and_sound(on_plane: Run, tmp_path: Path, kind: str) -> None:
    result = on_plane("encapsulation", "--encapsulation", kind, "--pcap", tmp_path)
    assert result["problems"] == []
    assert result["connection"]["survived"] is True
    ways = [f"{kind}_{network}_{way}_laptop" for network in ("office", "cafe") for way in ("to", "from")]
    assert all(result["figures"][way] > 100 for way in ways if kind != "udp" or "cafe" in way)
    packets = examine(tmp_path / kind)
    assert packets.problems == []
    assert (packets.minimal > 1000) == (kind == "minimal")


@pytest.mark.rfc("3519", "4.9")
def test_behind_a_nat_the_laptop_is_reached(on_plane: Run, tmp_path: Path) -> None:
    result = on_plane("nat", "--pcap", tmp_path)
    assert result["problems"] == []
    assert result["figures"]["network-hotel_to_laptop"] > 1000
    assert examine(tmp_path).problems == []


@pytest.mark.rfc("3519", "4.10")
def test_lost_mappings_of_a_nat_are_noticed(on_plane: Run) -> None:
    result = on_plane("nat-rebinding")
    assert result["problems"] == []
    assert 0 < result["figures"]["recovered_mapping_s"] <= 17
    assert 0 < result["figures"]["recovered_address_s"] <= 17


@pytest.mark.rfc("5944", "4.3")
def test_broadcasts_follow_the_laptop_if_it_wants_them(on_plane: Run) -> None:
    result = on_plane("broadcast")
    assert result["problems"] == []
    assert result["figures"]["heard_office"] > 20
    assert result["figures"]["heard_cafe"] > 20
    assert result["figures"]["heard_off"] == 0


@pytest.mark.rfc("5944", "4.4")
def test_groups_of_the_home_network_are_joined_through_the_reverse_tunnel(on_plane: Run) -> None:
    result = on_plane("multicast")
    assert result["problems"] == []
    assert result["figures"]["heard"] > 20
    assert result["figures"]["heard_at_home"] > 20


@pytest.mark.rfc("3024", "1")
def test_reverse_tunnel_cures_what_an_ingress_filter_does(on_plane: Run) -> None:
    result = on_plane("ingress-filtering")
    assert result["problems"] == []
    assert result["figures"]["lost_off"] == result["figures"]["sent_off"] > 50
    assert result["figures"]["lost_on"] == 0


@pytest.mark.rfc("5944", "3.8.2.1")
def test_moves_between_two_links_lose_nothing(on_plane: Run) -> None:
    result = on_plane("two-links")
    assert result["problems"] == []
    assert result["figures"]["bindings_at_once"] == 2
    assert result["figures"]["lost_to_laptop"] == result["figures"]["lost_from_laptop"] == 0


@pytest.mark.rfc("2003", "5.1")
def test_the_mtu_follows_a_hop_that_says_what_it_takes(on_plane: Run) -> None:
    result = on_plane("narrow-hop")
    assert result["problems"] == []
    assert result["figures"]["mtu"] == 1380


def test_a_hop_that_says_nothing_is_found_by_trying(on_plane: Run) -> None:
    result = on_plane("black-hole")
    assert result["problems"] == []
    assert result["figures"]["mtu"] == 1380
    assert result["figures"]["upload_resumed_s"] <= 3


def test_the_home_address_is_for_chosen_correspondents(on_plane: Run) -> None:
    result = on_plane("selected-prefixes")
    assert result["problems"] == []
    assert result["figures"]["lost_other"] == 0
