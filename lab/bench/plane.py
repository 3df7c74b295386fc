"""Holds a plan in the kernel of the namespace that it runs in, with all that our daemons use for it.

    python -m lab.bench.plane mobile|home ENCAPSULATION RUNTIME_DIRECTORY

The world, the reconciler and the data plane are the daemons' own, and MOBILENODE_DATAPLANE chooses as it does
there; only the machine is another: it says the same plan for ever, and nothing is signalled. Says "ready"
and the plane in use when the plan stands; after SIGTERM what the plane counted, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
from collections.abc import Mapping
from ipaddress import IPv4Network
from pathlib import Path

from client.core.driver import Driver
from client.core.machine import NEVER, Event, Output, PlanRefused
from client.core.plan import Encapsulation, Plan
from client.linux.ownership import MOBILE_NODE, MOBILITY_AGENT
from client.linux.world import LinuxWorld
from lab.bench.plans import Way, at_home, at_mobile
from lab.errors import LabError

MOBILE, HOME = "mobile", "home"
READY = "ready"


class Fixed:
    """A machine (client.core.machine.Machine) with one plan, whatever happens."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.refused: tuple[str, ...] = ()
        self.deadline = NEVER

    def handle(self, event: Event, now: float) -> list[Output]:
        """Nothing is sent."""
        if isinstance(event, PlanRefused):
            self.refused = event.reasons
        return []

    def plan(self) -> Plan:
        """The plan."""
        return self._plan

    def memory(self) -> bytes:
        """Nothing."""
        return b""


def plan_of(side: str, ways: list[Way]) -> Plan:
    """What this side holds."""
    if side == MOBILE:
        return at_mobile(ways, socket.if_nametoindex("eth0"))
    return at_home(ways, IPv4Network("198.51.100.0/24"))


async def hold(side: str, plan: Plan, runtime: Path) -> None:
    """Hold a plan until SIGTERM."""
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    machine = Fixed(plan)
    world = LinuxWorld(MOBILE_NODE if side == MOBILE else MOBILITY_AGENT, None, runtime, report)
    await world.start(Driver(machine, world))
    try:
        await asyncio.sleep(0)  # a refused plan is told a moment later
        if machine.refused:
            raise LabError("; ".join(machine.refused))
        print(READY, world.dataplane, flush=True)
        await told.wait()
    finally:
        await world.stop()
    print(json.dumps(world.counters), flush=True)


def report(identity: str, parameters: Mapping[str, str]) -> None:
    """To the log."""
    print(identity, json.dumps(parameters), flush=True)


def main() -> None:
    """Run until SIGTERM."""
    side, encapsulation, runtime = sys.argv[1:]
    plan = plan_of(side, [Way(Encapsulation(encapsulation))])
    asyncio.run(hold(side, plan, Path(runtime)))


if __name__ == "__main__":
    main()
