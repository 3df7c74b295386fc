"""Agent discovery: who serves the links we are on (RFC 5944 §2.4)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from client.core.errors import DecodeError
from client.core.ipv4 import ALL_ROUTERS, ANY
from client.core.links import Link, Links
from client.core.machine import NEVER, Heard, Random, Send
from client.mipv4.advertisement import AGENT_TTL, AgentAdvertisement, AgentFlags, agent_solicitation

MOST_AGENTS = 16
INITIAL_SOLICITATIONS = 3
FIRST_INTERVAL = 1.0
LONGEST_INTERVAL = 60.0
JITTER = 0.1
ALL_ROUTERS_LINK_LAYER = bytes.fromhex("01005e000002")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """A mobility agent heard on a link, and its latest advertisement."""

    interface: int
    address: IPv4Address
    link_layer_address: bytes
    advertisement: AgentAdvertisement
    heard_at: float
    reboots: int = 0

    @property
    def key(self) -> tuple[int, IPv4Address]:
        """An agent is an address on a link."""
        return (self.interface, self.address)

    @property
    def expires_at(self) -> float:
        """When its silence means that contact is lost (RFC 5944 §2.4.2.1)."""
        return self.heard_at + self.advertisement.lifetime

    @property
    def missed_at(self) -> float:
        """When at least one advertisement is missing: agents send three in a lifetime (RFC 5944 §2.1)."""
        return self.heard_at + self.advertisement.lifetime / 2

    def offers(self, flag: AgentFlags) -> bool:
        """Is this bit set in its advertisement?"""
        return flag in self.advertisement.flags


@dataclass(frozen=True, slots=True)
class _Search:
    """Soliciting on one link: how many went out, when the next one goes."""

    sent: int
    next_at: float


class Discovery:
    """Listens for agents on every link that is up, and asks for them where none is heard."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._links = Links()
        self._agents: dict[tuple[int, IPv4Address], Agent] = {}
        self._searches: dict[int, _Search] = {}
        self._solicited_at: dict[int, float] = {}
        self._settled: frozenset[int] = frozenset()
        self._ticked = -NEVER
        self.kept: frozenset[IPv4Address] = frozenset()  # agents that no number of others may push out
        self.home_address: IPv4Address | None = None
        self.dropped = 0

    @property
    def agents(self) -> tuple[Agent, ...]:
        """The agents in contact, the longest known first."""
        return tuple(self._agents.values())

    @property
    def deadline(self) -> float:
        """When an agent falls silent, or the next solicitation is due."""
        silences = [time for agent in self.agents for time in (agent.expires_at, agent.missed_at)]
        ahead = [time for time in silences if time > self._ticked]
        return min([*ahead, *(search.next_at for search in self._searches.values())], default=NEVER)

    def change_links(self, links: Links, now: float) -> list[Send]:
        """A link that came up anew knows nobody: forget its agents and solicit at once.

        At once is a stated deviation from the random delay of RFC 1256 §4.1: one laptop that plugs in is
        no thundering herd, and waiting would cost up to a second of every handover.
        """
        before = {link.index: link.ups for link in self._links.up()}
        self._links = links
        fresh = [link for link in links.up() if before.get(link.index) != link.ups]
        self._forget({link.index for link in links.up()} - {link.index for link in fresh})
        for link in fresh:
            self._searches[link.index] = _Search(0, now)
        return self.tick(now)

    def _forget(self, kept: set[int]) -> None:
        self._agents = {key: agent for key, agent in self._agents.items() if agent.interface in kept}
        self._searches = {index: search for index, search in self._searches.items() if index in kept}
        self._solicited_at = {index: time for index, time in self._solicited_at.items() if index in kept}

    def settle(self, interfaces: frozenset[int], now: float) -> list[Send]:
        """On these links a care-of address is known: after the initial solicitations no more are sent (RFC 5944 §2.4).

        Where it is lost again, and no agent is heard, the search begins anew.
        """
        lost = self._settled - interfaces
        self._settled = interfaces
        for index in interfaces & self._searches.keys():
            if self._searches[index].sent >= INITIAL_SOLICITATIONS:
                del self._searches[index]
        for link in self._links.up():
            if link.index in lost and link.index not in self._searches:
                self._search_anew(link.index, now)
        return self._solicit_where_due(now)

    def _search_anew(self, index: int, now: float) -> None:
        """Where nobody is heard any more, ask; but never more than once a second."""
        if all(agent.interface != index for agent in self.agents):
            self._searches[index] = _Search(0, max(now, self._solicited_at.get(index, -NEVER) + FIRST_INTERVAL))

    def hear(self, heard: Heard, now: float) -> Agent | None:
        """Take an advertisement; the agent as known now, or None if the packet is not to be believed."""
        link = self._links.get(heard.interface)
        try:
            advertisement = AgentAdvertisement.unpack(heard.packet)
        except DecodeError:
            self.dropped += 1
            return None
        if link is None or not link.up or not _plausible(heard.packet.source, link):
            self.dropped += 1
            return None
        return self._learn(heard, advertisement, now)

    def _learn(self, heard: Heard, advertisement: AgentAdvertisement, now: float) -> Agent | None:
        key = (heard.interface, heard.packet.source)
        known = self._agents.get(key)
        if known and known.link_layer_address != heard.link_layer_source and now < known.missed_at:
            self.dropped += 1  # somebody else speaks with a living agent's address (threat T8)
            return None
        if not advertisement.lifetime:
            self._lose(key, now)  # it says goodbye
            return None
        agent = Agent(
            interface=heard.interface,
            address=heard.packet.source,
            link_layer_address=heard.link_layer_source,
            advertisement=advertisement,
            heard_at=now,
            reboots=(known.reboots + _rebooted(known, advertisement)) if known else 0,
        )
        self._agents[key] = agent
        self._searches.pop(heard.interface, None)
        self._bound_memory(key)
        return agent

    def _bound_memory(self, newest: tuple[int, IPv4Address]) -> None:
        while len(self._agents) > MOST_AGENTS:
            others = [agent for key, agent in self._agents.items() if key != newest]
            strangers = [agent for agent in others if agent.address not in self.kept]
            del self._agents[min(strangers or others, key=lambda agent: agent.heard_at).key]

    def tick(self, now: float) -> list[Send]:
        """Drop agents whose lifetime is over, and send the solicitations that are due."""
        self._ticked = now
        silent = [agent for agent in self.agents if agent.expires_at <= now]
        for agent in silent:
            self._lose(agent.key, now)
        return self._solicit_where_due(now)

    def _solicit_where_due(self, now: float) -> list[Send]:
        due = [index for index, search in self._searches.items() if search.next_at <= now]
        return [self._solicit(index, now) for index in due]

    def _lose(self, key: tuple[int, IPv4Address], now: float) -> None:
        if self._agents.pop(key, None):
            self._search_anew(key[0], now)

    def _solicit(self, index: int, now: float) -> Send:
        sent = self._searches[index].sent + 1
        self._solicited_at[index] = now
        self._searches[index] = _Search(sent, now + self._interval(sent))
        if index in self._settled and sent >= INITIAL_SOLICITATIONS:
            del self._searches[index]
        link = self._links.get(index)
        address = link.addresses[0].ip if link and link.addresses else self.home_address or ANY
        packet = agent_solicitation().packet(address, ALL_ROUTERS, ttl=AGENT_TTL)
        return Send(packet=packet, interface=index, link_layer_destination=ALL_ROUTERS_LINK_LAYER)

    def _interval(self, sent: int) -> float:
        """Three at most one a second, then doubling to a minute, each randomised (RFC 5944 §2.4)."""
        doublings = max(0, sent - INITIAL_SOLICITATIONS + 1)
        nominal: float = min(FIRST_INTERVAL * 2.0 ** min(doublings, 10), LONGEST_INTERVAL)
        return nominal * (1 + JITTER * self._random())


def _plausible(source: IPv4Address, link: Link) -> bool:
    ours = any(source == address.ip for address in link.addresses)
    return not (ours or source.is_unspecified or source.is_multicast or source.is_loopback)


def _rebooted(known: Agent, advertisement: AgentAdvertisement) -> bool:
    """Smaller and below 256 is a reboot, smaller and above is a roll-over (RFC 5944 §2.4.4)."""
    return advertisement.sequence_number < min(known.advertisement.sequence_number, 256)
