"""What refusals have taught us: how to ask an agent so that it can say yes (RFC 5944 §3.6.2.3)."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address
from typing import TypeVar

from client.core.plan import Encapsulation
from client.mipv4.codes import Code, Remedy, remedy
from client.mipv4.messages import INFINITE_LIFETIME, RegistrationReply
from client.mipv4.requests import Pending, is_host
from client.mipv4.target import Target
from client.mipv4.udp_tunnel import UdpTunnelRequest

MOST_LESSONS = 64
"""Agents whose words we remember: whoever invents agents must not fill our memory."""

SHORTEST_HINTED_LIFETIME = 30
"""Seconds: an unsigned refusal 69 may not talk us into asking for less."""

_Lesson = TypeVar("_Lesson")


class Lessons:
    """By agent (None: without one), the lifetime that it allows and what it says about tunnels."""

    def __init__(self) -> None:
        self._lifetimes: dict[IPv4Address | None, int] = {}
        self._reverse_tunnel: dict[IPv4Address | None, tuple[bool, int]] = {}  # and the code that said so
        self._refused: dict[IPv4Address | None, frozenset[Encapsulation]] = {}  # what G and M bits ask for
        self._udp_tunnel: dict[IPv4Address | None, bool] = {}  # False: none at all; True: none by force
        self._crowded: tuple[object, ...] | None = None  # the spot for which there was no room beside the others
        self.home_agent: IPv4Address | None = None  # the one that a refusal sent us to

    def forget_tunnels(self) -> None:
        """A person decides anew: what agents said about tunnels counts no more."""
        self._reverse_tunnel.clear()
        self._refused.clear()
        self._udp_tunnel.clear()

    def accepted(self) -> None:
        """A request was granted: there may be room for two from now on."""
        self._crowded = None

    def taught_by(self, agent: IPv4Address | None) -> int | None:
        """The code that made us turn the reverse tunnel through this agent on or off."""
        return self._reverse_tunnel[agent][1] if agent in self._reverse_tunnel else None

    def allow(self, target: Target) -> Target:
        """The target as the agent in its way lets us ask for it."""
        limit = self._lifetimes.get(target.agent, INFINITE_LIFETIME)
        reverse_tunnel = target.reverse_tunnel
        if target.agent in self._reverse_tunnel and not target.at_home:
            reverse_tunnel = self._reverse_tunnel[target.agent][0]
        encapsulation, *others = self._allowed(target)
        return replace(
            target,
            longest_lifetime=min(target.longest_lifetime, limit),
            reverse_tunnel=reverse_tunnel,
            encapsulation=encapsulation,
            next_encapsulations=tuple(others),
            udp_tunnel=self._udp_tunnel_of(target),
            simultaneous=target.simultaneous and target.spot != self._crowded,
        )

    def _allowed(self, target: Target) -> tuple[Encapsulation, ...]:
        refused = self._refused.get(target.agent, frozenset())
        asked = (target.encapsulation, *target.next_encapsulations)
        return tuple(one for one in asked if one not in refused) or (Encapsulation.IPIP,)

    def _udp_tunnel_of(self, target: Target) -> UdpTunnelRequest | None:
        if target.udp_tunnel is None or target.agent not in self._udp_tunnel:
            return target.udp_tunnel
        return replace(target.udp_tunnel, force=False) if self._udp_tunnel[target.agent] else None

    def learn(self, pending: Pending, reply: RegistrationReply, *, signed: bool) -> bool:
        """Take a refusal; True if we ask in another way from now on, so that asking again makes sense."""
        match remedy(reply.code):
            case Remedy.SHORTER_LIFETIME:
                return self._learn_lifetime(pending, reply.lifetime)
            case (Remedy.REVERSE_TUNNEL | Remedy.NO_REVERSE_TUNNEL) as wanted:
                value = wanted is Remedy.REVERSE_TUNNEL
                return self._learn_reverse_tunnel(pending, reply.code, value=value, signed=signed)
            case Remedy.OTHER_ENCAPSULATION:
                return self._learn_encapsulation(pending)
            case Remedy.NO_UDP_TUNNEL if signed:
                return self._learn_udp_tunnel(pending, by_force=False)
            case Remedy.ONLY_BINDING if signed:
                return self._learn_crowd(pending)
            case Remedy.OTHER_HOME_AGENT if signed:
                return self._learn_home_agent(pending, reply.home_agent)
        if signed and reply.code == Code.HA_PROHIBITED:
            return self._learn_udp_tunnel(pending, by_force=True)
        return False

    def _learn_lifetime(self, pending: Pending, lifetime: int) -> bool:
        if not SHORTEST_HINTED_LIFETIME <= lifetime < pending.request.lifetime:
            return False
        _remember(self._lifetimes, pending.target.agent, lifetime)
        return True

    def _learn_reverse_tunnel(self, pending: Pending, code: int, *, value: bool, signed: bool) -> bool:
        if pending.target.at_home:
            return False
        if pending.target.reverse_tunnel == value:  # without it the T bit still goes with force (RFC 3519 §3.1.5)
            return not value and signed and self._learn_udp_tunnel(pending, by_force=True)
        _remember(self._reverse_tunnel, pending.target.agent, (value, code))
        return True

    def _learn_encapsulation(self, pending: Pending) -> bool:
        refused = pending.target.encapsulation
        if refused is Encapsulation.IPIP:
            return False
        known = self._refused.get(pending.target.agent, frozenset())
        _remember(self._refused, pending.target.agent, known | {refused})
        return True

    def _learn_udp_tunnel(self, pending: Pending, *, by_force: bool) -> bool:
        """Not by force (RFC 3519 §4.6.1), or not at all."""
        asked = pending.target.udp_tunnel
        if asked is None or (by_force and not asked.force):
            return False
        _remember(self._udp_tunnel, pending.target.agent, by_force)
        return True

    def _learn_crowd(self, pending: Pending) -> bool:
        """Without the S bit the new binding takes the place of all others, however many they are."""
        if not pending.target.simultaneous:
            return False
        self._crowded = pending.target.spot
        return True

    def _learn_home_agent(self, pending: Pending, home_agent: IPv4Address) -> bool:
        if home_agent == pending.home_agent or not is_host(home_agent):
            return False
        self.home_agent = home_agent
        return True


def _remember(lessons: dict[IPv4Address | None, _Lesson], agent: IPv4Address | None, lesson: _Lesson) -> None:
    lessons.pop(agent, None)
    lessons[agent] = lesson
    if len(lessons) > MOST_LESSONS:
        del lessons[next(iter(lessons))]
