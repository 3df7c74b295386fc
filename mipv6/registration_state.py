"""Where a home registration stands, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from client.core.asking import Idle, Settled, Waiting
from client.core.machine import NEVER


@dataclass(frozen=True, slots=True)
class Searching:
    """No home agent is known; the search has its own deadline."""

    deadline: float = NEVER


@dataclass(frozen=True, slots=True)
class Resolving:
    """At home: who defends the home address, and so is the home agent, was asked for its link-layer address."""

    wait: float
    deadline: float


@dataclass(frozen=True, slots=True)
class Updating:
    """The home agent has not answered yet; ask again at the deadline."""

    wait: float
    deadline: float


@dataclass(frozen=True, slots=True)
class Forbidden:
    """The home address is somebody else's: it must not be asked for again by itself (RFC 6275 §11.7.1)."""

    deadline: float = NEVER


State: TypeAlias = Idle | Searching | Resolving | Waiting | Updating | Settled | Forbidden
