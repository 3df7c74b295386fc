"""Every code, state and reason has words; what the daemon is said to do by itself is what it does."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core import words
from client.core.explain import UnknownIdError, event_words, explain, limit_words, reason_words
from client.core.status import LogEntry, Place, State
from client.mipv4.codes import Code, Remedy, is_accepted, is_from_foreign_agent, remedy

ROOMS = [Path(__file__).parents[3] / room for room in ("client", "mipv6")]


@pytest.mark.rfc("5944", "3.4")
@pytest.mark.parametrize("code", list(Code))
def test_every_code_has_words_of_its_own(code: Code) -> None:
    found = explain(f"v4:{code}")
    assert found.meaning
    assert found.action
    assert "code" not in found.meaning or code == Code.FA_RESERVED


@pytest.mark.parametrize("code", [code for code in Code if not is_accepted(code)])
def test_automatic_is_what_the_mobile_node_does_by_itself(code: Code) -> None:
    assert explain(f"v4:{code}").automatic == (remedy(code) is not Remedy.PERSON)


@pytest.mark.parametrize("code", list(Code))
def test_the_words_blame_the_agent_that_spoke(code: Code) -> None:
    meaning = explain(f"v4:{code}").meaning
    if is_from_foreign_agent(code) and code not in (Code.FA_RESERVED, Code.INVALID_HOME_AGENT_ADDRESS):
        assert "your home agent does not" not in meaning
    elif not is_accepted(code):
        assert "the foreign agent refused" not in meaning


@pytest.mark.parametrize(
    ("identifier", "meaning"),
    [
        ("v4:90", "refused by the foreign agent, code 90"),
        ("v4:200", "refused by the home agent, code 200"),
        ("v6:250", "refused by the home agent, code 250"),
    ],
)
def test_unknown_codes_say_who_refused(identifier: str, meaning: str) -> None:
    assert explain(identifier).meaning == meaning


def test_the_family_decides() -> None:
    assert explain("v4:144").meaning != explain("v6:144").meaning


@pytest.mark.parametrize("identifier", ["131", "v4:", "v4:256", "v4:-1", "v5:1", "v4:\u0661", "", "nonsense", "v4:1 "])
def test_what_is_no_code_is_unknown(identifier: str) -> None:
    with pytest.raises(UnknownIdError):
        explain(identifier)


@given(st.text(max_size=30))
def test_any_text_is_explained_or_unknown(identifier: str) -> None:
    try:
        meaning = explain(identifier).meaning
    except UnknownIdError:
        meaning = "unknown"
    assert meaning


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_words(state: State) -> None:
    assert explain(state.value).meaning == words.STATES[state.value]
    assert words.HEADLINES[state.value]


@pytest.mark.parametrize("place", list(Place))
def test_every_place_has_words(place: Place) -> None:
    assert words.PLACES[place.value]


def test_a_reason_is_put_into_words() -> None:
    assert reason_words("v4:131") == "your home agent does not accept your key or SPI (code 131)"
    assert reason_words("home") == "not needed at home"
    assert reason_words("clock").startswith("this computer's clock")
    assert reason_words("something-new") == "something-new"
    assert reason_words("v4:999") == "v4:999"
    assert reason_words(None) == ""


def test_a_limit_is_put_into_words_with_its_detail() -> None:
    assert limit_words("reverse-tunnel", "v4:74").endswith("does not offer reverse tunnelling (code 74)")
    assert limit_words("short-lifetime", "30") == "the home agent grants only 30 s at a time"
    assert limit_words("kernel", "{0} {detail}").endswith("{0} {detail}")
    assert limit_words("new-limit", "x") == "new-limit"


def test_an_event_is_put_into_words_with_its_parameters() -> None:
    parameters = {"place": "co-located", "care_of": "10.0.0.7", "encapsulation": "gre", "code": "0"}
    entry = LogEntry(at="2026-11-23T14:02:11Z", id="registered", parameters=parameters)
    assert event_words(entry) == "registered with an own address, care-of address 10.0.0.7, by GRE: accepted (code 0)"
    entry = LogEntry(at="", id="registered-behind-nat", parameters={**parameters, "encapsulation": "udp"})
    assert event_words(entry) == "registered with an own address 10.0.0.7 behind a NAT, by UDP: accepted (code 0)"


def test_every_event_that_is_logged_has_words() -> None:
    logged = {event for room in ROOMS for file in room.rglob("*.py") for event in events_in(file)}
    assert logged
    assert logged - words.EVENTS.keys() == set()


def events_in(file: Path) -> Iterator[str]:
    """The ids in calls such as `history.note("arrived", ...)` and `reports("plan-refused", ...)`."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            kinds = [value.value for value in ast.walk(node.args[0]) if isinstance(value, ast.Constant)]
            if node.func.attr in ("note", "_reports"):
                yield from (kind for kind in kinds if isinstance(kind, str))


def test_an_event_of_a_newer_daemon_is_shown_as_it_is() -> None:
    entry = LogEntry(at="2026-11-23T14:02:11Z", id="new-thing", parameters={"a": "1"})
    assert event_words(entry) == "new-thing a=1"


def test_a_missing_parameter_leaves_a_question_mark() -> None:
    assert event_words(LogEntry(at="", id="arrived")) == "arrived at ? after ? ms"
