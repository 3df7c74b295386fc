"""Answers laptops that look for a home agent by the anycast address (RFC 6275 §10.5)."""

from __future__ import annotations

from collections import Counter
from ipaddress import IPv6Address

from agents.home6.home_agents import HomeAgentsList
from agents.home6.prefixes import HomePrefixes
from agents.home6.settings import Home6Settings
from client.core.ipv6 import is_unicast_routable
from client.core.machine import Heard6, Random, Send6
from client.core.plan import ANCHOR
from mipv6.allowance import Allowance
from mipv6.home_agent_discovery import HomeAgentReply, HomeAgentRequest, home_agents_anycast
from mipv6.router_advertisement import RouterAdvertisement

REPLIES_PER_SECOND = 20
"""To one network of 64 bits: nobody proves who asks (RFC 6275 §15.5, threat T12)."""


class Discovery:
    """The home agents list, and who may see it."""

    def __init__(self, settings: Home6Settings, prefixes: HomePrefixes, random: Random, counters: Counter[str]) -> None:
        self.home_agents = HomeAgentsList(random)
        self._settings = settings
        self._prefixes = prefixes
        self._counters = counters
        self._allowance = Allowance(REPLIES_PER_SECOND)

    def advertised(self, heard: Heard6, now: float) -> None:
        """Another router of the home link advertised itself; raises DecodeError if that is not so."""
        self.home_agents.heard(heard.packet.source, RouterAdvertisement.unpack(heard.packet), now)

    def asked(self, heard: Heard6, own: frozenset[IPv6Address], now: float) -> list[Send6]:
        """The list, from an address of our own; `own`: those on the home link. Raises DecodeError."""
        packet = heard.packet
        homes = {home_agents_anycast(home.prefix): home for home in self._prefixes.all}
        home = homes.get(packet.destination)
        if home is None or not self._settings.discovery:
            return []
        request = HomeAgentRequest.unpack(packet)
        may = is_unicast_routable(packet.source) and heard.interface != ANCHOR and packet.home_address is None
        if not may or not self._allowance.take(packet.source, now):
            self._counters["discovery-not-answered"] += 1
            return []
        self._counters["discoveries"] += 1
        agents = self.home_agents.in_order(sorted(own), self._settings.preference, now)
        source = next((address for address in sorted(own) if address in home.prefix), self._settings.address)
        reply = HomeAgentReply(identifier=request.identifier, home_agents=agents)
        return [Send6(packet=reply.packet(source, packet.source))]
