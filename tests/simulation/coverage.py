"""Which fault met the mobile node in which state: what never happened was not tested."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tests.simulation.faults import Fault

STATES = ("asking", "unregistered", "foreign-agent", "co-located", "at-home", "between-links")
CANNOT = {
    (Fault.LEASE_CHANGE.value, "between-links"): "without a link there is no lease to change",
    (Fault.FLAP.value, "between-links"): "without a link nothing flaps",
}
"""Pairs that mean nothing; all others are declared and must happen."""


def missing(faults: Counter[tuple[str, str]]) -> list[tuple[str, str]]:
    """The declared pairs that never happened."""
    pairs = ((fault.value, state) for fault in Fault for state in STATES)
    return [pair for pair in pairs if pair not in CANNOT and not faults[pair]]


def table(faults: Counter[tuple[str, str]]) -> Iterator[str]:
    """One line for each fault, one column for each state."""
    yield f"{'fault':22}" + "".join(f"{state:>15}" for state in STATES)
    for fault in Fault:
        counts = (faults[fault.value, state] for state in STATES)
        yield f"{fault.value:22}" + "".join(f"{count:15}" for count in counts)
