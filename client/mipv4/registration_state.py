"""Where a registration stands: what the home agent granted, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import TypeAlias

from client.core.asking import Idle, Settled, Waiting
from client.core.links import Links
from client.core.paths import Path4
from client.core.plan import ANCHOR, Encapsulation
from client.core.status import Place
from client.mipv4.target import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Between a care-of address and the home agent, in outer packets of one kind."""

    target: Target
    home_agent: IPv4Address
    encapsulation: Encapsulation = Encapsulation.IPIP
    ports: tuple[int, int] | None = None  # of Encapsulation.UDP

    @property
    def key(self) -> tuple[object, ...]:
        """Ways with another key are other ways, whatever else was asked for."""
        return (*self.target.spot, self.home_agent, self.encapsulation, self.ports)

    def is_usable(self, links: Links) -> bool:
        """Is the link still the same visit, and the address, if it is ours, still there?"""
        link = links.get(self.target.link[0])
        if link is None or not link.up or link.ups != self.target.link[1]:
            return False
        ours = self.target.place is Place.CO_LOCATED
        return not ours or any(address.ip == self.target.care_of_address for address in link.addresses)


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
    encapsulation: Encapsulation = Encapsulation.IPIP
    ports: tuple[int, int] | None = None
    nat: bool = False  # did the home agent find a NAT between us?
    keepalive: float | None = None  # seconds, as the home agent wants them, with Encapsulation.UDP
    simultaneous: bool = False  # did it keep our other bindings, as we asked?

    @property
    def way(self) -> Way:
        """The way that packets may take."""
        return Way(target=self.target, home_agent=self.home_agent, encapsulation=self.encapsulation, ports=self.ports)


def path_of(binding: Binding) -> Path4:
    """Probes go to the home agent; their answers come out of our tunnel, or from the foreign agent's own hand."""
    target = binding.target
    via_agent = target.place is Place.FOREIGN_AGENT
    return Path4(
        source=binding.home_address,
        target=binding.home_agent,
        interface=target.link[0] if via_agent else ANCHOR,
        link_layer_source=target.agent_link_layer_address if via_agent else None,
        care_of_address=target.care_of_address,
        encapsulation=binding.encapsulation,
        reverse_tunnel=target.reverse_tunnel,
    )


@dataclass(frozen=True, slots=True)
class Requesting:
    """The home agent has not answered yet; ask again at the deadline."""

    wait: float
    deadline: float


State: TypeAlias = Idle | Waiting | Requesting | Settled
