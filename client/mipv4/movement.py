"""Did we move, and where are we? From links and agents to one attachment (RFC 5944 §2.4.2, §2.4.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import TypeAlias

from client.core.choice import Preference
from client.core.links import Link, Links
from client.mipv4.advertisement import NOT_A_ROUTER_FOR_ALL, AgentFlags
from client.mipv4.discovery import Agent
from client.mipv4.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class AtHome:
    """On the home link. `certain`: the home agent was heard or has answered; else only an address speaks for it."""

    link: Link
    certain: bool
    gateway: IPv4Address | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ViaAgent:
    """On a foreign link, with a foreign agent's care-of address."""

    link: Link
    agent: Agent
    care_of_address: IPv4Address


@dataclass(frozen=True, slots=True, kw_only=True)
class CoLocated:
    """On a foreign link, with an address of our own; `agent` wants to see the registration (the R bit)."""

    link: Link
    address: IPv4Interface
    agent: Agent | None = None


@dataclass(frozen=True, slots=True)
class Nowhere:
    """No way to register; `reason` says what stands in the way, if it is not merely that nothing is there yet."""

    reason: str | None = None


Attachment: TypeAlias = AtHome | ViaAgent | CoLocated | Nowhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """All that the decision rests on."""

    settings: Settings
    home_address: IPv4Address | None
    links: Links
    agents: tuple[Agent, ...]
    now: float
    current: Attachment = Nowhere()
    refusing: frozenset[tuple[int, IPv4Address]] = frozenset()  # agents that turned us away
    overlaps: frozenset[tuple[int, int]] = frozenset()  # (index, ups) of links that only look like home
    confirmed: frozenset[tuple[int, int]] = frozenset()  # and of those where the home agent signed that they are

    def on(self, link: Link) -> tuple[Agent, ...]:
        """The agents heard on a link."""
        return tuple(agent for agent in self.agents if agent.interface == link.index)


def locate(around: Surroundings) -> Attachment:
    """Home first; then the best foreign link, in the order of the snapshot; then nowhere, and why."""
    for link in around.links.up():
        if home := _home(around, link):
            return home
    for link in around.links.up():
        if foreign := _foreign(around, link):
            return foreign
    return Nowhere(next(_obstacles(around), None))


def _home(around: Surroundings, link: Link) -> AtHome | None:
    for agent in around.on(link):
        if agent.offers(AgentFlags.HOME_AGENT) and agent.address in around.settings.home_agents:
            return AtHome(link=link, certain=True, gateway=link.gateway or _router(agent))
    if _speaks_against_home(around, link):
        return None
    inside = _is_inside_home(around, link)
    # A silent home agent does not make us leave: once it has signed that this link is home, it stays so.
    certain = (link.index, link.ups) in around.confirmed and (inside or not link.addresses)
    gateway = link.gateway or _gateway_so_far(around, link)
    return AtHome(link=link, certain=certain, gateway=gateway) if certain or inside else None


def _gateway_so_far(around: Surroundings, link: Link) -> IPv4Address | None:
    current = around.current
    if isinstance(current, AtHome) and (current.link.index, current.link.ups) == (link.index, link.ups):
        return current.gateway
    return None


def _speaks_against_home(around: Surroundings, link: Link) -> bool:
    """Other agents serve this link; or it only looks like home. (A foreign agent may well serve the home link.)"""
    strangers = (agent for agent in around.on(link) if not _serves_home(around, agent))
    return (link.index, link.ups) in around.overlaps or any(strangers)


def _serves_home(around: Surroundings, agent: Agent) -> bool:
    network, offered = around.settings.home_network, agent.advertisement.care_of_addresses
    return network is not None and bool(offered) and all(address in network for address in offered)


def _is_inside_home(around: Surroundings, link: Link) -> bool:
    network = around.settings.home_network
    return network is not None and any(address.ip in network for address in link.addresses)


def _router(agent: Agent) -> IPv4Address | None:
    """The agent's first router address, or its own if it says that it routes (RFC 5944 §2.1, §4.2.1)."""
    if agent.advertisement.router_addresses:
        return agent.advertisement.router_addresses[0]
    return None if agent.advertisement.code == NOT_A_ROUTER_FOR_ALL else agent.address


def _foreign(around: Surroundings, link: Link) -> ViaAgent | CoLocated | None:
    address = _usable_address(around, link)
    agent = _usable_agent(around, link)
    if agent and (address is None or _prefers_agent(around, link, agent)):
        return ViaAgent(link=link, agent=agent, care_of_address=_care_of_address(around, agent))
    return CoLocated(link=link, address=address, agent=_requiring(around, link)) if address else None


def _prefers_agent(around: Surroundings, link: Link, agent: Agent) -> bool:
    """With both kinds to be had: as the profile says, else stay with what we have, else the ready address."""
    preference = around.settings.care_of
    if preference is not Preference.AUTO:
        return preference is Preference.FOREIGN_AGENT
    current = around.current
    if isinstance(current, ViaAgent):
        return current.link.index == link.index and current.link.ups == link.ups
    return isinstance(current, CoLocated) and _has_moved(current, agent)


def _has_moved(current: CoLocated, agent: Agent) -> bool:
    """Algorithm 2 (§2.4.2.2): the agent tells its prefixes, and the co-located address lies in none of them."""
    prefixes = agent.advertisement.prefixes
    return bool(prefixes) and current.link.index == agent.interface and not _inside(current.address.ip, prefixes)


def _inside(address: IPv4Address, prefixes: tuple[IPv4Network, ...]) -> bool:
    return any(address in prefix for prefix in prefixes)


def _usable_address(around: Surroundings, link: Link) -> IPv4Interface | None:
    current = around.current
    usable = [address for address in link.addresses if not refusal(around, address.ip)]
    if isinstance(current, CoLocated) and current.link.index == link.index and current.address in usable:
        return current.address
    return next((address for address in usable if _reaches_home(around, link, address)), None)


def _reaches_home(around: Surroundings, link: Link, address: IPv4Interface) -> bool:
    """Is there a way out yet? DHCP clients set the address first, and a request before the route would be lost."""
    routed = link.routed or link.gateway is not None
    return routed or any(home_agent in address.network for home_agent in around.settings.home_agents)


def refusal(around: Surroundings, address: IPv4Address) -> str | None:
    """Why an address cannot be a care-of address, or None if it can."""
    network = around.settings.home_network
    if address == around.home_address:
        return "care-of-is-home-address"
    if address in around.settings.home_agents:
        return "care-of-is-home-agent"
    if network and address in network:
        return "care-of-in-home-network"
    if address.is_link_local or address.is_loopback or address.is_multicast or address.is_unspecified:
        return "care-of-not-routable"
    return None


def _usable_agent(around: Surroundings, link: Link) -> Agent | None:
    """The current agent while it is heard; another one only when it is lost, or has moved out of hearing (§3.6)."""
    offering = [agent for agent in around.on(link) if _offers_service(around, agent)]
    current = next((agent for agent in offering if _is_current(around, agent)), None)
    others = [agent for agent in offering if not agent.offers(AgentFlags.BUSY) and agent is not current]
    if current and not _out_of_hearing(current, others, around.now):
        return current
    return others[0] if others else current


def _offers_service(around: Surroundings, agent: Agent) -> bool:
    grants = agent.advertisement.registration_lifetime > 0
    return grants and agent.key not in around.refusing and any(_care_of_addresses(around, agent))


def _care_of_addresses(around: Surroundings, agent: Agent) -> Iterator[IPv4Address]:
    if agent.offers(AgentFlags.FOREIGN_AGENT):
        yield from (address for address in agent.advertisement.care_of_addresses if not refusal(around, address))


def _care_of_address(around: Surroundings, agent: Agent) -> IPv4Address:
    """The one that we have while it is offered, else the first (§2.4)."""
    offered = list(_care_of_addresses(around, agent))
    current = around.current
    if isinstance(current, ViaAgent) and _is_current(around, agent) and current.care_of_address in offered:
        return current.care_of_address
    return offered[0]


def _is_current(around: Surroundings, agent: Agent) -> bool:
    current = around.current.agent if isinstance(around.current, ViaAgent | CoLocated) else None
    return current is not None and current.key == agent.key


def _out_of_hearing(current: Agent, others: list[Agent], now: float) -> bool:
    """Algorithm 2 (§2.4.2.2) tempered by §3.6: another prefix is heard, and the current agent missed its turn."""
    ours = current.advertisement.prefixes
    if not ours or now < current.missed_at:
        return False
    newer = [agent for agent in others if agent.heard_at > current.heard_at]
    return any(theirs and not set(theirs) & set(ours) for theirs in (agent.advertisement.prefixes for agent in newer))


def _requiring(around: Surroundings, link: Link) -> Agent | None:
    """Who wants to see our registration, though we need no care-of address (§2.4.1): still the same one, if it does."""
    offering = (agent for agent in around.on(link) if _offers_service(around, agent))
    wanting = [agent for agent in offering if agent.offers(AgentFlags.REGISTRATION_REQUIRED)]
    current = next((agent for agent in wanting if _is_current(around, agent)), None)
    return current or next((agent for agent in wanting if not agent.offers(AgentFlags.BUSY)), None)


def _obstacles(around: Surroundings) -> Iterator[str]:
    for link in around.links.up():
        own = (address.ip for address in link.addresses)
        offered = (address for agent in around.on(link) for address in agent.advertisement.care_of_addresses)
        for address in (*own, *offered):
            if reason := refusal(around, address):
                yield reason
