"""Entries end in the order of their ends, whatever was put, replaced and forgotten before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agents.ledger import Ledger
from agents.plan_book import PlanBook
from client.core.machine import NEVER
from client.core.plan import Anchor, QuietArp

STEPS = st.lists(
    st.tuples(st.sampled_from(["put", "pop", "expire"]), st.integers(0, 5), st.integers(0, 100)), max_size=60
)


@given(STEPS)
def test_ledger_does_what_a_plain_dictionary_would(steps: list[tuple[str, int, int]]) -> None:
    ledger: Ledger[int, tuple[int, int]] = Ledger(lambda entry: float(entry[1]))
    plain: dict[int, tuple[int, int]] = {}
    for number, (step, key, time) in enumerate(steps):
        match step:
            case "put":
                plain[key] = (number, time)
                ledger.put(key, (number, time))
            case "pop":
                assert ledger.pop(key) == plain.pop(key, None)
            case "expire":
                ended = [entry for entry in plain.values() if entry[1] <= time]
                plain = {key: entry for key, entry in plain.items() if entry[1] > time}
                assert sorted(ledger.expire(time)) == sorted(ended)
        assert sorted(ledger) == sorted(plain.values())
        assert ledger.deadline == min((entry[1] for entry in plain.values()), default=NEVER)


def test_entries_that_are_renewed_for_ever_do_not_pile_up() -> None:
    ledger: Ledger[str, float] = Ledger(lambda end: end)
    for renewal in range(10_000):
        ledger.put("alice", float(renewal))
    assert len(ledger) == 1
    assert len(ledger._ends) < 200


def test_changes_that_nobody_follows_are_not_kept() -> None:
    ledger: Ledger[int, float] = Ledger(lambda end: end)
    for stranger in range(1000):
        ledger.put(stranger, float(stranger))
        ledger.pop(stranger)
    assert not ledger.changed


def test_changed_keys_are_told_once_they_are_taken() -> None:
    ledger: Ledger[str, float] = Ledger(lambda end: end, followed=True)
    ledger.put("alice", 1.0)
    ledger.put("bob", 2.0)
    assert ledger.changed == {"alice", "bob"}
    ledger.changed = set()
    ledger.expire(1.0)
    assert ledger.changed == {"alice"}


def test_plan_is_the_same_object_until_a_group_changes() -> None:
    book = PlanBook()
    book.put("fixed", (Anchor(1480),))
    book.put("bob", (QuietArp(7),))
    before = book.plan
    book.put("bob", (QuietArp(7),))
    assert book.plan is before
    book.put("bob", ())
    assert book.plan == (Anchor(1480),)
    book.put("nobody", ())
    assert book.plan == (Anchor(1480),)
