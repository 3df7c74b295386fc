"""All that one daemon is: home agents, a foreign agent, and what tells the links about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from ipaddress import IPv4Address
from itertools import chain
from typing import TypeAlias

import msgspec

from agents.advertiser import Advertiser
from agents.foreign_agent import ForeignAgent
from agents.home_agent import HomeAgent
from agents.nodes import Nodes
from agents.offers import offers
from agents.settings import AgentSettings
from client.core.ipv4 import Protocol
from client.core.machine import NEVER, Event, Heard, Output, Random, Send, WallClock
from client.core.plan import EMPTY, Item, Plan
from client.mipv4.messages import RegistrationRequest

OURSELVES = -1
"""In place of an interface index: a packet from one role of ours to another never was on a link."""

Role: TypeAlias = HomeAgent | ForeignAgent | Advertiser


class MobilityAgent:
    """One machine made of several. Each hears what concerns it; what they tell each other stays inside."""

    def __init__(
        self, settings: AgentSettings, nodes: Nodes, wall_clock: WallClock, random: Random, memory: bytes = b""
    ) -> None:
        settings = introduced(settings)
        stored = read_memory(memory)
        self.home_agents = tuple(
            HomeAgent(home, nodes, wall_clock, stored.get(str(home.address), "").encode())
            for home in settings.home_agents
        )
        self.foreign_agent = ForeignAgent(settings.foreign_agent) if settings.foreign_agent else None
        self._plans: list[Plan] = []
        self._plan: Plan = EMPTY
        self.advertisers = tuple(Advertiser(offer, random, self._is_busy) for offer in offers(settings))

    @property
    def deadline(self) -> float:
        """The first of all."""
        return min((role.deadline for role in self._roles), default=NEVER)

    def plan(self) -> Plan:
        """All plans as one: what several want is held once."""
        plans = [plan for role in self._roles if (plan := role.plan())]
        if len(plans) == 1:
            return plans[0]
        if len(plans) != len(self._plans) or any(new is not old for new, old in zip(plans, self._plans, strict=True)):
            self._plans, self._plan = plans, merged(plans)
        return self._plan

    def memory(self) -> bytes:
        """What each home agent remembers."""
        memories = {str(agent.settings.address): agent.memory().decode() for agent in self.home_agents}
        known = {address: memory for address, memory in memories.items() if memory}
        return msgspec.json.encode(known, order="sorted") if known else b""

    def handle(self, event: Event, now: float) -> list[Output]:
        """Take one event; say what to send."""
        outputs = [output for role in self._concerned(event) for output in role.handle(event, now)]
        return [sent for output in outputs for sent in self._outside(output, now)]

    @property
    def counters(self) -> Counter[str]:
        """What was done and dropped, by reason."""
        return sum((role.counters for role in self._roles), Counter())

    @property
    def _roles(self) -> tuple[Role, ...]:
        foreign = (self.foreign_agent,) if self.foreign_agent else ()
        return (*self.home_agents, *foreign, *self.advertisers)

    def _is_busy(self) -> bool:
        return self.foreign_agent is not None and self.foreign_agent.is_busy

    def _concerned(self, event: Event) -> Iterable[Role]:
        if isinstance(event, Heard) and event.packet.protocol == Protocol.UDP:
            return self._registrars(event)
        return self._roles

    def _registrars(self, heard: Heard) -> Iterator[Role]:
        """A request is for the foreign agent if it came to it by a link for visitors; else for one home agent."""
        foreign = self.foreign_agent
        request = _peek(heard)
        if request is None:
            yield from self._roles
        elif foreign is not None and foreign.is_for_us(heard) and not self._is_direct(request, heard):
            yield foreign
        elif self.home_agents:
            yield self._home_agent_for(request, heard)

    def _is_direct(self, request: tuple[IPv4Address, IPv4Address], heard: Heard) -> bool:
        """Does a node on a link for visitors speak to our home agent itself, for a care-of address not ours?"""
        home_agent, care_of_address = request
        ours = {agent.settings.address for agent in self.home_agents}
        visiting = self.foreign_agent is not None and self.foreign_agent.offers(care_of_address)
        return heard.packet.destination in ours and home_agent in ours and not visiting

    def _home_agent_for(self, request: tuple[IPv4Address, IPv4Address], heard: Heard) -> HomeAgent:
        by_address = {agent.settings.address: agent for agent in self.home_agents}
        named = by_address.get(request[0]) or by_address.get(heard.packet.destination)
        on_network = (agent for agent in self.home_agents if heard.packet.destination in agent.settings.network)
        return named or next(on_network, self.home_agents[0])

    def _outside(self, output: Output, now: float) -> Iterator[Output]:
        """What one role of ours sends to another is heard at once; the rest leaves."""
        if not isinstance(output, Send) or output.link_layer_destination or not self._is_inside(output):
            yield output
            return
        yield from self.handle(Heard(packet=output.packet, interface=OURSELVES), now)

    def _is_inside(self, send: Send) -> bool:
        if self.foreign_agent is None or not self.home_agents:
            return False
        homes = {agent.settings.address for agent in self.home_agents}
        return send.packet.destination in homes or self.foreign_agent.offers(send.packet.destination)


def introduced(settings: AgentSettings) -> AgentSettings:
    """The settings in which the two roles of one daemon know of each other."""
    foreign = settings.foreign_agent
    if foreign is None:
        return settings
    homes = frozenset(home.address for home in settings.home_agents)
    care_of_addresses = frozenset(link.care_of_address for link in foreign.links)
    return replace(
        settings,
        home_agents=tuple(replace(home, own_care_of_addresses=care_of_addresses) for home in settings.home_agents),
        foreign_agent=replace(foreign, own_home_agents=homes),
    )


def _peek(heard: Heard) -> tuple[IPv4Address, IPv4Address] | None:
    """Home agent and care-of address of a request; None for anything else. Whoever gets it reads it properly."""
    data = heard.packet.payload[8:]
    if len(data) < RegistrationRequest.HEADER.size or data[0] != RegistrationRequest.TYPE:
        return None
    _, _, _, _, home_agent, care_of_address, _ = RegistrationRequest.HEADER.unpack_from(data)
    return IPv4Address(home_agent), IPv4Address(care_of_address)


def read_memory(memory: bytes) -> dict[str, str]:
    """What we once wrote; anything else is as good as nothing."""
    try:
        return msgspec.json.decode(memory or b"{}", type=dict[str, str])
    except (msgspec.DecodeError, ValueError):
        return {}


def merged(plans: Iterable[Plan]) -> Plan:
    """Several plans as one; what more than one of them wants stands there once."""
    items: dict[object, Item] = {}
    for item in chain.from_iterable(plans):
        items.setdefault(item.key, item)
    return tuple(items.values())
