"""What a person can ask of the mobile node."""

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


@dataclass(frozen=True, slots=True)
class Pause(Command):
    """Deregister and hold nothing in the kernel, until `until` (machine time) or, with None, until Resume."""

    until: float | None = None


@dataclass(frozen=True, slots=True)
class Resume(Command):
    """End a pause."""


@dataclass(frozen=True, slots=True)
class CheckNow(Command):
    """Probe at once, and register again if the last proof is stale."""


@dataclass(frozen=True, slots=True)
class Leave(Command):
    """Deregister before the daemon ends; like a pause that nothing ends."""
