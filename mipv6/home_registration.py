"""The home registration: keeps the home agent's binding where we are (RFC 6275 §11.7.1, §11.7.3, §11.8)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from ipaddress import IPv6Address

from client.core.asking import Idle, Settled, Waiting
from client.core.identification import Identifications
from client.core.ipv6 import IPv6Packet
from client.core.machine import NEVER, Heard6, Random, Send6, WallClock
from mipv6.agent_search import AgentSearch
from mipv6.binding import FAREWELL, Binding, Target
from mipv6.home_agents import HomeAgents
from mipv6.home_sequence import HomeSequence
from mipv6.home_updates import Pending, Verdict, Wanted, build, judge
from mipv6.messages import BindingAcknowledgement
from mipv6.options import BindingRefreshAdvice, ReplayProtection, find
from mipv6.pacing import FIRST_WAIT, FIRST_WAIT_UNBOUND, LONGEST_WAIT, Pace, next_wait, renewal_time
from mipv6.registration_state import Forbidden, Resolving, Searching, State, Updating
from mipv6.remedies import Remedy, remedy
from mipv6.returning import INTERVAL, SEARCHES, ReturningHome
from mipv6.settings import Settings
from mipv6.status_codes import Status, is_accepted

CLOCK_RETRY = 5.0
RESOURCES_RETRY = 30.0
PERSON_RETRY = 60.0
MOST_REPAIRS = 3
"""Refusals in a row that we answer at once; whoever goes on refusing is asked seldom."""

TRIES_BEFORE_ANOTHER = 3
"""Updates without an answer before the next home agent is asked, if this one has our binding (§11.4.1)."""

MOST_OUTSTANDING = 8


class HomeRegistration:
    """Asks until the home agent has answered for the target, then renews; never trusts what is not signed."""

    def __init__(
        self,
        settings: Settings,
        identifications: Identifications,
        sequence: HomeSequence,
        wall_clock: WallClock,
        random: Random,
        counters: Counter[str],
    ) -> None:
        self._settings = settings
        self._identifications = identifications
        self._sequence = sequence
        self._wall_clock = wall_clock
        self._random = random
        self._counters = counters
        self._pace = Pace()
        self._timestamps = settings.timestamps and settings.association is not None
        self._outstanding: dict[int, Pending] = {}  # by sequence number; all for the same target
        self._repairs = 0
        self._is_duplicate = False  # has the home agent said that somebody else has the home address?
        self._searches = 0  # for the home agent's link-layer address, at home
        self._returning = ReturningHome(settings.home_address)
        self.told: object = None  # the place in the latest update
        self.home_address = settings.home_address
        self.search = AgentSearch(settings.home_prefix, random)
        self.agents = HomeAgents(settings.home_agents)
        self.home_expires_at = NEVER  # the home address, as far as the home agent has told us
        self.neighbours: dict[IPv6Address, bytes] = {}  # at home: link-layer addresses of home agents
        self.state: State = Idle()
        self.target: Target | None = None
        self.binding: Binding | None = None
        self.tries = 0  # updates since the last answer that counted
        self.updates = 0  # ever
        self.refusal: int | None = None  # the status of the last refusal, unless we can mend it ourselves
        self.clock_implausible = False

    @property
    def deadline(self) -> float:
        """When to ask, ask again, renew, or forget a binding."""
        expiry = self.binding.expires_at if self.binding else NEVER
        return min(self.state.deadline, self.search.deadline, expiry)

    @property
    def asking(self) -> Pending | None:
        """The latest update on its way, if one is."""
        latest = next(reversed(self._outstanding.values()), None)
        return latest if isinstance(self.state, Updating) else None

    @property
    def home_agent(self) -> IPv6Address | None:
        """Whom we ask."""
        heard = self.target.home_agents if self.target and self.target.at_home else ()
        known = self.agents.current
        if heard and self.agents.bound is None and (known is None or known not in dict(heard)):
            return heard[0][0]
        return known

    def aim(self, target: Target | None, now: float) -> list[Send6]:
        """Register this target from now on; the same place again asks nothing. The old binding holds meanwhile."""
        known, self.target = self.target, target
        if target is None:
            self._outstanding.clear()
            self.search.end()
            self.state = Idle()
            return []
        self.neighbours.update(target.home_agents)
        if known is not None and known.spot == target.spot:
            return self._found_neighbour(now)
        self._fresh()
        if self.binding and self.binding.target.spot == target.spot == self.told and self.binding.expires_at > now:
            # Back on a link that we had left for a moment: this is the last place that the home agent was told.
            self.state = self._settled(self.binding, None)
            return []
        return self._begin(now)

    def retry(self, now: float) -> list[Send6]:
        """A person asks: also for a home address that somebody else had."""
        self._is_duplicate = False
        return self.again(now)

    def again(self, now: float) -> list[Send6]:
        """Register the same target anew: nothing comes back."""
        if self.target is None or isinstance(self.state, Updating):
            return []
        self._fresh()
        return self._begin(now)

    def deregister(self, now: float) -> list[Send6]:
        """Give up the binding from where we are: lifetime zero."""
        target = self.target or (self.binding.target if self.binding else None)
        if target is None or self.home_agent is None:
            return []
        self._fresh()
        self.target = replace(target, expires_at=FAREWELL)
        return self._ask(self._first_wait(), now)

    def forget(self) -> None:
        """Nothing is registered any more, and nothing is to be."""
        self.state, self.target, self.binding = Idle(), None, None
        self.search.end()
        self._is_duplicate = False
        self._fresh()

    def _fresh(self) -> None:
        self._outstanding.clear()
        self.tries = self._repairs = self._searches = 0
        self.refusal = self.refusal if self._is_duplicate else None

    def _first_wait(self) -> float:
        return FIRST_WAIT if self.binding and not self.binding.at_home else FIRST_WAIT_UNBOUND

    def _begin(self, now: float) -> list[Send6]:
        """Ask; or look for someone to ask."""
        if self.target is None:
            return []
        wants_search = self._settings.discover and not self.agents.known and not self.target.home_agents
        if wants_search:
            self.state = Searching()
            return self.search.begin(self.target, now)
        return self._ask(self._first_wait(), now)

    def timeout(self, now: float) -> list[Send6]:
        """The deadline: a binding ends, or it is time to ask."""
        if self.binding and now >= self.binding.expires_at:
            self.binding = None
        outputs = self.search.timeout(now)
        if now < self.state.deadline:
            return outputs
        match self.state:
            case Updating(wait=wait):
                return outputs + self._unanswered(wait, now)
            case Waiting(wait=wait) | Resolving(wait=wait):
                return outputs + self._ask(wait, now)
            case Settled():
                self._fresh()
                return outputs + self._ask(self._first_wait(), now)
        return outputs

    def _unanswered(self, wait: float, now: float) -> list[Send6]:
        """Once more, ever more seldom; or another home agent, where there is one."""
        bound = self.binding is not None and self.home_agent == self.agents.bound
        if len(self.agents.known) < 2 and not self._settings.discover:
            return self._ask(next_wait(wait), now)
        if bound and self.tries % TRIES_BEFORE_ANOTHER:
            return self._ask(next_wait(wait), now)
        return self._next_home_agent(wait, now)

    def _next_home_agent(self, wait: float, now: float) -> list[Send6]:
        """In their order, each with the time that a first registration takes; then all again, or a new search."""
        if self.agents.next():
            return self._ask(FIRST_WAIT_UNBOUND, now)
        self.agents.again()
        if self._settings.discover and self.target and not self.target.at_home:
            asked = self.search.begin(self.target, now)
            return [*asked, *self._ask(next_wait(wait), now)]
        return self._ask(next_wait(wait), now)

    def _ask(self, wait: float, now: float) -> list[Send6]:
        target, home_agent = self.target, self.home_agent
        if target is None:
            return []
        if (self._is_duplicate or now >= self.home_expires_at) and not target.is_farewell:
            self.state = Forbidden()  # §11.7.1, §11.4.2: somebody else's, or not valid any more
            return []
        if home_agent is None:
            self.state = Searching()
            return self.search.begin(target, now) if self._settings.discover else []
        if target.at_home and home_agent not in self.neighbours and self._searches < SEARCHES:
            self._searches += 1
            self.state = Resolving(wait, now + INTERVAL)
            return [self._returning.search(target.hop.interface)]
        earliest = self._pace.earliest(now)
        if earliest > now:
            self.state = Waiting(wait, earliest)
            return []
        timestamp = self._identifications.next(self._wall_clock()) if self._timestamps else None
        self.clock_implausible = self._timestamps and timestamp is None
        if self.clock_implausible:
            self.state = Waiting(wait, now + CLOCK_RETRY)
            return []
        return [self._send(target, home_agent, timestamp, wait, now)]

    def _send(self, target: Target, home_agent: IPv6Address, timestamp: int | None, wait: float, now: float) -> Send6:
        wanted = Wanted(
            sequence=self._sequence.next(),
            lifetime=self._lifetime(target, now),
            timestamp=timestamp,
        )
        hand = self.neighbours.get(home_agent) if target.at_home else target.hop.link_layer_address
        pending = Pending(
            update=build(self._settings, self.home_address, target, wanted),
            target=target,
            home_agent=home_agent,
            link_layer_destination=hand,
            sent_at=now,
        )
        self._outstanding[wanted.sequence] = pending
        for old in list(self._outstanding)[:-MOST_OUTSTANDING]:
            del self._outstanding[old]
        self.told = target.spot
        self._pace.sent(now)
        self.tries += 1
        self.updates += 1
        self.state = Updating(wait, now + wait)
        return pending.send(self.home_address)

    def _lifetime(self, target: Target, now: float) -> int:
        """Seconds, a multiple of four; zero where nothing is bound.

        Never longer than both addresses are valid (§11.7.1).
        """
        if target.is_farewell:
            return 0
        valid = min(target.expires_at, self.home_expires_at) - now
        return max(4, int(min(self._settings.lifetime, valid)) // 4 * 4)

    def resolved(self, home_agent: IPv6Address, link_layer_address: bytes, now: float) -> list[Send6]:
        """At home: this is the home agent's link-layer address; an update that waits for it goes."""
        if isinstance(self.state, Resolving):  # at other times nobody was asked
            self.neighbours[home_agent] = link_layer_address
        return self._found_neighbour(now)

    def _found_neighbour(self, now: float) -> list[Send6]:
        """Has an update waited for the home agent's link-layer address, and do we know that now?"""
        if not isinstance(self.state, Resolving) or self.home_agent not in self.neighbours:
            return []
        return self._ask(self._first_wait(), now)

    def hear_search(self, packet: IPv6Packet, now: float) -> list[Send6]:
        """Take what may answer our search for home agents."""
        found = self.search.hear(packet)
        if found is None:
            self._counters["home_agent_replies_dropped"] += 1
            return []
        self.agents.found(found)
        waits = isinstance(self.state, Searching | Updating | Waiting) and self.binding is None
        return self._ask(FIRST_WAIT_UNBOUND, now) if waits else []

    def hear(self, heard: Heard6, acknowledgement: BindingAcknowledgement, now: float) -> list[Send6]:
        """Take what may be an acknowledgement from a home agent: all checks, then what the status calls for."""
        pending = self._answered(acknowledgement)
        if pending is None:
            self._counters["acknowledgements_dropped"] += 1
            return []
        match judge(self._settings, self.home_address, pending, heard.packet, acknowledgement):
            case Verdict.PROVEN:
                return self._proven(pending, acknowledgement, now)
            case Verdict.COMPLAINT:
                self.refusal = acknowledgement.status
        self._counters["acknowledgements_not_authentic"] += 1
        return []

    def _answered(self, acknowledgement: BindingAcknowledgement) -> Pending | None:
        """The update that it answers; "out of window" has another number in it, and answers the latest."""
        if acknowledgement.status == Status.SEQUENCE_NUMBER_OUT_OF_WINDOW:
            option = find(acknowledgement.options, ReplayProtection)
            pending = list(self._outstanding.values())
            return next((one for one in reversed(pending) if option is None or one.timestamp == option.timestamp), None)
        return self._outstanding.get(acknowledgement.sequence)

    def _proven(self, pending: Pending, acknowledgement: BindingAcknowledgement, now: float) -> list[Send6]:
        self._outstanding.clear()
        self.tries = 0
        self.search.end()
        nothing_bound = acknowledgement.status == Status.NOT_HOME_AGENT_FOR_THIS_MOBILE_NODE
        if is_accepted(acknowledgement.status) or (pending.update.lifetime == 0 and nothing_bound):
            return self._accepted(pending, acknowledgement, now)
        return self._refused(pending, acknowledgement, now)

    def _accepted(self, pending: Pending, acknowledgement: BindingAcknowledgement, now: float) -> list[Send6]:
        self.refusal, self._repairs = None, 0
        if pending.timestamp is not None:
            self._identifications.accept(pending.timestamp)
        self.agents.accepted(pending.home_agent)
        lifetime = float(min(pending.update.lifetime, acknowledgement.lifetime))
        expires_at = pending.sent_at + lifetime if pending.update.lifetime else NEVER
        if expires_at <= now:  # it grants nothing, or its answer took longer than what it grants
            self.state = Waiting(self._first_wait(), now + RESOURCES_RETRY)
            return []
        self.binding = Binding(
            target=pending.target,
            home_address=self.home_address,
            home_agent=pending.home_agent,
            status=acknowledgement.status,
            lifetime=lifetime,
            sent_at=pending.sent_at,
            granted_at=now,
            expires_at=expires_at,
        )
        advice = find(acknowledgement.options, BindingRefreshAdvice)
        self.state = self._settled(self.binding, advice.interval if advice else None)
        return []

    def _settled(self, binding: Binding, advice: float | None) -> State:
        if binding.expires_at == NEVER:
            return Settled(NEVER)
        return Settled(renewal_time(binding.sent_at, binding.lifetime, advice, self._random))

    def _refused(self, pending: Pending, acknowledgement: BindingAcknowledgement, now: float) -> list[Send6]:
        what = remedy(acknowledgement.status)
        if what.at_once and self._repairs < MOST_REPAIRS and self._repair(what, acknowledgement):
            self._repairs += 1
            return self._ask(self._first_wait(), now)
        self.refusal = acknowledgement.status
        match what:
            case Remedy.OTHER_HOME_AGENT if self.binding is None or pending.home_agent != self.agents.bound:
                return self._other(now)
            case Remedy.OTHER_HOME_AGENT:
                self.binding = None  # whoever says that it is not ours has nothing bound
                self.agents.lost()
                return self._other(now)
            case Remedy.NEVER:
                self._is_duplicate, self.state = True, Forbidden()
            case Remedy.PERSON:
                self.state = Waiting(LONGEST_WAIT, now + PERSON_RETRY)
            case _:
                self.state = Waiting(LONGEST_WAIT, now + RESOURCES_RETRY)
        return []

    def _other(self, now: float) -> list[Send6]:
        """The next home agent at once; once all have said no, all of them again later."""
        if self.agents.next():
            return self._ask(FIRST_WAIT_UNBOUND, now)
        self.agents.again()
        self.state = Waiting(FIRST_WAIT_UNBOUND, now + RESOURCES_RETRY)
        searches = self._settings.discover and self.target is not None and not self.target.at_home
        return self.search.begin(self.target, now) if searches and self.target else []

    def _repair(self, what: Remedy, acknowledgement: BindingAcknowledgement) -> bool:
        """Can we ask better at once?"""
        if what is Remedy.RESYNCHRONISE_SEQUENCE:
            return self._sequence.take(acknowledgement.sequence)
        option = find(acknowledgement.options, ReplayProtection)
        if what is Remedy.RESYNCHRONISE_CLOCK and option is not None and self._timestamps:
            self._identifications.resynchronise(option.timestamp, self._wall_clock())
            return True
        if what is Remedy.TIMESTAMP and not self._timestamps and self._settings.association is not None:
            self._timestamps = True
            return True
        return False
