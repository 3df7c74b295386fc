"""Where a registration stands: what the home agent granted, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import TypeAlias

from client.core.machine import NEVER
from client.core.plan import ANCHOR
from client.core.proof import Path
from client.core.status import Place
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


def path_of(binding: Binding) -> Path:
    """Probes go to the home agent; their answers come out of our tunnel, or from the foreign agent's own hand."""
    target = binding.target
    via_agent = target.place is Place.FOREIGN_AGENT
    return Path(
        source=binding.home_address,
        target=binding.home_agent,
        interface=target.link[0] if via_agent else ANCHOR,
        link_layer_source=target.agent_link_layer_address if via_agent else None,
    )


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
