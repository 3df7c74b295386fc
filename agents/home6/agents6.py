"""All that one daemon is for IPv6: a correspondent, and perhaps a home agent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TypeAlias

from agents.home6.home_agent import HomeAgent6
from agents.mobility_agent import merged
from agents.nodes import Nodes
from agents.settings import AgentSettings
from client.core.ipv6 import NextHeader
from client.core.machine import NEVER, Event, Heard6, Output, Random, WallClock
from client.core.plan import EMPTY, Plan
from mipv6.correspondent_node import CorrespondentNode, no_home_agent
from mipv6.correspondent_settings import CorrespondentSettings
from mipv6.home_signalling import is_home_registration

Role: TypeAlias = HomeAgent6 | CorrespondentNode


class Agents6:
    """One machine made of two. A home registration is the home agent's, every other mobility header is not."""

    def __init__(
        self, settings: AgentSettings, nodes: Nodes, wall_clock: WallClock, random: Random, memory: bytes = b""
    ) -> None:
        home, correspondent = settings.home6, settings.correspondent or CorrespondentSettings()
        self.home_agent = HomeAgent6(home, nodes, wall_clock, random, memory) if home else None
        at_home = self.home_agent.care_of_address if self.home_agent else no_home_agent
        wanted = home is not None or settings.correspondent is not None  # every home agent is a correspondent, too
        self.correspondent = CorrespondentNode(correspondent, random, at_home) if wanted else None
        self._plans: list[Plan] = []
        self._plan: Plan = EMPTY

    @property
    def deadline(self) -> float:
        """The first of both."""
        return min((role.deadline for role in self._roles), default=NEVER)

    @property
    def counters(self) -> Counter[str]:
        """What was done and dropped, by reason."""
        return sum((role.counters for role in self._roles), Counter())

    def plan(self) -> Plan:
        """Both plans as one: what both want is held once."""
        plans = [role.plan() for role in self._roles]
        if len(plans) == 1:
            return plans[0]
        if len(plans) != len(self._plans) or any(new is not old for new, old in zip(plans, self._plans, strict=True)):
            self._plans, self._plan = plans, merged(plans)
        return self._plan

    def memory(self) -> bytes:
        """What the home agent remembers."""
        return self.home_agent.memory() if self.home_agent else b""

    def handle(self, event: Event, now: float) -> list[Output]:
        """Take one event; say what to send."""
        outputs: list[Output] = []
        for role in self._concerned(event):
            said = role.handle(event, now)
            outputs += map(self.home_agent.pass_on, said) if self.home_agent and role is self.correspondent else said
        return outputs

    @property
    def _roles(self) -> tuple[Role, ...]:
        return tuple(role for role in (self.home_agent, self.correspondent) if role is not None)

    def _concerned(self, event: Event) -> Iterable[Role]:
        home_agent, correspondent = self.home_agent, self.correspondent
        if home_agent is None or correspondent is None:
            return self._roles
        if not isinstance(event, Heard6):
            return self._roles
        match event.packet.next_header:
            case NextHeader.MOBILITY:
                to_us = not home_agent.intercepts(event.packet)
                return (correspondent,) if to_us and not is_home_registration(event.packet.payload) else (home_agent,)
            case NextHeader.ESP:
                return (home_agent,) if home_agent.protects(event.packet) else (correspondent,)
        return self._roles
