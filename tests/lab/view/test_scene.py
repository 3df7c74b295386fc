from __future__ import annotations

import io

import pytest
from rich.console import Console

from lab.result import ConnectionFigures, Move6Figures, MoveFigures, PeerFigures, Result, ToggleFigures
from lab.view import table
from lab.view.lines import Lines
from lab.view.picture import Picture
from lab.view.scene import Scene, paths

MOVE = MoveFigures(
    to="cafe",
    attachment="co-located",
    registered_ms=61.25,
    own_ms=7.5,
    gap_ms=130.0,
    packets_lost=9,
    requests=1,
    address_ms=40.0,
)
TOGGLE = ToggleFigures(
    to="off", attachment="co-located", registered_ms=3.0, gap_ms=11.0, packets_lost=0, requests=1, path="triangle"
)

MOVE6 = Move6Figures(
    to="cafe",
    attachment="co-located",
    first=True,
    address_ms=3.0,
    own_ms=4.5,
    binding_ms=1005.0,
    updates=1,
    peers=[
        PeerFigures(
            name="able",
            path="direct",
            tests_ms=2.5,
            direct_ms=16.5,
            packets_lost=3,
            hops_tunnelled=4,
            hops_direct=2,
        ),
        PeerFigures(name="unable", path="home-agent", packets_lost=4),
    ],
)


def scene() -> Scene:
    outward, inward = paths("co-located", "reverse")
    return Scene(network="cafe", state="working", outward=outward, inward=inward, received=2_500_000, doing="at work")


def drawn(current: Scene) -> str:
    out = io.StringIO()
    picture = Picture(Console(file=out, force_terminal=True, width=120, color_system=None))
    picture.show(current)
    picture.close()
    return out.getvalue()


def test_picture_shows_the_laptop_in_its_network_alone() -> None:
    rows = drawn(scene()).splitlines()
    assert [row for row in rows if "[laptop]" in row and "cafe" in row]
    assert not [row for row in rows if "[laptop]" in row and ("home (" in row or "office (" in row)]


def test_picture_shows_path_state_progress_and_handovers() -> None:
    current = scene()
    current.handovers = [MOVE, TOGGLE]
    text = drawn(current)
    for words in ("==tunnel==> home agent", "working", "2.5 MB", "to cafe", "40.0 ms", "7.5 ms", "reverse tunnel off"):
        assert words in text


def test_lines_say_each_thing_once() -> None:
    out = io.StringIO()
    lines = Lines(out)
    current = scene()
    lines.show(current)
    lines.show(current)
    current.handovers.append(MOVE)
    lines.show(current)
    lines.show(current)
    assert len(out.getvalue().splitlines()) == 2
    assert "registered after 61.2 ms" in out.getvalue()


@pytest.mark.parametrize(
    ("place", "path", "word"),
    [("home", "direct", "home router"), ("foreign-agent", "reverse", "foreign agent ==tunnel"), (None, None, "")],
)
def test_path_outwards_in_words(place: str | None, path: str | None, word: str) -> None:
    assert word in paths(place, path)[0]


def printed(result: Result) -> str:
    out = io.StringIO()
    result.judge()
    table.show(result, Console(file=out, width=140))
    return out.getvalue()


def test_table_has_every_move_and_what_became_of_the_connection() -> None:
    connection = ConnectionFigures(survived=True, bytes=9_000_000, checksum_ok=True)
    text = printed(Result(scenario="roam", moves=[MOVE], toggles=[TOGGLE], connection=connection))
    for words in ("61.2 ms", "7.5 ms", "130.0 ms", "survived", "9.0 MB", "checksum right", "roam: ok"):
        assert words in text


def test_problems_are_said_and_make_it_fail() -> None:
    result = Result(scenario="roam", problems=["the download broke: curl ended with [18]"])
    text = printed(result)
    assert "curl ended with [18]" in text
    assert "roam: failed" in text
    assert not result.ok


def test_figures_over_all_moves() -> None:
    result = Result(scenario="roam", moves=[MOVE, MOVE, MOVE])
    result.judge()
    assert result.figures == {"own_ms_median": 7.5, "own_ms_worst": 7.5}


def test_ipv6_moves_have_a_line_for_each_correspondent() -> None:
    text = printed(Result(scenario="roam6", moves6=[MOVE6]))
    for words in ("cafe, first", "1005.0 ms", "cafe: able", "16.5 ms", "cafe: unable", "home-agent"):
        assert words in text


def test_ipv6_moves_are_in_the_picture_and_in_the_lines() -> None:
    current = scene()
    current.handovers = [MOVE6]
    assert "to cafe, IPv6" in drawn(current)
    out = io.StringIO()
    Lines(out).show(current)
    assert "able direct, 3 lost, unable home-agent, 4 lost" in out.getvalue()


def test_first_bindings_and_handovers_are_summed_up_apart() -> None:
    result = Result(scenario="roam6", moves6=[MOVE6])
    result.judge()
    assert result.figures["first_binding6_ms_worst"] == 1005.0
    assert "binding6_ms_worst" not in result.figures
