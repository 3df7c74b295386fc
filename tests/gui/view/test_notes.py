from __future__ import annotations

from typing import Any

import pytest

from client.core.status import State
from gui.view.model import Call, Lost, Note, Withdrawal
from gui.view.notes import BETWEEN, PATIENCE, Notes
from gui.view.steadiness import Steadiness
from tests.gui.english import english
from tests.gui.statuses import SETTINGS, STATES, status

FAULTS = [state.value for state in PATIENCE]


class Person:
    """Sees what is notified; time goes from status to status."""

    def __init__(self) -> None:
        self.notes = Notes()
        self.now = 1000.0

    def sees(self, state: str, after: float = 0.0, **more: Any) -> list[Note | Withdrawal]:
        self.now += after
        return self.notes.follow(status(state, **more), self.now, english)


@pytest.mark.parametrize("state", sorted(set(STATES) - set(FAULTS)))
def test_what_a_person_need_not_know_is_not_told(state: str) -> None:
    person = Person()
    assert person.sees("working") == []
    assert person.sees(state, 1.0) == person.sees(state, 500.0) == []
    assert person.notes.deadline is None


@pytest.mark.parametrize("state", FAULTS)
def test_a_fault_is_told_once_when_it_has_lasted(state: str) -> None:
    person = Person()
    person.sees("working")
    patience = PATIENCE[State(state)]
    if patience:
        assert person.sees(state) == []
        assert person.notes.deadline == person.now + patience
        assert person.sees(state, patience - 0.1) == []
    [note] = person.sees(state, 0.1)
    assert isinstance(note, Note)
    assert note.id == "fault"
    assert note.text.endswith(".") or note.text
    assert person.sees(state, 500.0) == []
    assert person.notes.deadline is None


def test_a_handover_is_never_told_however_many_there_are() -> None:
    person = Person()
    for _ in range(100):
        for state in ("working", "no-network", "connecting", "checking", "stalled", "working"):
            assert person.sees(state, 3.0) == []


def test_on_the_way_out_of_a_fault_it_is_still_the_same_one() -> None:
    person = Person()
    person.sees("stalled")
    assert person.sees("connecting", 10.0) == []
    assert len(person.sees("stalled", 10.0)) == 1


def test_the_end_of_a_fault_that_was_told_is_told() -> None:
    person = Person()
    person.sees("stalled")
    person.sees("stalled", 20.0)
    withdrawal_or_note = person.sees("working", 62.0)
    assert withdrawal_or_note == [Note(id="fault", title="Working again", text=withdrawal_or_note[0].text)]  # type: ignore[union-attr]
    assert "82" in withdrawal_or_note[0].text  # type: ignore[union-attr]


def test_a_fault_that_ends_soon_is_only_taken_back() -> None:
    person = Person()
    person.sees("refused", reason="v4:131")
    assert person.sees("working", 5.0) == [Withdrawal(id="fault")]
    assert person.sees("working", 500.0) == []


@pytest.mark.parametrize("state", ["no-network", "paused", "no-profile"])
def test_what_is_not_true_any_more_is_taken_back(state: str) -> None:
    person = Person()
    person.sees("refused", reason="v4:131")
    assert person.sees(state, 5.0) == [Withdrawal(id="fault")]
    assert person.sees(state, 5.0) == []


def test_the_service_that_is_gone_takes_it_back() -> None:
    person = Person()
    person.sees("refused", reason="v4:131")
    assert person.notes.follow(Lost(reason="not-running"), person.now, english) == [Withdrawal(id="fault")]


def test_at_most_one_a_minute_and_what_waited_comes_later() -> None:
    person = Person()
    assert len(person.sees("refused", reason="v4:131")) == 1
    assert person.sees("refused", 1.0, reason="v4:129") == []
    assert person.notes.deadline == person.now - 1.0 + BETWEEN
    [note] = person.sees("refused", BETWEEN - 1.0, reason="v4:129")
    assert isinstance(note, Note)
    assert person.sees("refused", BETWEEN, reason="v4:131") == []  # told already


def test_each_network_asks_once_to_sign_in() -> None:
    person = Person()
    for name in ("Cafe", "Train"):
        assert len(person.sees("portal", BETWEEN, network={"if": "wlan0", "name": name})) == 1
        assert person.sees("portal", BETWEEN, network={"if": "wlan0", "name": name}) == []


def test_a_fault_comes_with_what_can_be_done() -> None:
    [note] = Person().sees("one-way")
    assert isinstance(note, Note)
    assert note.action is not None
    assert note.action.action == Call(method="reverse_tunnel", params={"value": "on"})


def _switched(**more: Any) -> dict[str, Any]:
    return {**SETTINGS, "reverse_tunnel": {"wanted": "on", "applied": "off", **more}}


def test_a_switch_that_goes_back_is_told_with_the_reason() -> None:
    person = Person()
    assert person.sees("working", settings=_switched(pending=True)) == []
    [note] = person.sees("working", 1.0, settings=_switched(why="v4:74"))
    assert isinstance(note, Note)
    assert note.title == "Reverse tunnel"
    assert "code 74" in note.text
    assert note.text.endswith("You are still connected.")
    assert person.sees("working", 1.0, settings=_switched(why="v4:74")) == []


def test_a_switch_that_is_granted_is_not_told() -> None:
    person = Person()
    person.sees("working", settings=_switched(pending=True))
    assert person.sees("working", 1.0, settings={"reverse_tunnel": {"wanted": "on", "applied": "on"}}) == []


def test_what_was_refused_before_we_looked_is_not_told() -> None:
    assert Person().sees("working", settings=_switched(why="v4:74")) == []


def shown(steady: Steadiness, state: str, now: float) -> str:
    return steady.icon(State(state), state, now)


def test_the_icon_outlasts_a_quick_handover() -> None:
    steady = Steadiness()
    seen = [shown(steady, state, now) for state, now in (("working", 0), ("connecting", 5), ("checking", 5.9))]
    assert seen == ["working"] * 3
    until = steady.deadline
    assert until == 6.0
    assert shown(steady, "working", 5.95) == "working"
    assert steady.deadline is None
    assert shown(steady, "connecting", 7.0) == "working"


def test_what_stays_busy_for_a_second_shows() -> None:
    steady = Steadiness()
    shown(steady, "working", 0)
    assert shown(steady, "connecting", 5) == "working"
    assert shown(steady, "checking", 6) == "checking"


@pytest.mark.parametrize("state", sorted(set(STATES) - {"connecting", "checking"}))
def test_everything_else_shows_at_once(state: str) -> None:
    steady = Steadiness()
    shown(steady, "working", 0)
    assert shown(steady, state, 0.001) == state


def test_at_the_start_there_is_nothing_to_hold() -> None:
    assert shown(Steadiness(), "connecting", 0) == "connecting"
