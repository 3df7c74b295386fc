"""Makes the kernel hold what a plan says, and knows what it holds.

The new is built in plan order before the old is taken away in reverse, and an item takes the place of
the one with its key. Tunnels come first (switching one is a change in a table of ours, microseconds) and
their removal last. An item that the kernel refuses is reported, and tried again at the next `apply`.
"""

from __future__ import annotations

import errno
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from typing import Protocol

from client.core.errors import KernelError
from client.core.plan import EMPTY, Anchor, Item, Plan, Relay, Tunnel
from client.linux.dataplane.words import words

_CARRIED = (Tunnel, Relay)  # the data plane's; all else is the kernel's
_FIGHTS = 3
_FIGHT_MEMORY = 60.0


class DataPlane(Protocol):
    """What carries tunnelled packets."""

    def add(self, item: Tunnel | Relay) -> None:
        """Use it, in place of what has its key; a tunnel that sends also takes its slot (home address and copy)."""

    def remove(self, item: Tunnel | Relay) -> None:
        """Use it no longer; what took its place stays."""

    def attach(self, descriptor: int, mtu: int, *, shortcut: bool = False) -> None:
        """Packets of programs come from this anchor and go there."""

    def detach(self) -> None:
        """The anchor goes."""


class Holder(Protocol):
    """What holds all other items: the kernel."""

    @property
    def descriptor(self) -> int | None:
        """The anchor's descriptor, while there is an anchor."""

    def add(self, item: Item) -> None:
        """Hold the item, in place of what has its key. Raises KernelError."""

    def replaced(self, old: Item, new: Item) -> None:
        """Take away what remains of an item whose successor stands. Raises KernelError."""

    def settle(self, item: Item) -> None:
        """What is left to do for a new item once the whole plan stands. Raises KernelError."""

    def remove(self, item: Item) -> None:
        """Hold the item no longer. Raises KernelError."""

    def standing(self) -> frozenset[object]:
        """The keys of what still stands, as far as one look can tell."""

    def stands(self, item: Item, standing: frozenset[object]) -> bool:
        """Whether this item still stands."""

    def forget(self, item: Item) -> None:
        """It stands no longer, and not by our doing."""


class Reconciler:
    """The one who changes the kernel."""

    def __init__(self, kernel: Holder, plane: DataPlane, now: Callable[[], float]) -> None:
        self._kernel = kernel
        self._plane = plane
        self._now = now
        self._held: dict[object, Item] = {}
        self._taken: dict[object, deque[float]] = {}  # when others removed it

    def apply(self, plan: Plan) -> tuple[str, ...]:
        """Bring the kernel to the plan; returns what it refused, in words (empty: all of it stands)."""
        refused: list[str] = []
        changed, gone = self._difference(plan)
        replaced = [(self._held[item.key], item) for item in changed if item.key in self._held]
        carried = [item for item in changed if isinstance(item, _CARRIED)]
        self._each(self._add, sorted(carried, key=_sends_no_longer), refused)
        self._each(self._add, [item for item in changed if not isinstance(item, _CARRIED)], refused)
        for old, new in replaced:
            if self._held[new.key] == new:
                self._each(partial(self._kernel.replaced, old), [new], refused)
        self._each(self._remove, [item for item in gone if not isinstance(item, _CARRIED)], refused)
        self._each(self._remove, [item for item in gone if isinstance(item, _CARRIED)], refused)
        self._each(self._settle, [item for item in changed if self._held.get(item.key) == item], refused)
        return tuple(refused)

    def _difference(self, plan: Plan) -> tuple[list[Item], list[Item]]:
        """What to add, in plan order, and what to take away, in reverse.

        An agent's plan has thousands of items of which one binding's change: those that are the very same
        objects as before are passed over, since to ask each for its key would take most of a handover.
        """
        held, planned = set(map(id, self._held.values())), set(map(id, plan))
        fresh = [item for item in plan if id(item) not in held]
        stale = [item for item in reversed(self._held.values()) if id(item) not in planned]
        wanted = {item.key: item for item in fresh}
        changed = [item for key, item in wanted.items() if self._held.get(key) != item]
        gone = [item for item in stale if item.key not in wanted]
        for key, item in wanted.items():
            if key in self._held and self._held[key] == item:
                self._held[key] = item  # equal: from now on it is the very same
        return changed, gone

    def audit(self, *, by_others: bool) -> bool:
        """Read back what the kernel holds, forget what it lost; returns whether it lost anything."""
        standing = self._kernel.standing()
        lost = [
            item
            for item in self._held.values()
            if not isinstance(item, _CARRIED) and not self._kernel.stands(item, standing)
        ]
        for item in lost:
            self._lose(item)
            if by_others:
                self._taken.setdefault(item.key, deque(maxlen=_FIGHTS + 1)).append(self._now())
        return bool(lost)

    def close(self) -> tuple[str, ...]:
        """Leave nothing of ours; returns what could not be removed."""
        return self.apply(EMPTY)

    def _each(self, do: Callable[[Item], None], items: Iterable[Item], refused: list[str]) -> None:
        for item in items:
            try:
                do(item)
            except KernelError as error:
                refused.append(f"{words(item)}: {error.strerror}")

    def _add(self, item: Item) -> None:
        if isinstance(item, _CARRIED):
            self._plane.add(item)
        else:
            self._give_way(item)
            self._kernel.add(item)
        self._held[item.key] = item  # at once: a failure later must not forget it
        descriptor = self._kernel.descriptor
        if isinstance(item, Anchor) and descriptor is not None:
            self._plane.attach(descriptor, item.mtu, shortcut=item.shortcut)

    def _settle(self, item: Item) -> None:
        try:
            self._kernel.settle(item)
        except KernelError:
            del self._held[item.key]  # so that the next `apply` tries it again
            raise

    def _remove(self, item: Item) -> None:
        if isinstance(item, _CARRIED):
            self._plane.remove(item)
        else:
            if isinstance(item, Anchor):
                self._plane.detach()
            self._kernel.remove(item)
        del self._held[item.key]

    def _lose(self, item: Item) -> None:
        del self._held[item.key]
        if isinstance(item, Anchor):
            self._plane.detach()
        self._kernel.forget(item)

    def _give_way(self, item: Item) -> None:
        """Do not fight for ever with one who keeps removing what we add."""
        times = self._taken.get(item.key)
        if times is not None and len(times) > _FIGHTS and self._now() - times[0] < _FIGHT_MEMORY:
            raise KernelError(errno.EBUSY, "another program keeps removing it")


def _sends_no_longer(item: Item) -> bool:
    """Tunnels that give up their slot come after those that take it: it is never empty in between."""
    return isinstance(item, Tunnel) and not item.sends
