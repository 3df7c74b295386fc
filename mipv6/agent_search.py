"""Asks the home link for its home agents (RFC 6275 §11.4.1): dynamic home agent address discovery."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv6Address, IPv6Network

from client.core.errors import DecodeError
from client.core.ipv6 import IPv6Packet, is_unicast_routable
from client.core.machine import NEVER, Random, Send6
from mipv6.binding import Target
from mipv6.home_agent_discovery import HomeAgentReply, HomeAgentRequest, home_agents_anycast

FIRST_WAIT = 3.0
RETRANSMISSIONS = 4
REST = 60.0
"""Seconds after a search in vain until the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    target: Target
    identifier: int | None  # None: a rest, since nobody answered
    tries: int
    wait: float


class AgentSearch:
    """One search at a time: a request to the anycast address, repeated ever more seldom."""

    def __init__(self, home_prefix: IPv6Network, random: Random) -> None:
        self._anycast = home_agents_anycast(home_prefix)
        self._random = random
        self._asked: _Asked | None = None
        self.requests = 0  # ever
        self.deadline = NEVER

    @property
    def under_way(self) -> bool:
        """Is an answer waited for, or a rest kept?"""
        return self._asked is not None

    def begin(self, target: Target, now: float) -> list[Send6]:
        """Search from this care-of address; a search from there goes on as it is."""
        if self._asked is not None and self._asked.target.spot == target.spot:
            return []
        identifier = 1 + int(self._random() * 0xFFFF)
        return self._ask(_Asked(target=target, identifier=identifier, tries=1, wait=FIRST_WAIT), now)

    def end(self) -> None:
        """No search."""
        self._asked, self.deadline = None, NEVER

    def timeout(self, now: float) -> list[Send6]:
        """The deadline: the same request once more (its identifier too), or a new search after a rest."""
        asked = self._asked
        if asked is None or now < self.deadline:
            return []
        if asked.identifier is None:
            self.end()
            return self.begin(asked.target, now)
        if asked.tries <= RETRANSMISSIONS:
            return self._ask(replace(asked, tries=asked.tries + 1, wait=asked.wait * 2), now)
        self._asked, self.deadline = replace(asked, identifier=None), now + REST
        return []

    def _ask(self, asked: _Asked, now: float) -> list[Send6]:
        self._asked, self.deadline = asked, now + asked.wait
        self.requests += 1
        request = HomeAgentRequest(identifier=asked.identifier or 0)
        return [
            Send6(
                packet=request.packet(asked.target.care_of_address, self._anycast),
                interface=asked.target.hop.interface,
                link_layer_destination=asked.target.hop.link_layer_address,
            )
        ]

    def hear(self, packet: IPv6Packet) -> tuple[IPv6Address, ...] | None:
        """The addresses in an answer to our request; None for anything else.

        Nobody signs it, so it says no more than whom to ask. Without addresses its sender is the only home agent
        that it knows (§10.5 has it put itself into the list, but a list of nobody helps nobody).
        """
        asked = self._asked
        if asked is None or packet.destination != asked.target.care_of_address:
            return None
        try:
            reply = HomeAgentReply.unpack(packet)
        except DecodeError:
            return None
        if reply.identifier != asked.identifier:
            return None
        addresses = reply.home_agents or (packet.source,)
        usable = tuple(address for address in addresses if is_unicast_routable(address))
        if usable:
            self.end()
        return usable or None
