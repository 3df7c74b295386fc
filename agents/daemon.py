"""mobilityagentd: a home agent, a foreign agent, or both, on this machine."""

from __future__ import annotations

import argparse
import asyncio
import grp
import os
import signal
import sys
import time
from pathlib import Path

from agents.configuration import read_configuration
from agents.inspection import without_places
from agents.paths import CONFIGURATION, RUNTIME, STATE
from agents.running import RunningAgent
from client.control.server import Server
from client.core.errors import MobileIPError
from client.core.machine import WallClock
from client.linux import preflight
from client.linux.dataplane.kernel import cleanup
from client.linux.ownership import MOBILITY_AGENT

GROUP = "mobilityagent"


def main() -> None:
    """Parse the command line and run; exit code 1 with one sentence when that is not possible."""
    options = _parse()
    try:
        preflight.check()
        if options.cleanup:
            cleanup(MOBILITY_AGENT, options.runtime)
            return
        asyncio.run(_serve(options))
    except (MobileIPError, OSError) as error:
        say(str(error))
        raise SystemExit(1) from error


def say(sentence: str) -> None:
    """One line for the journal."""
    print(f"mobilityagentd: {sentence}", file=sys.stderr, flush=True)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="mobilityagentd", description="Serves mobile nodes at home and visitors.")
    parser.add_argument("--config", type=Path, default=CONFIGURATION)
    parser.add_argument("--state", type=Path, default=STATE)
    parser.add_argument("--runtime", type=Path, default=RUNTIME)
    parser.add_argument("--socket", type=Path, help="control socket (default: control.sock in the runtime directory)")
    parser.add_argument("--cleanup", action="store_true", help="only remove what a crashed daemon left in the kernel")
    parser.add_argument(
        "--clock-offset",
        type=float,
        default=float(os.environ.get("MOBILENODE_CLOCK_OFFSET", "0")),
        help="seconds to add to the system clock: what a wrong clock does can be tried without breaking one",
    )
    return parser.parse_args()


async def _serve(options: argparse.Namespace) -> None:
    settings = read_configuration(options.config)
    agent = RunningAgent(settings, options.state, options.runtime, _wall_clock(options.clock_offset), say)
    server = Server(
        options.socket or options.runtime / "control.sock",
        agent.methods(),
        agent.status,
        redact=without_places,
        group=_group(),
    )
    agent.changed = server.changed
    await server.start()  # its lock says that no other daemon of ours lives, before anything is cleaned up
    try:
        await agent.start()
        say("ready")
        await _told_to_stop()
    finally:
        await agent.stop()
        await server.stop()


async def _told_to_stop() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


def _wall_clock(offset: float) -> WallClock:
    return lambda: time.time() + offset


def _group() -> int | None:
    try:
        return grp.getgrnam(GROUP).gr_gid
    except KeyError:
        return None


if __name__ == "__main__":
    main()
