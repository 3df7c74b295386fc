"""Who makes requests: each has a higher identification than the one before, and its second to itself."""

from __future__ import annotations

from ipaddress import IPv4Address

from client.core.identification import Identifications
from client.core.machine import Send, WallClock
from client.mipv4 import requests
from client.mipv4.pacing import Pace
from client.mipv4.requests import Ask, Pending
from client.mipv4.settings import Settings
from client.mipv4.target import Target


class Asker:
    """Makes requests for the registration and for what it gives up, so that all keep one pace and one order."""

    def __init__(self, settings: Settings, identifications: Identifications, wall_clock: WallClock) -> None:
        self._settings = settings
        self._identifications = identifications
        self._wall_clock = wall_clock
        self._pace = Pace(settings.request_gap)

    def earliest(self, target: Target, now: float) -> float:
        """When the next request from this link may go (RFC 5944 §3.6.3)."""
        return self._pace.earliest(target.link, now)

    def ask(
        self, target: Target, home_address: IPv4Address | None, home_agent: IPv4Address, now: float
    ) -> tuple[Pending, Send] | None:
        """A request, as long as the target allows; None while the time of day is implausible."""
        identification = self._identifications.next(self._wall_clock())
        if identification is None:
            return None
        ask = Ask(
            target=target,
            home_address=home_address,
            home_agent=home_agent,
            lifetime=0 if target.at_home else min(self._settings.lifetime, target.longest_lifetime),
            identification=identification,
        )
        request = requests.build(self._settings, ask)
        pending = Pending(request=request, target=target, home_agent=home_agent, sent_at=now)
        self._pace.sent(target.link, now)
        return pending, requests.send(self._settings, pending)

    def accepted(self, pending: Pending) -> None:
        """The home agent has accepted this request: no later one may have a lower identification, ever."""
        self._identifications.accept(pending.request.identification)

    def resynchronise(self, identification: int) -> None:
        """The home agent's clock, as its signed refusal tells it (RFC 5944 §5.7.1)."""
        self._identifications.resynchronise(identification, self._wall_clock())
