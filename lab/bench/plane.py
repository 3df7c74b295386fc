"""Holds a plan in the kernel of the namespace that it runs in, with all that our daemons use for it.

    python -m lab.bench.plane mobile|home|shortcut ENCAPSULATION IP_VERSION RUNTIME_DIRECTORY

The world, the reconciler and the data plane are the daemons' own, and MOBILENODE_DATAPLANE chooses as it does
there; only the machine is another: it says the same plan for ever, and nothing is signalled. Says "ready"
and one JSON object when the plan stands (`Standing`); after SIGTERM what the plane counted, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import msgspec

from client.core.driver import Driver
from client.core.machine import NEVER, Event, Output, PlanRefused
from client.core.plan import Encapsulation, Plan
from client.linux.ownership import MOBILE_NODE, MOBILITY_AGENT
from client.linux.world import LinuxWorld
from lab.bench import network
from lab.bench.plans import at_correspondent, at_home, at_mobile, way
from lab.errors import LabError

MOBILE, HOME, SHORTCUT = "mobile", "home", "shortcut"  # the last: a home agent whose configuration says so
READY = "ready"


class Standing(msgspec.Struct, frozen=True):
    """What is in use, and what it took."""

    dataplane: str
    seconds: float  # from nothing to the whole plan
    resident: int  # bytes of the process
    maps: int  # bytes of its BPF maps, by the kernel's word


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


def plan_of(side: str, encapsulation: Encapsulation, version: int) -> Plan:
    """What this side holds; the home agent's accepts also what comes by the other care-of address."""
    mine = way(encapsulation, version)
    if side == MOBILE:
        return at_mobile([mine], socket.if_nametoindex("eth0"))
    if mine.encapsulation is Encapsulation.DIRECT:
        return at_correspondent(mine, socket.if_nametoindex("eth0"))
    former = [replace(mine, care_of_address=network.OTHER_CARE_OF_ADDRESS)] if version == 4 else []
    return at_home([mine], network.HOME_NETWORK, former, shortcut=side == SHORTCUT)


async def hold(side: str, plan: Plan, runtime: Path) -> None:
    """Hold a plan until SIGTERM."""
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    machine = Fixed(plan)
    world = LinuxWorld(MOBILE_NODE if side == MOBILE else MOBILITY_AGENT, None, runtime, report)
    started = time.monotonic()
    await world.start(Driver(machine, world))
    seconds = time.monotonic() - started
    try:
        await asyncio.sleep(0)  # a refused plan is told a moment later
        if machine.refused:
            raise LabError("; ".join(machine.refused))
        stands = Standing(world.dataplane, seconds, _resident(), _maps())
        print(READY, msgspec.json.encode(stands).decode(), flush=True)
        await told.wait()
    finally:
        await world.stop()
    print(json.dumps(world.counters), flush=True)


def standing(log: str) -> Standing | None:
    """What a plane's log says; None: it is not ready."""
    told = [line.removeprefix(READY) for line in log.splitlines() if line.startswith(READY)]
    return msgspec.json.decode(told[-1], type=Standing) if told else None


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _maps() -> int:
    paths = [
        path for path in Path("/proc/self/fd").iterdir() if path.is_symlink() and "bpf-map" in str(path.readlink())
    ]
    infos = [Path(f"/proc/self/fdinfo/{path.name}").read_text() for path in paths]
    lines = [line for info in infos for line in info.splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("memlock:"))


def report(identity: str, parameters: Mapping[str, str]) -> None:
    """To the log."""
    print(identity, json.dumps(parameters), flush=True)


def main() -> None:
    """Run until SIGTERM."""
    side, encapsulation, version, runtime = sys.argv[1:]
    plan = plan_of(side, Encapsulation(encapsulation), int(version))
    asyncio.run(hold(side, plan, Path(runtime)))


if __name__ == "__main__":
    main()
