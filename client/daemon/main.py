"""mobilenoded: starts the house and serves its control socket until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
from functools import partial
from pathlib import Path

from client.control.redact import without_places
from client.control.server import Server
from client.daemon.house import House
from client.daemon.methods import PUBLIC, HouseMethods
from client.linux import service
from client.linux.ownership import MOBILE_NODE

PROGRAM = "mobilenoded"
GROUP = "mobilenode"


def main() -> None:
    """Parse the command line and run."""
    options = _parse()
    service.run(PROGRAM, MOBILE_NODE, options, partial(_serve, options))


def _parse() -> argparse.Namespace:
    parser = service.parser(
        PROGRAM,
        "Keeps one home address while you move.",
        state=Path("/var/lib/mobilenode"),
        runtime=Path("/run/mobilenode"),
    )
    parser.add_argument("--profiles", type=Path, default=Path("/etc/mobilenode/profiles.d"))
    return parser.parse_args()


async def _serve(options: argparse.Namespace, stop: asyncio.Event) -> None:
    house = House(options.profiles, options.state, options.runtime, service.wall_clock(options))
    server = Server(
        service.control_socket(options),
        HouseMethods(house).table(),
        house.status,
        public_methods=PUBLIC,
        redact=without_places,
        group=service.group_id(GROUP),
    )
    house.changed, house.report = server.changed, server.announce
    await server.start()
    try:
        await house.start()
        service.say(PROGRAM, "ready")
        await stop.wait()
    finally:
        await house.stop()
        await server.stop()
