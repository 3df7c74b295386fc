"""The mobile node: discovery, movement, registration and proof as one machine (RFC 5944 §2.4, §3.6, §4.2.1, §4.6)."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

from client.core.choice import Switch
from client.core.commands import CheckNow, Leave, Pause, Resume
from client.core.history import History
from client.core.icmp import IcmpType
from client.core.identification import Identifications
from client.core.ipv4 import Protocol
from client.core.links import Links
from client.core.machine import (
    NEVER,
    ArpHeard,
    Command,
    Event,
    Heard,
    LinksChanged,
    Output,
    PathMtuLearnt,
    PlanRefused,
    Random,
    Send,
    Timeout,
    Traffic,
    WallClock,
)
from client.core.pausing import Pausing
from client.core.plan import ANCHOR, EMPTY, Plan
from client.core.proof import Proof
from client.mipv4 import plans
from client.mipv4.arp_duty import ArpDuty, agents_of, certain_home, unicast_answer
from client.mipv4.commands import SetBroadcasts, SetReverseTunnel, SetTunnelled
from client.mipv4.discovery import Discovery
from client.mipv4.handover import Handover
from client.mipv4.memory import assigned_address
from client.mipv4.memory import pack as pack_memory
from client.mipv4.movement import Attachment, Nowhere
from client.mipv4.one_way import OneWay
from client.mipv4.path_watch import Course, PathWatch
from client.mipv4.registration import Registration
from client.mipv4.registration_state import Binding
from client.mipv4.settings import Settings
from client.mipv4.target import Target, Wishes, target_of
from client.mipv4.whereabouts import Whereabouts

TRIES_BEFORE_DOUBT = 3
"""Requests without an answer, or with refusals that nobody signed, before we look for another way."""


class MobileNode:
    """Keeps one home address reachable, wherever the links lead."""

    def __init__(self, settings: Settings, wall_clock: WallClock, random: Random, memory: bytes = b"") -> None:
        self.settings = settings
        self.wishes = Wishes(
            reverse_tunnel=settings.reverse_tunnel,
            encapsulations=settings.encapsulations,
            broadcasts=settings.broadcasts,
        )
        self.tunnelled = settings.tunnelled
        self._identifications = Identifications(random)
        self._identifications.restore(memory)
        self.registration = Registration(settings, self._identifications, wall_clock, random)
        if settings.home_address is None:
            self.registration.home_address = assigned_address(memory)
        self._whereabouts = Whereabouts(settings, random)
        self.discovery.home_address = self.registration.home_address
        self._watch = PathWatch(random, settings.keepalive)
        self._handover = Handover()
        self.history = History(wall_clock)
        self.links = Links()
        self.plan_refusals: tuple[str, ...] = ()
        self.parted_cleanly = False  # did the home agent confirm the last farewell, or had it nothing bound?
        self._pausing = Pausing()
        self._arp = ArpDuty()
        self.one_way = OneWay()
        self._seen: Binding | None = None

    @property
    def deadline(self) -> float:
        """The earliest of all parts."""
        if self._pausing.in_force:
            return self._pausing.deadline
        if self.paused_until is not None:
            return min(self._pausing.deadline, self.registration.deadline)
        parts = (
            self._whereabouts,
            self.registration,
            self._watch,
            self._handover,
            self._arp,
            self.one_way,
        )
        return min(part.deadline for part in parts)

    @property
    def discovery(self) -> Discovery:
        """Who serves the links that we are on."""
        return self._whereabouts.discovery

    @property
    def attachment(self) -> Attachment:
        """Where we are."""
        return self._whereabouts.attachment

    @property
    def proof(self) -> Proof[Send]:
        """Of the path in force."""
        return self._watch.proof

    @property
    def _course(self) -> Course:
        return Course(self.registration.binding, self._handover.unproven)

    @property
    def wanted(self) -> Switch:
        """The reverse tunnel, as a person wants it."""
        return self.wishes.reverse_tunnel

    @property
    def paused_until(self) -> float | None:
        """None without a pause, NEVER for one that only Resume ends."""
        return self._pausing.until

    @property
    def left(self) -> bool:
        """Is the pause, or the end, in force: nothing is bound, or nobody answered in time?"""
        return self._pausing.in_force

    @property
    def home_address(self) -> IPv4Address | None:
        """Configured, or assigned by the home agent."""
        return self.registration.home_address

    def memory(self) -> bytes:
        """The clock offset, the identification floor, and a home address that was assigned to us."""
        return pack_memory(self._identifications, None if self.settings.home_address else self.home_address)

    def handle(self, event: Event, now: float) -> list[Output]:
        """Take one event; say what to send: the request before the search for agents, since packets wait for it."""
        outputs = self._dispatch(event, now)
        if self.paused_until is None:
            outputs = self._follow(now) + outputs
        self._hand_over(now)
        return outputs + self._take_note(now)

    def _hand_over(self, now: float) -> None:
        """Which ways are in force, and which are not needed any more?"""
        registration = self.registration
        for given_up in self._handover.follow(registration.binding, registration.asking, self.links, now):
            registration.release(given_up, now)
        self._watch.follow(self._situation().way)

    def _dispatch(self, event: Event, now: float) -> list[Output]:
        match event:
            case LinksChanged(links=links):
                return self._change_links(links, now)
            case Heard():
                return self._hear(event, now)
            case ArpHeard():
                return self._answer_arp(event)
            case Timeout():
                return self._tick(now)
            case Traffic():
                return [*self._watch.traffic(event, self._course, now)]
            case PathMtuLearnt(remote=IPv4Address() as remote, mtu=mtu):
                return [*self._watch.search.learn(remote, mtu, now)]
            case PlanRefused(reasons=reasons):
                self.plan_refusals = reasons
            case Command():
                return self._obey(event, now)
        return []

    def _change_links(self, links: Links, now: float) -> list[Output]:
        before = {link.index: link.ups for link in self.links.up()}
        after = {link.index: link.ups for link in links.up()}
        for index in after.keys() - before.keys() | {i for i in after if after[i] != before.get(i)}:
            self.history.link_up(index, now)
        self.links = links
        self._whereabouts.trust.keep(links)
        return [*self.discovery.change_links(links, now)] if self.paused_until is None else []

    def _hear(self, heard: Heard, now: float) -> list[Output]:
        packet = heard.packet
        if packet.protocol == Protocol.UDP and heard.interface != ANCHOR:
            return self._hear_reply(heard, now)
        if packet.protocol != Protocol.ICMP or not packet.payload:
            return []
        if packet.payload[0] == IcmpType.ROUTER_ADVERTISEMENT and self.paused_until is None:
            self.discovery.hear(heard, now)
        elif packet.payload[0] == IcmpType.ECHO_REPLY:
            return self._hear_echo(heard, now)
        return []

    def _hear_reply(self, heard: Heard, now: float) -> list[Output]:
        before = self.registration.refusal
        outputs = self.registration.reply(heard.packet, now)
        if self.registration.refusal not in (None, before):
            self.history.note("refused", code=self.registration.refusal)
        target = self.registration.target
        if self.registration.hints >= TRIES_BEFORE_DOUBT and target:
            self._whereabouts.trust.doubt(target, now)
        return [*outputs]

    def _hear_echo(self, heard: Heard, now: float) -> list[Output]:
        failing, binding = self.proof.failing, self.registration.binding
        if not self._watch.hear(heard, now):
            return []
        if binding and self.one_way.heard(binding):
            self.history.note("one-way")
            self._watch.end()  # what was proven is not what we want to use
            return []
        if failing:
            self.history.note("working-again")
        self.history.arrived(now)
        if binding:
            self._whereabouts.trust.revive(binding.target.link)
        for given_up in self._handover.prove(now):
            self.registration.release(given_up, now)
        return [*self._watch.measure(binding, self._situation(), now)]

    def _answer_arp(self, heard: ArpHeard) -> list[Output]:
        link, registration = self.links.get(heard.interface), self.registration
        if link is None or self.home_address is None or certain_home(self.attachment):
            return []
        agents = agents_of(registration.target, registration.binding.target if registration.binding else None)
        return [*unicast_answer(heard, self.home_address, agents, link)]

    def _tick(self, now: float) -> list[Output]:
        self._whereabouts.trust.expire(now)
        outputs: list[Output] = [*self._arp.due(now), *self._end_pauses(now)]
        if self.paused_until is None:
            outputs += self.discovery.tick(now)
            self._judge_silence(now)
            outputs += self._follow(now)
        outputs += self.registration.timeout(now)
        outputs += self._watch.timeout(self._course, now)
        return outputs + self._recover(now)

    def _judge_silence(self, now: float) -> None:
        """What only looked like home and did not answer is not home; an agent that says nothing is passed over."""
        asking, tries = self.registration.asking, self.registration.tries
        if asking is None or now < self.registration.state.deadline or tries < TRIES_BEFORE_DOUBT:
            return
        if asking.target.unconfirmed:
            self.history.note("overlap", network=self.settings.home_network)
        self._whereabouts.trust.doubt(asking.target, now)

    def _recover(self, now: float) -> list[Output]:
        """Nothing comes back: register again at once, then ever more seldom, until something does."""
        if not self.proof.failing:
            self._watch.recovery.end()
            return []
        binding = self.registration.binding
        if not self._watch.recovery.under_way:
            self.history.note("stalled")
            self._watch.lost(binding)
        if not self._watch.recovery.is_due(now):
            return []
        tests = binding is not None and self.one_way.suspect(binding, self.wanted, now)
        return [] if tests else self._turn_away(binding, now) or [*self.registration.again(now)]

    def _turn_away(self, binding: Binding | None, now: float) -> list[Output]:
        """The home agent grants what we ask from here, and still nothing comes back: is there another link?"""
        if binding is None or self._watch.recovery.tries < TRIES_BEFORE_DOUBT:
            return []
        self._whereabouts.trust.give_up(binding.target.link, now)
        return self._follow(now)

    def _obey(self, command: Command, now: float) -> list[Output]:
        match command:
            case SetReverseTunnel(value=value):
                self.wishes = replace(self.wishes, reverse_tunnel=value)
                self.one_way.forget()
                self.registration.forget_rules()
            case SetBroadcasts(value=value):
                self.wishes = replace(self.wishes, broadcasts=value)
                self.registration.forget_rules()
            case SetTunnelled(prefixes=prefixes):
                self.tunnelled = prefixes
            case Pause(until=until):
                return self._pause(NEVER if until is None else until, now)
            case Leave():
                return self._pause(NEVER, now)
            case Resume() if self.paused_until is not None:
                return self._resume(now)
            case CheckNow():
                proven = self.proof.is_proven(now)
                return [*self._watch.check(self._course, now), *([] if proven else self.registration.again(now))]
        return []

    def _pause(self, until: float, now: float) -> list[Output]:
        self._watch.end()
        self._arp.stop(self.home_address)
        farewell = self.registration.deregister(now) if self._may_be_bound() else None
        self.parted_cleanly = farewell is None
        self._pausing.begin(until, now, farewell=farewell is not None)
        if farewell is None:
            self._part()
        return [*(farewell or ())]

    def _may_be_bound(self) -> bool:
        """Does the home agent forward to us, or will it, once it hears what we asked for?"""
        binding = self.registration.binding
        bound = binding is not None and binding.lifetime > 0
        return self.home_address is not None and (bound or self.registration.asking is not None)

    def _part(self) -> None:
        self.registration.forget()
        self._handover = Handover()
        self._pausing.farewell_until, self._seen, self._whereabouts.attachment = None, None, Nowhere()

    def _end_pauses(self, now: float) -> list[Output]:
        if self._pausing.is_farewell_over(now):
            self.history.note("left-unconfirmed")
            self._part()
        return self._resume(now) if self._pausing.is_over(now) else []

    def _resume(self, now: float) -> list[Output]:
        self._pausing = Pausing()
        self._part()
        self.history.begin_anew()
        self.discovery.change_links(Links(), now)
        return [*self.discovery.change_links(self.links, now)]

    def _follow(self, now: float) -> list[Output]:
        """Where are we now, and is it registered?"""
        before = self.attachment
        self._whereabouts.attachment = self._whereabouts.locate(self.links, self.home_address, before, now)
        target = target_of(self.attachment, self.home_address, self.wishes)
        if self.one_way.is_testing(target and target.spot, now):
            through_home = replace(self.wishes, reverse_tunnel=Switch.ON)
            target = target_of(self.attachment, self.home_address, through_home)
        if target and self.settings.overlap:
            overlap = self._handover.simultaneous.wanted(target, self.registration.binding, self.links)
            target = replace(target, simultaneous=overlap)
        self._record(before, target, now)
        solicitations = self._whereabouts.settle(now)
        announcement = self._arp.move(before, self.attachment, self.home_address, now)
        return [*announcement, *self.registration.aim(target, now), *solicitations]

    def _would_stay(self, before: Attachment, target: Target, now: float) -> bool:
        """Did the new link merely offer something better: without it, would we be where we were?"""
        elsewhere = self._whereabouts.without(target.link[0], self.links, self.home_address, before, now)
        still = target_of(elsewhere, self.home_address, self.wishes)
        was = target_of(before, self.home_address, self.wishes)
        return still is not None and was is not None and still.spot == was.spot

    def _record(self, before: Attachment, target: Target | None, now: float) -> None:
        if not isinstance(before, Nowhere) and target is None:
            self.history.left(now)
            self._watch.end()
        aimed = self.registration.target
        if target and (aimed is None or aimed.spot != target.spot):
            if aimed and not self.history.under_way and not self._would_stay(before, target, now):
                self.history.left(now)
            link = self.links.get(target.link[0])
            to = f"{target.place.value} {link.name if link else ''}"
            self.history.moving(to, target.place, target.link[0], now, self.registration.requests)

    def _take_note(self, now: float) -> list[Output]:
        """Has the home agent agreed since we last looked, or has a binding ended?"""
        binding = self.registration.binding
        if binding is self._seen:
            return []
        self._seen = binding
        if binding is None:
            self.history.note("binding-ended")
            self._watch.end()
            return []
        if self.paused_until is not None:
            self.parted_cleanly = True
            self._part()
            return []
        self.discovery.home_address = binding.home_address
        return self._bound(binding, now)

    def _bound(self, binding: Binding, now: float) -> list[Output]:
        target = binding.target
        if target.at_home:
            self.history.note("registered-home", code=binding.code)
        else:
            self.history.note(
                "registered-behind-nat" if binding.nat else "registered",
                place=target.place.value,
                care_of=target.care_of_address,
                encapsulation=binding.encapsulation.value,
                code=binding.code,
            )
        self.history.registered(now, self.registration.requests)
        if not target.at_home:
            return [*self._watch.begin(binding, self._course, now)]
        self._whereabouts.trust.confirm(target.link)
        self._watch.end()
        self.history.arrived(now)
        return self._follow(now)  # what looked like home is home: the link may hear of it

    def plan(self) -> Plan:
        """Everything for where we are; nothing during a pause."""
        if self.left:
            return EMPTY
        return plans.plan(self._situation())

    @property
    def mtu(self) -> int:
        """Bytes of the longest packet that may leave with the home address."""
        return self._situation().mtu

    def _situation(self) -> plans.Situation:
        return plans.Situation(
            home_address=self.home_address,
            home_network=self.settings.home_network,
            home_agent=self.registration.home_agent,
            links=self.links,
            attachment=self.attachment,
            sending=self._handover.sending,
            receiving=self._handover.receiving,
            broadcasts=self.wishes.broadcasts,
            tunnelled=self.tunnelled,
            path_mtu=self._watch.search.mtu,
        )
