"""Several machines on one host, as one."""

from __future__ import annotations

from client.core.machine import Event, Machine, Output
from client.core.plan import Plan


class Together:
    """Each hears all events."""

    def __init__(self, *machines: Machine) -> None:
        self._machines = machines

    @property
    def deadline(self) -> float:
        """The earliest."""
        return min(machine.deadline for machine in self._machines)

    def handle(self, event: Event, now: float) -> list[Output]:
        """In their order."""
        return [output for machine in self._machines for output in machine.handle(event, now)]

    def plan(self) -> Plan:
        """All plans, each item once."""
        return tuple(dict.fromkeys(item for machine in self._machines for item in machine.plan()))

    def memory(self) -> bytes:
        """That of the first."""
        return self._machines[0].memory()
