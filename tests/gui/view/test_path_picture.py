from __future__ import annotations

import pytest

from gui.view.model import LineStyle, Lost
from gui.view.path_picture import path_picture
from gui.view.peers import peers
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


V6 = {
    "place": "co-located",
    "home_address": "2001:db8:1::23",
    "coa": "2001:db8:2::7",
    "ha": "2001:db8:1::1",
    "expires_s": 60,
    "path": "reverse",
    "peers": [
        {"address": "2001:db8:5::2", "path": "unable"},
        {"address": "2001:db8:5::1", "path": "direct", "binding_s": 100},
        {"address": "2001:db8:5::3", "path": "home", "code": 129},
    ],
}


def test_with_ipv6_alone_the_picture_is_of_ipv6() -> None:
    picture = path_picture(status(v4=None, v6=V6), english)
    assert [node.lines for node in picture.nodes[:3]] == [
        ("2001:db8:1::23",),
        ("2001:db8:2::7", "behind NAT"),
        ("2001:db8:1::1", "1:00 left"),
    ]
    assert [(leg.origin, leg.target, leg.tunnel, leg.word) for leg in picture.legs] == [
        ("laptop", "access", "", ""),
        ("access", "home-agent", "IPv6-in-IPv6", "reverse tunnel"),
        ("home-agent", "correspondents", "", ""),
        ("access", "correspondents", "", "direct with 1"),
    ]


def test_direct_paths_are_a_way_of_their_own_with_both_families_too() -> None:
    picture = path_picture(status(v6=V6), english)
    assert [leg.word for leg in picture.legs] == ["", "reverse tunnel", "", "direct with 1"]


def test_correspondents_are_listed_with_the_way_of_their_packets() -> None:
    assert peers(status(v6=V6), english) == (
        ("2001:db8:5::1", "straight, 1:40 left"),
        ("2001:db8:5::2", "through home, since it knows no other way"),
        ("2001:db8:5::3", "through home, not allowed (code 129)"),
    )
    assert peers(status(), english) == peers(Lost(reason="silent"), english) == ()
