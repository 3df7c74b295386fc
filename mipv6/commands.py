"""What a person can ask of the IPv6 mobile node besides what all can be asked (client/core/commands.py)."""

from __future__ import annotations

from dataclasses import dataclass

from client.core.machine import Command


@dataclass(frozen=True, slots=True)
class SetDirectPaths(Command):
    """Use direct paths on demand, or none: then all packets go through the home agent from now on."""

    on: bool
