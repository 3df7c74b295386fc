"""What our daemons have in common as programs: options, signals, and the way they end."""

from __future__ import annotations

import argparse
import asyncio
import grp
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from client.core.errors import MobileIPError
from client.core.machine import WallClock
from client.linux import preflight
from client.linux.dataplane.choice import plane_choice
from client.linux.dataplane.kernel import cleanup
from client.linux.ownership import Owner


def parser(program: str, description: str, *, state: Path, runtime: Path) -> argparse.ArgumentParser:
    """The options that every daemon has; each adds its own."""
    made = argparse.ArgumentParser(prog=program, description=description)
    made.add_argument("--state", type=Path, default=state)
    made.add_argument("--runtime", type=Path, default=runtime)
    made.add_argument("--socket", type=Path, help="control socket (default: control.sock in the runtime directory)")
    made.add_argument("--cleanup", action="store_true", help="only remove what a crashed daemon left in the kernel")
    made.add_argument(
        "--clock-offset",
        type=float,
        default=float(os.environ.get("MOBILENODE_CLOCK_OFFSET", "0")),
        help="seconds to add to the system clock: what a wrong clock does can be tried without breaking one",
    )
    return made


def run(
    program: str, owner: Owner, options: argparse.Namespace, serve: Callable[[asyncio.Event], Awaitable[None]]
) -> None:
    """Serve until SIGTERM or SIGINT sets the event, or only clean up; exit code 1 with one sentence if we cannot."""
    try:
        preflight.check()
        plane_choice()  # what is misspelt is known at once, and not when a profile is used for the first time
        options.runtime.mkdir(parents=True, exist_ok=True)
        if options.cleanup:
            cleanup(owner, options.runtime)
        else:
            asyncio.run(_until_told(serve))
    except (MobileIPError, OSError) as error:
        say(program, str(error))
        raise SystemExit(1) from error


async def _until_told(serve: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await serve(stop)


def say(program: str, sentence: str) -> None:
    """One line for the journal."""
    print(f"{program}: {sentence}", file=sys.stderr, flush=True)


def control_socket(options: argparse.Namespace) -> Path:
    """Where the daemon can be asked."""
    chosen: Path | None = options.socket
    runtime: Path = options.runtime
    return chosen or runtime / "control.sock"


def wall_clock(options: argparse.Namespace) -> WallClock:
    """The system clock, as far off as the options say."""
    offset: float = options.clock_offset
    return lambda: time.time() + offset


def group_id(name: str) -> int | None:
    """The group whose members may do everything, if this machine has it."""
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        return None
