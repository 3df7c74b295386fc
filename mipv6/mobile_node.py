"""The IPv6 mobile node: movement, home registration, correspondents and proof as one machine (RFC 6275 §11)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from ipaddress import IPv6Address

from client.core.commands import CheckNow, Leave, Pause, Resume
from client.core.errors import DecodeError
from client.core.history import History
from client.core.icmp6 import Icmp6Type
from client.core.identification import Identifications
from client.core.ipv6 import NextHeader
from client.core.links import Link, Links
from client.core.machine import (
    NEVER,
    Command,
    Correspondence,
    Event,
    Heard6,
    LinksChanged,
    Output,
    PlanRefused,
    Random,
    Send6,
    Timeout,
    Traffic,
    WallClock,
)
from client.core.pausing import Pausing
from client.core.plan import ANCHOR, EMPTY, Plan
from client.core.proof import Proof
from mipv6 import memory as remembering
from mipv6 import plans
from mipv6.attachment import Attachment
from mipv6.binding import Binding, Target
from mipv6.commands import SetDirectPaths
from mipv6.correspondents import Correspondents
from mipv6.handover import Handover
from mipv6.home_prefixes import HomePrefixes
from mipv6.home_protection import HomeProtection
from mipv6.home_registration import HomeRegistration
from mipv6.home_sequence import HomeSequence
from mipv6.messages import BindingAcknowledgement, BindingError
from mipv6.mobility_header import unpack
from mipv6.movement import Nowhere
from mipv6.path_policy import PathPolicy
from mipv6.path_watch import PathWatch
from mipv6.renumbering import Renumbered, as_of_late, moved
from mipv6.returning import ReturningHome
from mipv6.settings import Settings
from mipv6.status_codes import BindingErrorStatus, Status
from mipv6.whereabouts import Whereabouts

TRIES_BEFORE_DOUBT = 3
"""Updates without an answer before what only looks like home is home no more."""


class MobileNode6:
    """Keeps one home address reachable, wherever the links lead."""

    def __init__(self, settings: Settings, wall_clock: WallClock, random: Random, memory: bytes = b"") -> None:
        self.counters: Counter[str] = Counter()
        self.history = History(wall_clock, "ipv6")
        self.links = Links()
        self.plan_refusals: tuple[str, ...] = ()
        self.parted_cleanly = False  # did the home agent confirm the last farewell, or had it nothing bound?
        remembered = remembering.read(memory)
        self._identifications = Identifications(random)
        self._identifications.restore(memory)
        self._sequence = HomeSequence()
        self._sequence.restore(remembered.sequence)
        self._wall_clock, self._random = wall_clock, random
        self._entered = settings.home_address  # as the profile says
        self.direct_paths = settings.paths.on_demand
        self._pausing = Pausing()
        self._settle(as_of_late(settings, remembered.renumbered), remembered)

    def _settle(self, settings: Settings, remembered: remembering.Remembered) -> None:
        """All that rests on the home address, from its beginning."""
        self.settings, random = settings, self._random
        self.registration = HomeRegistration(
            settings, self._identifications, self._sequence, self._wall_clock, random, self.counters
        )
        if remembered.home_agent is not None:
            self.registration.agents.accepted(remembered.home_agent)
        self.whereabouts = Whereabouts(settings, self.counters)
        self.correspondents = Correspondents(
            settings.home_address, self._policy(), random, self.counters, remembered.correspondents
        )
        self.prefixes = HomePrefixes(settings.home_prefix, settings.home_address, random, self.counters)
        self._protection = HomeProtection(
            settings.esp, settings.home_address, self._is_home_agent, random, self.counters
        )
        self._watch = PathWatch(random, settings.keepalive)
        self._returning = ReturningHome(settings.home_address)
        self._handover = Handover()
        self._seen: Binding | None = None
        self._attached: Attachment | None = None
        self._planned: tuple[plans.Situation, Plan] | None = None

    @property
    def deadline(self) -> float:
        """The earliest of all parts."""
        if self._pausing.in_force:
            return self._pausing.deadline
        if self.paused_until is not None:
            return min(self._pausing.deadline, self.registration.deadline)
        parts = (
            self.whereabouts,
            self.registration,
            self.correspondents,
            self.prefixes,
            self._watch,
            self._handover,
            self._returning,
        )
        return min(part.deadline for part in parts)

    @property
    def proof(self) -> Proof[Send6]:
        """Of the tunnel in force."""
        return self._watch.proof

    @property
    def paused_until(self) -> float | None:
        """None without a pause, NEVER for one that only Resume ends."""
        return self._pausing.until

    @property
    def left(self) -> bool:
        """Is the pause, or the end, in force: nothing is bound, or nobody answered in time?"""
        return self._pausing.in_force

    @property
    def target(self) -> Target | None:
        """Where we are."""
        return self.registration.target

    def memory(self) -> bytes:
        """Clock offset, identification floor, sequence number, home agent, and what correspondents may still hold."""
        bound = self.registration.agents.bound
        home_address = self.settings.home_address
        renumbered = None if home_address == self._entered else Renumbered(self._entered, home_address)
        return remembering.pack(self._identifications, self._sequence, bound, self.correspondents.memory(), renumbered)

    def handle(self, event: Event, now: float) -> list[Output]:
        """Take one event; say what to send: the Binding Update before all else, since packets wait for it."""
        outputs = self._dispatch(event, now)
        if self.paused_until is None:
            outputs = self._follow(now) + outputs
        self._hand_over(now)
        outputs += self._take_note(now)
        outputs += self._attach(now)
        leaving = [self._by_the_router(output) for output in outputs if self._may_leave(output)]
        tunnel = None if self._home else self._handover.sending
        return [self._protection.seal(output, tunnel) for output in leaving]

    def _dispatch(self, event: Event, now: float) -> list[Output]:
        match event:
            case LinksChanged(links=links):
                return self._change_links(links, now)
            case Heard6():
                opened = self._protection.open(event)
                return [] if opened is None else [*self._hear(opened, now)]
            case Timeout():
                return self._tick(now)
            case Traffic(sent=sent):
                return [*self._watch.proof.traffic(sent, now)]
            case Correspondence() if self.paused_until is None:
                return [*self.correspondents.correspondence(event, now)]
            case PlanRefused(reasons=reasons):
                self.plan_refusals = reasons
            case Command():
                return self._obey(event, now)
        return []

    def _change_links(self, links: Links, now: float) -> list[Output]:
        before = {link.index: link.ups for link in self.links.up()}
        for link in links.up():
            if before.get(link.index) != link.ups:
                self.history.link_up(link.index, now)
        self.links = links
        if self.paused_until is not None:
            return []
        return [*self.whereabouts.change_links(links, now)]

    def _hear(self, heard: Heard6, now: float) -> list[Send6]:
        if heard.packet.next_header == NextHeader.MOBILITY:
            return self._hear_mobility(heard, now)
        if heard.packet.next_header != NextHeader.ICMPV6 or not heard.packet.payload or self.left:
            return []
        match heard.packet.payload[0]:
            case Icmp6Type.ROUTER_ADVERTISEMENT | Icmp6Type.NEIGHBOUR_ADVERTISEMENT if heard.interface != ANCHOR:
                return self._hear_neighbour(heard, now)
            case Icmp6Type.NEIGHBOUR_SOLICITATION:
                return self._answer_neighbour(heard)
            case Icmp6Type.ECHO_REPLY:
                return self._hear_echo(heard, now)
            case Icmp6Type.HOME_AGENT_REPLY | Icmp6Type.PREFIX_ADVERTISEMENT:
                return self._hear_home_agent(heard, now)
            case Icmp6Type.PARAMETER_PROBLEM | Icmp6Type.DESTINATION_UNREACHABLE | Icmp6Type.TIME_EXCEEDED:
                return self.correspondents.hear(heard, now)
        return []

    def _hear_mobility(self, heard: Heard6, now: float) -> list[Send6]:
        """The home agent's acknowledgements and errors are ours; all else is the correspondents' business."""
        if not self._is_home_agent(heard.packet.source):
            return [] if self.left else self.correspondents.hear(heard, now)
        try:
            message = unpack(heard.packet)
        except DecodeError:
            self.counters["mobility_headers_malformed"] += 1
            return []
        match message:
            case BindingAcknowledgement():
                return self._hear_acknowledgement(heard, message, now)
            case BindingError(status=BindingErrorStatus.UNKNOWN_BINDING) if self._means_us(message):
                return self.registration.again(now)  # §11.3.6: the home agent has lost our binding
        return []

    def _is_home_agent(self, address: IPv6Address) -> bool:
        return address in self.registration.agents.known or address == self.registration.home_agent

    def _means_us(self, error: BindingError) -> bool:
        bound = self.registration.binding is not None and not self.registration.binding.at_home
        return bound and error.home_address == self.settings.home_address

    def _hear_acknowledgement(self, heard: Heard6, acknowledgement: BindingAcknowledgement, now: float) -> list[Send6]:
        before = self.registration.refusal
        outputs = self.registration.hear(heard, acknowledgement, now)
        if self.registration.refusal not in (None, before):
            self.history.note("refused", code=self.registration.refusal)
        return outputs

    def _hear_neighbour(self, heard: Heard6, now: float) -> list[Send6]:
        """Routers; and, while we return home, whoever defends our home address: that is the home agent."""
        target, link = self.target, self.links.get(heard.interface)
        if target and target.at_home and link and link.index == target.hop.interface:
            hand = self._returning.found(heard, link.link_layer_address)
            if hand is not None and self.registration.agents.current is not None:
                return self.registration.resolved(self.registration.agents.current, hand, now)
        return self.whereabouts.hear(heard, now)

    def _hear_home_agent(self, heard: Heard6, now: float) -> list[Send6]:
        """Nobody signs what it says of prefixes: that counts only where it is protected, or the risk accepted."""
        if heard.packet.payload[0] == Icmp6Type.HOME_AGENT_REPLY:
            return self.registration.hear_search(heard.packet, now)
        outputs = self.prefixes.hear(heard.packet, now) if self.settings.allows_prefix_discovery else []
        self.registration.home_expires_at = self.prefixes.valid_until
        return outputs

    def _answer_neighbour(self, heard: Heard6) -> list[Send6]:
        """§11.5.5: from when the home agent was told that we are home."""
        link, home = self.links.get(heard.interface), self._home
        if link is None or home is None or home.hop.interface != link.index:
            return []
        return self._returning.answer(heard, link)

    @property
    def _home(self) -> Target | None:
        """Where we are, if it is home, and the home agent was told."""
        target = self.target
        return target if target and target.at_home and self.registration.told == target.spot else None

    def _hear_echo(self, heard: Heard6, now: float) -> list[Send6]:
        failing = self.proof.failing
        if self._watch.hear(heard, now):
            if failing:
                self.history.note("working-again")
            self.history.arrived(now)
        return []

    def _tick(self, now: float) -> list[Output]:
        outputs: list[Output] = [*self._end_pauses(now)]
        if self.paused_until is None:
            outputs += self._renumber(now)
            outputs += self.whereabouts.tick(now)
            self._judge_silence(now)
            outputs += self._follow(now)
            outputs += self.correspondents.timeout(now)
            outputs += self.prefixes.timeout(now)
            outputs += self._watch.proof.timeout(now)
            outputs += self._returning.due(self._link(self._home), now)
        return [*outputs, *self.registration.timeout(now), *self._recover(now)]

    def _renumber(self, now: float) -> list[Output]:
        """The home prefix has ended, and its successor is known (§11.4.3): the same laptop, at another address."""
        prefix = self.prefixes.replaced(now)
        if prefix is None:
            return []
        self._settle(moved(self.settings, prefix), remembering.Remembered(home_agent=self.registration.agents.bound))
        self.history.note("renumbered", home_address=self.settings.home_address)
        self.history.begin_anew()
        return [*self.whereabouts.change_links(self.links, now)]

    def _link(self, target: Target | None) -> Link | None:
        return self.links.get(target.hop.interface) if target else None

    def _judge_silence(self, now: float) -> None:
        """What only looks like home, and where nobody answers, is not home."""
        asking = self.registration.asking
        overdue = self.registration.tries >= TRIES_BEFORE_DOUBT and now >= self.registration.state.deadline
        if asking and asking.target.at_home and overdue and self.whereabouts.doubt_home(asking.target, self.links):
            self.history.note("overlap", network=self.settings.home_prefix)

    def _recover(self, now: float) -> list[Output]:
        """Nothing comes back: ask the router if it is there, and register again, ever more seldom."""
        if not self.proof.failing or self.paused_until is not None:
            self._watch.recovery.end()
            return []
        if not self._watch.recovery.under_way:
            self.history.note("stalled")
        if not self._watch.recovery.is_due(now):
            return []
        return [*self.whereabouts.doubt_router(self.target, now), *self.registration.again(now)]

    def _obey(self, command: Command, now: float) -> list[Output]:
        match command:
            case SetDirectPaths(on=on):
                self.direct_paths = on
                return [*self.correspondents.apply(self._policy(), now)]
            case Pause(until=until):
                return self._pause(NEVER if until is None else until, now)
            case Leave():
                return self._pause(NEVER, now)
            case Resume() if self.paused_until is not None:
                return self._resume(now)
            case CheckNow():
                proven = self.proof.is_proven(now)
                again = [] if proven else self.registration.retry(now)
                return [*self.proof.check(now), *again]
        return []

    def _policy(self) -> PathPolicy:
        allowed = self.direct_paths and self.settings.allows_direct_paths
        return replace(self.settings.paths, on_demand=allowed)

    def _pause(self, until: float, now: float) -> list[Output]:
        direct = self.correspondents.apply(replace(self._policy(), on_demand=False), now)
        self._watch.end()
        self._returning.end()
        farewell = self.registration.deregister(now) if self._may_be_bound() else None
        self.parted_cleanly = farewell is None
        self._pausing.begin(until, now, farewell=farewell is not None)
        if farewell is None:
            self._part()
        return [*direct, *(farewell or ())]

    def _may_be_bound(self) -> bool:
        """Does the home agent forward to us, or will it, once it hears what we asked for?"""
        binding = self.registration.binding
        return (binding is not None and not binding.at_home) or self.registration.asking is not None

    def _part(self) -> None:
        self.registration.forget()
        self._handover = Handover()
        self._pausing.farewell_until, self._seen = None, None
        self.whereabouts.forget()

    def _end_pauses(self, now: float) -> list[Output]:
        if self._pausing.is_farewell_over(now):
            self.history.note("left-unconfirmed")
            self._part()
        return self._resume(now) if self._pausing.is_over(now) else []

    def _resume(self, now: float) -> list[Output]:
        self._pausing = Pausing()
        self._part()
        self.history.begin_anew()
        direct = self.correspondents.apply(self._policy(), now)
        return [*self.whereabouts.change_links(self.links, now), *direct]

    def _follow(self, now: float) -> list[Output]:
        """Where are we now, and is it registered?"""
        before = self.whereabouts.place
        place = self.whereabouts.locate(self.links, self.registration.target, now)
        target = None if isinstance(place, Nowhere) else place
        self._record(before, target, now)
        outputs: list[Output] = [*self.registration.aim(target, now)]
        return [*outputs, *self._watch_again(now)] if isinstance(before, Nowhere) and target else outputs

    def _watch_again(self, now: float) -> list[Send6]:
        """Back where the home agent knows us, no update is asked for; but does data flow?"""
        binding = self.registration.binding
        if binding is None or binding is not self._seen or binding.at_home or self.registration.asking is not None:
            return []
        return self._watch.begin(binding, now)

    def _record(self, before: Target | Nowhere, target: Target | None, now: float) -> None:
        if not isinstance(before, Nowhere) and target is None:
            self.history.left(now)
            self._watch.end()
        aimed = self.registration.target
        if target and (aimed is None or aimed.spot != target.spot):
            if aimed and not self.history.under_way:
                self.history.left(now)
            link = self._link(target)
            to = f"{target.place.value} {link.name if link else ''}"
            self.history.moving(to, target.place, target.hop.interface, now, self.registration.updates)

    def _hand_over(self, now: float) -> None:
        """Which ways are in force?"""
        registration = self.registration
        self._handover.follow(registration.binding, registration.asking, self.whereabouts.addresses, now)

    def _take_note(self, now: float) -> list[Output]:
        """Has the home agent agreed since we last looked, or has a binding ended?"""
        binding = self.registration.binding
        if binding is self._seen:
            return []
        self._seen = binding
        self.prefixes.follow(None if binding is None or binding.at_home else binding)
        if binding is None:
            self.history.note("binding-ended")
            self._watch.end()
            return []
        if self.paused_until is not None:
            self.parted_cleanly = True
            self._part()
            return []
        return self._bound(binding, now)

    def _bound(self, binding: Binding, now: float) -> list[Output]:
        self.history.registered(now, self.registration.updates)
        if not binding.at_home:
            self._returning.end()
            self.history.note("bound", care_of=binding.care_of_address, code=binding.status)
            return [*self._watch.begin(binding, now), *self._ask_for_prefixes(binding, now)]
        self.history.note("registered-home", code=binding.status)
        self.whereabouts.confirm_home(binding.target, self.links)
        self._watch.end()
        self.history.arrived(now)
        self._returning.begin(now)
        return [*self._returning.due(self._link(binding.target), now)]

    def _ask_for_prefixes(self, binding: Binding, now: float) -> list[Send6]:
        """§11.7.3: the home agent accepted, and the home prefix is about to change."""
        necessary = binding.status == Status.ACCEPTED_PREFIX_DISCOVERY_NECESSARY
        return self.prefixes.solicit(now) if necessary and self.settings.allows_prefix_discovery else []

    def _attach(self, now: float) -> list[Output]:
        """The correspondents hear where packets come and go, when that has changed."""
        attachment = self._attachment()
        if attachment == self._attached:
            return []
        self._attached = attachment
        return [*self.correspondents.attach(attachment, now)]

    def _attachment(self) -> Attachment | None:
        binding, way, home = self.registration.binding, self._handover.sending, self._home
        if binding is None or self.paused_until is not None:
            return None
        if home:
            return Attachment(
                care_of_address=self.settings.home_address,
                interface=home.hop.interface,
                home_agent=binding.home_agent,
                confirmed=binding.at_home,
                expires_at=NEVER,
            )
        if way is None:
            return None
        return Attachment(
            care_of_address=way.target.care_of_address,
            interface=way.target.hop.interface,
            home_agent=way.home_agent,
            confirmed=binding.target.spot == way.target.spot,
            expires_at=binding.expires_at,
        )

    def _may_leave(self, output: Output) -> bool:
        """No signalling from a care-of address that is under test, or gone: it is said again when there is one."""
        if not isinstance(output, Send6) or output.packet.next_header != NextHeader.MOBILITY:
            return True
        source = output.packet.source
        own = (address for link in self.links.links for address in link.addresses6)
        if source == self.settings.home_address or any(one.ip == source and one.is_usable for one in own):
            return True
        self.counters["care-of-address-not-usable"] += 1
        return False

    def _by_the_router(self, output: Output) -> Output:
        """Signalling from the care-of address is a frame to the router: routes of former links may mislead it."""
        if not isinstance(output, Send6) or not output.signalling or output.link_layer_destination is not None:
            return output
        target = self.target
        if target is None or output.packet.source != target.care_of_address or target.at_home:
            return output
        hop = target.hop
        if self.whereabouts.is_on_link(hop.interface, output.packet.destination):
            return replace(output, interface=hop.interface)
        return replace(output, interface=hop.interface, link_layer_destination=hop.link_layer_address)

    def plan(self) -> Plan:
        """Everything for where we are; nothing during a pause. The same object while nothing changes."""
        if self.left:
            return EMPTY
        situation = self._situation()
        if self._planned is None or self._planned[0] != situation:
            self._planned = (situation, plans.plan(situation))
        return self._planned[1]

    @property
    def mtu(self) -> int:
        """Bytes of the longest packet that may leave with the home address."""
        return self._situation().mtu

    def _situation(self) -> plans.Situation:
        way = self._handover.sending
        return plans.Situation(
            home_address=self.settings.home_address,
            home_prefix=self.settings.home_prefix,
            links=self.links,
            home=self._home,
            sending=way,
            receiving=self._handover.receiving,
            direct=self.correspondents.tunnels(),
            on_link=self.whereabouts.prefixes(way.target.hop.interface) if way else (),
            esp=self.settings.esp.inbound.spi if self.settings.esp else None,
        )
