"""Where asking a home agent stands, and what comes next: the states that both families have."""

from __future__ import annotations

from dataclasses import dataclass

from client.core.machine import NEVER


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing to ask for."""

    deadline: float = NEVER


@dataclass(frozen=True, slots=True)
class Waiting:
    """The next request may not, or should not, go before the deadline; `wait` seconds are then given for its answer."""

    wait: float
    deadline: float


@dataclass(frozen=True, slots=True)
class Settled:
    """The home agent agreed; renew at the deadline."""

    deadline: float
