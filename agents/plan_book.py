"""A plan made of many small groups of items: a change costs its own group, and what stays is the same object."""

from __future__ import annotations

from collections.abc import Hashable
from itertools import chain

from client.core.plan import EMPTY, Plan


class PlanBook:
    """Groups by key, in the order in which their keys first came."""

    def __init__(self) -> None:
        self._groups: dict[Hashable, Plan] = {}
        self._plan: Plan | None = EMPTY

    def put(self, key: Hashable, items: Plan) -> None:
        """These are the items of this key now; none takes the group away."""
        if self._groups.get(key, EMPTY) == items:
            return
        if items:
            self._groups[key] = items
        else:
            del self._groups[key]
        self._plan = None

    @property
    def plan(self) -> Plan:
        """All items; the same object for as long as nothing has changed."""
        if self._plan is None:
            self._plan = tuple(chain.from_iterable(self._groups.values()))
        return self._plan
