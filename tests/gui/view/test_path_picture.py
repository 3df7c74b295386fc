from __future__ import annotations

import pytest

from gui.view.model import LineStyle, Lost
from gui.view.path_picture import path_picture
from tests.gui.english import english
from tests.gui.statuses import V4, status


def legs(state: str = "working", **v4: object) -> list[tuple[str, str, str, str]]:
    picture = path_picture(status(state, v4={**V4, **v4}), english)
    return [(leg.origin, leg.target, leg.style.value, leg.tunnel) for leg in picture.legs]


def test_with_an_own_address_the_tunnel_begins_in_the_visited_network() -> None:
    assert legs() == [
        ("laptop", "access", "solid", ""),
        ("access", "home-agent", "solid", "UDP"),
        ("home-agent", "correspondents", "solid", ""),
    ]


def test_through_a_foreign_agent_the_tunnel_begins_there() -> None:
    found = legs(place="foreign-agent", fa="192.0.2.1", encap="ipip")
    assert ("foreign-agent", "home-agent", "solid", "IP-in-IP") in found


def test_in_a_triangle_packets_leave_by_a_way_of_their_own() -> None:
    picture = path_picture(status(v4={**V4, "path": "triangle"}), english)
    ways = {(leg.target, leg.outwards, leg.inwards) for leg in picture.legs if leg.origin == "access"}
    assert ways == {("home-agent", False, True), ("correspondents", True, False)}


def test_at_home_there_is_no_tunnel() -> None:
    found = legs("home", place="home", path="direct", encap=None)
    assert found == [("laptop", "home-agent", "solid", ""), ("home-agent", "correspondents", "solid", "")]


@pytest.mark.parametrize(
    ("state", "style"),
    [("checking", LineStyle.DASHED), ("connecting", LineStyle.DASHED), ("stalled", LineStyle.CUT)],
)
def test_what_is_not_proven_is_not_solid(state: str, style: LineStyle) -> None:
    assert legs(state)[1][2] == style.value


@pytest.mark.parametrize("state", ["no-network", "paused", "no-profile"])
def test_where_no_packets_go_there_are_no_lines(state: str) -> None:
    picture = path_picture(status(state), english)
    assert (picture.legs, picture.text) == ((), "No packets can go anywhere now.")
    assert path_picture(Lost(reason="silent"), english).legs == ()


def test_the_picture_can_be_read_aloud() -> None:
    assert path_picture(status(), english).text.splitlines() == [
        "Laptop, 198.51.100.23 - Cafe-Guest, 10.0.0.7, behind NAT: both ways.",
        "Cafe-Guest, 10.0.0.7, behind NAT - Home agent, 203.0.113.80, 24:10 left: both ways, UDP, reverse tunnel.",
        "Home agent, 203.0.113.80, 24:10 left - Everybody else: both ways.",
    ]
