"""Handovers by their phases, and a bounded log."""

from __future__ import annotations

from client.core.history import LONGEST_HISTORY, LONGEST_LOG, History, iso
from client.core.status import Place
from tests.client.mipv4.by_hand import WALL


def history() -> History:
    """With a clock that stands still."""
    return History(lambda: WALL)


def test_times_are_iso_8601_in_utc_with_milliseconds() -> None:
    assert iso(0.0) == "1970-01-01T00:00:00.000Z"
    assert iso(1_800_000_000.25) == "2027-01-15T08:00:00.250Z"


def test_phases_of_a_move_to_another_link() -> None:
    past = history()
    past.left(10.0)
    past.link_up(2, 10.5)
    past.moving("co-located eth2", Place.CO_LOCATED, 2, 11.0, 7)
    past.registered(11.25, 9)
    past.arrived(11.5)
    [move] = past.handovers
    assert [(phase.name, phase.ms) for phase in move.phases] == [
        ("link", 500.0),
        ("address", 500.0),
        ("registration", 250.0),
        ("data", 250.0),
    ]
    assert (move.total_ms, move.requests, move.origin, move.to) == (1500.0, 2, None, "co-located eth2")


def test_agent_is_discovered_and_an_address_is_given() -> None:
    for place, name in ((Place.FOREIGN_AGENT, "discovery"), (Place.HOME, "discovery"), (Place.CO_LOCATED, "address")):
        past = history()
        past.moving("x", place, 2, 1.0, 0)
        past.arrived(2.0)
        assert name in [phase.name for phase in past.handovers[0].phases]


def test_old_link_that_still_works_leaves_nothing_before_the_new_one_is_up() -> None:
    past = history()
    past.link_up(3, 20.0)
    past.moving("x", Place.FOREIGN_AGENT, 3, 20.01, 0)
    past.arrived(20.03)
    assert past.handovers[0].total_ms == 30.0


def test_second_move_on_the_same_link_begins_when_it_is_decided() -> None:
    past = history()
    past.link_up(2, 1.0)
    past.moving("x", Place.FOREIGN_AGENT, 2, 1.5, 0)
    past.arrived(2.0)
    past.moving("y", Place.CO_LOCATED, 2, 500.0, 1)
    past.arrived(500.1)
    assert (past.handovers[1].total_ms, past.handovers[1].origin) == (100.0, "x")


def test_time_before_the_old_attachment_was_lost_counts_for_nothing() -> None:
    past = history()
    past.link_up(3, 5.0)
    past.left(10.0)
    past.moving("x", Place.FOREIGN_AGENT, 3, 11.0, 0)
    past.arrived(12.0)
    assert past.handovers[0].total_ms == 2000.0


def test_move_given_up_for_another_is_no_handover() -> None:
    past = history()
    past.link_up(2, 1.0)
    past.moving("x", Place.HOME, 2, 1.5, 0)
    past.moving("y", Place.CO_LOCATED, 2, 8.0, 3)
    past.registered(8.5, 4)
    past.arrived(9.0)
    past.arrived(10.0)
    [move] = past.handovers
    assert (move.to, move.requests, move.total_ms) == ("y", 1, 8000.0)


def test_only_the_first_registration_of_a_move_counts() -> None:
    past = history()
    past.moving("x", Place.CO_LOCATED, 2, 0.0, 0)
    past.registered(1.0, 1)
    past.registered(5.0, 2)
    past.arrived(6.0)
    assert past.handovers[0].requests == 1
    assert past.handovers[0].phases[-1].ms == 5000.0


def test_log_and_history_are_bounded_and_what_was_noted_is_counted() -> None:
    past = history()
    for number in range(LONGEST_LOG + 10):
        past.note("event", number=number)
    for number in range(LONGEST_HISTORY + 10):
        past.moving(str(number), Place.CO_LOCATED, 2, 0.0, 0)
        past.arrived(1.0)
    assert (len(past.log), len(past.handovers)) == (LONGEST_LOG, LONGEST_HISTORY)
    assert past.noted == LONGEST_LOG + LONGEST_HISTORY + 20
    assert past.log[-1].parameters == {"to": str(LONGEST_HISTORY + 9), "ms": "1000.0"}
