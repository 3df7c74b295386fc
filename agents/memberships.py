"""The multicast groups that absent nodes joined through their reverse tunnels (RFC 5944 §4.4)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from ipaddress import IPv4Address

from agents.igmp import QUERY_INTERVAL, ROBUSTNESS, general_query, read_memberships
from agents.ledger import Ledger
from client.core.errors import DecodeError
from client.core.ipv4 import IPv4Packet
from client.core.machine import Output, Send

MEMBERSHIP_TIME = ROBUSTNESS * QUERY_INTERVAL + 10.0
"""Seconds without a report after which a node is no member any more (RFC 3376 §8.4)."""

FIRST_WAIT = 1.0
"""Seconds from a node's registration to the first query: its end of the tunnel must stand, too."""

STARTUP_INTERVAL = QUERY_INTERVAL / 4
"""Seconds from the first query to the second, which is for a lost one (RFC 3376 §8.6)."""

GROUPS_PER_NODE = 64


@dataclass(frozen=True, slots=True)
class _Member:
    home_address: IPv4Address
    group: IPv4Address
    until: float


@dataclass(frozen=True, slots=True)
class _Question:
    """A node is asked at this time; `left` questions follow even if it is in no group."""

    home_address: IPv4Address
    at: float
    left: int


class Memberships:
    """Who is in which group. Nodes are asked when they leave home, and time and again while they are in one."""

    def __init__(self, home_agent: IPv4Address, counters: Counter[str]) -> None:
        self._home_agent = home_agent
        self._counters = counters
        self._members: Ledger[tuple[IPv4Address, IPv4Address], _Member] = Ledger(lambda member: member.until)
        self._questions: Ledger[IPv4Address, _Question] = Ledger(lambda question: question.at)
        self._groups: dict[IPv4Address, frozenset[IPv4Address]] = {}
        self._changed: set[IPv4Address] = set()

    def of(self, home_address: IPv4Address) -> frozenset[IPv4Address]:
        """The groups of a node."""
        return self._groups.get(home_address, frozenset())

    def follow(self, home_address: IPv4Address, now: float) -> None:
        """A node has a reverse tunnel from now on: it may be in groups already."""
        self._questions.put(home_address, _Question(home_address, now + FIRST_WAIT, ROBUSTNESS - 1))

    def forget(self, home_address: IPv4Address) -> None:
        """A node has no tunnel any more."""
        self._questions.pop(home_address)
        for group in self.of(home_address):
            self._leave(home_address, group)

    def heard(self, home_address: IPv4Address, packet: IPv4Packet, now: float) -> None:
        """IGMP came out of the reverse tunnel of this node."""
        try:
            memberships = read_memberships(packet)
        except DecodeError:
            self._counters["malformed-igmp"] += 1
            return
        for membership in memberships:
            if membership.joined:
                self._join(home_address, membership.group, now)
            else:
                self._leave(home_address, membership.group)

    def due(self, now: float) -> list[Output]:
        """The questions whose time has come; memberships that nobody confirmed end."""
        for member in self._members.expire(now):
            self._leave(member.home_address, member.group)
        asked = [self._ask(question, now) for question in self._questions.expire(now)]
        return [output for outputs in asked for output in outputs]

    def take_changes(self) -> set[IPv4Address]:
        """The home addresses whose groups changed since this was asked last."""
        changed, self._changed = self._changed, set()
        return changed

    @property
    def deadline(self) -> float:
        """The next question, or the end of a membership."""
        return min(self._members.deadline, self._questions.deadline)

    def _ask(self, question: _Question, now: float) -> list[Output]:
        home_address = question.home_address
        if question.left < 0 and not self.of(home_address):
            return []
        wait = STARTUP_INTERVAL if question.left > 0 else QUERY_INTERVAL
        self._questions.put(home_address, _Question(home_address, now + wait, max(question.left - 1, -1)))
        return [Send(packet=general_query(self._home_agent, home_address), signalling=False)]

    def _join(self, home_address: IPv4Address, group: IPv4Address, now: float) -> None:
        groups = self.of(home_address)
        if group not in groups and len(groups) >= GROUPS_PER_NODE:
            self._counters["too-many-groups"] += 1
            return
        self._members.put((home_address, group), _Member(home_address, group, now + MEMBERSHIP_TIME))
        if group not in groups:
            self._groups[home_address] = groups | {group}
            self._changed.add(home_address)
        if home_address not in self._questions:
            self._questions.put(home_address, _Question(home_address, now + QUERY_INTERVAL, -1))

    def _leave(self, home_address: IPv4Address, group: IPv4Address) -> None:
        self._members.pop((home_address, group))
        groups = self.of(home_address)
        if group not in groups:
            return
        self._groups[home_address] = groups - {group}
        if not self._groups[home_address]:
            del self._groups[home_address]
        self._changed.add(home_address)
