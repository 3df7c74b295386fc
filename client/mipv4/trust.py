"""What experience says about the links and agents around: whom to pass over, and where home really is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address
from typing import TypeAlias

from client.core.links import Links
from client.core.machine import NEVER
from client.mipv4.movement import Attachment, Nowhere, Surroundings, locate
from client.mipv4.target import Target

AgentKey: TypeAlias = tuple[int, IPv4Address]
"""Interface and address."""

LinkVisit: TypeAlias = tuple[int, int]
"""Interface, and how often it came up: another visit may be to another network."""

PENALTY = 60.0
"""Seconds for which an agent that refuses or says nothing is passed over, if there is another way."""

OVERLAP = 60.0
"""Seconds for which a link whose prefix is that of home, but where no home agent answered, is not asked again."""

DEAD = 120.0
"""Seconds for which a link that carries nothing is passed over if another one leads on; each time twice as long."""

LONGEST_DEAD = 3600.0


@dataclass(slots=True)
class Trust:
    """Links are forgotten with the end of the visit, agents after a while."""

    confirmed: set[LinkVisit] = field(default_factory=set)  # the home agent signed that this link is home
    overlaps: set[LinkVisit] = field(default_factory=set)  # this one only looks like home
    _retries: dict[LinkVisit, float] = field(default_factory=dict)
    _penalties: dict[AgentKey, float] = field(default_factory=dict)
    _dead: dict[LinkVisit, float] = field(default_factory=dict)
    _dead_for: dict[LinkVisit, float] = field(default_factory=dict)  # the last time

    @property
    def deadline(self) -> float:
        """When something is forgiven."""
        return min((*self._penalties.values(), *self._retries.values(), *self._dead.values()), default=NEVER)

    @property
    def refusing(self) -> frozenset[AgentKey]:
        """The agents to pass over."""
        return frozenset(self._penalties)

    @property
    def fresh_overlaps(self) -> frozenset[LinkVisit]:
        """Those that are not to be asked again yet, even if there is nothing else."""
        return frozenset(self._retries)

    def doubt(self, target: Target, now: float) -> None:
        """This way does not work: its agent refuses or says nothing, or it only looks like the way home."""
        if target.agent:
            self._penalties[(target.link[0], target.agent)] = now + PENALTY
        if target.unconfirmed:
            self.overlaps.add(target.link)
            self._retries[target.link] = now + OVERLAP

    @property
    def dead(self) -> frozenset[LinkVisit]:
        """The links by which nothing came back."""
        return frozenset(self._dead)

    def give_up(self, visit: LinkVisit, now: float) -> None:
        """The home agent grants what we ask from there, and still no packet comes back."""
        if visit not in self._dead:
            self._dead_for[visit] = min(2 * self._dead_for.get(visit, DEAD / 2), LONGEST_DEAD)
            self._dead[visit] = now + self._dead_for[visit]

    def revive(self, visit: LinkVisit) -> None:
        """Packets came back from there."""
        self._dead.pop(visit, None)
        self._dead_for.pop(visit, None)

    def confirm(self, visit: LinkVisit) -> None:
        """The home agent has answered from here."""
        self.confirmed.add(visit)
        self.overlaps.discard(visit)
        self._retries.pop(visit, None)

    def expire(self, now: float) -> None:
        """Forgive what is long ago."""
        self._penalties = {agent: until for agent, until in self._penalties.items() if until > now}
        self._retries = {visit: until for visit, until in self._retries.items() if until > now}
        self._dead = {visit: until for visit, until in self._dead.items() if until > now}

    def keep(self, links: Links) -> None:
        """A visit that ended teaches nothing about the next one."""
        alive = {(link.index, link.ups) for link in links.up()}
        self.confirmed &= alive
        self.overlaps &= alive
        for by_visit in (self._retries, self._dead, self._dead_for):
            for ended in by_visit.keys() - alive:
                del by_visit[ended]


def locate_with(trust: Trust, around: Surroundings) -> Attachment:
    """Where we are, as experience has it; but better one that refused, or did not answer a minute ago, than nothing."""
    around = replace(
        around,
        refusing=trust.refusing,
        overlaps=frozenset(trust.overlaps),
        confirmed=frozenset(trust.confirmed),
    )
    living = Links(tuple(link for link in around.links.links if (link.index, link.ups) not in trust.dead))
    for candidates in dict.fromkeys((living, around.links)):
        found = locate(replace(around, links=candidates))
        if not isinstance(found, Nowhere):
            return found
    return locate(replace(around, refusing=frozenset(), overlaps=trust.fresh_overlaps))
