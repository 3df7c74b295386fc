"""Where a registration stands: what the home agent granted, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import TypeAlias

from client.core.machine import NEVER
from client.mipv4.target import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What the home agent granted. It ends a lifetime after the request was *sent* (RFC 5944 §3.6.2.2)."""

    target: Target
    home_address: IPv4Address
    home_agent: IPv4Address
    code: int
    lifetime: float  # zero: nothing is bound, as at home
    sent_at: float
    granted_at: float
    expires_at: float


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing to register."""

    deadline: float = NEVER


@dataclass(frozen=True, slots=True)
class Waiting:
    """The next request may not, or should not, go before the deadline."""

    wait: float
    deadline: float


@dataclass(frozen=True, slots=True)
class Requesting:
    """The home agent has not answered yet; ask again at the deadline."""

    wait: float
    deadline: float


@dataclass(frozen=True, slots=True)
class Settled:
    """The home agent agreed; renew at the deadline."""

    deadline: float


State: TypeAlias = Idle | Waiting | Requesting | Settled
