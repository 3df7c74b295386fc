"""Registration: keeps the home agent's binding where we are (RFC 5944 §3.6)."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

from client.core.asking import Idle, Settled, Waiting
from client.core.errors import DecodeError
from client.core.identification import Identifications
from client.core.ipv4 import IPv4Packet
from client.core.machine import NEVER, Random, Send, WallClock
from client.mipv4 import requests
from client.mipv4.asker import Asker
from client.mipv4.codes import Code, Remedy, is_accepted, is_from_foreign_agent, remedy
from client.mipv4.grant import grant_of
from client.mipv4.lessons import Lessons
from client.mipv4.messages import INFINITE_LIFETIME, RegistrationReply
from client.mipv4.pacing import FIRST_WAIT, next_wait, renewal_time
from client.mipv4.registration_state import Binding, Requesting, State
from client.mipv4.release import Releases
from client.mipv4.requests import Pending, Verdict
from client.mipv4.settings import Settings
from client.mipv4.target import Target

__all__ = ["Binding", "Idle", "Registration", "Requesting", "Settled", "State", "Waiting"]

CLOCK_RETRY = 5.0
RESOURCES_RETRY = 30.0
PERSON_RETRY = 60.0
MOST_REPAIRS = 3
"""Refusals in a row that we answer by asking in another way at once; whoever goes on refusing is asked seldom."""

TRIES_PER_HOME_AGENT = 2
"""Requests without an answer before the next home agent is asked, which is 3 s after the first (fault F5)."""


class Registration:
    """Asks until the home agent has answered for the target, then renews; never trusts what is not signed."""

    def __init__(
        self, settings: Settings, identifications: Identifications, wall_clock: WallClock, random: Random
    ) -> None:
        self._settings = settings
        self._random = random
        self._asker = Asker(settings, identifications, wall_clock)
        self._releases = Releases(self._asker)
        self._lessons = Lessons()
        self._aim: Target | None = None  # as asked for; `target` is as the lessons allow it
        self._pending: Pending | None = None
        self._hinted: Pending | None = None  # the request whose unsigned refusal was heard already
        self._asking_since = 0.0
        self._repairs = 0
        self._home_agent = 0
        self.state: State = Idle()
        self.target: Target | None = None
        self.binding: Binding | None = None
        self.home_address = settings.home_address.ip if settings.home_address else None
        self.tries = 0  # requests since the last answer that counted
        self.requests = 0  # requests ever
        self.refusal: int | None = None  # the code of the last refusal, unless we can mend it ourselves
        self.hints = 0  # requests in a row that were refused, and nobody signed it
        self.clock_implausible = False
        self.security_exceptions = 0
        self.dropped = 0  # packets that are not a reply to our latest request

    @property
    def deadline(self) -> float:
        """When to ask, ask again, renew, or forget a binding."""
        # What is given up can wait until we have an answer about what we want.
        release = self._releases.deadline if isinstance(self.state, Settled) else NEVER
        return min(self.state.deadline, release, self.binding.expires_at if self.binding else NEVER)

    @property
    def home_agent(self) -> IPv4Address:
        """Whom we ask."""
        if self._lessons.home_agent:
            return self._lessons.home_agent
        return self._settings.home_agents[self._home_agent % len(self._settings.home_agents)]

    @property
    def asking(self) -> Pending | None:
        """The request on its way, if one is."""
        return self._pending if isinstance(self.state, Requesting) else None

    @property
    def taught_by(self) -> int | None:
        """The code that made us turn the reverse tunnel on or off where we are."""
        return self._lessons.taught_by(self.target.agent) if self.target else None

    def aim(self, target: Target | None, now: float) -> list[Send]:
        """Register this target from now on; the same one again asks nothing. The old binding holds meanwhile."""
        self._aim, known = target, self.target
        self.target = target and self._lessons.allow(target)
        if self.target == known:
            return []
        self._pending = None
        self._fresh(now)
        if self.target:
            self._releases.keep(self.target)
        if target is None:
            self.state = Idle()
            return []
        return self._ask(FIRST_WAIT, now)

    def forget_rules(self) -> None:
        """A person decides anew: what agents said about tunnels counts no more."""
        self._lessons.forget_tunnels()

    def again(self, now: float) -> list[Send]:
        """Register the same target anew: nothing comes back, or a person asks."""
        if self.target is None or isinstance(self.state, Requesting):
            return []
        self._fresh(now)
        return self._ask(FIRST_WAIT, now)

    def deregister(self, now: float) -> list[Send]:
        """Give up all bindings from where we are (§3.6.1.2): lifetime zero, care-of address the home address."""
        target = self.target or (self.binding.target if self.binding else None)
        if target is None or self.home_address is None:
            return []
        target = replace(target, care_of_address=self.home_address, longest_lifetime=0)
        self._aim = self.target = target
        self._pending = None
        self._fresh(now)
        return self._ask(FIRST_WAIT, now)

    def release(self, binding: Binding, now: float) -> None:
        """Give up a binding beside the one that we keep; when we can."""
        kept = self.target is not None and binding.target.care_of_address == self.target.care_of_address
        if binding.expires_at > now and binding.home_agent == self.home_agent and not kept:
            self._releases.add(binding, now)

    def forget(self) -> None:
        """Nothing is registered any more, and nothing is to be."""
        self.state, self.target, self._aim, self.binding, self._pending = Idle(), None, None, None, None
        self._releases.forget()

    def _fresh(self, now: float) -> None:
        self._asking_since, self.tries, self._repairs = now, 0, 0
        self.refusal, self.hints = None, 0

    def timeout(self, now: float) -> list[Send]:
        """The deadline: a binding ends, or it is time to ask."""
        if self.binding and now >= self.binding.expires_at:
            self.binding = None
        if now < self.state.deadline:
            return self._release(now)
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

    def _release(self, now: float) -> list[Send]:
        due = isinstance(self.state, Settled) and now >= self._releases.deadline
        return self._releases.timeout(self.target, self.home_address, now) if due and self.target else []

    def _next_home_agent(self) -> None:
        if self.tries % TRIES_PER_HOME_AGENT == 0:
            self._home_agent += 1
            self._lessons.home_agent = None

    def _ask(self, wait: float, now: float) -> list[Send]:
        if self.target is None:
            return []
        earliest = self._asker.earliest(self.target, now)
        if earliest > now:
            self.state = Waiting(wait, earliest)
            return []
        asked = self._asker.ask(self.target, self.home_address, self.home_agent, now)
        self.clock_implausible = asked is None
        if asked is None:
            self.state = Waiting(wait, now + CLOCK_RETRY)
            return []
        self._pending, send = asked
        self.tries += 1
        self.requests += 1
        self.state = Requesting(wait, now + wait)
        return [send]

    def reply(self, packet: IPv4Packet, now: float) -> list[Send]:
        """Take what may be a reply: all checks, then what the code calls for."""
        try:
            reply, payload = requests.read_reply(packet)
        except DecodeError:
            self.dropped += 1
            return []
        released = self._releases.pending
        if released and reply.echoes(released.request):
            if requests.judge(self._settings, released, reply, payload) in (Verdict.PROVEN, Verdict.HINT):
                self._releases.answered(reply)
            return []
        verdict = requests.judge(self._settings, self._pending, reply, payload) if self._pending else Verdict.WORTHLESS
        match self._pending, verdict:
            case Pending() as pending, Verdict.PROVEN:
                return self._proven(pending, reply, now)
            case Pending() as pending, Verdict.HINT:
                return self._hint(pending, reply, now)
            case Pending(), Verdict.COMPLAINT:
                self.refusal = reply.code
                self.security_exceptions += 1
            case Pending(request=request), _ if reply.echoes(request):
                self.security_exceptions += 1
            case _:
                self.dropped += 1
        return []

    def _proven(self, pending: Pending, reply: RegistrationReply, now: float) -> list[Send]:
        self._pending = None
        self.tries = self.hints = 0
        if is_accepted(reply.code):
            return self._accepted(pending, reply, now)
        return self._refused(pending, reply, now)

    def _accepted(self, pending: Pending, reply: RegistrationReply, now: float) -> list[Send]:
        self.refusal, self._repairs = None, 0
        self._asker.accepted(pending)
        self._lessons.accepted()
        self.home_address = reply.home_address
        granted = min(pending.request.lifetime, reply.lifetime)
        lifetime = NEVER if granted == INFINITE_LIFETIME else float(granted)
        expires_at = pending.sent_at + lifetime if granted else NEVER
        if expires_at <= now:
            return self._ask(FIRST_WAIT, now)  # this answer took longer than what it grants
        self.state = self._settled(pending, lifetime, now)
        grant = grant_of(pending.target, pending.request, reply)
        if not grant.simultaneous:
            self._releases.forget()
        self.binding = Binding(
            target=pending.target,
            home_address=reply.home_address,
            home_agent=pending.home_agent,
            code=reply.code,
            lifetime=lifetime,
            sent_at=pending.sent_at,
            granted_at=now,
            expires_at=expires_at,
            encapsulation=grant.encapsulation,
            ports=grant.ports,
            nat=grant.nat,
            keepalive=grant.keepalive,
            simultaneous=grant.simultaneous,
        )
        return []

    def _settled(self, pending: Pending, lifetime: float, now: float) -> State:
        if lifetime:
            return Settled(renewal_time(pending.sent_at, lifetime, self._random))
        # Zero was asked for, or else the home agent says yes and grants nothing: ask again later.
        return Settled(NEVER) if pending.request.is_deregistration else Waiting(FIRST_WAIT, now + RESOURCES_RETRY)

    def _refused(self, pending: Pending, reply: RegistrationReply, now: float) -> list[Send]:
        """What a refusal by the home agent calls for (§3.6.2.3)."""
        wanted = remedy(reply.code)
        if wanted is Remedy.RESYNCHRONISE:
            self._asker.resynchronise(reply.identification)
        if self._repairs < MOST_REPAIRS and self._is_mended(pending, reply):
            return self._ask_otherwise(now)
        self.refusal = reply.code
        if wanted is not Remedy.RESYNCHRONISE:
            self._repairs = 0  # after so long a wait we may ask otherwise again; the clock is taken over each time
        later = RESOURCES_RETRY if wanted in (Remedy.LATER, Remedy.ONLY_BINDING) else PERSON_RETRY
        self.state = Waiting(FIRST_WAIT, now + later)
        return []

    def _is_mended(self, pending: Pending, reply: RegistrationReply) -> bool:
        match remedy(reply.code):
            case Remedy.RESYNCHRONISE:
                return True
            case Remedy.PERSON if self._settings.home_address is None and self.home_address:
                self.home_address = None  # an address that we were once given is not ours any more: ask for one
                return True
        return self._lessons.learn(pending, reply, signed=True)

    def _hint(self, pending: Pending, reply: RegistrationReply, now: float) -> list[Send]:
        """Words that nobody signed: they may be shown, and change how we ask next, but not when (threat T2)."""
        if pending is self._hinted:
            return []
        self._hinted = pending
        self.hints += 1
        self.refusal = reply.code
        if reply.code == Code.HA_MOBILE_NODE_AUTHENTICATION:
            self.security_exceptions += 1
            return []
        may_mend = is_from_foreign_agent(reply.code) and self._repairs < MOST_REPAIRS
        mended = may_mend and self._lessons.learn(pending, reply, signed=False)
        return self._ask_otherwise(now) if mended else []

    def _ask_otherwise(self, now: float) -> list[Send]:
        self._repairs += 1
        self.refusal = None
        self.target = self._aim and self._lessons.allow(self._aim)
        return self._ask(FIRST_WAIT, now)
