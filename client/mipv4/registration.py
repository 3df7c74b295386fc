"""Registration: keeps the home agent's binding where we are (RFC 5944 §3.6)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Address
from typing import TypeAlias

from client.core.errors import DecodeError
from client.core.ipv4 import IPv4Packet
from client.core.machine import NEVER, Random, Send, WallClock
from client.mipv4 import requests
from client.mipv4.codes import Code, Remedy, is_accepted, is_from_foreign_agent, remedy
from client.mipv4.identification import Identifications
from client.mipv4.messages import INFINITE_LIFETIME, RegistrationReply
from client.mipv4.pacing import FIRST_WAIT, Pace, next_wait, renewal_time
from client.mipv4.requests import Ask, Pending, Verdict
from client.mipv4.settings import Settings
from client.mipv4.target import Target

CLOCK_RETRY = 5.0
RESOURCES_RETRY = 30.0
PERSON_RETRY = 60.0
MOST_RESYNCHRONISATIONS = 3
TRIES_PER_HOME_AGENT = 3
SHORTEST_HINTED_LIFETIME = 30
"""Seconds: an unsigned refusal 69 may not talk us into asking for less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What the home agent granted. It ends a lifetime after the request was *sent* (RFC 5944 §3.6.2.2)."""

    target: Target
    home_address: IPv4Address
    home_agent: IPv4Address
    code: int
    lifetime: float  # zero: nothing is bound, as at home
    sent_at: float
    granted_at: float
    expires_at: float


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing to register."""

    deadline: float = NEVER


@dataclass(frozen=True, slots=True)
class Waiting:
    """The next request may not, or should not, go before the deadline."""

    wait: float
    deadline: float


@dataclass(frozen=True, slots=True)
class Requesting:
    """The home agent has not answered yet; ask again at the deadline."""

    wait: float
    deadline: float


@dataclass(frozen=True, slots=True)
class Settled:
    """The home agent agreed; renew at the deadline."""

    deadline: float


State: TypeAlias = Idle | Waiting | Requesting | Settled


class Registration:
    """Asks until the home agent has answered for the target, then renews; never trusts what is not signed."""

    def __init__(
        self, settings: Settings, identifications: Identifications, wall_clock: WallClock, random: Random
    ) -> None:
        self._settings = settings
        self._identifications = identifications
        self._wall_clock = wall_clock
        self._random = random
        self._pace = Pace()
        self._pending: Pending | None = None
        self._asking_since = 0.0
        self._resynchronisations = 0
        self._home_agent = 0
        self._told_home_agent: IPv4Address | None = None
        self._lifetime_limits: dict[IPv4Address | None, int] = {}
        self._reverse_tunnel_rules: dict[IPv4Address | None, bool] = {}  # by agent: what a refusal taught us
        self._aim: Target | None = None  # as asked for; `target` is as the rules allow it
        self.state: State = Idle()
        self.target: Target | None = None
        self.binding: Binding | None = None
        self.home_address = settings.home_address.ip if settings.home_address else None
        self.tries = 0  # requests since the last answer that counted
        self.requests = 0  # requests ever
        self.refusal: int | None = None  # the code of the last refusal that stands
        self.hints = 0  # refusals in a row that nobody signed
        self.taught_by: int | None = None  # the code that made us turn the reverse tunnel on or off
        self.clock_implausible = False
        self.security_exceptions = 0

    @property
    def deadline(self) -> float:
        """When to ask, ask again, renew, or forget a binding."""
        return min(self.state.deadline, self.binding.expires_at if self.binding else NEVER)

    @property
    def home_agent(self) -> IPv4Address:
        """Whom we ask."""
        if self._told_home_agent:
            return self._told_home_agent
        return self._settings.home_agents[self._home_agent % len(self._settings.home_agents)]

    @property
    def asking(self) -> Pending | None:
        """The request on its way, if one is."""
        return self._pending if isinstance(self.state, Requesting) else None

    def aim(self, target: Target | None, now: float) -> list[Send]:
        """Register this target from now on; the same one again changes nothing. The old binding holds meanwhile."""
        if target == self._aim:
            return []
        self._aim = target
        self.target = target and self._as_allowed(target)
        self._pending = None
        self._fresh(now)
        if target is None:
            self.state = Idle()
            return []
        return self._ask(FIRST_WAIT, now)

    def _as_allowed(self, target: Target) -> Target:
        allowed = self._reverse_tunnel_rules.get(target.agent, target.reverse_tunnel)
        return target if target.at_home else replace(target, reverse_tunnel=allowed)

    def forget_rules(self) -> None:
        """A person decides anew: what agents said about the reverse tunnel counts no more."""
        self._reverse_tunnel_rules.clear()
        self.taught_by = None

    def again(self, now: float) -> list[Send]:
        """Register the same target anew: the agent rebooted, nothing comes back, or a person asks."""
        if self.target is None or isinstance(self.state, Requesting):
            return []
        self._fresh(now)
        return self._ask(FIRST_WAIT, now)

    def deregister(self, now: float) -> list[Send]:
        """Give up all bindings from where we are (§3.6.1.2): lifetime zero, care-of address the home address."""
        target = self.target or (self.binding.target if self.binding else None)
        if target is None or self.home_address is None:
            return []
        self._aim = None
        self.target = replace(target, care_of_address=self.home_address, longest_lifetime=0)
        self._pending = None
        self._fresh(now)
        return self._ask(FIRST_WAIT, now)

    def forget(self) -> None:
        """Nothing is registered any more, and nothing is to be."""
        self.state, self.target, self._aim, self.binding, self._pending = Idle(), None, None, None, None

    def _fresh(self, now: float) -> None:
        self._asking_since, self.tries, self._resynchronisations = now, 0, 0
        self.refusal, self.hints = None, 0

    def timeout(self, now: float) -> list[Send]:
        """The deadline: a binding ends, or it is time to ask."""
        if self.binding and now >= self.binding.expires_at:
            self.binding = None
        if now < self.state.deadline:
            return []
        match self.state:
            case Requesting(wait=wait):
                self._next_home_agent()
                return self._ask(next_wait(wait, now - self._asking_since), now)
            case Waiting(wait=wait):
                return self._ask(wait, now)
            case Settled():
                self._fresh(now)
                return self._ask(FIRST_WAIT, now)
        return []

    def _next_home_agent(self) -> None:
        if self.tries % TRIES_PER_HOME_AGENT == 0:
            self._home_agent += 1
            self._told_home_agent = None

    def _ask(self, wait: float, now: float) -> list[Send]:
        if self.target is None:
            return []
        earliest = self._pace.earliest(self.target.link, now)
        if earliest > now:
            self.state = Waiting(wait, earliest)
            return []
        identification = self._identifications.next(self._wall_clock())
        self.clock_implausible = identification is None
        if identification is None:
            self.state = Waiting(wait, now + CLOCK_RETRY)
            return []
        return [self._send(self.target, identification, wait, now)]

    def _send(self, target: Target, identification: int, wait: float, now: float) -> Send:
        ask = Ask(
            target=target,
            home_address=self.home_address,
            home_agent=self.home_agent,
            lifetime=self._lifetime(target),
            identification=identification,
        )
        request = requests.build(self._settings, ask)
        self._pending = Pending(request=request, target=target, home_agent=self.home_agent, sent_at=now)
        self._pace.sent(target.link, now)
        self.tries += 1
        self.requests += 1
        self.state = Requesting(wait, now + wait)
        return requests.send(self._settings, self._pending)

    def _lifetime(self, target: Target) -> int:
        if target.at_home:
            return 0
        limit = self._lifetime_limits.get(target.agent, INFINITE_LIFETIME)
        return min(self._settings.lifetime, target.longest_lifetime, limit)

    def reply(self, packet: IPv4Packet, now: float) -> list[Send]:
        """Take what may be a reply: all checks, then what the code calls for."""
        try:
            reply, payload = requests.read_reply(packet)
        except DecodeError:
            return []
        if self._pending is None:
            return []
        match requests.judge(self._settings, self._pending, reply, payload):
            case Verdict.PROVEN:
                return self._proven(self._pending, reply, now)
            case Verdict.HINT:
                return self._hint(self._pending, reply, now)
        self.security_exceptions += reply.echoes(self._pending.request)
        return []

    def _proven(self, pending: Pending, reply: RegistrationReply, now: float) -> list[Send]:
        self._pending = None
        self.tries = self.hints = 0
        if is_accepted(reply.code):
            self._accepted(pending, reply, now)
            return []
        self.refusal = reply.code
        return self._mend(pending, reply, now)

    def _accepted(self, pending: Pending, reply: RegistrationReply, now: float) -> None:
        self.refusal = None
        self._resynchronisations = 0
        self._identifications.accept(pending.request.identification)
        self.home_address = reply.home_address
        granted = min(pending.request.lifetime, reply.lifetime)
        lifetime = NEVER if granted == INFINITE_LIFETIME else float(granted)
        self.state = self._settled(pending, lifetime, now)
        self.binding = Binding(
            target=pending.target,
            home_address=reply.home_address,
            home_agent=pending.home_agent,
            code=reply.code,
            lifetime=lifetime,
            sent_at=pending.sent_at,
            granted_at=now,
            expires_at=pending.sent_at + lifetime if granted else NEVER,
        )

    def _settled(self, pending: Pending, lifetime: float, now: float) -> State:
        if lifetime:
            return Settled(renewal_time(pending.sent_at, lifetime, self._random))
        # Zero was asked for, or else the home agent says yes and grants nothing: ask again later.
        return Settled(NEVER) if pending.request.is_deregistration else Waiting(FIRST_WAIT, now + RESOURCES_RETRY)

    def _mend(self, pending: Pending, reply: RegistrationReply, now: float) -> list[Send]:
        """What a refusal by the home agent calls for (§3.6.2.3)."""
        match remedy(reply.code):
            case Remedy.RESYNCHRONISE if self._resynchronisations < MOST_RESYNCHRONISATIONS:
                self._resynchronisations += 1
                self._identifications.resynchronise(reply.identification, self._wall_clock())
                return self._ask(FIRST_WAIT, now)
            case Remedy.OTHER_HOME_AGENT if reply.home_agent != pending.home_agent:
                self._told_home_agent = reply.home_agent
                return self._ask(FIRST_WAIT, now)
            case (Remedy.REVERSE_TUNNEL | Remedy.NO_REVERSE_TUNNEL) as rule if self._learns(rule):
                return self._ask(FIRST_WAIT, now)
            case Remedy.PERSON if self._settings.home_address is None and self.home_address:
                self.home_address = None  # an address that we were once given is not ours any more: ask for one
                return self._ask(FIRST_WAIT, now)
            case Remedy.LATER:
                self.state = Waiting(FIRST_WAIT, now + RESOURCES_RETRY)
            case _:
                self.state = Waiting(FIRST_WAIT, now + PERSON_RETRY)
        return []

    def _learns(self, rule: Remedy) -> bool:
        """Remember what this agent says about the reverse tunnel; False if that is what we did already."""
        value = rule is Remedy.REVERSE_TUNNEL
        if self.target is None or self.target.reverse_tunnel == value:
            return False
        self._reverse_tunnel_rules[self.target.agent] = value
        self.taught_by = self.refusal
        self.target = replace(self.target, reverse_tunnel=value)
        return True

    def _hint(self, pending: Pending, reply: RegistrationReply, now: float) -> list[Send]:
        """Words that nobody signed: they may be shown, and change how we ask next, but not when (threat T2)."""
        self.hints += 1
        self.refusal = reply.code
        if reply.code == Code.HA_MOBILE_NODE_AUTHENTICATION:
            self.security_exceptions += 1
        if not is_from_foreign_agent(reply.code):
            return []
        match remedy(reply.code):
            case Remedy.SHORTER_LIFETIME if SHORTEST_HINTED_LIFETIME <= reply.lifetime < pending.request.lifetime:
                self._lifetime_limits[pending.target.agent] = reply.lifetime
                return self._ask(FIRST_WAIT, now)
            case (Remedy.REVERSE_TUNNEL | Remedy.NO_REVERSE_TUNNEL) as rule if self._learns(rule):
                return self._ask(FIRST_WAIT, now)
        return []
