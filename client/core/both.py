"""Two machines that share one world, one for each family: neither knows of the other, and neither waits for it."""

from __future__ import annotations

import struct
from dataclasses import replace

from client.core.errors import DecodeError
from client.core.machine import Event, Machine, Output
from client.core.plan import ANCHOR, Anchor, Item, Plan, Route

_LENGTH = struct.Struct("!4sI")
_MARK = b"both"


class Both:
    """Hands every event to both; the plan is both plans, with one anchor."""

    def __init__(self, first: Machine, second: Machine) -> None:
        self._machines = (first, second)
        self._plans: tuple[Plan, ...] = ()
        self._merged: Plan = ()

    @property
    def deadline(self) -> float:
        """The earlier one."""
        return min(machine.deadline for machine in self._machines)

    def handle(self, event: Event, now: float) -> list[Output]:
        """What the first says, then what the second says."""
        return [output for machine in self._machines for output in machine.handle(event, now)]

    def plan(self) -> Plan:
        """Both; the very same object while neither changes."""
        plans = tuple(machine.plan() for machine in self._machines)
        if len(self._plans) != len(plans) or any(a is not b for a, b in zip(plans, self._plans, strict=True)):
            self._plans, self._merged = plans, merged(*plans)
        return self._merged

    def memory(self) -> bytes:
        """Both, which `memories` takes apart."""
        first, second = (machine.memory() for machine in self._machines)
        return _LENGTH.pack(_MARK, len(first)) + first + second if first or second else b""


def memories(memory: bytes) -> tuple[bytes, bytes]:
    """What each of the two remembered; what was stored before there were two belongs to the first."""
    if not memory.startswith(_MARK):
        return memory, b""
    end = _LENGTH.size + _LENGTH.unpack_from(memory)[1] if len(memory) >= _LENGTH.size else len(memory) + 1
    if end > len(memory):
        raise DecodeError("a memory that is cut short", memory)
    return memory[_LENGTH.size : end], memory[end:]


def merged(first: Plan, second: Plan) -> Plan:
    """One plan with one anchor, in building order: what stands by itself, the anchor, what needs it."""
    anchors = [item for item in (*first, *second) if isinstance(item, Anchor)]
    if len(anchors) < 2:
        return (*first, *second)
    anchor = _one_anchor(*anchors)
    before = [item for plan in (first, second) for item in _parts(plan)[0]]
    after = [
        _limited(item, own, anchor)
        for plan, own in zip((first, second), anchors, strict=True)
        for item in _parts(plan)[1]
    ]
    return (*before, anchor, *after)


def _parts(plan: Plan) -> tuple[Plan, Plan]:
    place = next(number for number, item in enumerate(plan) if isinstance(item, Anchor))
    return plan[:place], plan[place + 1 :]


def _one_anchor(first: Anchor, second: Anchor) -> Anchor:
    return Anchor(
        mtu=max(first.mtu, second.mtu),
        address=first.address or second.address,
        broadcast=first.broadcast or second.broadcast,
        shortcut=first.shortcut or second.shortcut,
        address6=first.address6 or second.address6,
    )


def _limited(item: Item, own: Anchor, anchor: Anchor) -> Item:
    """The anchor is as wide as the wider family needs it: the other one's routes say what it can take."""
    if isinstance(item, Route) and item.interface == ANCHOR and item.mtu is None and own.mtu < anchor.mtu:
        return replace(item, mtu=own.mtu)
    return item
