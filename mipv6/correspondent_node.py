"""A correspondent: lets mobile nodes prove where they are, and sends to them directly (RFC 6275 §9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from ipaddress import IPv6Address
from typing import TypeAlias

from client.core.links import Links
from client.core.machine import NEVER, Event, LinksChanged, Output, Random
from client.core.plan import EMPTY, Plan
from mipv6.correspondent_settings import CorrespondentSettings

HomeRegistration: TypeAlias = Callable[[IPv6Address], IPv6Address | None]
"""The care-of address that a home agent on this very host has bound this home address to, or None."""


def no_home_agent(home_address: IPv6Address) -> IPv6Address | None:
    """There is no home agent on this host."""
    return None


class CorrespondentNode:
    """A machine of its own, for all addresses of this host.

    Beside a home agent it must not be handed Binding Updates with the H bit; without one it refuses them itself.
    `Correspondence` events, if any come, have the mobile nodes' home addresses as keys.
    """

    def __init__(
        self, settings: CorrespondentSettings, random: Random, home_registration: HomeRegistration = no_home_agent
    ) -> None:
        self.settings = settings
        self.counters: Counter[str] = Counter()
        self._random = random
        self._home_registration = home_registration
        self._links = Links()

    @property
    def deadline(self) -> float:
        """When a binding ends, or is asked to be renewed."""
        return NEVER

    def handle(self, event: Event, now: float) -> list[Output]:
        """Take one event; say what to send."""
        if isinstance(event, LinksChanged):
            self._links = event.links
        return []

    def plan(self) -> Plan:
        """Mobility headers are ours; for each binding a route and a tunnel."""
        return EMPTY

    def memory(self) -> bytes:
        """Nothing: after a restart mobile nodes are told by Binding Errors."""
        return b""
