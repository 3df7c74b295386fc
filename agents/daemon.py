"""mobilityagentd: a home agent, a foreign agent, or both, on this machine."""

from __future__ import annotations

import argparse
import asyncio
from functools import partial
from pathlib import Path

from agents.configuration import read_configuration
from agents.inspection import without_places
from agents.paths import CONFIGURATION, RUNTIME, STATE
from agents.running import RunningAgent
from client.control.server import Server
from client.linux import service
from client.linux.ownership import MOBILITY_AGENT

PROGRAM = "mobilityagentd"
GROUP = "mobilityagent"


def main() -> None:
    """Parse the command line and run."""
    options = _parse()
    service.run(PROGRAM, MOBILITY_AGENT, options, partial(_serve, options))


def _parse() -> argparse.Namespace:
    parser = service.parser(PROGRAM, "Serves mobile nodes at home and visitors.", state=STATE, runtime=RUNTIME)
    parser.add_argument("--config", type=Path, default=CONFIGURATION)
    return parser.parse_args()


async def _serve(options: argparse.Namespace, stop: asyncio.Event) -> None:
    reread = partial(read_configuration, options.config)
    say = partial(service.say, PROGRAM)
    agent = RunningAgent(reread(), options.state, options.runtime, service.wall_clock(options), say, reread)
    server = Server(
        service.control_socket(options),
        agent.methods(),
        agent.status,
        redact=without_places,
        group=service.group_id(GROUP),
    )
    agent.changed = server.changed
    await server.start()  # its lock says that no other daemon of ours lives, before anything is cleaned up
    try:
        await agent.start()
        say("ready")
        await stop.wait()
    finally:
        await agent.stop()
        await server.stop()


if __name__ == "__main__":
    main()
