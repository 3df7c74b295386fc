from __future__ import annotations

from datetime import UTC

from client.core.status import Handover, LogEntry, Phase, Place
from gui.view.activity import bars, summary
from gui.view.events import lines
from tests.gui.english import english

MOVE = Handover(
    at="2026-11-23T14:02:11.000Z",
    origin="home eth0",
    to="co-located eth0",
    place=Place.CO_LOCATED,
    phases=[Phase(name="link", ms=41), Phase(name="address", ms=12), Phase(name="registration", ms=77)],
    total_ms=130,
)


def test_a_bar_names_its_slowest_phase() -> None:
    [bar] = bars([MOVE], english, UTC)
    assert (bar.when, bar.title) == ("14:02:11", "eth0 at home → eth0 with an own address")
    assert bar.summary == "130 ms, slowest: registration"


def test_handovers_are_summed_up() -> None:
    assert summary([], english) == "No handovers yet."
    assert summary([MOVE, MOVE], english) == "2 handover(s), median 130 ms, worst 130 ms"


def test_an_event_with_a_code_says_what_it_means_and_what_to_do() -> None:
    [line] = lines([LogEntry(at="2026-11-23T14:31:07Z", id="refused", parameters={"code": "133"})], english, UTC)
    assert line.code == "v4:133"
    assert line.text.startswith("refused: ")
    assert "(code 133)" in line.meaning
    assert line.action


def test_an_arrival_says_where() -> None:
    entry = LogEntry(at="2026-11-23T14:31:07Z", id="arrived", parameters={"to": "co-located wlan0", "ms": "84"})
    [line] = lines([entry], english, UTC)
    assert line.text == "arrived at wlan0 with an own address after 84 ms"


def test_the_newest_event_is_the_first_and_unknown_ones_stand_for_themselves() -> None:
    entries = [LogEntry(at="x", id="stalled"), LogEntry(at="y", id="later", parameters={"a": "b"})]
    assert next(line.text for line in lines(entries, english, UTC)) == "later a=b"
