"""mobilenoded: starts the house and serves its control socket until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import grp
import os
import signal
import sys
import time
from pathlib import Path

from client.control.redact import without_places
from client.control.server import Server
from client.core.errors import MobileIPError
from client.core.machine import WallClock
from client.daemon.house import House
from client.daemon.methods import PUBLIC, HouseMethods
from client.linux import preflight
from client.linux.dataplane.kernel import cleanup
from client.linux.ownership import MOBILE_NODE

GROUP = "mobilenode"


def main() -> None:
    """Parse the command line and run; exit code 1 with one sentence when that is not possible."""
    options = _parse()
    try:
        preflight.check()
        if options.cleanup:
            cleanup(MOBILE_NODE, options.runtime)
            return
        asyncio.run(_serve(options))
    except (MobileIPError, OSError) as error:
        print(f"mobilenoded: {error}", file=sys.stderr)
        raise SystemExit(1) from error


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="mobilenoded", description="Keeps one home address while you move.")
    parser.add_argument("--profiles", type=Path, default=Path("/etc/mobilenode/profiles.d"))
    parser.add_argument("--state", type=Path, default=Path("/var/lib/mobilenode"))
    parser.add_argument("--runtime", type=Path, default=Path("/run/mobilenode"))
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
    house = House(options.profiles, options.state, options.runtime, _wall_clock(options.clock_offset))
    server = Server(
        options.socket or options.runtime / "control.sock",
        HouseMethods(house).table(),
        house.status,
        public_methods=PUBLIC,
        redact=without_places,
        group=_group(),
    )
    house.changed = server.changed
    house.report = server.announce
    options.runtime.mkdir(parents=True, exist_ok=True)
    await server.start()
    try:
        await house.start()
        print("mobilenoded: ready", file=sys.stderr, flush=True)
        await _told_to_stop()
    finally:
        await house.stop()
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
