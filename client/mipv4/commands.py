"""What a person can ask of the IPv4 mobile node besides what all can be asked (client/core/commands.py)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network

from client.core.choice import Switch
from client.core.machine import Command


@dataclass(frozen=True, slots=True)
class SetReverseTunnel(Command):
    """Turn the reverse tunnel on or off, or leave it to us; re-registers, the old binding holds until the reply."""

    value: Switch


@dataclass(frozen=True, slots=True)
class SetBroadcasts(Command):
    """Take what is sent to the whole home network, or not; re-registers, the old binding holds until the reply."""

    value: bool


@dataclass(frozen=True, slots=True)
class SetTunnelled(Command):
    """Only packets to these networks use the home address; None: all that bind no other address. At once."""

    prefixes: tuple[IPv4Network, ...] | None
