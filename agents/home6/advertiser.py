"""Router Advertisements to the home link: here is a home agent, and these are the prefixes (RFC 6275 §7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from ipaddress import IPv6Address

from agents.home6.prefixes import HomePrefixes
from agents.home6.settings import Home6Settings
from agents.limits import Allowance
from client.core.ipv6 import ALL_NODES, ANY6, group_link_layer_address
from client.core.links import Link
from client.core.machine import NEVER, Heard6, Random, Send6
from mipv6.neighbour_options import (
    AdvertisementInterval,
    HomeAgentInformation,
    NeighbourOption,
    SourceLinkLayerAddress,
)
from mipv6.router_advertisement import RouterAdvertisement, RouterSolicitation

INITIAL_TIMES = 3
INITIAL_INTERVAL = 16.0
"""The first ones come quicker: MAX_INITIAL_RTR_ADVERTISEMENTS and its interval (RFC 4861 §10)."""

SHORTEST = 0.03
"""Seconds between two at least (MinRtrAdvInterval, RFC 6275 §7.5)."""

LEAST_DELAY = 3.0
"""Seconds between two to all at least (MinDelayBetweenRAs, RFC 6275 §13), unless the interval itself is shorter."""

_SHARE = 0.33  # MinRtrAdvInterval of MaxRtrAdvInterval (RFC 4861 §6.2.1)
_SHORT_INTERVAL, _ALLOWANCE = 0.2, 0.02  # what mobile nodes are told beside a short interval (RFC 6275 §7.5)


class Advertiser6:
    """The advertisements of one link: at intervals, at once for those who ask, and soon after a change."""

    def __init__(self, settings: Home6Settings, prefixes: HomePrefixes, random: Random, counters: Counter[str]) -> None:
        self._settings = settings
        self._prefixes = prefixes
        self._random = random
        self._counters = counters
        self._link: Link | None = None
        self._sent = 0
        self._last = -NEVER
        self._next = NEVER
        # One a second to each asker, but two at once: a cable that bounces makes a laptop ask anew in a handover.
        self._askers = Allowance(rate=1.0, burst=2)

    @property
    def deadline(self) -> float:
        """The next advertisement to all."""
        return self._next

    def attend(self, link: Link | None, now: float) -> None:
        """The home link as it is now; one that comes up hears of us at once."""
        ready = link if self._settings.advertise and link is not None and link.up and link.link_local else None
        if ready is None:
            self._next = NEVER
            self._link = None
            return
        heard_of_us = self._link is not None and self._link.ups == ready.ups
        self._link = ready
        if not heard_of_us:
            self.changed(now)

    def changed(self, now: float) -> None:
        """What we say is different from now on (RFC 4861 §6.2.4)."""
        if self._link is None:
            return
        self._sent = 0
        self._next = max(now, self._last + min(LEAST_DELAY, self._shortest))

    def due(self, now: float) -> list[Send6]:
        """What is to be said to all now."""
        if self._link is None or now < self._next:
            return []
        self._sent, self._last = self._sent + 1, now
        self._next = now + self._interval()
        return [self._send(self._link, ALL_NODES, group_link_layer_address(ALL_NODES), now)]

    def solicited(self, heard: Heard6, now: float) -> list[Send6]:
        """One frame to the one who asked, whatever its address is; raises DecodeError for what is no solicitation."""
        RouterSolicitation.unpack(heard.packet)
        source, asker = heard.packet.source, heard.link_layer_source
        if self._link is None or not asker:
            return []
        if not self._askers.take(asker, now):
            self._counters["solicitation-too-soon"] += 1
            return []
        return [self._send(self._link, ALL_NODES if source == ANY6 else source, asker, now)]

    def _interval(self) -> float:
        interval = self._shortest + self._random() * (self._settings.interval - self._shortest)
        return min(interval, INITIAL_INTERVAL) if self._sent < INITIAL_TIMES else interval

    @property
    def _shortest(self) -> float:
        return max(SHORTEST, _SHARE * self._settings.interval)

    def _send(self, link: Link, destination: IPv6Address, link_layer_destination: bytes, now: float) -> Send6:
        self._counters["advertisements"] += 1
        advertisement = RouterAdvertisement(
            lifetime=self._settings.router_lifetime, home_agent=True, options=tuple(self._options(link, now))
        )
        packet = advertisement.packet(link.link_local or self._settings.address, destination)
        return Send6(packet=packet, interface=link.index, link_layer_destination=link_layer_destination)

    def _options(self, link: Link, now: float) -> Iterator[NeighbourOption]:
        settings = self._settings
        yield SourceLinkLayerAddress(link.link_layer_address)  # always (RFC 6275 §7.5): nobody who comes home must ask
        yield from self._prefixes.information(link, settings.address, now)
        short = settings.interval < _SHORT_INTERVAL
        yield AdvertisementInterval(settings.interval + (_ALLOWANCE if short else 0))
        if (settings.preference, settings.home_agent_lifetime) != (0, settings.router_lifetime):
            yield HomeAgentInformation(settings.preference, settings.home_agent_lifetime)
