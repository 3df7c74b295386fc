"""Switches a mobile node's tunnel between two care-of addresses, and times every switch.

    python -m lab.bench.switcher ROUNDS RUNTIME_DIRECTORY

Three ways, in turn: the map update by itself (in a map of its own beside the plane's), the data plane's `add`,
and the whole of what a daemon does for a changed plan. Between two switches the processor has time to
forget them: a handover seldom comes right behind another one. Says "ready" when the plan stands, then one
JSON object: nanoseconds by way. Then it holds the plan until SIGTERM.
"""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path

from client.core.plan import Encapsulation, End, Plan
from client.linux.bpf import layout
from client.linux.bpf.programs import Programs
from client.linux.dataplane.choice import plane_choice
from client.linux.equipment import Equipment
from client.linux.ownership import MOBILE_NODE
from lab.bench import network
from lab.bench.plans import Way, at_mobile
from lab.errors import LabError

READY = "ready"
MAP, ADD, PLAN = "map update", "add", "plan"
_PAUSE = 0.001
_CARE_OF = (network.CARE_OF_ADDRESS, network.OTHER_CARE_OF_ADDRESS)


async def measure(rounds: int, runtime: Path) -> None:
    """Say the times of each way."""
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    equipment = Equipment(MOBILE_NODE, runtime, Counter(), time.monotonic, plane_choice())
    try:
        plans = [at_mobile([_way(address)], socket.if_nametoindex("eth0")) for address in _CARE_OF]
        _stand(equipment, plans[0])
        print(READY, flush=True)
        ways = {MAP: _map_update(), ADD: _add(equipment), PLAN: _plan(equipment, plans)}
        found: dict[str, list[int]] = {name: [] for name in ways}
        for number in range(rounds):
            for name, switch in ways.items():
                await asyncio.sleep(_PAUSE)
                started = time.perf_counter_ns()
                switch(number)
                found[name].append(time.perf_counter_ns() - started)
        print(json.dumps(found), flush=True)
        await told.wait()
    finally:
        equipment.reconciler.close()
        equipment.close()


def _way(care_of_address: IPv4Address) -> Way:
    return Way(Encapsulation.IPIP, care_of_address=care_of_address)


def _stand(equipment: Equipment, plan: Plan) -> None:
    refused = equipment.reconciler.apply(plan)
    if refused:
        raise LabError("; ".join(refused))


def _map_update() -> Callable[[int], None]:
    """A map of the same kind: what it holds carries nothing."""
    entrances = Programs.load(bindings=64).entrances4
    key = layout.entrance4_key(network.HOME_ADDRESS, End.MOBILE)
    values = [layout.entrance4(address, network.HOME_AGENT, mtu=1480) for address in _CARE_OF]
    return lambda number: entrances.put(key, values[number % 2])


def _add(equipment: Equipment) -> Callable[[int], None]:
    index = socket.if_nametoindex("eth0")
    tunnels = [_way(address).tunnel(End.MOBILE, index) for address in _CARE_OF]
    return lambda number: equipment.plane.add(tunnels[number % 2])


def _plan(equipment: Equipment, plans: list[Plan]) -> Callable[[int], None]:
    return lambda number: _stand(equipment, plans[1 - number % 2])


def main() -> None:
    """Measure, and hold until SIGTERM."""
    rounds, runtime = int(sys.argv[1]), Path(sys.argv[2])
    runtime.mkdir(parents=True, exist_ok=True)
    asyncio.run(measure(rounds, runtime))


if __name__ == "__main__":
    main()
