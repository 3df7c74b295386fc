"""What the daemons cost when nothing happens: real ones, the laptop registered in a foreign network."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from lab.bench.figures import Row, row
from lab.errors import LabError
from lab.identity import inside
from lab.namespaces import DIRECTORY
from lab.plug import move
from lab.site import Site
from lab.topology import HOME, LAPTOP
from lab.world import World

NETWORK = "cafe"
_MINUTE = 60.0
_DAEMONS = {"mobilenoded": (LAPTOP, "client.daemon"), "mobilityagentd": (HOME.router.node, "agents.daemon")}


def measure(site: Site, windows: int, seconds: float, say: Callable[[str], None]) -> list[Row]:
    """The rows: so many windows, each so long."""
    world = World(site)
    try:
        world.build(ours=True)
        world.start()
        world.wait_attached("home")
        move(site, NETWORK)
        world.wait_attached(NETWORK)
        say(f"idle: the laptop is registered in '{NETWORK}'; {windows} times {seconds:.0f} s of silence")
        time.sleep(min(seconds, 5.0))  # what a move leaves to do is done by then
        processes = {name: _process(site, *where) for name, where in _DAEMONS.items()}
        used: dict[str, list[float]] = {name: [] for name in processes}
        for _ in range(windows):
            before = {name: _processor_time(pid) for name, pid in processes.items()}
            time.sleep(seconds)
            for name, pid in processes.items():
                used[name].append((_processor_time(pid) - before[name]) * 1000 * _MINUTE / seconds)
    finally:
        world.down()
    words = "registered and idle, processor time a minute"
    return [row(f"{name}, {words}", "ms", samples) for name, samples in used.items()]


def _process(site: Site, node: str, module: str) -> int:
    """The daemon's pid, among all that run on a node."""
    for process in inside([DIRECTORY / site.namespace(node)]):
        if module.encode() in Path(f"/proc/{process.pid}/cmdline").read_bytes().split(b"\0"):
            return process.pid
    raise LabError(f"{module} does not run on {node}")


def _processor_time(pid: int) -> float:
    """Seconds of all its threads: more exact than the ticks of /proc/PID/stat."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
